//! Reads settings one by one, and lists each with its value, source, limits and description.

use std::{
    fmt::{self, Display},
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use chrono::NaiveTime;
use rocket::figment::{
    self, Figment,
    value::{Dict, Value},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    config::{ConfigError, Secret},
    domain::calendar,
};

const TIME: &str = "a time of day, HH:MM";

/// The source of the value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    File(PathBuf),
    Environment(String),
    CommandLine,
}

impl Display for Source {
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
    /// One line that describes it.
    pub what: &'static str,
}

/// The configured values, and the settings that were read so far.
#[derive(Clone)]
pub(super) struct Reader {
    figment: Figment,
    values: Dict,
    settings: Vec<Setting>,
}

impl Reader {
    pub fn new(figment: Figment) -> Result<Self, ConfigError> {
        let values = figment.extract().map_err(|error| ConfigError::Unreadable(error.to_string()))?;
        Ok(Self { figment, values, settings: Vec::new() })
    }

    /// Takes a value that is no setting.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.values.remove(name)
    }

    /// The values of these names alone.
    pub fn only(&self, names: impl Fn(&str) -> bool) -> Self {
        let mut values = self.values.clone();
        values.retain(|name, _| names(name));
        Self { figment: self.figment.clone(), values, settings: Vec::new() }
    }

    /// These values instead of others of the same name. All others are inherited, but for those named in `own`.
    pub fn with(&self, values: Dict, own: &[&str]) -> Self {
        let mut all = self.values.clone();
        all.retain(|name, _| {
            // A secret is given as such or in a file, so that either replaces both.
            let base = |name: &str| name.strip_suffix("_file").unwrap_or(name).to_owned();
            !own.contains(&name.as_str()) && !values.keys().any(|given| base(given) == base(name))
        });
        all.extend(values);
        Self { figment: self.figment.clone(), values: all, settings: Vec::new() }
    }

    /// The setting of that name; `what` describes it in one line.
    pub fn setting(&mut self, name: &'static str, what: &'static str) -> Field<'_> {
        Field { reader: self, name, what }
    }

    /// Every setting that was read.
    ///
    /// # Errors
    /// [`ConfigError::Unknown`] if a value is left that belongs to no setting.
    pub fn finish(self) -> Result<Vec<Setting>, ConfigError> {
        let is_known = |name: &String| self.settings.iter().any(|setting| setting.name == *name);
        let Some((name, value)) = self.values.iter().find(|(name, _)| !is_known(name)) else {
            return Ok(self.settings);
        };
        let source = self.figment.get_metadata(value.tag());
        let source_name = source.map(|from| format!(" in {}", from.name)).unwrap_or_default();
        let allowed = self.settings.iter().map(|setting| setting.name.as_str()).collect::<Vec<_>>().join(", ");
        Err(ConfigError::Unknown { name: name.clone(), source_name, allowed })
    }

    fn list(&mut self, name: &str, what: &'static str, value: String, allowed: String) {
        let from = self.values.get(name).and_then(|value| self.figment.get_metadata(value.tag()));
        let source = match from.map(|from| &from.source) {
            Some(Some(figment::Source::File(path))) => Source::File(path.clone()),
            _ if from.is_some_and(|from| from.name.contains("environment")) => {
                Source::Environment(format!("TANDEM_{}", name.to_uppercase()))
            }
            _ => Source::Default,
        };
        self.settings.push(Setting { name: name.to_owned(), value, source, allowed, what });
    }
}

/// One setting, to be read as a type. Each method takes the default and what is allowed.
pub(super) struct Field<'r> {
    reader: &'r mut Reader,
    name: &'static str,
    what: &'static str,
}

