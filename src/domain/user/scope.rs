//! Scopes of API tokens.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::domain::user::{Role, UserError};

/// The calls that a token may make. Each scope includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Calls that read.
    Read,
    /// Also calls that change events.
    Schedule,
    /// Every call.
    Admin,
}

impl Scope {
    /// Stored tokens hold the place of their scope in this list.
    pub const ALL: [Self; 3] = [Self::Read, Self::Schedule, Self::Admin];

    /// The name in forms and on the command line.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Schedule => "schedule",
            Self::Admin => "admin",
        }
    }

    /// The rights of the scope, for forms.
    pub fn means(self) -> &'static str {
        match self {
            Self::Read => "reads everything that a viewer sees",
            Self::Schedule => "also changes events",
            Self::Admin => "makes every call",
        }
    }

    /// The role with which a token of this scope makes calls.
    pub fn role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Schedule => Role::Scheduler,
            Self::Admin => Role::Admin,
        }
    }

    /// The widest scope that a user of a role may give.
    pub fn of(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Read,
            Role::Scheduler => Self::Schedule,
            Role::Admin => Self::Admin,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl FromStr for Scope {
    type Err = UserError;

    /// Also takes the roles that tokens had before they had scopes.
    fn from_str(text: &str) -> Result<Self, UserError> {
        let text = text.trim();
        let scope = Self::ALL.into_iter().find(|scope| scope.slug() == text || scope.role().slug() == text);
        scope.ok_or(UserError::Scope)
    }
}
