//! Rows that cannot be read and that name an event: which of the event's rows counts cannot be told then.

use std::{
    collections::{BTreeSet, HashSet},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash},
};

use crate::{
    domain::{
        event::{Event, Schedule},
        ids::{EmployeeId, EventId, ScheduleId},
    },
    import::{
        cells,
        table::{Left, Row},
    },
};

/// The headings of what a row says of an assignment.
#[derive(Debug)]
pub struct ScheduleColumns {
    pub id: &'static str,
    pub event: &'static str,
    pub employee: &'static str,
    pub start: &'static str,
    /// Of several schedules of one event the latest counts, and the others are noted; otherwise the first does, and they
    /// are rejected.
    pub latest_counts: bool,
}

/// The events that rejected rows name. Their assignments stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    events: BTreeSet<EventId>,
    /// Hashes of what rejected rows say whose event cannot be told: the schedule's id, and who works when. Two that are
    /// taken for one keep an assignment.
    assignments: HashSet<u64>,
}

impl Doubts {
    /// Adds a row that is not taken. `is_read` tells events of which a row was read before.
    pub fn add(
        &mut self,
        row: &Result<Row<'_>, Left<'_>>,
        columns: &ScheduleColumns,
        is_read: impl Fn(EventId) -> bool,
    ) {
        let (Ok(row) | Err(Left::Rejected(_, Some(row)))) = row else { return };
        let counts = |id: &EventId| columns.latest_counts || !is_read(*id);
        if row.is_too_wide() {
            // A cell too many moves those behind it, so each may be the id.
            self.events.extend(row.cells().filter_map(|cell| cell.parse().ok()).filter(counts));
            return;
        }
        if let Ok(id) = cells::id(row, columns.event) {
            self.events.extend(Some(id).filter(counts));
            return;
        }
        self.assignments.extend(cells::id::<ScheduleId>(row, columns.id).ok().map(hash));
        if let (Ok(employee), Ok(start)) =
            (cells::id::<EmployeeId>(row, columns.employee), cells::moment(row, columns.start))
        {
            self.assignments.insert(hash((employee, start)));
        }
    }

    /// Whether a rejected row is about an event, by its id or by the assignment that it has.
    pub fn are_about(&self, id: EventId, stored: Option<&Event>) -> bool {
        let held = |now: &Schedule| {
            self.assignments.contains(&hash(now.id))
                || self.assignments.contains(&hash((now.employee.clone(), now.start)))
        };
        let assignments = stored.into_iter().flat_map(|event| event.schedule.iter().chain(&event.imported));
        self.events.contains(&id) || (!self.assignments.is_empty() && assignments.into_iter().any(held))
    }
}

fn hash(value: impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}
