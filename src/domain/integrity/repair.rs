//! Remedies for findings about pairs. Each remedy is an ordinary change.

use chrono::NaiveDateTime;

use crate::domain::{
    calendar::Moment, change::Command, event::Event, format, ids::EmployeeId, integrity::Check, policy::Policy,
};

/// A remedy; each changes the Supervisor of the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Moves it to its CORE's date, with its employee or another.
    Move(NaiveDateTime),
    /// Schedules it after its CORE, with an employee.
    Schedule(NaiveDateTime),
    Release,
}

impl Remedy {
    /// The name in forms.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Move(_) => "move",
            Self::Schedule(_) => "schedule",
            Self::Release => "release",
        }
    }

    /// "Move it to Wed, Oct 15, 2025 at 12:00 PM"
    pub fn label(self) -> String {
        match self {
            Self::Move(start) => format!("Move it to {}", format::moment(start)),
            Self::Schedule(start) => format!("Schedule it on {}", format::moment(start)),
            Self::Release => "Release it".to_owned(),
        }
    }

    /// The remedy as a command. `employee` is assigned: scheduling needs one, a move keeps its own without.
    pub fn command(self, employee: Option<EmployeeId>) -> Option<Command> {
        match self {
            Self::Move(start) => Some(Command::Reschedule { to: Moment::At(start), employee }),
            Self::Schedule(start) => employee.map(|employee| Command::Schedule { employee, start }),
            Self::Release => Some(Command::Unschedule),
        }
    }
}

/// The remedies of a finding, the default first. Empty if names in the source must be corrected.
pub fn remedies(check: Check, core: &Event, policy: &Policy) -> Vec<Remedy> {
    let start = core.start().map(|start| policy.supervisor_start(start));
    match (check, start) {
        (Check::DateMismatch, Some(start)) => vec![Remedy::Move(start), Remedy::Release],
        (Check::SupervisorUnstaffed, Some(start)) => vec![Remedy::Schedule(start)],
        (Check::CoreUnstaffed, _) => vec![Remedy::Release],
        _ => Vec::new(),
    }
}

/// Tells if findings of a check can be repaired here.
pub fn is_repairable(check: Check) -> bool {
    matches!(check, Check::DateMismatch | Check::SupervisorUnstaffed | Check::CoreUnstaffed)
}
