//! Users and their roles.
//!
//! Invariant: a user is never deleted, so that no later user is mistaken for one named in the audit.

pub mod access;
pub mod browser;
pub mod external;
mod password_rules;
mod scope;
pub mod second_factor;
pub mod visit;

pub use password_rules::check_password;
pub use scope::Scope;

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::{
    email::Email,
    ids::Revision,
    user::{access::Digest, second_factor::SecondFactor},
};

/// Longest user name, in characters.
pub const USER_NAME_CHARS_MAX: usize = 60;
/// Shortest and longest password, in characters. NIST SP 800-63B-4 asks for 15 where a password is the only factor,
/// and never less than 8; sign-in is rate-limited, so a value between is enough.
pub const PASSWORD_CHARS_MIN: usize = 10;
pub const PASSWORD_CHARS_MAX: usize = 200;

named! {
    /// Role of a user. Each role includes the rights of those before it. The slug is the name in settings, forms and API answers;
    /// forms say what it means.
    #[derive(PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Role: slug, means {
        /// Reads.
        Viewer => "viewer", "sees everything";
        /// Changes events.
        Scheduler => "scheduler", "also changes events";
        /// Also employees, users, imports, settings and backups.
        Admin => "admin", "has also people, users, imports, settings and backups";
    }
}

shown_as!(slug: Role, Scope);

/// Invalid input. The messages are for users.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UserError {
    #[error("a role is viewer, scheduler or admin")]
    Role,
    #[error("a scope is read, schedule or admin")]
    Scope,
    #[error("a name has 1 to {USER_NAME_CHARS_MAX} letters, digits or . - _ @ +, and no blanks")]
    Name,
    #[error("a password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters")]
    PasswordLength,
    #[error("a password must not be the name")]
    PasswordIsName,
    #[error("this password is too common: choose several words or a longer password")]
    PasswordCommon,
}

impl FromStr for Role {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Self, UserError> {
        Self::ALL.into_iter().find(|role| role.slug() == text.trim()).ok_or(UserError::Role)
    }
}

/// A user name as first entered. Case is ignored in comparisons.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

impl UserName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Equal for equal names.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl PartialEq for UserName {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for UserName {}

text_in_json!(UserName, UserError);
shown_as!(as_str: UserName);

impl FromStr for UserName {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Self, UserError> {
        let text = text.trim();
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+');
        let fits = (1..=USER_NAME_CHARS_MAX).contains(&text.chars().count()) && text.chars().all(allowed);
        if fits { Ok(Self(text.to_owned())) } else { Err(UserError::Name) }
    }
}

/// A stored password: Argon2id in the PHC format. Never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// The identity of a user at a sign-in provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The address of the provider.
    pub issuer: String,
    /// The name of the user there, which never changes.
    pub subject: String,
}

/// A browser that a user signed in with. Only the digest of its cookie is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub digest: Digest,
    pub seen_at: DateTime<Utc>,
}

/// Most remembered browsers of a user; a further one replaces the one that was not used for longest.
pub const DEVICES_MAX: usize = 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: UserName,
    pub role: Role,
    /// None until a password was chosen by a link.
    pub password: Option<PasswordHash>,
    /// A user who is not active is signed out at once.
    pub active: bool,
    pub revision: Revision,
    pub made_at: DateTime<Utc>,
    pub last_sign_in: Option<DateTime<Utc>>,
    /// For messages about the account.
    pub email: Option<Email>,
    pub second_factor: Option<SecondFactor>,
    /// Set at the first sign-in through a provider.
    pub identity: Option<Identity>,
    pub devices: Vec<Device>,
}

impl User {
    /// A new user, who has no password yet.
    pub fn new(name: UserName, role: Role, now: DateTime<Utc>) -> Self {
        Self {
            name,
            role,
            password: None,
            active: true,
            revision: Revision(1),
            made_at: now,
            last_sign_in: None,
            email: None,
            second_factor: None,
            identity: None,
            devices: Vec::new(),
        }
    }

    /// True if the user signs in through the provider alone. Such a user gets no password here: it would outlive their role
    /// at the provider.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.identity.is_some() && self.password.is_none()
    }

    /// Remembers a browser. Returns false if it was known.
    pub fn remember(&mut self, digest: Digest, now: DateTime<Utc>) -> bool {
        let known = self.devices.len();
        self.devices.retain(|device| device.digest != digest);
        let is_new = self.devices.len() == known;
        self.devices.insert(0, Device { digest, seen_at: now });
        self.devices.truncate(DEVICES_MAX);
        is_new
    }
}
