//! Settings: read once, checked whole, then passed on as types.
//!
//! They come from `[default.tandem]` in `Rocket.toml`, then from `TANDEM_*` in the environment, then from the command
//! line. An unknown or impossible one stops the start.

mod access;
mod alerts;
mod table;

use std::{
    collections::{BTreeMap, HashSet},
    net::IpAddr,
    path::PathBuf,
};

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use rocket::figment::{
    Figment, Profile,
    error::Kind,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use crate::config::{
    access::{AccessSettings, PublicUrl, Rates, SignIn, Timeouts},
    alerts::{Alerts, Mail, MailSecurity, Secret, Webhook},
    table::{Setting, Source},
};
use crate::domain::{
    calendar,
    change::{Policy, SupervisorTime},
    event::default_start::{USUAL_CORE_MAX, UsualStarts},
};

/// Latest that a Supervisor event may start after its CORE, in minutes: it stays within the day.
const SUPERVISOR_OFFSET_MINUTES_MAX: u32 = 23 * 60;
/// Work that may lie beside other work at the same store, in minutes: of 90 visits of the retailer's export 47 do, all of them
/// at most half an hour.
const SHORT_WORK_MINUTES_DEFAULT: u32 = 30;
const SHORT_WORK_MINUTES_MAX: u32 = 120;
/// How long an undo is open, in minutes.
const UNDO_MINUTES_DEFAULT: u32 = 5;
const UNDO_MINUTES_MAX: u32 = 24 * 60;
/// Memory for the store's page cache, in MiB. The engine counts what pages take on disk; in memory it is three times as much.
const CACHE_MIB_DEFAULT: u64 = 8;
const CACHE_MIB_MIN: u64 = 4;
const CACHE_MIB_MAX: u64 = 16 * 1024;
/// Most nightly backups kept: a year of them.
const BACKUPS_KEPT_MAX: usize = 366;
const MIB: u64 = 1024 * 1024;

/// Why the settings cannot be used. Each sentence names the setting and what is allowed.
#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("unknown setting \"{name}\"{source_name}; the settings are: {allowed}")]
    Unknown { name: String, source_name: String, allowed: String },
    #[error("setting {name} = \"{value}\": {allowed}")]
    Value { name: &'static str, value: String, allowed: String },
    #[error("settings cannot be read: {0}")]
    Unreadable(String),
    #[error(
        "sign_in = \"none\" serves everybody who can reach the address, so the address must be loopback; \
         it is {0}: set ROCKET_ADDRESS=127.0.0.1"
    )]
    Open(IpAddr),
    #[error(
        "rate_limits = \"off\" is for load tests on this machine, so the address must be loopback; it is {0}: \
         set ROCKET_ADDRESS=127.0.0.1, or rate_limits = \"on\""
    )]
    Unlimited(IpAddr),
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Every setting, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub data_dir: PathBuf,
    pub access: AccessSettings,
    pub zone: Tz,
    pub week_start: Weekday,
    pub policy: Policy,
    /// How long one press takes a change back, in minutes.
    pub undo_minutes: u32,
    pub cache_bytes: u64,
    /// When the nightly backup is made, on a clock of `zone`; none if it is off.
    pub backup_at: Option<NaiveTime>,
    pub backups_kept: usize,
    /// When the daily integrity check runs, on a clock of `zone`; none if it is off.
    pub integrity_at: Option<NaiveTime>,
    pub alerts: Alerts,
    pub log_format: LogFormat,
    pub log_level: String,
    raw: Raw,
    /// Where settings that are not left at their default come from.
    sources: BTreeMap<String, Source>,
}

