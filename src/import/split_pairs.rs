//! Pairs that an import splits: one half on another date than the other, scheduled alone, or without the other half that
//! it had.

use std::collections::BTreeMap;

use crate::{
    domain::{
        audit::Note,
        event::{Event, Location, pairing::Pair},
        ids::{EventId, EventNumber},
        integrity::{Check, Finding, Report, number_in_pair, repair::is_repairable},
    },
    import::{Plan, listed::Listed},
    store::{ReadTx, StoreError, tables::events},
};

/// One number at one store, and the plan's events that leave or join it.
struct Group<'a> {
    location: &'a Location,
    number: EventNumber,
    planned: BTreeMap<EventId, Option<&'a Event>>,
}

/// Finds the pairs that are split after a plan and were not before, in the order of the plan's stores and numbers.
pub fn find(view: &dyn ReadTx, plan: &Plan, found: &mut Listed<Note>) -> Result<(), StoreError> {
    for Group { location, number, planned } in groups(plan).into_values() {
        let stored = events::same_number(view, location, number)?;
        let before = findings(&stored);
        let stays = stored.iter().filter(|event| !planned.contains_key(&event.id));
        for Finding { check, event, message, .. } in findings(stays.chain(planned.values().copied().flatten())) {
            let is_known = before.iter().any(|known| (known.check, known.event) == (check, event));
            let was_here = stored.iter().any(|stored| stored.id == event);
            // One that is new without its other half is ordinary, unless no store is known where the other half could be.
            let lacks_half = matches!(check, Check::NoCore | Check::NoSupervisor)
                && (was_here || (check == Check::NoCore && location.key().is_empty()));
            if !is_known && (lacks_half || is_repairable(check) || check == Check::AmbiguousNumber) {
                found.push(Note { rule: check.slug().to_owned(), message, event: Some(event) });
            }
        }
    }
    Ok(())
}

/// The groups that a plan touches. An event that gets another number or store leaves one and joins another.
fn groups(plan: &Plan) -> BTreeMap<(String, EventNumber), Group<'_>> {
    let mut groups = BTreeMap::new();
    for (before, after) in plan.events() {
        for (event, is_after) in before.iter().map(|event| (&**event, false)).chain([(after, true)]) {
            let Some(number) = number_in_pair(event) else { continue };
            let location = &event.location;
            let group = groups.entry((location.key().into_owned(), number)).or_insert_with(|| Group {
                location,
                number,
                planned: BTreeMap::new(),
            });
            group.planned.insert(event.id, is_after.then_some(event));
        }
    }
    groups
}

fn findings<'a>(group: impl IntoIterator<Item = &'a Event>) -> Vec<Finding> {
    let mut report = Report::default();
    report.check_group(&Pair::among(group));
    report.findings
}
