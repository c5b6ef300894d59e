//! Takes an import back.

use std::collections::BTreeSet;

use crate::{
    domain::{
        audit::{Action, Entry, Fact, Outcome},
        employee::Employee,
        event::Event,
        format,
        ids::EmployeeId,
        imports::{Import, Stage, UndoBlocked},
    },
    import::{
        Writing, audit_entries, changes, missing,
        write::{BATCH_EVENTS, go_on},
    },
    store::{
        ReadTx, Store, StoreError, Tx,
        tables::{
            audit, employees, events, feeds,
            imports::{self, ImportPerson, ImportStep},
            rotations,
        },
    },
};

/// Most events that a refusal names.
const NAMED_MAX: usize = 5;
/// Most events of one person that are looked at; a person who holds more stays.
const HELD_MAX: usize = 10_000;
/// Most people that one audit entry names; the rest is named by further entries.
const ENTRY_PEOPLE_MAX: usize = 16;

/// What to do with people that an import brought and who hold nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum People {
    Keep,
    Remove,
}

/// Those of an import's people that it brought.
pub fn brought(people: Vec<ImportPerson>) -> impl Iterator<Item = ImportPerson> {
    people.into_iter().filter(|person| person.before.is_none())
}

/// The people that an import brought and who would hold nothing once it is taken back: unchanged since, without time off,
/// without a calendar feed and not in the rotation, all their events given by this import.
pub fn leaving(view: &dyn ReadTx, id: u64) -> Result<Vec<Employee>, StoreError> {
    let mut leaving = Vec::new();
    let mut needed: BTreeSet<EmployeeId> = feeds::all(view)?.into_iter().filter_map(|feed| feed.employee).collect();
    needed.extend(rotations::all(view)?.entries().filter_map(|entry| entry.person));
    for ImportPerson { id: employee, revision, .. } in brought(imports::people(view, id)?) {
        let Some(person) = employees::get(view, &employee)? else { continue };
        let is_as_brought = person.revision == revision && person.time_off.is_empty() && !needed.contains(&employee);
        // A record that was merged into another is gone.
        let is_theirs = person.id.as_str() == employee.as_str();
        if is_theirs && is_as_brought && holds_nothing_else(view, id, &employee)? {
            leaving.push(person);
        }
    }
    Ok(leaving)
}

