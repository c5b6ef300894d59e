//! The figures of a proposal at a glance.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::domain::{
    event::{Event, EventType, pairing::Pair},
    ids::{EmployeeId, EventId},
    policy::Policy,
    schedule::{Proposal, Rotation, Row},
};

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub of: usize,
    pub kept: usize,
}

/// The figures of a proposal at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Open events with a place.
    pub placed: Share,
    /// Open COREs with open Supervisors, and those of them that are placed with all of these.
    pub pairs: Share,
    /// Days on which the rotation names someone for a row, and those on which every such row follows it.
    pub rotation: Share,
    /// Minutes in the days asked for of those who have most and fewest, work already held counted.
    pub minutes: Option<(u32, u32)>,
}

impl Tally {
    /// Counts a proposal of these events, among these people.
    pub fn of<'a>(
        proposal: &Proposal,
        events: &BTreeMap<EventId, Event>,
        people: impl Iterator<Item = &'a EmployeeId>,
        rotation: &Rotation,
        policy: &Policy,
    ) -> Self {
        let loads: BTreeMap<_, _> = proposal.loads.iter().map(|load| (&load.employee, load.minutes_after)).collect();
        let minutes: Vec<_> = people.map(|person| loads.get(person).copied().unwrap_or_default()).collect();
        let placed = proposal.placed();
        Self {
            placed: Share { of: placed + proposal.unplaced.len(), kept: placed },
            pairs: if policy.pairing { pairs(proposal, events) } else { Share::default() },
            rotation: days_of_rotation(&proposal.rows, events, rotation, policy),
            minutes: minutes.iter().copied().max().zip(minutes.iter().copied().min()),
        }
    }
}

fn pairs(proposal: &Proposal, events: &BTreeMap<EventId, Event>) -> Share {
    let rows: BTreeSet<_> = proposal.rows.iter().filter(|row| row.moved_from.is_none()).map(|row| row.event).collect();
    let open = rows.iter().copied().chain(proposal.unplaced.iter().map(|one| one.event));
    let mut groups = BTreeMap::<_, Vec<&Event>>::new();
    for event in open.filter_map(|id| events.get(&id)) {
        if let Some(number) = event.number {
            groups.entry((event.location.key(), number.0)).or_default().push(event);
        }
    }
    let mut share = Share::default();
    for pair in groups.into_values().map(Pair::among) {
        for core in &pair.cores {
            let together = pair.of(core);
            if together.len() > 1 {
                share.of += 1;
                share.kept += usize::from(together.iter().all(|one| rows.contains(&one.id)));
            }
        }
    }
    share
}

fn days_of_rotation(rows: &[Row], events: &BTreeMap<EventId, Event>, rotation: &Rotation, policy: &Policy) -> Share {
    let first = policy.usual.of(EventType::Core).first();
    let mut days = BTreeMap::<NaiveDate, bool>::new();
    for row in rows {
        let date = row.start.date();
        let Some(event) = events.get(&row.event) else { continue };
        let Some(turn) = rotation.turn_for(event, date, first == Some(&row.start.time())) else { continue };
        *days.entry(date).or_insert(true) &= turn.person == &row.employee;
    }
    Share { of: days.len(), kept: days.values().filter(|kept| **kept).count() }
}