/// The settings as they are written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    data_dir: PathBuf,
    sign_in: String,
    session_idle_hours: u32,
    session_days: u32,
    secret_key: Secret,
    secret_key_file: PathBuf,
    rate_limits: String,
    writes_per_minute: u32,
    calls_per_hour: u32,
    calls_per_day: u32,
    pages_per_minute: u32,
    sign_ins_per_hour: u32,
    sign_ins_per_hour_and_name: u32,
    quiet_seconds: u64,
    body_seconds: u64,
    answer_seconds: u64,
    reading_seconds: u64,
    connections_max: usize,
    connections_per_address_max: usize,
    timezone: String,
    week_start: String,
    supervisor_pairing: bool,
    supervisor_offset_minutes: u32,
    supervisor_at: String,
    short_work_minutes: u32,
    usual_core: Vec<String>,
    usual_juicer: String,
    usual_juicer_survey: String,
    usual_freeosk: String,
    usual_digitals: String,
    usual_other: String,
    undo_minutes: u32,
    cache_mib: u64,
    backup_at: String,
    backups_kept: usize,
    integrity_at: String,
    public_url: String,
    slack_webhook_url: Secret,
    slack_webhook_url_file: PathBuf,
    webhook_url: Secret,
    webhook_url_file: PathBuf,
    webhook_secret: Secret,
    webhook_secret_file: PathBuf,
    mail_server: String,
    /// 0 for the usual one of `mail_security`.
    mail_port: u16,
    mail_security: String,
    mail_username: String,
    mail_password: Secret,
    mail_password_file: PathBuf,
    mail_sender: String,
    alert_emails: Vec<String>,
    staff_notices: bool,
    log_format: String,
    log_level: String,
}

impl Default for Raw {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            data_dir: "./data".into(),
            sign_in: text("password"),
            session_idle_hours: 24,
            session_days: 30,
            secret_key: Secret::default(),
            secret_key_file: PathBuf::new(),
            rate_limits: text("on"),
            writes_per_minute: 10,
            calls_per_hour: 100,
            calls_per_day: 1000,
            pages_per_minute: 600,
            sign_ins_per_hour: 60,
            sign_ins_per_hour_and_name: 10,
            quiet_seconds: access::QUIET_SECONDS_DEFAULT,
            body_seconds: access::BODY_SECONDS_DEFAULT,
            answer_seconds: access::ANSWER_SECONDS_DEFAULT,
            reading_seconds: access::READING_SECONDS_DEFAULT,
            connections_max: access::CONNECTIONS_DEFAULT,
            connections_per_address_max: access::CONNECTIONS_PER_ADDRESS_DEFAULT,
            timezone: iana_time_zone::get_timezone().unwrap_or_else(|_| text("UTC")),
            week_start: text("sunday"),
            supervisor_pairing: true,
            supervisor_offset_minutes: 120,
            supervisor_at: text(""),
            short_work_minutes: SHORT_WORK_MINUTES_DEFAULT,
            usual_core: ["09:45", "10:30", "11:00", "11:30"].map(text).to_vec(),
            usual_juicer: text("09:00"),
            usual_juicer_survey: text("12:00"),
            usual_freeosk: text("10:00"),
            usual_digitals: text("10:15"),
            usual_other: text("11:00"),
            undo_minutes: UNDO_MINUTES_DEFAULT,
            cache_mib: CACHE_MIB_DEFAULT,
            backup_at: text("03:00"),
            backups_kept: 14,
            integrity_at: text("02:00"),
            public_url: text(""),
            slack_webhook_url: Secret::default(),
            slack_webhook_url_file: PathBuf::new(),
            webhook_url: Secret::default(),
            webhook_url_file: PathBuf::new(),
            webhook_secret: Secret::default(),
            webhook_secret_file: PathBuf::new(),
            mail_server: text(""),
            mail_port: 0,
            mail_security: text("starttls"),
            mail_username: text(""),
            mail_password: Secret::default(),
            mail_password_file: PathBuf::new(),
            mail_sender: text(""),
            alert_emails: Vec::new(),
            staff_notices: false,
            log_format: text("text"),
            log_level: text("info"),
        }
    }
}

/// Threads for work on the store, unless `ROCKET_MAX_BLOCKING` says otherwise. Each that waits costs memory and a wake-up;
/// with Rocket's 512, fifty writers made a sixth fewer changes (`benches/README.md`).
const BLOCKING_THREADS: usize = 32;

/// Rocket's own settings, before they are read.
pub type ServerSettings = Figment;

/// Rocket's own settings: `Rocket.toml` (or the file that `ROCKET_CONFIG` names), then `ROCKET_*`.
pub fn rocket_settings() -> ServerSettings {
    let base = rocket::Config {
        log_level: rocket::config::LogLevel::Off,
        max_blocking: BLOCKING_THREADS,
        // Rocket believes any client's X-Real-IP unless told otherwise. Only a configured proxy is believed here.
        ip_header: None,
        shutdown: rocket::config::Shutdown { signals: signals(), ..rocket::config::Shutdown::default() },
        ..rocket::Config::default()
    };
    Figment::from(base)
        .merge(Toml::file(Env::var_or("ROCKET_CONFIG", "Rocket.toml")).nested())
        .merge(Env::prefixed("ROCKET_").ignore(&["PROFILE", "CONFIG"]).global())
        .select(Profile::from_env_or("ROCKET_PROFILE", rocket::Config::DEFAULT_PROFILE))
}

