//! Settings: read once, validated, then passed on as types.
//!
//! They come from `[default.tandem]` in `Rocket.toml`, then from `TANDEM_*` in the environment, then from the command
//! line. An unknown or invalid setting stops the start. Each setting is listed once: where its struct reads it.

mod access;
mod alerts;
pub mod audit;
mod provider;
mod reader;
mod scheduling;
mod teams;

use std::{
    collections::HashSet,
    net::IpAddr,
    path::{Path, PathBuf},
};

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use rocket::figment::{
    Figment, Profile,
    providers::{Env, Format, Toml},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::config::reader::Reader;
pub use crate::config::{
    access::{AccessSettings, PublicUrl, Rates, SignIn, Timeouts},
    alerts::{Alerts, Mail, MailSecurity, Secret, Webhook},
    provider::Provider,
    reader::{Setting, Source},
    teams::{Configs, TEAMS_MAX, Team},
};
use crate::domain::{audit::seal::AuditKeys, policy::Policy};

/// People have read the schedule of the days before.
const PROPOSE_AFTER_DAYS_DEFAULT: u32 = 3;
const PROPOSE_AFTER_DAYS_MAX: u32 = 365;
const UNDO_MINUTES_DEFAULT: u32 = 5;
const UNDO_MINUTES_MAX: u32 = 24 * 60;
/// Memory for the store's page cache, in MiB. The engine counts bytes on disk; in memory pages take three times as much.
const CACHE_MIB_DEFAULT: u64 = 8;
const CACHE_MIB_MIN: u64 = 4;
const CACHE_MIB_MAX: u64 = 16 * 1024;
const BACKUPS_KEPT_DEFAULT: usize = 14;
/// A year of nightly backups.
const BACKUPS_KEPT_MAX: usize = 366;
const MIB: u64 = 1024 * 1024;
const STORE_URL: &str = "an address like postgres://user:password@host:5432/database";
const STORE_URL_PREFIXES: [&str; 2] = ["postgres://", "postgresql://"];
const DATA_DIR: &str = "./data";
const STORE_SCHEMA: &str = "tandem";
const SCHEMA_NAME: &str = "lower-case letters, digits and _, at most 40, beginning with a letter, but not with pg_";
/// Longest name of a schema, in bytes. A restore adds a time to it; PostgreSQL cuts names at 63.
const SCHEMA_BYTES_MAX: usize = 40;

/// Why the settings cannot be used. Each message names the setting and what is allowed.
#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("unknown setting \"{name}\"{source_name}; the settings are: {allowed}")]
    Unknown { name: String, source_name: String, allowed: String },
    #[error("setting {name} = \"{value}\" is not allowed; allowed: {allowed}")]
    Value { name: &'static str, value: String, allowed: String },
    #[error("settings cannot be read: {0}")]
    Unreadable(String),
    #[error(
        "sign_in = \"none\" lets in every client that can reach the address, so the address must be loopback; \
         it is {0}: set ROCKET_ADDRESS=127.0.0.1"
    )]
    Open(IpAddr),
    #[error(
        "rate_limits = \"off\" is for load tests on this machine, so the address must be loopback; it is {0}: \
         set ROCKET_ADDRESS=127.0.0.1, or rate_limits = \"on\""
    )]
    Unlimited(IpAddr),
    #[error("team {name}: {error}")]
    OfTeam { name: String, error: Box<ConfigError> },
    #[error("the teams {one} and {other} have the same {what}: give each its own")]
    Shared { one: String, other: String, what: String },
    #[error("the data folder of team {inner} is inside that of team {outer}: give each its own")]
    Nested { outer: String, inner: String },
    #[error("this command needs one team: name it with --team; the teams are: {names}")]
    WhichTeam { names: String },
    #[error("there is no team \"{name}\"; the teams are: {names}")]
    UnknownTeam { name: String, names: String },
    #[error("--team {name}: this server has one team, without a name; the settings have no [default.tandem.teams]")]
    NoTeams { name: String },
}

