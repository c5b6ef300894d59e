//! Several teams in one process, chosen by host name: a table `[default.tandem.teams.NAME]` for each.
//!
//! A team inherits every setting that its table does not give, but for its data folder and its schema: no two teams have
//! the same store.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf, absolute},
};

use rocket::figment::{
    providers::Env,
    value::{Dict, Value},
};

use crate::config::{Config, ConfigError, DATA_DIR, Given, Reader, STORE_SCHEMA, ServerSettings, reader::invalid};

/// Most teams of a process. Each has its own store, jobs and caches.
pub const TEAMS_MAX: usize = 256;
/// The name of a schema holds that of its team.
const NAME_CHARS_MAX: usize = 32;
const NAME: &str = "lower-case letters, digits and -, at most 32, beginning with a letter";
/// A name in the DNS has at most so many characters.
const HOST_CHARS_MAX: usize = 253;
const HOST: &str =
    "a host name like north.example.com, without a port; not an address of this machine, where all teams are checked";
/// Settings of the process, which one team cannot change.
const OF_PROCESS: [&str; 8] = [
    "answer_seconds",
    "body_seconds",
    "connections_max",
    "connections_per_address_max",
    "log_format",
    "log_level",
    "quiet_seconds",
    "reading_seconds",
];

/// One of several teams of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    pub name: String,
    /// The host name of its requests, in lower case.
    pub host: String,
}

/// The settings of a process and of its teams.
#[derive(Clone, Debug)]
pub struct Configs {
    /// `[default.tandem]`: of the process, and of its one team if there is no table of teams.
    pub process: Config,
    /// By name; empty without a table of teams.
    pub teams: Vec<Config>,
}

impl Configs {
    /// Reads the settings beside Rocket's own. `data_dir` comes from the command line and overrides all others: that of
    /// `team`, or else that of the process.
    ///
    /// # Errors
    /// [`ConfigError`] if a setting is unknown or invalid, or if two teams have the same host or store.
    pub fn read(rocket: &ServerSettings, data_dir: Option<&Path>, team: Option<&str>) -> Result<Self, ConfigError> {
        let mut from = Reader::new(rocket.focus("tandem").merge(Env::prefixed("TANDEM_").global()))?;
        let tables = tables(from.take("teams"))?;
        let of_team = if tables.is_empty() { None } else { team };
        let server = rocket.extract::<rocket::Config>().unwrap_or_default();
        let given = Given {
            data_dir: data_dir.filter(|_| of_team.is_none()).map(Path::to_owned),
            team: None,
            folder: DATA_DIR.into(),
            schema: STORE_SCHEMA.to_owned(),
            // Rocket settings that cannot be read stop the start elsewhere.
            url: format!("http://{}:{}", server.address, server.port),
        };
        // Of several teams, each is checked with what it inherits.
        let is_of_process = |name: &str| matches!(name, "data_dir" | "rate_limits") || OF_PROCESS.contains(&name);
        let of_process = if tables.is_empty() { from.clone() } else { from.only(is_of_process) };
        let mut process = Config::read_from(of_process, given)?;
        process.settings.retain(|setting| tables.is_empty() || is_of_process(&setting.name));
        let read = |(name, table): (String, Dict)| {
            let given = data_dir.filter(|_| of_team == Some(name.as_str())).map(Path::to_owned);
            of_one(&from, &process, &name, table, given, server.port).map_err(|error| error.of_team(&name))
        };
        let teams = tables.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut owners = HashMap::new();
        for (config, (what, place)) in teams.iter().flat_map(|config| own(config).map(move |thing| (config, thing))) {
            if let Some(other) = owners.insert((what.clone(), place), config.team_name()) {
                let (one, other) = (other.to_owned(), config.team_name().to_owned());
                return Err(ConfigError::Shared { one, other, what });
            }
        }
        nested(&teams, &process.data_dir)?;
        Ok(Self { process, teams })
    }

    /// Each team of the process.
    pub fn all(&self) -> &[Config] {
        if self.teams.is_empty() { std::slice::from_ref(&self.process) } else { &self.teams }
    }

    /// Tells if a team has the data folder of the process.
    pub fn is_folder_of_a_team(&self) -> bool {
        let folder = real(&self.process.data_dir);
        self.teams.iter().any(|team| real(&team.data_dir) == folder)
    }

