//! Merging records that are one employee, or spellings that are one store; and undoing that.
//!
//! Invariant: what a merge reads, writes and audits is one transaction. Events keep their employee and store: they count as
//! the same before and after, only the spelling that they carry changes.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::{
    domain::{
        audit::{About, Action, Entry, Fact, Origin, Outcome, Topic},
        calendar::{FIRST_DAY, LAST_DAY},
        employee::Employee,
        event::{Event, Location},
        format,
        ids::{EmployeeId, EventId},
        integrity::{
            Check, look_alikes,
            merge::{EmployeeMerge, Keep, Merge, Preview, Subject, TooMuchTimeOff},
        },
    },
    services::audited_write::{Rejectable, audited_write},
    store::{
        ReadTx, Store, StoreError, Tx,
        tables::{audit, employees, events, findings, merges, retail_stores},
    },
};

/// Most events of a store that are looked through for other spellings.
const STORE_EVENTS_MAX: usize = 20_000;

/// Reason for which a merge was not made or not undone. Nothing was changed.
#[derive(Debug, Error)]
pub enum MergeError {
    #[error("there is only one record of employee {0}, so there is nothing to merge")]
    OneEmployee(EmployeeId),
    #[error("all events of store {0} write it in the same way, so there is nothing to merge")]
    OneSpelling(String),
    #[error("these records changed since the page was opened; look at them again")]
    Changed,
    #[error(transparent)]
    TimeOff(#[from] TooMuchTimeOff),
    #[error("there is no merge {0}")]
    Unknown(u64),
    #[error("merge {0} was undone already")]
    Undone(u64),
    #[error("{0} changed since this merge, so it cannot be undone; change the record itself")]
    ChangedSince(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Rejectable for MergeError {
    fn rejection(&self) -> Option<String> {
        (!matches!(self, Self::Store(_))).then(|| self.to_string())
    }

    fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Store(StoreError::InDoubt(_)))
    }
}

/// The employees who are recorded more than once, each with their records.
pub fn employee_groups(tx: &dyn ReadTx) -> Result<Vec<Vec<Employee>>, StoreError> {
    Ok(look_alikes::groups(employees::all(tx)?))
}

/// The stores that the last check found written in several ways, each with an event.
pub fn store_groups(tx: &dyn ReadTx) -> Result<Vec<Location>, StoreError> {
    let mut found = Vec::new();
    for finding in findings::all(tx)? {
        let is_store = finding.subject.check() == Some(Check::AlikeStores);
        let event = finding.partner.filter(|_| is_store).map_or(Ok(None), |event| events::get(tx, event))?;
        found.extend(event.map(|event| event.location));
    }
    Ok(found)
}

/// Merging all records of an employee into the one with exactly the id `keep`.
fn preview_employee(tx: &dyn ReadTx, keep: &EmployeeId) -> Result<Preview, MergeError> {
    let all = employees::all(tx)?.into_iter().filter(|one| one.id == *keep);
    let (mut kept, gone): (Vec<_>, Vec<_>) = all.partition(|one| one.id.as_str() == keep.as_str());
    let kept = kept.pop().filter(|_| !gone.is_empty());
    let kept = kept.ok_or_else(|| MergeError::OneEmployee(keep.clone()))?;
    let shown = kept.id.as_str().to_owned();
    let mut spellings: BTreeMap<String, Vec<EventId>> =
        gone.iter().chain([&kept]).map(|one| (one.id.as_str().to_owned(), Vec::new())).collect();
    for event in events::held_first(tx, keep, (FIRST_DAY, LAST_DAY), STORE_EVENTS_MAX)? {
        let Some(now) = &event.schedule else { continue };
        spellings.entry(now.employee.as_str().to_owned()).or_default().push(event.id);
    }
    let subject = Subject::Employee(Box::new(EmployeeMerge::of(kept, gone)?));
    Ok(Preview::of(subject, shown, spellings))
}

/// Writing a store as `keep` in all its events.
fn preview_store(tx: &dyn ReadTx, keep: &str) -> Result<Preview, MergeError> {
    let mut spellings: BTreeMap<String, Vec<EventId>> = BTreeMap::new();
    for event in retail_stores::events_of(tx, keep, STORE_EVENTS_MAX)? {
        spellings.entry(event.location.written().to_owned()).or_default().push(event.id);
    }
    if spellings.len() < 2 || !spellings.contains_key(keep) {
        return Err(MergeError::OneSpelling(keep.to_owned()));
    }
    Ok(Preview::of(Subject::Store, keep.to_owned(), spellings))
}

/// Previews a merge.
///
/// # Errors
/// [`MergeError::OneEmployee`] or [`MergeError::OneSpelling`] if there is nothing to merge, [`MergeError::TimeOff`] if the
/// records have too much of it together.
pub fn preview(tx: &dyn ReadTx, keep: &Keep) -> Result<Preview, MergeError> {
    match keep {
        Keep::Employee(id) => preview_employee(tx, id),
        Keep::Store(number) => preview_store(tx, number),
    }
}

fn about(keep: &Keep) -> About {
    match keep {
        Keep::Employee(id) => About { topic: Topic::Employee, id: id.to_string() },
        Keep::Store(number) => About { topic: Topic::Store, id: number.clone() },
    }
}

/// Merges, if that does what the user saw.
///
/// # Errors
/// As [`preview()`]; [`MergeError::Changed`] if it would do something else than `seen`.
pub fn merge(store: &Store, keep: &Keep, seen: &str, origin: &Origin) -> Result<Merge, MergeError> {
    let entry = |outcome| Entry { about: Some(about(keep)), ..Entry::new(origin, Action::Merge, outcome) };
    audited_write(
        store,
        |_, outcome| Ok(entry(outcome)),
        |tx| {
            let preview = preview(tx, keep)?;
            if preview.fingerprint() != seen {
                return Err(MergeError::Changed);
            }
            let Preview { subject, shown, written, spellings } = preview;
            let mut facts = Vec::new();
            let check = if let Subject::Employee(merge) = &subject {
                merge.gone.iter().for_each(|one| employees::remove(tx, &one.id));
                employees::put(tx, &merge.after)?;
                facts = merge.facts();
                Check::AlikeEmployees
            } else {
                let others = spellings.into_iter().skip(1).map(|(text, _)| text);
                facts.extend(others.map(|text| Fact { name: "store".to_owned(), before: text, after: shown.clone() }));
                Check::AlikeStores
            };
            for (_, ids) in &written {
                respell(tx, ids, None, &shown, &subject)?;
            }
            let events: usize = written.iter().map(|(_, events)| events.len()).sum();
            facts.extend((events > 0).then(|| Fact {
                name: "written differently".to_owned(),
                before: String::new(),
                after: format::count(events as u64, "event"),
            }));
            findings::close_look_alike(tx, check, &shown);
            let entry = audit::append(tx, Entry { facts, ..entry(Outcome::Done) })?;
            let (id, who) = (merges::next_id(tx)?, origin.who.clone());
            let merge = Merge { id, at: origin.at, who, entry: entry.sequence, undone: None, subject, shown, written };
            merges::put(tx, &merge)?;
            Ok(merge)
        },
    )
}

/// Writes events as `to`: those that are written as `from`, or all. Their keys and revisions stay, because they are the same
/// employee and store as before.
fn respell(
    tx: &mut Tx<'_>,
    ids: &[EventId],
    from: Option<&str>,
    to: &str,
    subject: &Subject,
) -> Result<(), MergeError> {
    for id in ids {
        let Some(before) = events::get(tx, *id)? else { continue };
        let mut after = before.clone();
        match (subject, &mut after.schedule) {
            (Subject::Employee(merge), Some(now)) => {
                let all = merge.gone.iter().chain([&merge.after]);
                let spelling = all.map(|one| &one.id).find(|id| id.as_str() == to);
                if now.employee == merge.after.id && from.is_none_or(|from| now.employee.as_str() == from) {
                    now.employee = spelling.unwrap_or(&merge.after.id).clone();
                }
            }
            (Subject::Employee(_), None) => {}
            (Subject::Store, _) => respell_store(&mut after, from, to),
        }
        events::replace(tx, Some(&before), Some(&after))?;
    }
    Ok(())
}

fn respell_store(event: &mut Event, from: Option<&str>, to: &str) {
    let wanted = Location { number: to.to_owned(), name: String::new() };
    if !event.location.is_same(&wanted) || from.is_some_and(|from| event.location.written() != from) {
        return;
    }
    let Location { number, name } = &mut event.location;
    to.clone_into(if number.is_empty() { name } else { number });
}

/// Undoes a merge: the records are as they were, and the events that it wrote differently are written as before.
///
/// # Errors
/// [`MergeError::Unknown`], [`MergeError::Undone`], or [`MergeError::ChangedSince`] if the kept record changed.
pub fn undo(store: &Store, id: u64, origin: &Origin) -> Result<Merge, MergeError> {
    let known = store.read(|tx| merges::get(tx, id))?.ok_or(MergeError::Unknown(id))?;
    let keep = match &known.subject {
        Subject::Employee(merge) => Keep::Employee(merge.after.id.clone()),
        Subject::Store => Keep::Store(known.shown.clone()),
    };
    let entry = |outcome| Entry {
        about: Some(about(&keep)),
        undoes: Some(known.entry),
        ..Entry::new(origin, Action::UndoMerge, outcome)
    };
    audited_write(
        store,
        |_, outcome| Ok(entry(outcome)),
        |tx| {
            let merge = merges::get(tx, id)?.ok_or(MergeError::Unknown(id))?;
            if merge.undone.is_some() {
                return Err(MergeError::Undone(id));
            }
            if let Subject::Employee(records) = &merge.subject {
                split(tx, records)?;
            }
            for (text, ids) in &merge.written {
                respell(tx, ids, Some(&merge.shown), text, &merge.subject)?;
            }
            let merge = Merge { undone: Some(origin.at), ..merge };
            merges::put(tx, &merge)?;
            audit::append(tx, entry(Outcome::Done))?;
            Ok(merge)
        },
    )
}

/// Puts the records back, if the kept one is as the merge left it.
fn split(tx: &mut Tx<'_>, records: &EmployeeMerge) -> Result<(), MergeError> {
    let EmployeeMerge { before, after, gone } = records;
    let changed = |one: &Employee| MergeError::ChangedSince(format!("{} ({})", one.id, one.name));
    let now = employees::get(tx, &after.id)?.ok_or_else(|| changed(after))?;
    let alike = employees::all(tx)?.into_iter().filter(|one| one.id == after.id).count();
    if now != *after || now.id.as_str() != after.id.as_str() || alike != 1 {
        return Err(changed(&now));
    }
    employees::put(tx, &Employee { revision: after.revision.next(), ..before.clone() })?;
    gone.iter().try_for_each(|one| employees::put(tx, one))?;
    Ok(())
}
