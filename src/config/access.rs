//! Settings of access: sign-in, sessions, rate limits, timeouts, connections and the public address.

use std::{num::NonZeroU32, time::Duration};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    config::{ConfigError, Reader, Secret},
    domain::user::{Role, access::Lifetime},
};

const SESSION_IDLE_HOURS_MAX: u32 = 24 * 30;
const SESSION_DAYS_MAX: u32 = 365;
const RATE_MAX: u32 = 1_000_000;
/// Longer than the 60 seconds for which nginx keeps an unused connection open.
const QUIET_SECONDS_DEFAULT: u64 = 75;
const BODY_SECONDS_DEFAULT: u64 = 60;
/// Every response takes less than one second.
const ANSWER_SECONDS_DEFAULT: u64 = 30;
/// Twice as long as a stream of server-sent events lives.
const READING_SECONDS_DEFAULT: u64 = 30 * 60;
const TIMEOUT_SECONDS_MAX: u64 = 60 * 60;
/// Fewer than the 1024 file descriptors that most systems give a process.
const CONNECTIONS_DEFAULT: usize = 800;
const CONNECTIONS_MAX: usize = 100_000;
/// A browser opens 6, and an office shares one address.
const CONNECTIONS_PER_ADDRESS_DEFAULT: usize = 200;
/// 128 bits in hexadecimal.
const SECRET_CHARS_MIN: usize = 32;

/// The method of identifying users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignIn {
    /// By name and password.
    Password,
    /// Not at all: everyone who can reach the address, which must be loopback.
    None,
}

/// The users who must have a second factor. Others may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactorFor {
    None,
    Admins,
    /// And admins.
    Schedulers,
    All,
}

impl SecondFactorFor {
    pub fn is_required(self, role: Role) -> bool {
        match self {
            Self::None => false,
            Self::Admins => role >= Role::Admin,
            Self::Schedulers => role >= Role::Scheduler,
            Self::All => true,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RateLimits {
    On,
    Off,
}

/// Requests that one client may make in a period.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    pub writes_per_minute: NonZeroU32,
    pub calls_per_hour: NonZeroU32,
    pub calls_per_day: NonZeroU32,
    pub pages_per_minute: NonZeroU32,
    pub sign_ins_per_hour: NonZeroU32,
    pub sign_ins_per_hour_and_name: NonZeroU32,
}

impl Rates {
    fn read(from: &mut Reader) -> Result<Self, ConfigError> {
        let mut rate = |name, what, default| {
            let number = from.setting(name, what).number(default, 1..=RATE_MAX, "")?;
            Ok::<_, ConfigError>(NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN))
        };
        let per_name = "Sign-in attempts under one name in an hour";
        Ok(Self {
            writes_per_minute: rate("writes_per_minute", "Changes that a client may make in a minute", 10)?,
            calls_per_hour: rate("calls_per_hour", "API calls that a client may make in an hour", 100)?,
            calls_per_day: rate("calls_per_day", "API calls that a client may make in a day", 1000)?,
            pages_per_minute: rate("pages_per_minute", "Pages that a client may request in a minute", 600)?,
            sign_ins_per_hour: rate("sign_ins_per_hour", "Sign-in attempts from one address in an hour", 60)?,
            sign_ins_per_hour_and_name: rate("sign_ins_per_hour_and_name", per_name, 10)?,
        })
    }
}

/// Timeouts for slow clients and slow responses.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a complete request, from the start of a connection or the end of the last response.
    pub quiet: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// For the server's work on a response.
    pub answer: Duration,
    /// For the client to read the response.
    pub reading: Duration,
}

impl Timeouts {
    fn read(from: &mut Reader) -> Result<Self, ConfigError> {
        let mut seconds = |name, what, default| {
            from.setting(name, what).number(default, 1..=TIMEOUT_SECONDS_MAX, "").map(Duration::from_secs)
        };
        let quiet = "Seconds after which a connection without a complete request is closed";
        let reading = "Seconds in which a client must read the response";
        Ok(Self {
            quiet: seconds("quiet_seconds", quiet, QUIET_SECONDS_DEFAULT)?,
            body: seconds("body_seconds", "Seconds in which the body of a request must arrive", BODY_SECONDS_DEFAULT)?,
            answer: seconds("answer_seconds", "Seconds in which the server must respond", ANSWER_SECONDS_DEFAULT)?,
            reading: seconds("reading_seconds", reading, READING_SECONDS_DEFAULT)?,
        })
    }
}

/// The address at which users reach the server, if it differs from where it listens: `https://tandem.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Scheme, host and port without a final slash, as browsers write an origin.
    pub origin: String,
    pub is_tls: bool,
}

