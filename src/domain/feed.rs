//! Calendar feeds: whose they are.

use chrono::{DateTime, Utc};

use crate::domain::ids::EmployeeId;

/// A feed that somebody made. Its secret is known to its readers alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Counts from 1.
    pub id: u64,
    /// None for the whole team.
    pub employee: Option<EmployeeId>,
    pub at: DateTime<Utc>,
    pub who: String,
}
