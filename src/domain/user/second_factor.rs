//! The second factor of a user: codes of an authenticator app (TOTP, RFC 6238), and recovery codes.
//!
//! Invariant: a code is accepted once. A code of the app counts for its 30 seconds and those beside them, and only if no
//! later one was used.

use std::fmt;

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;

use crate::domain::user::{UserName, access::Digest};

/// Seconds for which the app shows one code.
pub const STEP_SECONDS: i64 = 30;
/// Steps before and after the current one whose code is accepted, for clocks that differ.
const DRIFT_STEPS: u64 = 1;
pub const CODE_DIGITS: usize = 6;
const CODES: u32 = 1_000_000;
/// Bytes of a secret: RFC 4226, section 4, recommends 160 bits.
pub const SECRET_BYTES: usize = 20;
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code: 80 bits, so that a fast hash is enough.
pub const RECOVERY_BYTES: usize = 10;
/// The name that authenticator apps show.
const ISSUER: &str = "Tandem";

/// The secret that the server and the app share.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotpSecret(pub [u8; SECRET_BYTES]);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    /// The secret as apps take it when it is typed.
    pub fn base32(&self) -> String {
        base32(&self.0)
    }

    /// The address that an app reads from a QR code.
    pub fn uri(&self, name: &UserName) -> String {
        let user: String = name.as_str().bytes().map(percent).collect();
        format!("otpauth://totp/{ISSUER}:{user}?secret={}&issuer={ISSUER}", self.base32())
    }

    /// The code of a step (RFC 4226, section 5.3).
    pub fn code(&self, step: u64) -> String {
        let number = self.truncated(step).unwrap_or_default() % CODES;
        format!("{number:0CODE_DIGITS$}")
    }

    fn truncated(&self, step: u64) -> Option<u32> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).ok()?;
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let offset = usize::from(hash.last()? & 15);
        let bytes = hash.get(offset..)?.first_chunk::<4>()?;
        Some(u32::from_be_bytes(*bytes) & 0x7fff_ffff)
    }
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// RFC 4648, without padding.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let letter = |group: usize| {
        let place = (0..5).fold(0, |place, at| place << 1 | bit(group * 5 + at));
        char::from(LETTERS[usize::from(place)])
    };
    (0..(bytes.len() * 8).div_ceil(5)).map(letter).collect()
}

/// The step of a moment.
pub fn step(at: DateTime<Utc>) -> u64 {
    at.timestamp().div_euclid(STEP_SECONDS).unsigned_abs()
}

/// A second factor. Recovery codes are kept as digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    pub secret: TotpSecret,
    /// The step of the last code that was used.
    pub last_step: u64,
    pub recovery: Vec<Digest>,
    pub since: DateTime<Utc>,
}

/// The kind of the entered code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    App,
    /// A recovery code; so many are left.
    Recovery(usize),
}

impl SecondFactor {
    /// The factor after a code was used; None if the code is wrong or was used before.
    pub fn after(&self, given: &str, now: DateTime<Utc>) -> Option<(Self, Used)> {
        let given = plain(given);
        if is_app_code(&given) {
            return Some((Self { last_step: self.step_of(&given, now)?, ..self.clone() }, Used::App));
        }
        let digest = recovery_digest(&given);
        let recovery: Vec<_> = self.recovery.iter().copied().filter(|one| *one != digest).collect();
        let left = recovery.len();
        (left < self.recovery.len()).then(|| (Self { recovery, ..self.clone() }, Used::Recovery(left)))
    }

    /// The unused step whose code this is.
    fn step_of(&self, given: &str, now: DateTime<Utc>) -> Option<u64> {
        let now = step(now);
        let steps = now.saturating_sub(DRIFT_STEPS)..=now + DRIFT_STEPS;
        steps.into_iter().find(|step| *step > self.last_step && self.secret.code(*step) == given)
    }
}

/// True for a text that can only be a code of an app: a password is longer.
pub fn is_app_code(text: &str) -> bool {
    let text = plain(text);
    text.len() == CODE_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Without the blanks and dashes that make it readable, in capitals.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_uppercase).collect()
}

/// A recovery code as it is shown: "K7QX-2MPA-…".
pub fn recovery_code(random: [u8; RECOVERY_BYTES]) -> String {
    let letters = base32(&random);
    let groups: Vec<_> = (0..letters.len()).step_by(4).filter_map(|at| letters.get(at..at + 4)).collect();
    groups.join("-")
}

/// The stored form of a recovery code.
pub fn recovery_digest(code: &str) -> Digest {
    Digest::of(&format!("tandem recovery {}", plain(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 4226, appendix D, and of RFC 6238, appendix B.
    fn secret() -> TotpSecret {
        TotpSecret(*b"12345678901234567890")
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }

    fn factor() -> SecondFactor {
        let recovery = vec![recovery_digest("AAAA-BBBB-CCCC-DDDD")];
        SecondFactor { secret: secret(), last_step: 0, recovery, since: at(0) }
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        let codes: Vec<_> = (0..10).map(|step| secret().code(step)).collect();

        let rfc_4226 =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        assert_eq!(codes, rfc_4226);
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(secret().code(step(at(seconds))), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_accepted_once_and_for_a_minute_and_a_half() {
        let now = at(1_234_567_890);
        let (used, kind) = factor().after("005 924", now).unwrap_or((factor(), Used::Recovery(0)));

        assert_eq!(kind, Used::App);
        assert_eq!(used.after("005924", now), None);
        for (seconds, is_accepted) in [(-61, false), (-30, true), (30, true), (61, false)] {
            let later = now + chrono::TimeDelta::seconds(seconds);
            assert_eq!(factor().after("005924", later).is_some(), is_accepted, "{seconds}");
        }
        assert_eq!(factor().after("005925", now), None);
    }

    #[test]
    fn an_earlier_code_is_not_accepted_after_a_later_one() {
        let now = at(1_234_567_890);
        let later = secret().code(step(now) + 1);
        let used = factor().after(&later, now).map(|(used, _)| used);

        assert!(used.is_some_and(|used| used.after("005924", now).is_none()));
    }

    #[test]
    fn a_recovery_code_is_accepted_once_however_it_is_typed() {
        let (used, kind) = factor().after("aaaabbbb cccc-dddd", at(0)).unwrap_or((factor(), Used::App));

        assert_eq!(kind, Used::Recovery(0));
        assert_eq!(used.after("AAAA-BBBB-CCCC-DDDD", at(0)), None);
        assert_eq!(factor().after("", at(0)), None);
    }

    #[test]
    fn an_authenticator_app_reads_the_secret_and_the_user() -> Result<(), crate::domain::user::UserError> {
        let name: UserName = "zoë+1".parse()?;

        assert_eq!(secret().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            secret().uri(&name),
            "otpauth://totp/Tandem:zo%C3%AB%2B1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tandem"
        );
        assert_eq!(recovery_code(*b"1234567890"), "GEZD-GNBV-GY3T-QOJQ");
        assert!(!format!("{:?}", factor()).contains("49"));
        Ok(())
    }
}
