//! The settings used by decisions.

use chrono::{NaiveDateTime, NaiveTime, TimeDelta, TimeZone};

pub use chrono_tz::Tz;

use crate::domain::event::default_start::UsualStarts;

/// Most minutes that clocks skip at once: a day, where a country changed sides of the date line.
const SKIPPED_MINUTES_MAX: i64 = 24 * 60;

/// Start of a Supervisor event relative to its CORE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupervisorTime {
    /// Minutes after the CORE, at the latest 23:59 of that day.
    After { minutes: u32 },
    /// At the same time every day.
    At(NaiveTime),
}

/// The settings used by decisions.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Enables Supervisors to follow their COREs.
    pub pairing: bool,
    pub supervisor_time: SupervisorTime,
    pub usual: UsualStarts,
    /// Longest work in minutes that may overlap other work of the same employee at the same store; 0 for none.
    pub short_work_minutes: u32,
    /// The zone of local times.
    pub zone: Tz,
}

impl Policy {
    pub fn supervisor_start(&self, core: NaiveDateTime) -> NaiveDateTime {
        let last = core.date().and_hms_opt(23, 59, 0).unwrap_or(core);
        let start = match self.supervisor_time {
            SupervisorTime::After { minutes } => (core + TimeDelta::minutes(i64::from(minutes))).min(last),
            SupervisorTime::At(time) => core.date().and_time(time),
        };
        self.skipped(start).map_or(start, |(_, next)| next)
    }

    /// The local times between which clocks go forward, if `start` is skipped by that: a time that no clock shows.
    pub fn skipped(&self, start: NaiveDateTime) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let exists = |at: &NaiveDateTime| self.zone.from_local_datetime(at).earliest().is_some();
        if exists(&start) {
            return None;
        }
        let minutes = |sign: i64| (1..=SKIPPED_MINUTES_MAX).map(move |count| start + TimeDelta::minutes(sign * count));
        let before = minutes(-1).find(exists)? + TimeDelta::minutes(1);
        Some((before, minutes(1).find(exists)?))
    }
}
