//! Calendar feeds.

use chrono::{DateTime, Utc};

use crate::domain::ids::EmployeeId;

/// A feed. Its secret is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Counts from 1.
    pub id: u64,
    /// None for the entire team.
    pub employee: Option<EmployeeId>,
    pub at: DateTime<Utc>,
    pub who: String,
}
