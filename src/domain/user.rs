//! People who sign in, and what each may do.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// What somebody may do. Each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Changes events.
    Scheduler,
    /// People, users, imports, settings, backups.
    Admin,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Scheduler, Self::Admin];

    /// The word in settings, forms and answers.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Scheduler => "scheduler",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

/// A word that names no role.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a role is viewer, scheduler or admin")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        Self::ALL.into_iter().find(|role| role.slug() == text.trim()).ok_or(RoleError)
    }
}