/// What ends the server in order: SIGTERM, and SIGHUP, which a closing terminal sends, unless `nohup` has it ignored.
#[cfg(unix)]
fn signals() -> HashSet<rocket::config::Sig> {
    use rocket::config::Sig;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    // The lowest bit is signal 1, SIGHUP.
    if ignored.is_some_and(|ignored| ignored & 1 == 1) { [Sig::Term].into() } else { [Sig::Term, Sig::Hup].into() }
}

#[cfg(not(unix))]
fn signals() -> HashSet<rocket::config::Sig> {
    HashSet::new()
}

impl Config {
    /// Reads the settings beside Rocket's own; `data_dir` is the command line's, which goes before all others.
    pub fn read(rocket: &ServerSettings, data_dir: Option<PathBuf>) -> Result<Self, ConfigError> {
        let figment = Figment::from(Serialized::defaults(Raw::default()))
            .merge(rocket.focus("tandem"))
            .merge(Env::prefixed("TANDEM_").global());
        let mut raw: Raw = figment.extract().map_err(|error| unreadable(&error))?;
        let names = serde_json::to_value(&raw).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default();
        let mut sources = table::sources(&figment, names.into_iter().map(|(name, _)| name));
        if let Some(data_dir) = data_dir {
            raw.data_dir = data_dir;
            sources.insert("data_dir".to_owned(), Source::CommandLine);
        }
        // Where links lead unless configured; what Rocket cannot read stops the start elsewhere.
        let server = rocket.extract::<rocket::Config>().unwrap_or_default();
        let config = Self::check(raw, &format!("{}:{}", server.address, server.port))?;
        Ok(Self { sources, ..config })
    }

    fn check(raw: Raw, address: &str) -> Result<Self, ConfigError> {
        let zone = raw.timezone.parse();
        let zone =
            zone.map_err(|_| value("timezone", &raw.timezone, "allowed is an IANA name, like America/New_York"))?;
        let week_start = match raw.week_start.as_str() {
            "sunday" => Weekday::Sun,
            "monday" => Weekday::Mon,
            "saturday" => Weekday::Sat,
            other => return Err(value("week_start", other, "allowed are sunday, monday and saturday")),
        };
        if !(CACHE_MIB_MIN..=CACHE_MIB_MAX).contains(&raw.cache_mib) {
            let allowed = format!("allowed are {CACHE_MIB_MIN} to {CACHE_MIB_MAX} MiB");
            return Err(value("cache_mib", &raw.cache_mib.to_string(), &allowed));
        }
        if raw.undo_minutes > UNDO_MINUTES_MAX {
            let allowed = format!("allowed are 0 to {UNDO_MINUTES_MAX} minutes");
            return Err(value("undo_minutes", &raw.undo_minutes.to_string(), &allowed));
        }
        let log_format = match raw.log_format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => return Err(value("log_format", other, "allowed are text and json")),
        };
        if !["error", "warn", "info", "debug", "trace"].contains(&raw.log_level.as_str()) {
            return Err(value("log_level", &raw.log_level, "allowed are error, warn, info, debug and trace"));
        }
        let access = access::access(&raw)?;
        let public_url =
            access.public_url.as_ref().map_or_else(|| format!("http://{address}"), |url| url.origin.clone());
        Ok(Self {
            data_dir: raw.data_dir.clone(),
            access,
            zone,
            week_start,
            policy: policy(&raw)?,
            undo_minutes: raw.undo_minutes,
            cache_bytes: raw.cache_mib * MIB,
            backup_at: daily("backup_at", &raw.backup_at)?,
            integrity_at: daily("integrity_at", &raw.integrity_at)?,
            alerts: Alerts::check(&raw, public_url)?,
            backups_kept: backups_kept(raw.backups_kept)?,
            log_format,
            log_level: raw.log_level.clone(),
            raw,
            sources: BTreeMap::new(),
        })
    }

    /// Without sign-in or limits, whoever can reach the address is let in, or may try as often as they like: so only
    /// this machine may.
    pub fn check_address(&self, address: IpAddr) -> Result<(), ConfigError> {
        if address.is_loopback() {
            return Ok(());
        }
        match (self.access.sign_in, &self.access.rates) {
            (SignIn::None, _) => Err(ConfigError::Open(address)),
            (SignIn::Password, None) => Err(ConfigError::Unlimited(address)),
            (SignIn::Password, Some(_)) => Ok(()),
        }
    }
}