/// Tells if an import gave a person all the events that they hold.
fn holds_nothing_else(view: &dyn ReadTx, id: u64, employee: &EmployeeId) -> Result<bool, StoreError> {
    let held = events::held_by(view, employee, HELD_MAX)?;
    if held.len() == HELD_MAX {
        return Ok(false);
    }
    for event in held {
        let step = imports::step(view, id, event.id)?.filter(|step| step.after == event);
        let held_before = |step: &ImportStep| {
            let before = step.before.as_ref().and_then(|before| before.schedule.as_ref());
            before.is_some_and(|before| before.employee == *employee)
        };
        if step.is_none_or(|step| held_before(&step)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Removes the people who hold nothing any more, each named in an audit entry.
fn remove_people(tx: &mut Tx<'_>, id: u64, writing: &Writing<'_>) -> Result<(), StoreError> {
    let people = leaving(tx, id)?;
    for named in people.chunks(ENTRY_PEOPLE_MAX) {
        let fact = |person: &Employee| {
            employees::remove(tx, &person.id);
            let before = format!("{} ({}), {}", person.name, person.id, person.title.label());
            Fact { name: "person".to_owned(), before, after: String::new() }
        };
        let facts: Vec<_> = named.iter().map(fact).collect();
        let who = format::people(facts.len() as u64);
        let reason = Some(format!("import {id} undone: {who} that it added removed"));
        audit::append(tx, Entry { reason, facts, ..Entry::new(writing.origin, Action::Undo, Outcome::Done) })?;
    }
    Ok(())
}

/// Gives the people that an import changed what they had before, each named in an audit entry. Returns how many were
/// changed since, and stay.
fn restore_people(tx: &mut Tx<'_>, id: u64, writing: &Writing<'_>) -> Result<u64, StoreError> {
    let (mut left, mut facts) = (0, Vec::new());
    for ImportPerson { revision, before, .. } in imports::people(tx, id)? {
        let Some(before) = before else { continue };
        let now = employees::get(tx, &before.id)?.filter(|now| now.revision == revision);
        let (name, before, after) = match now {
            None => {
                left += 1;
                ("person who was changed since", changes::who(&before), "stays".to_owned())
            }
            Some(now) => {
                let back = Employee { revision: now.revision.next(), ..before };
                employees::put(tx, &back)?;
                ("person", String::new(), changes::person_told(Some(&now), &back))
            }
        };
        facts.push(Fact { name: name.to_owned(), before, after });
    }
    for facts in facts.chunks(ENTRY_PEOPLE_MAX) {
        let reason = Some(format!("import {id} undone: people that it changed"));
        let entry = Entry { reason, facts: facts.to_vec(), ..Entry::new(writing.origin, Action::Undo, Outcome::Done) };
        audit::append(tx, entry)?;
    }
    Ok(left)
}

/// Takes an import back: what it brought goes, what it changed is as before. Refused as a whole if any of its events
/// changed since. Holidays and the rotation stay, and people that it brought unless they are to be removed and hold
/// nothing else. `begun` is told once
/// nothing stands in the way.
///
/// # Errors
/// If the store cannot be read or written. What was taken back by then stays so, and the rest can be taken back later.
pub fn undo(
    store: &Store,
    id: u64,
    people: People,
    writing: &Writing<'_>,
    begun: impl FnOnce(),
) -> Result<Result<Import, UndoBlocked>, StoreError> {
    let Some(mut import) = store.read(|view| imports::get(view, id))? else { return Ok(Err(UndoBlocked::Unknown)) };
    if let Err(stays) = import.check_undo(writing.window_minutes, (writing.now)()) {
        return Ok(Err(stays));
    }
    if let Err(stays) = check_unchanged(store, &import)? {
        return Ok(Err(stays));
    }
    if import.stage != Stage::Leaving {
        import.left = 0;
    }
    begun();
    let (batches, mut batch) = (usize::try_from(import.written).unwrap_or(0).div_ceil(BATCH_EVENTS).max(1), 0);
    let mut done = 0;
    loop {
        go_on(writing, done, import.written)?;
        batch += 1;
        let part = if batches == 1 { String::new() } else { format!("part {batch} of {batches}: ") };
        let (after, left) = store.write(|tx| {
            let steps = imports::steps(tx, id, None, BATCH_EVENTS)?;
            let (mut import, mut undone) = (Import { stage: Stage::Leaving, ..import.clone() }, Vec::new());
            for ImportStep { before, after } in &steps {
                if events::get(tx, after.id)?.as_ref() == Some(after) {
                    let back = before.clone().map(|event| Event { revision: after.revision.next(), ..event });
                    events::replace(tx, Some(after), back.as_ref())?;
                    undone.extend(back.and_then(|back| audit_entries::step(Some(after), &back)));
                } else {
                    import.left += 1;
                }
                imports::forget(tx, id, after.id);
            }
            if steps.len() < BATCH_EVENTS {
                import.stage = Stage::TakenBack;
                import.left += restore_people(tx, id, writing)?;
                if people == People::Remove {
                    remove_people(tx, id, writing)?;
                }
                imports::forget_people(tx, id)?;
                missing::take_back(tx, id)?;
            }
            imports::put(tx, &import)?;
            let reason = Some(format!("{part}import {id} undone: {} events", steps.len()));
            let entry = Entry::new(writing.origin, Action::Undo, Outcome::Done);
            audit::append(tx, Entry { reason, steps: undone, ..entry })?;
            Ok::<_, StoreError>((import, steps.len() == BATCH_EVENTS))
        })?;
        import = after;
        done = import.written.min(done + BATCH_EVENTS as u64);
        if !left {
            return Ok(Ok(import));
        }
    }
}

/// Tells if every event is as the import left it. One that was interrupted while it was taken back goes on in any case.
pub fn check_unchanged(store: &Store, import: &Import) -> Result<Result<(), UndoBlocked>, StoreError> {
    let changed = if import.stage == Stage::Leaving { Vec::new() } else { changed_since(store, import)? };
    Ok(if changed.is_empty() { Ok(()) } else { Err(UndoBlocked::Changed(changed)) })
}

/// Other halves of an event's pair that were changed after the import and are on its day now: without the import the pair
/// would be apart.
fn followers(view: &dyn ReadTx, import: &Import, step: &ImportStep) -> Result<Vec<Event>, StoreError> {
    let (Some(number), Some(date)) = (step.after.number, step.after.date()) else { return Ok(Vec::new()) };
    if step.before.as_ref().and_then(Event::date) == Some(date) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for other in events::same_number(view, &step.after.location, number)? {
        let is_half = other.event_type != step.after.event_type && other.date() == Some(date);
        if is_half && imports::step(view, import.id, other.id)?.is_none() {
            let last = audit::last_of(view, other.id)?;
            found.extend(last.filter(|entry| entry.at >= import.ended).map(|_| other));
        }
    }
    Ok(found)
}

/// The first events that are not as the import left them, or that have followed the other half of their pair since.
fn changed_since(store: &Store, import: &Import) -> Result<Vec<String>, StoreError> {
    let (mut changed, mut last) = (BTreeSet::new(), None);
    loop {
        let steps = store.read(|view| {
            let steps = imports::steps(view, import.id, last, BATCH_EVENTS)?;
            for step in &steps {
                let is_other = events::get(view, step.after.id)?.as_ref() != Some(&step.after);
                let of_its_own = Some(step.after.clone()).filter(|_| is_other);
                for event in of_its_own.into_iter().chain(followers(view, import, step)?) {
                    if changed.len() < NAMED_MAX {
                        changed.insert(format!("{} ({})", event.name, event.id));
                    }
                }
            }
            Ok::<_, StoreError>(steps)
        })?;
        last = steps.last().map(|step| step.after.id);
        if steps.len() < BATCH_EVENTS || changed.len() == NAMED_MAX {
            return Ok(changed.into_iter().collect());
        }
    }
}
