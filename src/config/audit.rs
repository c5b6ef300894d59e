//! The key file of the audit.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    config::{ConfigError, Reader, reader::invalid},
    domain::audit::seal::{AuditKeys, KEY_CHARS_MIN},
};

const NAME: &str = "audit_key_file";

pub(super) fn read(from: &mut Reader, data_dir: &Path) -> Result<Option<AuditKeys>, ConfigError> {
    let file = from.setting(NAME, "A file with the key that seals the audit");
    let file = file
        .parsed("", "the path of a file outside the data folder; empty for none", |text| Some(PathBuf::from(text)))?;
    if file.as_os_str().is_empty() { Ok(None) } else { keys_of(&file, data_dir).map(Some) }
}

/// The keys of a file.
///
/// # Errors
/// If it cannot be read, if it is in the data folder, or if it holds no key.
pub fn keys_of(file: &Path, data_dir: &Path) -> Result<AuditKeys, ConfigError> {
    let refused = |allowed: &str| invalid(NAME, &file.display().to_string(), allowed);
    let text = fs::read_to_string(file).map_err(|error| refused(&format!("a file that can be read: {error}")))?;
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if real(file).starts_with(real(data_dir)) {
        return Err(refused("a file outside the data folder: every user who can write there could seal anything"));
    }
    let allowed =
        format!("a file with a key of at least {KEY_CHARS_MIN} characters; earlier keys may follow, one on each line");
    AuditKeys::parse(&text).ok_or_else(|| refused(&allowed))
}
