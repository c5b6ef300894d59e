//! Imports, and the conditions for undoing one.

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Being written, or interrupted.
    Begun,
    Done,
    /// Being undone, or interrupted.
    Leaving,
    TakenBack,
}

impl Stage {
    pub const ALL: [Self; 4] = [Self::Begun, Self::Done, Self::Leaving, Self::TakenBack];
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Counts from 1.
    pub id: u64,
    pub at: DateTime<Utc>,
    /// Time of its last batch.
    pub ended: DateTime<Utc>,
    pub who: String,
    pub files: Vec<String>,
    pub stage: Stage,
    /// Events to write, and events written so far.
    pub total: u64,
    pub written: u64,
    pub new: u64,
    /// Without released events.
    pub changed: u64,
    /// Events that were unassigned.
    pub released: u64,
    pub unchanged: u64,
    pub rejected: u64,
    /// Events that a user changed while the import was written, or before it was undone; they were not changed.
    pub left: u64,
    /// People that it brought or changed.
    pub people: u64,
    /// Its first audit entry, 0 if it has none, and how many entries from there on name what was found about it.
    pub entry: u64,
    pub entries: u64,
}

/// Reason for which an import cannot be undone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UndoBlocked {
    #[error("There is no such import.")]
    Unknown,
    #[error("This import is still being written; undo it when it is done.")]
    Running,
    #[error("This import was undone already.")]
    TakenBack,
    #[error("This import changed no event and no one, so there is nothing to undo.")]
    Nothing,
    #[error("It is too late: an import can be undone for {minutes} minutes.")]
    TooLate { minutes: u32 },
    #[error("These events changed since, so nothing was undone: {}.", .0.join("; "))]
    Changed(Vec<String>),
}

impl Import {
    /// Tells if it may be undone now, apart from the events themselves. An interrupted undo may always be finished.
    pub fn check_undo(&self, window_minutes: u32, now: DateTime<Utc>) -> Result<(), UndoBlocked> {
        match self.stage {
            Stage::TakenBack => Err(UndoBlocked::TakenBack),
            Stage::Begun | Stage::Done if self.written == 0 && self.people == 0 => Err(UndoBlocked::Nothing),
            Stage::Begun | Stage::Done if now > self.ended + TimeDelta::minutes(i64::from(window_minutes)) => {
                Err(UndoBlocked::TooLate { minutes: window_minutes })
            }
            Stage::Begun | Stage::Done | Stage::Leaving => Ok(()),
        }
    }
}
