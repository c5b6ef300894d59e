//! Proposes who does each open event and when, says why, and says what cannot be placed and why not.
//!
//! Rule of this folder: pure and deterministic. An [`Input`] goes in, a [`Proposal`] comes out; the order of the input does
//! not matter, searches end by steps, and every proposed row is one that [`rules::check`](crate::domain::rules::check) says nothing about.
//!
//! The goals, a later one never at the cost of an earlier: units placed whole, earliest last day first; COREs without their
//! Supervisor; rotation; days a week; even hours; slots; versatile people free; usual store, earlier day; id.

mod board;
mod even;
mod explain;
mod improve;
mod matching;
mod place;
mod polish;
pub mod problem;
mod proposal;
mod random;
mod rotation;
pub mod rotation_edit;
pub mod saved;
mod search;
mod table;
pub mod tally;
mod units;
mod why;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

pub use crate::domain::schedule::{
    proposal::{Alternative, Cause, Load, Proposal, ROW_ALTERNATIVES_MAX, Reason, Row, Unplaced},
    rotation::{Exception, Role, Rotation, RotationEntry, Turn, When},
};
use crate::domain::{
    employee::Employee,
    event::{Event, EventType},
    ids::{EmployeeId, EventId},
    policy::Policy,
};

/// Most days that a proposal looks at.
pub const DAYS_MAX: u64 = 28;
/// Days that a proposal looks at unless asked otherwise.
pub const DAYS_DEFAULT: u64 = 21;
/// Most open events that a proposal looks at.
pub const EVENTS_MAX: usize = 5_000;
/// Most events that one accepted proposal changes: each takes part in one transaction and one undo.
pub const ROWS_MAX: usize = 1_000;
/// Most days a week that someone should work, unless asked otherwise.
pub const DAYS_PER_WEEK_MAX: u16 = 6;
/// When work starts whose type has no usual time.
const START_WITHOUT_SETTING: NaiveTime = match NaiveTime::from_hms_opt(10, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The first and the last day, both included, at most [`DAYS_MAX`] apart.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Decides among what is otherwise equal; 0 for the lowest id.
    pub seed: u64,
    /// Empty for all. COREs bring their Supervisors along.
    pub types: Vec<EventType>,
    /// Keys of [`Location`](crate::domain::event::Location); empty for all.
    pub stores: Vec<String>,
    pub exclude_employees: BTreeSet<EmployeeId>,
    /// Open events that were left out.
    pub exclude_events: BTreeSet<EventId>,
    /// Scheduled events may move where that gives an open one a place.
    pub move_scheduled: bool,
    pub days_per_week_max: u16,
    /// The most minutes a week that people should work who have a maximum of their own.
    pub minutes_max: BTreeMap<EmployeeId, u32>,
    pub week_start: Weekday,
}

impl Options {
    /// Everything open from one day to another.
    pub fn between(from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            from,
            to,
            seed: 0,
            types: Vec::new(),
            stores: Vec::new(),
            exclude_employees: BTreeSet::new(),
            exclude_events: BTreeSet::new(),
            move_scheduled: false,
            days_per_week_max: DAYS_PER_WEEK_MAX,
            minutes_max: BTreeMap::new(),
            week_start: Weekday::Sun,
        }
    }

    /// How many days of its week lie before the first day.
    fn days_of_week_before(&self) -> usize {
        self.from.weekday().days_since(self.week_start) as usize
    }

    /// The first day of the first week, and the last of the last. None where the calendar ends.
    #[must_use]
    pub fn whole_weeks(&self) -> Option<(NaiveDate, NaiveDate)> {
        let first = self.from.checked_sub_days(Days::new(self.days_of_week_before() as u64))?;
        let left = 6 - self.to.weekday().days_since(self.week_start);
        Some((first, self.to.checked_add_days(Days::new(left.into()))?))
    }
}

/// A row that a scheduler fixed: it stays, whatever the rules say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    pub event: EventId,
    pub employee: EmployeeId,
    pub start: NaiveDateTime,
}

/// Everything that a proposal looks at.
#[derive(Clone, Debug)]
pub struct Input {
    /// The open events; what is held in the weeks of these days, from the day before the first to the day after the last at
    /// least; and all events that share store and number with one of these.
    pub events: Vec<Event>,
    pub employees: Vec<Employee>,
    /// The company's holidays on those days.
    pub holidays: BTreeMap<NaiveDate, String>,
    pub policy: Policy,
    pub rotation: Rotation,
    pub options: Options,
    pub locks: Vec<Lock>,
    /// The events to place, scheduled or not, each with the start that it must have, whatever its window says. None for
    /// all that are open.
    pub only: Option<BTreeMap<EventId, Option<NaiveDateTime>>>,
}

impl Input {
    /// Whether an event is asked for by its id.
    fn is_wanted(&self, event: EventId) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains_key(&event))
    }

    /// The start that an event must have.
    fn given_start(&self, event: EventId) -> Option<NaiveDateTime> {
        self.only.as_ref().and_then(|only| only.get(&event).copied().flatten())
    }
}

/// Makes a proposal. A window of no days, or of more than [`DAYS_MAX`], has none: the caller checks that first.
pub fn propose(input: &Input) -> Proposal {
    let days = (input.options.to - input.options.from).num_days();
    if !u64::try_from(days).is_ok_and(|days| days < DAYS_MAX) {
        return Proposal::default();
    }
    let table = table::Table::new(input);
    let units = units::gather(&table);
    let placed = place::place(&table, &units);
    if !input.options.move_scheduled {
        return explain::proposal(&table, &units, placed);
    }
    let options = Options { move_scheduled: false, ..input.options.clone() };
    let input = Input { options, ..input.clone() };
    let fixed_table = table::Table::new(&input);
    let fixed_units = units::gather(&fixed_table);
    let fixed = place::place(&fixed_table, &fixed_units);
    let is_lost = |at: usize| table.anchors[at].is_some() && placed.board.spots[at].is_none();
    let is_worse =
        || units::placed_by_day(&placed.board, &units.all) < units::placed_by_day(&fixed.board, &fixed_units.all);
    // Nothing moves if scheduled work would lose its place, or if less would be placed than without.
    if (0..table.events.len()).any(is_lost) || is_worse() {
        return explain::proposal(&fixed_table, &fixed_units, fixed);
    }
    explain::proposal(&table, &units, placed)
}
