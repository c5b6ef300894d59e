//! The imports that were made, and whether one can be taken back.

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

/// What became of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Being written, or cut off while it was.
    Begun,
    Done,
    /// Being taken back, or cut off while it was.
    Leaving,
    TakenBack,
}

impl Stage {
    pub const ALL: [Self; 4] = [Self::Begun, Self::Done, Self::Leaving, Self::TakenBack];
}

/// An import that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Counts from 1.
    pub id: u64,
    pub at: DateTime<Utc>,
    /// When its last batch was written.
    pub ended: DateTime<Utc>,
    pub who: String,
    pub files: Vec<String>,
    pub stage: Stage,
    /// Events to write, and those written so far.
    pub total: u64,
    pub written: u64,
    pub new: u64,
    /// Without those that were released.
    pub changed: u64,
    /// Events that were taken away from the person who held them, and given to nobody.
    pub released: u64,
    pub unchanged: u64,
    pub rejected: u64,
    /// Events that somebody changed while it was written, or before it was taken back; they were left as they were.
    pub left: u64,
}

/// Why an import stays.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UndoBlocked {
    #[error("There is no such import.")]
    Unknown,
    #[error("This import is still being written; take it back when it is done.")]
    Running,
    #[error("This import was taken back already.")]
    TakenBack,
    #[error("This import changed no event, so there is nothing to take back.")]
    Nothing,
    #[error("It is too late: an import can be taken back for {minutes} minutes.")]
    TooLate { minutes: u32 },
    #[error("These events changed since, so nothing was taken back: {}.", .0.join("; "))]
    Changed(Vec<String>),
}

impl Import {
    /// Whether it may be taken back now, as far as the events themselves allow. One that was cut off while leaving may
    /// always be finished.
    ///
    /// # Errors
    /// [`UndoBlocked`] if not.
    pub fn may_leave(&self, window_minutes: u32, now: DateTime<Utc>) -> Result<(), UndoBlocked> {
        match self.stage {
            Stage::TakenBack => Err(UndoBlocked::TakenBack),
            Stage::Begun | Stage::Done if self.written == 0 => Err(UndoBlocked::Nothing),
            Stage::Begun | Stage::Done if now > self.ended + TimeDelta::minutes(i64::from(window_minutes)) => {
                Err(UndoBlocked::TooLate { minutes: window_minutes })
            }
            Stage::Begun | Stage::Done | Stage::Leaving => Ok(()),
        }
    }
}