impl Field<'_> {
    /// A path; `given` comes from the command line and overrides all others.
    pub fn path(self, default: &Path, given: Option<PathBuf>) -> Result<PathBuf, ConfigError> {
        let Self { reader, name, what } = self;
        let path = reader.setting(name, what).value(default.to_owned(), "a path", |_| true)?;
        let (Some(given), Some(setting)) = (given, reader.settings.last_mut()) else { return Ok(path) };
        (setting.value, setting.source) = (shown(&given), Source::CommandLine);
        Ok(given)
    }

    pub fn flag(self, default: bool) -> Result<bool, ConfigError> {
        self.value(default, "true or false", |_| true)
    }

    pub fn number<N>(self, default: N, range: RangeInclusive<N>, unit: &str) -> Result<N, ConfigError>
    where
        N: Serialize + DeserializeOwned + PartialOrd + Display,
    {
        let allowed = format!("{} to {}{unit}", range.start(), range.end());
        self.value(default, &allowed, |number| range.contains(number))
    }

    /// One of several words; the first is the default. `note` adds to what is allowed.
    pub fn choice<E>(self, options: &[E], note: &str) -> Result<E, ConfigError>
    where
        E: Serialize + DeserializeOwned + Clone,
    {
        let names: Vec<_> = options.iter().map(|option| shown(option).replace('"', "")).collect();
        let (last, others) =
            names.split_last().map_or_else(Default::default, |(last, others)| (last.clone(), others.join(", ")));
        let allowed = format!("{others} or {last}{note}");
        let default = options.first().cloned().ok_or_else(|| invalid(self.name, "", &allowed))?;
        self.value(default, &allowed, |_| true)
    }

    /// A text with a meaning; `parse` returns None if it has none.
    pub fn parsed<T>(self, default: &str, allowed: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, ConfigError> {
        let name = self.name;
        let text = self.value(default.to_owned(), allowed, |text: &String| parse(text).is_some())?;
        parse(&text).ok_or_else(|| invalid(name, &text, allowed))
    }

    pub fn text(self) -> Result<String, ConfigError> {
        self.value(String::new(), "any text, in quotes if it is a number; empty for none", |_| true)
    }

    pub fn time(self, default: &str) -> Result<NaiveTime, ConfigError> {
        self.parsed(default, TIME, |text| calendar::parse_time(text).ok())
    }

    /// A time of day, or `none` for no time.
    pub fn time_or(self, default: &str, none: &str) -> Result<Option<NaiveTime>, ConfigError> {
        let allowed = if none.is_empty() { format!("{TIME}; empty for none") } else { format!("{TIME}, or {none}") };
        let parse = |text: &str| if text == none { Some(None) } else { calendar::parse_time(text).ok().map(Some) };
        self.parsed(default, &allowed, parse)
    }

    /// Several texts: a list in the file, separated by commas in the environment.
    pub fn list<T>(
        self,
        default: &[&str],
        allowed: &str,
        parse: impl Fn(&[String]) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let Self { reader, name, what } = self;
        let texts: Vec<String> = match reader.values.get(name) {
            None => default.iter().map(|text| (*text).to_owned()).collect(),
            Some(Value::String(_, text)) => {
                text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
            }
            Some(found) => found.deserialize().map_err(|_| invalid(name, &shown(found), allowed))?,
        };
        reader.list(name, what, shown(&texts), allowed.to_owned());
        parse(&texts).ok_or_else(|| invalid(name, &texts.join(", "), allowed))
    }

    /// A secret, set here or in a file whose first line is read. It is never shown.
    pub fn secret(self, allowed: &str, fits: impl Fn(&str) -> bool) -> Result<Secret, ConfigError> {
        let Self { reader, name, what } = self;
        let refused = |allowed: &str| invalid(name, Secret::MASK, allowed);
        let mut secret = match reader.values.get(name).map(Value::as_str) {
            None => Secret::default(),
            Some(text) => Secret::new(text.ok_or_else(|| refused(&format!("{allowed}, in quotes if it is a number")))?),
        };
        reader.list(name, what, shown(&secret), format!("{allowed}; empty for none"));
        let file_name = format!("{name}_file");
        let file = match reader.values.get(&file_name) {
            None => PathBuf::new(),
            Some(path) => path.deserialize().map_err(|_| refused(&format!("{file_name} is the path of a file")))?,
        };
        let about_file = "A file that holds it in its first line";
        reader.list(&file_name, about_file, shown(&file), "the path of a file; empty for none".to_owned());
        if !file.as_os_str().is_empty() {
            if !secret.reveal().is_empty() {
                return Err(refused(&format!("give it here or in {file_name}, not both")));
            }
            let text = fs::read_to_string(&file).map_err(|error| {
                invalid(name, &file.display().to_string(), &format!("the file of {file_name} cannot be read: {error}"))
            })?;
            secret = Secret::new(text.lines().next().unwrap_or_default().trim());
        }
        if secret.reveal().is_empty() || fits(secret.reveal()) { Ok(secret) } else { Err(refused(allowed)) }
    }

    fn value<T>(self, default: T, allowed: &str, fits: impl Fn(&T) -> bool) -> Result<T, ConfigError>
    where
        T: Serialize + DeserializeOwned,
    {
        let Self { reader, name, what } = self;
        let value = match reader.values.get(name) {
            None => default,
            Some(found) => {
                let value = found.deserialize().ok().filter(fits);
                value.ok_or_else(|| invalid(name, found.as_str().unwrap_or(&shown(found)), allowed))?
            }
        };
        reader.list(name, what, shown(&value), allowed.to_owned());
        Ok(value)
    }
}

/// A value as TOML writes it.
fn shown(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) fn invalid(name: &'static str, value: &str, allowed: &str) -> ConfigError {
    ConfigError::Value { name, value: value.to_owned(), allowed: allowed.to_owned() }
}
