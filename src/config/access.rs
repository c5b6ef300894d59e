//! Settings of the doors: who may come in, for how long, how often, and under which address.

use std::{num::NonZeroU32, time::Duration};

use chrono::TimeDelta;

use crate::{
    config::{
        ConfigError, Raw,
        alerts::{Secret, secret},
        value,
    },
    domain::user::access::Lifetime,
};

/// Longest that a session may be unused, in hours, and last at all, in days.
pub(super) const SESSION_IDLE_HOURS_MAX: u32 = 24 * 30;
pub(super) const SESSION_DAYS_MAX: u32 = 365;
/// Most of anything in its time.
pub(super) const RATE_MAX: u32 = 1_000_000;
/// How long a connection may send no whole request, in seconds: longer than the 60 for which nginx keeps one open that
/// it may use again.
pub(super) const QUIET_SECONDS_DEFAULT: u64 = 75;
/// How long what a form or call holds may take to arrive, in seconds.
pub(super) const BODY_SECONDS_DEFAULT: u64 = 60;
/// How long the server may work on an answer, in seconds; all of them take less than one.
pub(super) const ANSWER_SECONDS_DEFAULT: u64 = 30;
/// How long an answer may take to be read, in seconds: twice as long as a stream of news lives.
pub(super) const READING_SECONDS_DEFAULT: u64 = 30 * 60;
/// Most of any of them, in seconds.
pub(super) const PATIENCE_SECONDS_MAX: u64 = 60 * 60;
/// How many connections may be open: fewer than the 1024 descriptors that most systems give a process.
pub(super) const CONNECTIONS_DEFAULT: usize = 800;
pub(super) const CONNECTIONS_MAX: usize = 100_000;
/// How many of them one address may have: a browser opens 6, and an office has one address.
pub(super) const CONNECTIONS_PER_ADDRESS_DEFAULT: usize = 200;
/// Shortest configured secret, in characters: 128 bits in hexadecimal.
const SECRET_CHARS_MIN: usize = 32;

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Users, by name and password.
    Password,
    /// Everybody who can reach the address, which must be loopback.
    None,
}

/// How often one client may do what.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    pub writes_per_minute: NonZeroU32,
    pub calls_per_hour: NonZeroU32,
    pub calls_per_day: NonZeroU32,
    pub pages_per_minute: NonZeroU32,
    pub sign_ins_per_hour: NonZeroU32,
    pub sign_ins_per_hour_and_name: NonZeroU32,
}

/// How long slow clients are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a whole request, from the beginning of a connection or the end of the last answer.
    pub quiet: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// For the server's own work on an answer.
    pub answer: Duration,
    /// For the answer to be read.
    pub reading: Duration,
}

/// Where people find the server, if it is not where it listens: `https://tandem.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Scheme, host and port, without a final slash: an origin as browsers name it.
    pub origin: String,
    pub is_tls: bool,
}

/// Everything about doors.
#[derive(Clone, Debug)]
pub struct AccessSettings {
    pub sign_in: SignIn,
    pub lifetime: Lifetime,
    /// None while limits are off.
    pub rates: Option<Rates>,
    pub timeouts: Timeouts,
    /// Connections that may be open at the same time.
    pub connections_max: usize,
    /// Connections that one address may have open, while limits are on.
    pub connections_per_address_max: usize,
    pub public_url: Option<PublicUrl>,
    /// None uses the one in the data folder.
    pub secret_key: Option<Secret>,
}

impl AccessSettings {
    /// Whether browsers reach the server through TLS.
    pub fn is_tls(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.is_tls)
    }
}

pub(super) fn access(raw: &Raw) -> Result<AccessSettings, ConfigError> {
    let sign_in = match raw.sign_in.as_str() {
        "password" => SignIn::Password,
        "none" => SignIn::None,
        other => return Err(value("sign_in", other, "allowed are password and none")),
    };
    let rates = match raw.rate_limits.as_str() {
        "on" => Some(rates(raw)?),
        "off" => None,
        other => return Err(value("rate_limits", other, "allowed are on and off")),
    };
    let secret_key = secret("secret_key", &raw.secret_key, &raw.secret_key_file)?;
    let secret_key = Some(secret_key).filter(|key| !key.reveal().is_empty());
    if secret_key.as_ref().is_some_and(|key| key.reveal().chars().count() < SECRET_CHARS_MIN) {
        let allowed = format!("at least {SECRET_CHARS_MIN} characters, or empty for the one in the data folder");
        return Err(value("secret_key", "…", &allowed));
    }
    let (lifetime, public_url) = (lifetime(raw)?, public_url(&raw.public_url)?);
    let connections_max = connections("connections_max", raw.connections_max)?;
    let of_one = connections("connections_per_address_max", raw.connections_per_address_max)?;
    Ok(AccessSettings {
        sign_in,
        lifetime,
        rates,
        timeouts: timeouts(raw)?,
        connections_max,
        connections_per_address_max: of_one,
        public_url,
        secret_key,
    })
}

