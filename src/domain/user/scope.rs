//! Scopes of API tokens.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::user::{Role, UserError};

named! {
    /// The calls that a token may make. Each scope includes those before it. Stored tokens hold the place of their scope. The slug
    /// is the name in forms and on the command line; forms say what it means.
    #[derive(PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Scope: slug, means {
        /// Calls that read.
        Read => "read", "reads everything that a viewer sees";
        /// Also calls that change events.
        Schedule => "schedule", "also changes events";
        /// Every call.
        Admin => "admin", "makes every call";
    }
}

impl Scope {
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

impl FromStr for Scope {
    type Err = UserError;

    /// Also takes the roles that tokens had before they had scopes.
    fn from_str(text: &str) -> Result<Self, UserError> {
        let text = text.trim();
        let scope = Self::ALL.into_iter().find(|scope| scope.slug() == text || scope.role().slug() == text);
        scope.ok_or(UserError::Scope)
    }
}