impl PublicUrl {
    /// The host without its port.
    pub fn host(&self) -> &str {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        host.rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
            .map_or(host, |(host, _)| host)
    }

    fn parse(text: &str) -> Option<Self> {
        let origin = text.strip_suffix('/').unwrap_or(text).to_lowercase();
        let (scheme, host) = origin.split_once("://")?;
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if !matches!(scheme, "http" | "https") || host.is_empty() || !host.chars().all(is_host) {
            return None;
        }
        let is_tls = scheme == "https";
        // Browsers leave out the default port.
        let default_port = if is_tls { ":443" } else { ":80" };
        Some(Self { origin: origin.strip_suffix(default_port).unwrap_or(&origin).to_owned(), is_tls })
    }
}

fn is_contact(text: &str) -> bool {
    let known = ["mailto:", "https://", "tel:"].iter().any(|start| text.len() > start.len() && text.starts_with(start));
    known && text.chars().all(|c| c.is_ascii_graphic())
}

#[derive(Clone, Debug)]
pub struct AccessSettings {
    pub sign_in: SignIn,
    pub second_factor: SecondFactorFor,
    pub lifetime: Lifetime,
    /// None while limits are off.
    pub rates: Option<Rates>,
    pub timeouts: Timeouts,
    /// Connections that may be open at the same time.
    pub connections_max: usize,
    /// Connections that one address may have open, while limits are on.
    pub connections_per_address_max: usize,
    pub public_url: Option<PublicUrl>,
    /// Contact for vulnerability reports: a URI.
    pub security_contact: Option<String>,
    /// None uses the key in the data folder.
    pub secret_key: Option<Secret>,
}

impl AccessSettings {
    /// Tells if browsers reach the server through TLS.
    pub fn is_tls(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.is_tls)
    }

    pub(super) fn read(from: &mut Reader) -> Result<Self, ConfigError> {
        let sign_in = from.setting("sign_in", "How users sign in");
        let sign_in = sign_in.choice(&[SignIn::Password, SignIn::None], "; none on this machine only")?;
        let second_factor = from.setting("second_factor", "Users who must have a second factor");
        let all = [SecondFactorFor::None, SecondFactorFor::Admins, SecondFactorFor::Schedulers, SecondFactorFor::All];
        let second_factor = second_factor.choice(&all, "; schedulers includes admins")?;
        let idle = from.setting("session_idle_hours", "Hours after which an unused session ends");
        let idle = TimeDelta::hours(idle.number(24, 1..=SESSION_IDLE_HOURS_MAX, "")?.into());
        let whole = from.setting("session_days", "Days after which every session ends");
        let whole = TimeDelta::days(whole.number(30, 1..=SESSION_DAYS_MAX, "")?.into());
        let secret_key = from.setting("secret_key", "Key of form tokens, instead of tandem.key in the data folder");
        let long = format!("at least {SECRET_CHARS_MIN} characters");
        let secret_key = secret_key.secret(&long, |key| key.chars().count() >= SECRET_CHARS_MIN)?;
        let limits = from.setting("rate_limits", "Limits the requests of each client");
        let limits = limits.choice(&[RateLimits::On, RateLimits::Off], "; off on this machine only")?;
        let rates = Some(Rates::read(from)?).filter(|_| limits == RateLimits::On);
        let timeouts = Timeouts::read(from)?;
        let all = "Connections that may be open; beyond it those that waited longest are closed";
        let connections_max = from.setting("connections_max", all);
        let connections_max = connections_max.number(CONNECTIONS_DEFAULT, 1..=CONNECTIONS_MAX, "")?;
        let of_one = from.setting("connections_per_address_max", "Connections that one address may have open");
        let public_url = "The address at which users reach the server; links in messages use it";
        Ok(Self {
            sign_in,
            second_factor,
            lifetime: Lifetime { idle, whole },
            rates,
            timeouts,
            connections_max,
            connections_per_address_max: of_one.number(CONNECTIONS_PER_ADDRESS_DEFAULT, 1..=CONNECTIONS_MAX, "")?,
            public_url: from.setting("public_url", public_url).parsed(
                "",
                "https:// or http:// with a host and no path; empty for the server's own address",
                |text| if text.is_empty() { Some(None) } else { PublicUrl::parse(text).map(Some) },
            )?,
            security_contact: from.setting("security_contact", "Where to report a vulnerability").parsed(
                "",
                "an address that begins with mailto:, https:// or tel:; empty for none",
                |text| if text.is_empty() { Some(None) } else { is_contact(text).then(|| Some(text.to_owned())) },
            )?,
            secret_key: Some(secret_key).filter(|key| !key.reveal().is_empty()),
        })
    }
}
