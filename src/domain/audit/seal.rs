//! Seals of audit entries: HMAC-SHA256 with a key that is kept outside the data folder.
//!
//! The hash chain of the audit shows damage and single edits, but every user who can write the data folder can compute it anew. A
//! seal cannot be computed without the key. It covers the record with the hash of the one before.

use std::{fmt, sync::Arc};

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Shortest key, in characters: 128 bits in hexadecimal.
pub const KEY_CHARS_MIN: usize = 32;
/// Most keys: the one in use, and earlier ones.
pub const KEYS_MAX: usize = 20;

/// The name of a key, by which an entry tells which key sealed it.
pub type KeyId = [u8; 4];
pub type Seal = [u8; 32];

struct AuditKey {
    id: KeyId,
    key: String,
}

impl AuditKey {
    fn new(key: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(format!("tandem audit key {key}")).into();
        Self { id: [digest[0], digest[1], digest[2], digest[3]], key: key.to_owned() }
    }

    fn seal(&self, record: &[u8]) -> Option<Seal> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_bytes()).ok()?;
        mac.update(record);
        Some(mac.finalize().into_bytes().into())
    }
}

/// The keys of a key file. The first one seals, all of them verify.
#[derive(Clone)]
pub struct AuditKeys(Arc<Vec<AuditKey>>);

impl fmt::Debug for AuditKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKeys(…)")
    }
}

/// The result of comparing a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    Right,
    Wrong,
    /// The key that sealed the entry is not in the key file.
    UnknownKey,
}

impl AuditKeys {
    /// The keys of a file, one on each line. None if a key is too short, or if there are none or too many.
    pub fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let fits =
            (1..=KEYS_MAX).contains(&lines.len()) && lines.iter().all(|key| key.chars().count() >= KEY_CHARS_MIN);
        fits.then(|| Self(Arc::new(lines.into_iter().map(AuditKey::new).collect())))
    }

    pub fn seal(&self, record: &[u8]) -> Option<(KeyId, Seal)> {
        let key = self.0.first()?;
        Some((key.id, key.seal(record)?))
    }

    pub fn compare(&self, record: &[u8], id: KeyId, seal: &Seal) -> Compared {
        match self.0.iter().find(|key| key.id == id) {
            None => Compared::UnknownKey,
            Some(key) if key.seal(record).is_some_and(|right| right.ct_eq(seal).into()) => Compared::Right,
            Some(_) => Compared::Wrong,
        }
    }
}
