//! Sessions, tokens and links, and the commands that administer them.
//!
//! Invariant: only digests of tokens are stored.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::domain::{
    email::Email,
    ids::{EmployeeId, Revision},
    user::{PasswordHash, Role, Scope, UserName, second_factor::TotpSecret},
};

/// Longest label of a token, in characters.
pub const LABEL_CHARS_MAX: usize = 60;
/// Most active tokens and feeds.
pub const TOKENS_MAX: usize = 500;
pub const USERS_MAX: usize = 1_000;
/// Most sessions of one user; a further one ends the oldest.
pub const SESSIONS_OF_USER_MAX: usize = 20;
/// Hours for which a link to choose a password is valid.
pub const LINK_HOURS: i64 = 48;
/// Minutes for which a link is valid that was sent to a user who forgot their password.
pub const FORGOTTEN_MINUTES: i64 = 30;
/// Days for which a token is valid unless its maker says otherwise.
pub const TOKEN_DAYS: u64 = 365;
/// Minutes after which a session must be confirmed again before sensitive actions.
pub const CONFIRMED_MINUTES: i64 = 15;

/// SHA-256 of a word of 256 random bits. Such a word cannot be guessed, so a slow hash would add nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    pub fn of(word: &str) -> Self {
        Self(Sha256::digest(word.as_bytes()).into())
    }

    /// Short form for users and forms: the first 48 bits, in hexadecimal.
    pub fn short(&self) -> String {
        hex::encode(&self.0[..6])
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({}…)", self.short())
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// Without use.
    pub idle: TimeDelta,
    /// In total.
    pub whole: TimeDelta,
}

/// A user's session in one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub digest: Digest,
    pub user: UserName,
    pub started_at: DateTime<Utc>,
    /// Updated at intervals, not on every request.
    pub seen_at: DateTime<Utc>,
    /// When the user last gave their password or a code in this session.
    pub confirmed_at: DateTime<Utc>,
    /// True if the session was begun through a sign-in provider.
    pub is_external: bool,
    /// The address at sign-in, and the name of the browser.
    pub from: String,
    pub agent: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// API calls within a scope.
    Calls(Scope),
    /// A calendar feed: of one employee, or of the team.
    Feed(Option<EmployeeId>),
}

impl Purpose {
    /// The purpose as text: "calls, scope schedule".
    pub fn describe(&self) -> String {
        match self {
            Self::Calls(scope) => format!("calls, scope {scope}"),
            Self::Feed(None) => "the team's calendar".to_owned(),
            Self::Feed(Some(of)) => format!("the calendar of {of}"),
        }
    }
}

/// A token for programs: an API token, or the secret of a calendar feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub digest: Digest,
    pub label: String,
    pub purpose: Purpose,
    /// The token ends when this user is disabled; none if made on the command line.
    pub made_by: Option<UserName>,
    pub made_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    /// Updated at intervals, not on every request.
    pub used_at: Option<DateTime<Utc>>,
}

impl Token {
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_none_or(|ends| now < ends)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The first admin of a new store.
    FirstAdmin,
    /// A user chooses a password.
    Password(UserName),
    /// A user chooses another password, by a link that was sent to their e-mail address.
    Forgotten(UserName),
    /// Signs in an existing user: the demonstration.
    SignIn(UserName),
}

impl LinkPurpose {
    pub fn user(&self) -> Option<&UserName> {
        match self {
            Self::FirstAdmin => None,
            Self::Password(user) | Self::Forgotten(user) | Self::SignIn(user) => Some(user),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub digest: Digest,
    pub purpose: LinkPurpose,
    pub ends_at: DateTime<Utc>,
}

/// An administrative command. Tokens and passwords are created by the caller; it contains digests and
/// hashes, and as the only secret that of a second factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum AdminCommand {
    AddUser {
        name: UserName,
        role: Role,
        password: Option<PasswordHash>,
        link: Option<Digest>,
        email: Option<Email>,
    },
    SetEmail {
        name: UserName,
        email: Option<Email>,
    },
    /// Sets up a second factor, or replaces it.
    SetSecondFactor {
        name: UserName,
        secret: TotpSecret,
        /// The step of the code that proved that the app has the secret.
        step: u64,
        recovery: Vec<Digest>,
        /// The session that set it up; all others of the user end.
        keep: Option<Digest>,
    },
    SetRecoveryCodes {
        name: UserName,
        recovery: Vec<Digest>,
    },
    RemoveSecondFactor {
        name: UserName,
    },
    SetRole {
        name: UserName,
        role: Role,
        seen: Option<Revision>,
    },
    SetActive {
        name: UserName,
        active: bool,
        seen: Option<Revision>,
    },
    /// Ends every session of the user except `keep`.
    SetPassword {
        name: UserName,
        password: PasswordHash,
        keep: Option<Digest>,
    },
    GiveLink {
        name: UserName,
        link: Digest,
    },
    /// `session` is the short digest of one; none ends all except `keep`.
    EndSessions {
        name: UserName,
        session: Option<String>,
        keep: Option<Digest>,
    },
    MakeToken {
        digest: Digest,
        label: String,
        purpose: Purpose,
        ends_at: Option<DateTime<Utc>>,
    },
    /// By short digest, or by label if it is unique.
    EndToken {
        token: String,
    },
}

/// Reason for which a command is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum Refusal {
    #[error("there is no user \"{0}\"")]
    UnknownUser(String),
    #[error("there is already a user \"{0}\"")]
    NameTaken(String),
    #[error("\"{0}\" is the only active admin: make another user admin first")]
    LastAdmin(String),
    #[error("\"{0}\" was changed by another user meanwhile: look again")]
    Stale(String),
    #[error("there is no such session")]
    UnknownSession,
    #[error("there is no such token")]
    UnknownToken,
    #[error("several tokens are called \"{0}\": give the id")]
    AmbiguousToken(String),
    #[error("a token's name has 1 to {LABEL_CHARS_MAX} characters")]
    Label,
    #[error("a token must end in the future")]
    Ended,
    #[error("there are {0} already, which is the most there may be")]
    TooMany(usize),
    #[error("this link has expired. Ask an admin for a new one")]
    DeadLink,
    #[error("your account at the sign-in provider is in none of the groups that may use Tandem. Ask an admin")]
    NoGroup,
    #[error("there is already a user \"{0}\" who signs in here with a password. Ask an admin")]
    NotLinked(String),
    #[error("there is no user for this account. Ask an admin to add you")]
    NotAdded,
    #[error("this user is disabled. Ask an admin")]
    Disabled,
    #[error("\"{0}\" signs in through the provider, and has no password here")]
    NoPasswordHere(String),
    #[error("\"{0}\" has no second factor")]
    NoSecondFactor(String),
}
