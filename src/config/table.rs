//! The settings as people read them: value, source, what is allowed, what each does.
//!
//! Rule of this file: every setting has a line in [`ABOUT`]; a test compares. The page and `tandem config` both print this.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use rocket::figment::{self, Figment, Metadata};

use crate::config::{
    BACKUPS_KEPT_MAX, CACHE_MIB_MAX, CACHE_MIB_MIN, Config, SHORT_WORK_MINUTES_MAX, SUPERVISOR_OFFSET_MINUTES_MAX,
    UNDO_MINUTES_MAX,
    access::{CONNECTIONS_MAX, PATIENCE_SECONDS_MAX, RATE_MAX, SESSION_DAYS_MAX, SESSION_IDLE_HOURS_MAX},
};

/// Where the value of a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    File(PathBuf),
    Environment(String),
    CommandLine,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => f.write_str(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()),
            Self::Environment(name) => write!(f, "{name} in the environment"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// A setting in force.
#[derive(Clone, Debug)]
pub struct Setting {
    pub name: String,
    /// As `Rocket.toml` writes it; secrets masked.
    pub value: String,
    pub source: Source,
    pub allowed: String,
    /// One line that says what it does.
    pub what: &'static str,
}

const TIME: &str = "a time of day, HH:MM";
const TIME_OR_OFF: &str = "a time of day, HH:MM, or off";
const TEXT: &str = "any text; empty for none";
const PATH: &str = "the path of a file; empty for none";
const YES_NO: &str = "true or false";

/// What each setting does, and what is allowed; in the order of the page. `{n}` in the latter is its limit.
const ABOUT: &[(&str, &str, &str)] = &[
    ("data_dir", "The folder that holds the data", "a path"),
    ("sign_in", "Who may come in: users by password, or everybody on this machine", "password or none"),
    ("session_idle_hours", "Hours unused after which somebody must sign in again", "1 to {n}"),
    ("session_days", "Days after which somebody must sign in again in any case", "1 to {n}"),
    (
        "secret_key",
        "Seeds the tokens of forms, in the place of tandem.key",
        "32 characters or more; empty for tandem.key",
    ),
    ("secret_key_file", "A file that holds it", PATH),
    ("rate_limits", "Whether clients are limited", "on or off; off on this machine only"),
    ("writes_per_minute", "Times a client may reschedule or unschedule in a minute", "1 to {n}"),
    ("calls_per_hour", "Calls that a client may make in an hour", "1 to {n}"),
    ("calls_per_day", "Calls that a client may make in a day", "1 to {n}"),
    ("pages_per_minute", "Pages that a client may ask for in a minute", "1 to {n}"),
    ("sign_ins_per_hour", "Attempts to sign in from one address in an hour", "1 to {n}"),
    ("sign_ins_per_hour_and_name", "Attempts to sign in under one name in an hour", "1 to {n}"),
    ("quiet_seconds", "Seconds after which a connection that sends no whole request is ended", "1 to {n}"),
    ("body_seconds", "Seconds in which what a form or call holds must arrive", "1 to {n}"),
    ("answer_seconds", "Seconds in which the server answers, or gives up", "1 to {n}"),
    ("reading_seconds", "Seconds in which an answer must have been read", "1 to {n}"),
    ("connections_max", "Connections that may be open; beyond it those are ended that wait longest", "1 to {n}"),
    ("connections_per_address_max", "Connections that one address may have open", "1 to {n}"),
    ("timezone", "The zone of all dates and times", "an IANA name, like America/New_York"),
    ("week_start", "The first day of a week", "sunday, monday or saturday"),
    ("supervisor_pairing", "Supervisor events follow their CORE", YES_NO),
    ("supervisor_offset_minutes", "Minutes from a CORE's start to its Supervisor's", "0 to {n} minutes"),
    ("supervisor_at", "A fixed time for all Supervisor events instead", "a time of day, HH:MM; empty for none"),
    ("short_work_minutes", "Work that may lie beside other work at the same store", "0 to {n} minutes; 0 for none"),
    ("usual_core", "Times that are proposed for a CORE, the least taken first", "times of day, HH:MM"),
    ("usual_juicer", "The time that is proposed for a Juicer event", TIME),
    ("usual_juicer_survey", "The time that is proposed for Juicer work of at most an hour", TIME),
    ("usual_freeosk", "The time that is proposed for a Freeosk event", TIME),
    ("usual_digitals", "The time that is proposed for a Digitals event", TIME),
    ("usual_other", "The time that is proposed for any other event", TIME),
    ("undo_minutes", "Minutes for which one press undoes a change", "0 to {n} minutes"),
    ("backup_at", "When the nightly backup is made", TIME_OR_OFF),
    ("backups_kept", "How many nightly backups are kept", "1 to {n}"),
    ("integrity_at", "When pairs and storage are checked", TIME_OR_OFF),
    ("public_url", "Where links in messages lead", "an address with http or https; empty for the server's own"),
    ("slack_webhook_url", "Where alerts go in Slack", "an incoming webhook's address; empty for none"),
    ("slack_webhook_url_file", "A file that holds it", PATH),
    ("webhook_url", "Where every change is sent as signed JSON", "an address with https; empty for none"),
    ("webhook_url_file", "A file that holds it", PATH),
    ("webhook_secret", "What changes are signed with", "16 characters or more; empty for none"),
    ("webhook_secret_file", "A file that holds it", PATH),
    ("mail_server", "The server that sends alerts by e-mail", TEXT),
    ("mail_port", "Its port", "1 to 65535; 0 for the usual one"),
    ("mail_security", "How it is spoken to", "starttls or tls; none on this machine only"),
    ("mail_username", "The name it knows us by", TEXT),
    ("mail_password", "The password it knows us by", TEXT),
    ("mail_password_file", "A file that holds it", PATH),
    ("mail_sender", "Who e-mails come from", "an e-mail address; empty for none"),
    ("alert_emails", "Who gets alerts by e-mail", "e-mail addresses"),
    ("staff_notices", "Tell employees of their own changes by e-mail", YES_NO),
    ("cache_mib", "Memory for the store's page cache", "{n} MiB"),
    ("log_format", "How log lines look", "text or json"),
    ("log_level", "How much is logged", "error, warn, info, debug or trace"),
];

/// What stands for `{n}`.
fn limit(name: &str) -> String {
    match name {
        "supervisor_offset_minutes" => SUPERVISOR_OFFSET_MINUTES_MAX.to_string(),
        "short_work_minutes" => SHORT_WORK_MINUTES_MAX.to_string(),
        "session_idle_hours" => SESSION_IDLE_HOURS_MAX.to_string(),
        "session_days" => SESSION_DAYS_MAX.to_string(),
        "writes_per_minute"
        | "calls_per_hour"
        | "calls_per_day"
        | "pages_per_minute"
        | "sign_ins_per_hour"
        | "sign_ins_per_hour_and_name" => RATE_MAX.to_string(),
        "quiet_seconds" | "body_seconds" | "answer_seconds" | "reading_seconds" => PATIENCE_SECONDS_MAX.to_string(),
        "connections_max" | "connections_per_address_max" => CONNECTIONS_MAX.to_string(),
        "undo_minutes" => UNDO_MINUTES_MAX.to_string(),
        "backups_kept" => BACKUPS_KEPT_MAX.to_string(),
        "cache_mib" => format!("{CACHE_MIB_MIN} to {CACHE_MIB_MAX}"),
        _ => String::new(),
    }
}

/// The source of every setting that is not left at its default.
pub(super) fn sources(figment: &Figment, names: impl Iterator<Item = String>) -> BTreeMap<String, Source> {
    let given = |name: String| {
        let source = figment.find_metadata(&name).map(|from| source(from, &name));
        source.filter(|source| *source != Source::Default).map(|source| (name, source))
    };
    names.filter_map(given).collect()
}

fn source(from: &Metadata, name: &str) -> Source {
    match &from.source {
        Some(figment::Source::File(path)) => Source::File(path.clone()),
        _ if from.name.contains("environment") => Source::Environment(format!("TANDEM_{}", name.to_uppercase())),
        _ => Source::Default,
    }
}

impl Config {
    /// Every setting in force.
    pub fn table(&self) -> Vec<Setting> {
        let Ok(serde_json::Value::Object(mut settings)) = serde_json::to_value(&self.raw) else { return Vec::new() };
        let known = ABOUT.iter().map(|(name, what, allowed)| ((*name).to_owned(), *what, *allowed));
        let rest: Vec<_> =
            settings.keys().filter(|name| !ABOUT.iter().any(|about| about.0 == *name)).cloned().collect();
        let row = |(name, what, allowed): (String, &'static str, &str)| {
            let value = settings.remove(&name)?.to_string();
            let source = self.sources.get(&name).cloned().unwrap_or(Source::Default);
            Some(Setting { value, source, allowed: allowed.replace("{n}", &limit(&name)), what, name })
        };
        known.chain(rest.into_iter().map(|name| (name, "", ""))).filter_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::Raw;

    #[test]
    fn every_setting_has_a_line_and_every_line_a_setting() -> Result<(), serde_json::Error> {
        let serde_json::Value::Object(settings) = serde_json::to_value(Raw::default())? else { return Ok(()) };

        let named: BTreeSet<_> = settings.keys().map(String::as_str).collect();
        let told: BTreeSet<_> = ABOUT.iter().map(|about| about.0).collect();

        assert_eq!(told, named);
        assert_eq!(ABOUT.len(), told.len(), "a setting is told twice");
        for (name, what, allowed) in ABOUT {
            assert!(!what.is_empty() && !allowed.is_empty(), "{name}");
            assert_eq!(allowed.contains("{n}"), !limit(name).is_empty(), "{name}");
        }
        Ok(())
    }
}