fn connections(name: &'static str, count: usize) -> Result<usize, ConfigError> {
    let allowed = format!("allowed are 1 to {CONNECTIONS_MAX}");
    let fits = (1..=CONNECTIONS_MAX).contains(&count);
    if fits { Ok(count) } else { Err(value(name, &count.to_string(), &allowed)) }
}

fn timeouts(raw: &Raw) -> Result<Timeouts, ConfigError> {
    let seconds = |name, seconds: u64| {
        let allowed = format!("allowed are 1 to {PATIENCE_SECONDS_MAX} seconds");
        let fits = (1..=PATIENCE_SECONDS_MAX).contains(&seconds);
        if fits { Ok(Duration::from_secs(seconds)) } else { Err(value(name, &seconds.to_string(), &allowed)) }
    };
    Ok(Timeouts {
        quiet: seconds("quiet_seconds", raw.quiet_seconds)?,
        body: seconds("body_seconds", raw.body_seconds)?,
        answer: seconds("answer_seconds", raw.answer_seconds)?,
        reading: seconds("reading_seconds", raw.reading_seconds)?,
    })
}

fn lifetime(raw: &Raw) -> Result<Lifetime, ConfigError> {
    let idle = raw.session_idle_hours;
    if !(1..=SESSION_IDLE_HOURS_MAX).contains(&idle) {
        let allowed = format!("allowed are 1 to {SESSION_IDLE_HOURS_MAX} hours");
        return Err(value("session_idle_hours", &idle.to_string(), &allowed));
    }
    let days = raw.session_days;
    if !(1..=SESSION_DAYS_MAX).contains(&days) {
        let allowed = format!("allowed are 1 to {SESSION_DAYS_MAX} days");
        return Err(value("session_days", &days.to_string(), &allowed));
    }
    Ok(Lifetime { idle: TimeDelta::hours(idle.into()), whole: TimeDelta::days(days.into()) })
}

fn rates(raw: &Raw) -> Result<Rates, ConfigError> {
    let rate = |name, number: u32| {
        let allowed = format!("allowed are 1 to {RATE_MAX}; rate_limits = \"off\" takes every limit away");
        let fits = NonZeroU32::new(number).filter(|number| number.get() <= RATE_MAX);
        fits.ok_or_else(|| value(name, &number.to_string(), &allowed))
    };
    Ok(Rates {
        writes_per_minute: rate("writes_per_minute", raw.writes_per_minute)?,
        calls_per_hour: rate("calls_per_hour", raw.calls_per_hour)?,
        calls_per_day: rate("calls_per_day", raw.calls_per_day)?,
        pages_per_minute: rate("pages_per_minute", raw.pages_per_minute)?,
        sign_ins_per_hour: rate("sign_ins_per_hour", raw.sign_ins_per_hour)?,
        sign_ins_per_hour_and_name: rate("sign_ins_per_hour_and_name", raw.sign_ins_per_hour_and_name)?,
    })
}

fn public_url(text: &str) -> Result<Option<PublicUrl>, ConfigError> {
    if text.is_empty() {
        return Ok(None);
    }
    let refused = || value("public_url", text, "allowed is https:// or http:// with a host, and no path");
    let origin = text.strip_suffix('/').unwrap_or(text).to_lowercase();
    let (scheme, host) = origin.split_once("://").ok_or_else(refused)?;
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if !matches!(scheme, "http" | "https") || host.is_empty() || !host.chars().all(is_host) {
        return Err(refused());
    }
    let is_tls = scheme == "https";
    // Browsers leave out the port that goes without saying.
    let usual = if is_tls { ":443" } else { ":80" };
    Ok(Some(PublicUrl { origin: origin.strip_suffix(usual).unwrap_or(&origin).to_owned(), is_tls }))
}