impl ConfigError {
    fn of_team(self, name: &str) -> Self {
        Self::OfTeam { name: name.to_owned(), error: Box::new(self) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// Least important level that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// The default first.
const LOG_LEVELS: [LogLevel; 5] = [LogLevel::Info, LogLevel::Error, LogLevel::Warn, LogLevel::Debug, LogLevel::Trace];

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WeekStart {
    Sunday,
    Monday,
    Saturday,
}

/// Every setting, validated.
#[derive(Clone, Debug)]
pub struct Config {
    /// The team, if the process may have several.
    pub team: Option<Team>,
    pub data_dir: PathBuf,
    /// The address of the database that holds the store; empty for a store in the data folder.
    pub store_url: Secret,
    /// The schema of the store in that database.
    pub store_schema: String,
    pub access: AccessSettings,
    pub zone: Tz,
    pub week_start: Weekday,
    pub policy: Policy,
    /// Days from today to the first day of a proposal, unless given.
    pub propose_after_days: u32,
    /// Minutes for which one press undoes a change.
    pub undo_minutes: u32,
    pub cache_bytes: u64,
    /// Local time of the nightly backup; None if it is off.
    pub backup_at: Option<NaiveTime>,
    pub backups_kept: usize,
    /// Local time of the daily integrity check; None if it is off.
    pub integrity_at: Option<NaiveTime>,
    pub alerts: Alerts,
    /// Seal the audit; none if no key is set.
    pub audit_keys: Option<AuditKeys>,
    /// The sign-in provider; none if only passwords are used.
    pub provider: Option<Provider>,
    /// Users sign in with passwords that are kept here.
    pub local_passwords: bool,
    pub log_format: LogFormat,
    pub log_level: LogLevel,
    settings: Vec<Setting>,
}

fn is_schema(name: &str) -> bool {
    name.len() <= SCHEMA_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.starts_with("pg_")
        && name.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_')
}

/// Threads for work on the store, unless `ROCKET_MAX_BLOCKING` is set. Each waiting thread costs memory and a wake-up;
/// with Rocket's 512, fifty writers made a sixth fewer changes (`benches/README.md`).
const BLOCKING_THREADS: usize = 32;

/// Rocket's own settings, before they are read.
pub type ServerSettings = Figment;

/// Rocket's own settings: `Rocket.toml` (or the file that `ROCKET_CONFIG` names), then `ROCKET_*`.
pub fn rocket_settings() -> ServerSettings {
    let base = rocket::Config {
        log_level: rocket::config::LogLevel::Off,
        max_blocking: BLOCKING_THREADS,
        // Rocket trusts X-Real-IP of every client by default. Only a configured proxy is trusted here.
        ip_header: None,
        shutdown: rocket::config::Shutdown { signals: signals(), ..rocket::config::Shutdown::default() },
        ..rocket::Config::default()
    };
    Figment::from(base)
        .merge(Toml::file(Env::var_or("ROCKET_CONFIG", "Rocket.toml")).nested())
        .merge(Env::prefixed("ROCKET_").ignore(&["PROFILE", "CONFIG"]).global())
        .select(Profile::from_env_or("ROCKET_PROFILE", rocket::Config::DEFAULT_PROFILE))
}

/// Signals that shut the server down: SIGTERM, and SIGHUP of a closing terminal, unless `nohup` has it ignored.
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

/// What settings depend on beside their values.
struct Given {
    /// From the command line.
    data_dir: Option<PathBuf>,
    team: Option<Team>,
    /// The data folder and the schema, unless configured.
    folder: PathBuf,
    schema: String,
    /// Base of links, unless configured: scheme, host and port.
    url: String,
}

impl Config {
    /// Reads the settings of a process that has one team. `data_dir` comes from the command line and overrides all others.
    pub fn read(rocket: &ServerSettings, data_dir: Option<&Path>) -> Result<Self, ConfigError> {
        Configs::read(rocket, data_dir, None)?.one(None).cloned()
    }

    fn read_from(mut from: Reader, given: Given) -> Result<Self, ConfigError> {
        let config = Self::read_all(&mut from, given)?;
        Ok(Self { settings: from.finish()?, ..config })
    }

    fn read_all(from: &mut Reader, given: Given) -> Result<Self, ConfigError> {
        let data_dir = from.setting("data_dir", "The folder that holds the data");
        let data_dir = data_dir.path(&given.folder, given.data_dir)?;
        let store_url = from.setting("store_url", "Address of the PostgreSQL database that holds the store");
        let store_url =
            store_url.secret(STORE_URL, |url| STORE_URL_PREFIXES.iter().any(|prefix| url.starts_with(prefix)))?;
        let store_schema = from.setting("store_schema", "Schema of the store in that database");
        let store_schema =
            store_schema.parsed(&given.schema, SCHEMA_NAME, |name| is_schema(name).then(|| name.to_owned()))?;
        let access = AccessSettings::read(from)?;
        let local_zone = iana_time_zone::get_timezone().unwrap_or_else(|_| "UTC".to_owned());
        let zone = from.setting("timezone", "The zone of all dates and times");
        let zone = zone.parsed(&local_zone, "an IANA name, like America/New_York", |text| text.parse().ok())?;
        let week_start = from.setting("week_start", "The first day of a week");
        let week_start = match week_start.choice(&[WeekStart::Sunday, WeekStart::Monday, WeekStart::Saturday], "")? {
            WeekStart::Sunday => Weekday::Sun,
            WeekStart::Monday => Weekday::Mon,
            WeekStart::Saturday => Weekday::Sat,
        };
        let policy = scheduling::read(from, zone)?;
        let propose_after_days = from.setting("propose_after_days", "Days from today to the first day of a proposal");
        let propose_after_days =
            propose_after_days.number(PROPOSE_AFTER_DAYS_DEFAULT, 0..=PROPOSE_AFTER_DAYS_MAX, " days")?;
        let undo_minutes = from.setting("undo_minutes", "Minutes for which one press undoes a change");
        let undo_minutes = undo_minutes.number(UNDO_MINUTES_DEFAULT, 0..=UNDO_MINUTES_MAX, " minutes")?;
        let backup_at = from.setting("backup_at", "Time of the nightly backup").time_or("03:00", "off")?;
        let backups_kept = from.setting("backups_kept", "How many nightly backups are kept");
        let backups_kept = backups_kept.number(BACKUPS_KEPT_DEFAULT, 1..=BACKUPS_KEPT_MAX, "")?;
        let integrity_at = from.setting("integrity_at", "Time of the daily integrity check").time_or("02:00", "off")?;
        let public_url = access.public_url.as_ref().map_or(given.url, |url| url.origin.clone());
        let alerts = Alerts::read(from, public_url)?;
        let provider = Provider::read(from)?;
        let local_passwords = from.setting("local_passwords", "Lets users sign in with a password that is kept here");
        let local_passwords = local_passwords.flag(true)?;
        if !local_passwords && provider.is_none() {
            return Err(reader::invalid("local_passwords", "false", "true, unless oidc_issuer is set"));
        }
        let audit_keys = audit::read(from, &data_dir)?;
        let cache_mib = from.setting("cache_mib", "Memory for the page cache of the store");
        let cache_mib = cache_mib.number(CACHE_MIB_DEFAULT, CACHE_MIB_MIN..=CACHE_MIB_MAX, " MiB")?;
        let log_format = from.setting("log_format", "Format of log lines");
        let log_format = log_format.choice(&[LogFormat::Text, LogFormat::Json], "")?;
        let log_level = from.setting("log_level", "Least important level that is logged").choice(&LOG_LEVELS, "")?;
        Ok(Self {
            team: given.team,
            data_dir,
            store_url,
            store_schema,
            access,
            zone,
            week_start,
            policy,
            propose_after_days,
            undo_minutes,
            cache_bytes: cache_mib * MIB,
            backup_at,
            backups_kept,
            integrity_at,
            alerts,
            audit_keys,
            provider,
            local_passwords,
            log_format,
            log_level,
            settings: Vec::new(),
        })
    }

    /// The name of the team; empty if the process has one team without a name.
    pub fn team_name(&self) -> &str {
        self.team.as_ref().map_or("", |team| &team.name)
    }

    /// Every setting in force.
    pub fn table(&self) -> Vec<Setting> {
        self.settings.clone()
    }

    /// Without sign-in or rate limits the server must listen on loopback.
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
