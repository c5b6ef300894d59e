//! What comes out: a row for each event that would change, and a reason for each that would not.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::{
    event::Schedule,
    ids::{EmployeeId, EventId, Revision},
    rules::Finding,
};

/// Most alternatives of one row.
pub const ROW_ALTERNATIVES_MAX: usize = 3;

named! {
    /// Why an event goes to this person. The slug is the word in JSON.
    #[derive(PartialOrd, Ord)]
    pub enum Cause: slug {
        /// A scheduler fixed the row.
        Locked => "locked";
        /// The rotation says so.
        Rotation => "rotation";
        /// No one else is free then.
        OnlyOneFree => "only-one-free";
        /// A Supervisor goes with its CORE.
        FollowsCore => "follows-core";
        /// Those who can do more stay free.
        LeastVersatile => "least-versatile";
        /// Fewest hours in the days asked for, of those with this title who are free then.
        FewestHours => "fewest-hours";
        /// With others, other events would find no place or the week more days.
        FitsWithOthers => "fits-with-others";
    }
}

/// Another person or time for an event that no rule speaks against, beside everything else that is proposed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alternative {
    pub employee: EmployeeId,
    pub start: NaiveDateTime,
}

/// An event that would be scheduled, or moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub event: EventId,
    /// The revision that was read.
    pub revision: Revision,
    pub employee: EmployeeId,
    pub start: NaiveDateTime,
    pub locked: bool,
    pub cause: Cause,
    /// A sentence for people: the cause, and why not the person of the rotation.
    pub why: String,
    /// Where it is now, if it moves.
    pub moved_from: Option<Schedule>,
    /// The CORE that it follows, if it is a Supervisor.
    pub core: Option<EventId>,
    /// Empty but for a locked row.
    pub findings: Vec<Finding>,
    pub alternatives: Vec<Alternative>,
}

/// Why an event found no place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No day of its window is left among the days asked for.
    WindowPassed,
    /// No one who could be asked has a title that may work it.
    NoTitle,
    /// All people with a suitable title are away, or outside their hours, on each of its days.
    AllAway,
    /// These events, this one among them, can only go to `places`, which are fewer. Scheduled events among them stay where they
    /// are.
    Competing {
        events: BTreeSet<EventId>,
        /// Person and day of each place.
        places: BTreeSet<(EmployeeId, NaiveDate)>,
        /// More events than places, shown by counting. Else the search ended: the events hold what this one could take.
        proven: bool,
    },
    /// A Supervisor whose CORE has its day: no one may take it then.
    NoHost,
    /// A Supervisor without a CORE here.
    NoCore,
}

impl Reason {
    /// The word in JSON.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::WindowPassed => "window-passed",
            Self::NoTitle => "no-title",
            Self::AllAway => "all-away",
            Self::Competing { .. } => "competing",
            Self::NoHost => "no-host",
            Self::NoCore => "no-core",
        }
    }
}

/// An event that found no place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    pub event: EventId,
    pub reason: Reason,
    /// A sentence for people.
    pub message: String,
    /// What would make it work, in sentences.
    pub remedies: Vec<String>,
    /// Places outside what was asked that no rule but `window` speaks against: later days.
    pub alternatives: Vec<Alternative>,
}

/// What someone works in the days asked for, in minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    pub employee: EmployeeId,
    pub minutes_before: u32,
    pub minutes_after: u32,
}

/// A proposal. The same input gives the same one, whatever its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// By day, time and event.
    pub rows: Vec<Row>,
    /// By event.
    pub unplaced: Vec<Unplaced>,
    /// By employee; those who work nothing before or after are left out.
    pub loads: Vec<Load>,
    /// Steps of the search that were used.
    pub steps: u64,
}

impl Proposal {
    /// Open events that would be scheduled.
    pub fn placed(&self) -> usize {
        self.rows.iter().filter(|row| row.moved_from.is_none()).count()
    }

    /// Scheduled events that would move.
    pub fn moved(&self) -> usize {
        self.rows.iter().filter(|row| row.moved_from.is_some()).count()
    }
}