    /// The team of that name; without a name, the only one.
    ///
    /// # Errors
    /// A sentence that lists the teams.
    pub fn one(&self, name: Option<&str>) -> Result<&Config, ConfigError> {
        let names = || self.teams.iter().map(Config::team_name).collect::<Vec<_>>().join(", ");
        match (name, self.all()) {
            (None, [only]) => Ok(only),
            (None, _) => Err(ConfigError::WhichTeam { names: names() }),
            (Some(name), _) if self.teams.is_empty() => Err(ConfigError::NoTeams { name: name.to_owned() }),
            (Some(name), all) => all
                .iter()
                .find(|one| one.team_name() == name)
                .ok_or_else(|| ConfigError::UnknownTeam { name: name.to_owned(), names: names() }),
        }
    }
}

/// The table of each team.
fn tables(given: Option<Value>) -> Result<Vec<(String, Dict)>, ConfigError> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let refused = |value: &str, allowed: &str| Err(invalid("teams", value, allowed));
    let tables = given.into_dict().unwrap_or_default();
    if tables.is_empty() || tables.len() > TEAMS_MAX {
        let count = tables.len().to_string();
        return refused(&count, &format!("1 to {TEAMS_MAX} tables [default.tandem.teams.NAME]"));
    }
    let mut teams = Vec::new();
    for (name, table) in tables {
        let is_name = name.len() <= NAME_CHARS_MAX
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-');
        match table.into_dict() {
            Some(table) if is_name => teams.push((name, table)),
            Some(_) => return refused(&name, NAME),
            None => return refused(&name, "a table [default.tandem.teams.NAME] for each team"),
        }
    }
    Ok(teams)
}

/// The settings of a team: those of its table, and what it inherits.
fn of_one(
    from: &Reader,
    process: &Config,
    name: &str,
    table: Dict,
    data_dir: Option<PathBuf>,
    port: u16,
) -> Result<Config, ConfigError> {
    if let Some(setting) = OF_PROCESS.into_iter().find(|setting| table.contains_key(*setting)) {
        return Err(invalid(setting, "", "in [default.tandem] alone: it is a setting of the whole process"));
    }
    let mut from = from.with(table, &["data_dir", "store_schema"]);
    let host = from.setting("host", "The host name of the team's addresses").parsed("", HOST, host)?;
    let given = Given {
        data_dir,
        folder: process.data_dir.join("teams").join(name),
        schema: format!("{STORE_SCHEMA}_{}", name.replace('-', "_")),
        url: format!("http://{host}:{port}"),
        team: Some(Team { name: name.to_owned(), host: host.clone() }),
    };
    let config = Config::read_from(from, given)?;
    if let Some(url) = config.access.public_url.as_ref().filter(|url| url.host() != host) {
        return Err(invalid("public_url", &url.origin, &format!("an address of the team's host, {host}")));
    }
    Ok(config)
}

/// A host name in lower case, without the dot of the root.
fn host(text: &str) -> Option<String> {
    let host = text.strip_suffix('.').unwrap_or(text).to_lowercase();
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '.');
    let is_local = host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let is_host = !host.is_empty() && host.len() <= HOST_CHARS_MAX && host.chars().all(is_sign);
    (is_host && !is_local).then_some(host)
}

/// What no two teams may share, in words, and what it is compared by.
fn own(config: &Config) -> impl Iterator<Item = (String, PathBuf)> {
    let host = config.team.as_ref().map(|team| (format!("host {}", team.host), PathBuf::new()));
    let folder = ("data folder".to_owned(), real(&config.data_dir));
    let schema = database(config.store_url.reveal())
        .map(|place| (format!("schema {} of one database", config.store_schema), PathBuf::from(place)));
    host.into_iter().chain([folder]).chain(schema)
}

/// Refuses a data folder inside that of another team, where it would be taken for something foreign. One team may have the
/// folder of the process, which has the default folders of the others.
fn nested(teams: &[Config], process: &Path) -> Result<(), ConfigError> {
    let defaults = real(process).join("teams");
    for (outer, inner) in teams.iter().flat_map(|one| teams.iter().map(move |other| (one, other))) {
        let (folder, inside) = (real(&outer.data_dir), real(&inner.data_dir));
        if inside != folder && inside.starts_with(&folder) && !inside.starts_with(&defaults) {
            let (outer, inner) = (outer.team_name().to_owned(), inner.team_name().to_owned());
            return Err(ConfigError::Nested { outer, inner });
        }
    }
    Ok(())
}

/// Servers and name of a database, without who signs in and how.
fn database(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let place = rest.split('?').next().unwrap_or_default();
    Some(place.rsplit_once('@').map_or(place, |(_, at)| at).to_owned())
}

/// The path without links, also of a folder that does not exist yet.
fn real(path: &Path) -> PathBuf {
    let path = absolute(path).unwrap_or_else(|_| path.to_owned());
    fs::canonicalize(&path).unwrap_or_else(|_| match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => real(parent).join(name),
        _ => path.clone(),
    })
}
