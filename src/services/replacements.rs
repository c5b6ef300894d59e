//! Replacements for an absent employee: as few people as possible on each day, so that short work is not handed
//! to many.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::NaiveDateTime;

use crate::{
    domain::{
        change::{
            Command,
            bulk::{Given, Item},
            candidates,
        },
        event::Event,
        ids::{EmployeeId, EventId},
        policy::Policy,
    },
    services::{bulk::DryRun, change::ChangeError},
    store::{ReadTx, StoreError, tables::events},
};

/// A scheduled event that someone else is to take.
struct Task {
    event: Event,
    start: NaiveDateTime,
    /// Those who may take it without any finding of the rules, best first.
    able: Vec<EmployeeId>,
}

/// Someone else for each scheduled event of the list, without any finding of the rules; events without such a person are left
/// out. On each day long work comes first, and who has taken some takes more.
pub fn fewest(tx: &dyn ReadTx, ids: &[EventId], policy: &Policy) -> Result<BTreeMap<EventId, EmployeeId>, StoreError> {
    let (mut dry_run, mut tasks) = (DryRun::new(tx, policy, Given::default()), Vec::new());
    for id in ids {
        let Some(event) = events::get(tx, *id)? else { continue };
        let Some(start) = event.start() else { continue };
        let able = able(&mut dry_run, &event, start)?;
        tasks.push(Task { event, start, able });
    }
    tasks.sort_by_key(|task| (task.start.date(), Reverse(task.event.minutes), task.event.id));
    let mut chosen: BTreeMap<EventId, EmployeeId> = BTreeMap::new();
    for (at, Task { event, start, able: before }) in tasks.iter().enumerate() {
        let that_day = |other: &&Task| other.start.date() == start.date();
        let took =
            |id: &EmployeeId| tasks[..at].iter().filter(that_day).any(|other| chosen.get(&other.event.id) == Some(id));
        let could_take =
            |id: &EmployeeId| tasks[at + 1..].iter().filter(that_day).filter(|other| other.able.contains(id)).count();
        let now: BTreeSet<_> = able(&mut dry_run, event, *start)?.into_iter().collect();
        let mut people: Vec<_> = before.iter().filter(|id| now.contains(*id)).collect();
        people.sort_by_key(|id| (!took(id), Reverse(could_take(id))));
        for id in people {
            let command = Command::ChangeEmployee { employee: id.clone() };
            let item = Item { event: event.id, command, seen: None, confirm_other_date: false };
            if ChangeError::split(dry_run.apply(&item))?.is_ok() {
                chosen.insert(event.id, id.clone());
                break;
            }
        }
    }
    Ok(chosen)
}

/// Those who may take an event without any finding of the rules, except its present employee.
fn able(dry_run: &mut DryRun<'_>, event: &Event, start: NaiveDateTime) -> Result<Vec<EmployeeId>, StoreError> {
    let facts = dry_run.context(event.clone(), start.date())?;
    let holder = event.schedule.as_ref().map(|now| &now.employee);
    let all = candidates::candidates(&facts, event, start, &[]).into_iter();
    let able = all.filter(|one| one.is_clear() && Some(&one.employee.id) != holder);
    Ok(able.map(|one| one.employee.id.clone()).collect())
}