fn policy(raw: &Raw) -> Result<Policy, ConfigError> {
    let minutes = raw.supervisor_offset_minutes;
    if minutes > SUPERVISOR_OFFSET_MINUTES_MAX {
        let allowed = format!("allowed are 0 to {SUPERVISOR_OFFSET_MINUTES_MAX} minutes");
        return Err(value("supervisor_offset_minutes", &minutes.to_string(), &allowed));
    }
    let supervisor_time = match raw.supervisor_at.as_str() {
        "" => SupervisorTime::After { minutes },
        text => SupervisorTime::At(time("supervisor_at", text)?),
    };
    let short_work_minutes = raw.short_work_minutes;
    if short_work_minutes > SHORT_WORK_MINUTES_MAX {
        let allowed = format!("allowed are 0 to {SHORT_WORK_MINUTES_MAX} minutes");
        return Err(value("short_work_minutes", &short_work_minutes.to_string(), &allowed));
    }
    Ok(Policy { pairing: raw.supervisor_pairing, supervisor_time, usual: usual(raw)?, short_work_minutes })
}

fn usual(raw: &Raw) -> Result<UsualStarts, ConfigError> {
    let core: Vec<_> = raw.usual_core.iter().map(|text| time("usual_core", text)).collect::<Result<_, _>>()?;
    let mut others = UsualStarts::NONE;
    others.juicer = Some(time("usual_juicer", &raw.usual_juicer)?);
    others.juicer_short = Some(time("usual_juicer_survey", &raw.usual_juicer_survey)?);
    others.freeosk = Some(time("usual_freeosk", &raw.usual_freeosk)?);
    others.digitals = Some(time("usual_digitals", &raw.usual_digitals)?);
    others.other = Some(time("usual_other", &raw.usual_other)?);
    others.with_core(&core).filter(|_| !core.is_empty()).ok_or_else(|| {
        value("usual_core", &format!("{:?}", raw.usual_core), &format!("give 1 to {USUAL_CORE_MAX} times of day"))
    })
}

fn time(name: &'static str, text: &str) -> Result<NaiveTime, ConfigError> {
    calendar::parse_time(text).map_err(|_| value(name, text, "allowed is a time of day, HH:MM"))
}

/// When a daily job runs, or that it does not.
fn daily(name: &'static str, text: &str) -> Result<Option<NaiveTime>, ConfigError> {
    if text == "off" {
        return Ok(None);
    }
    let at = calendar::parse_time(text).map_err(|_| value(name, text, "allowed is a time of day, HH:MM, or off"));
    at.map(Some)
}

fn backups_kept(count: usize) -> Result<usize, ConfigError> {
    let allowed = format!("allowed are 1 to {BACKUPS_KEPT_MAX} backups");
    let fits = (1..=BACKUPS_KEPT_MAX).contains(&count);
    if fits { Ok(count) } else { Err(value("backups_kept", &count.to_string(), &allowed)) }
}

fn value(name: &'static str, value: &str, allowed: &str) -> ConfigError {
    ConfigError::Value { name, value: value.to_owned(), allowed: allowed.to_owned() }
}

fn unreadable(error: &rocket::figment::Error) -> ConfigError {
    let source_name = error.metadata.as_ref().map(|from| format!(" in {}", from.name)).unwrap_or_default();
    match &error.kind {
        Kind::UnknownField(name, allowed) => {
            ConfigError::Unknown { name: name.clone(), source_name, allowed: allowed.join(", ") }
        }
        // What was found may be a secret that is all digits.
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
            let mut told = error.clone();
            told.kind = Kind::Message(format!("found something else, expected {expected}"));
            ConfigError::Unreadable(told.to_string())
        }
        _ => ConfigError::Unreadable(error.to_string()),
    }
}
