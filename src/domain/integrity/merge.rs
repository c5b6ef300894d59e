//! Making one record of several that are one employee or one store.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::domain::{
    audit::Fact,
    change::employee_edit,
    employee::{
        Employee,
        availability::{Availability, TIME_OFF_MAX},
    },
    ids::{EmployeeId, EventId},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Counts from 1.
    pub id: u64,
    pub at: DateTime<Utc>,
    pub who: String,
    /// Its audit entry.
    pub entry: u64,
    pub undone: Option<DateTime<Utc>>,
    pub subject: Subject,
    /// The number that all have now.
    pub shown: String,
    /// The events that were written differently, by how.
    pub written: Vec<(String, Vec<EventId>)>,
}

/// The merged records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The kept record before and after, and those that are gone.
    Employee(Box<EmployeeMerge>),
    Store,
}

/// Records of one employee, and the one that they become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmployeeMerge {
    pub before: Employee,
    pub after: Employee,
    pub gone: Vec<Employee>,
}

/// The merged record would have more time off than a record holds: that many entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "together they have {0} entries of time off, and a record holds at most {TIME_OFF_MAX}; remove past ones first"
)]
pub struct TooMuchTimeOff(pub usize);

impl EmployeeMerge {
    /// Keeps one record, with what it lacks from the others: e-mail, weekly hours, time off, and being active.
    pub fn of(before: Employee, gone: Vec<Employee>) -> Result<Self, TooMuchTimeOff> {
        let mut after = Employee { revision: before.revision.next(), ..before.clone() };
        for other in &gone {
            after.active |= other.active;
            after.email = after.email.or_else(|| other.email.clone());
            if after.availability == Availability::ALWAYS {
                after.availability = other.availability;
            }
            after.weekly_hours_max = after.weekly_hours_max.or(other.weekly_hours_max);
            let new = other.time_off.iter().filter(|off| !before.time_off.contains(off)).cloned();
            after.time_off.extend(new);
            after.imported = after.imported.or_else(|| other.imported.clone());
        }
        after.time_off.sort_by(|a, b| (a.first, a.last, &a.note).cmp(&(b.first, b.last, &b.note)));
        after.time_off.dedup();
        match after.time_off.len() {
            0..=TIME_OFF_MAX => Ok(Self { before, after, gone }),
            count => Err(TooMuchTimeOff(count)),
        }
    }

    /// The changed fields of the kept record, and the removed ids.
    pub fn facts(&self) -> Vec<Fact> {
        let gone = self.gone.iter().map(|one| Fact {
            name: "merged".to_owned(),
            before: format!("{} ({})", one.id, one.name),
            after: format!("{} ({})", self.after.id, self.after.name),
        });
        gone.chain(employee_edit::facts(Some(&self.before), &self.after)).collect()
    }
}

/// Most events that one merge writes in the kept spelling; others count as the same employee or store all the same.
pub const MERGED_EVENTS_MAX: usize = 1_000;

/// The number that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    Employee(EmployeeId),
    Store(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    pub subject: Subject,
    /// The number that all will have.
    pub shown: String,
    /// Every spelling that there is, the shown one first, each with its number of events.
    pub spellings: Vec<(String, usize)>,
    /// The events that will be written differently, by how they are written.
    pub written: Vec<(String, Vec<EventId>)>,
}

impl Preview {
    /// The preview of writing everything as `shown`; `spellings` has the events by how they are written.
    pub fn of(subject: Subject, shown: String, mut spellings: BTreeMap<String, Vec<EventId>>) -> Self {
        let own = spellings.remove(&shown).unwrap_or_default().len();
        let counts = spellings.iter().map(|(text, events)| (text.clone(), events.len()));
        let all = std::iter::once((shown.clone(), own)).chain(counts).collect();
        let mut room = MERGED_EVENTS_MAX;
        let mut written = Vec::new();
        for (text, mut events) in spellings {
            events.truncate(room);
            room -= events.len();
            if !events.is_empty() {
                written.push((text, events));
            }
        }
        Self { subject, shown, spellings: all, written }
    }

    /// Equal for two previews that would do the same.
    pub fn fingerprint(&self) -> String {
        let revisions = match &self.subject {
            Subject::Store => Vec::new(),
            Subject::Employee(merge) => {
                let all = merge.gone.iter().chain([&merge.before]);
                all.map(|one| format!("{}:{}", one.id, one.revision)).collect()
            }
        };
        let events: Vec<_> = self.written.iter().map(|(text, events)| format!("{text}:{}", events.len())).collect();
        format!("{}|{}|{}", self.shown, revisions.join(","), events.join(","))
    }

    /// The number of events whose store gets another spelling.
    pub fn events(&self) -> usize {
        self.written.iter().map(|(_, events)| events.len()).sum()
    }
}
