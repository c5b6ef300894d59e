//! Doing what a plan says, and taking it back.
//!
//! An event or person that was changed since the comparison is left as it is, and counted. Nothing that a
//! scheduler does meanwhile is overwritten.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        audit::{Entry, Origin, Outcome},
        change::Action,
        event::Event,
        imports::{Import, Stage, UndoBlocked},
    },
    import::{Incoming, Plan, Summary, plan},
    store::{
        ReadTx, Store, StoreError, Tx,
        tables::{
            audit, employees, events, holidays,
            imports::{self, ImportStep},
        },
    },
};

/// Events written in one transaction; with what is kept to take them back, less than half of the room that the store
/// asks for.
const BATCH_EVENTS: usize = 500;
/// The same where nothing is kept to take it back.
const APPLIED_EVENTS: usize = 1000;
/// Steps of older imports forgotten in one transaction.
const FORGOTTEN_MAX: usize = 2000;
/// Most events that a refusal names.
const NAMED_MAX: usize = 5;

/// Who imports, and what the time is.
#[expect(missing_debug_implementations, reason = "a clock is not shown")]
pub struct Writing<'a> {
    pub origin: &'a Origin,
    pub now: &'a (dyn Fn() -> DateTime<Utc> + Sync),
    /// How long an import can be taken back, in minutes.
    pub window_minutes: u32,
    /// Whether to stop after the batch that is being written, because the process ends.
    pub stops: &'a (dyn Fn() -> bool + Sync),
}

/// Begins the history of a plan that will be written: numbered, nothing written yet.
fn begin(store: &Store, plan: &Plan, files: Vec<String>, writing: &Writing<'_>) -> Result<Import, StoreError> {
    let now = (writing.now)();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let new = plan.new_events();
    let import = store.write(|tx| {
        imports::begin(
            tx,
            Import {
                id: 0,
                at: now,
                ended: now,
                who: writing.origin.who.clone(),
                files,
                stage: Stage::Begun,
                total: count(plan.events().len()),
                written: 0,
                new: count(new),
                changed: count(plan.changed_events()),
                released: count(plan.released_events()),
                unchanged: count(plan.unchanged()),
                rejected: count(plan.rejected.len()),
                left: 0,
            },
        )
    })?;
    forget_old(store, import.id, writing)?;
    Ok(import)
}

/// What can no longer be taken back need not be kept.
fn forget_old(store: &Store, newest: u64, writing: &Writing<'_>) -> Result<(), StoreError> {
    let mut first_kept = newest;
    for id in (1..newest).rev() {
        let import = store.read(|view| imports::get(view, id))?;
        let stays = import.is_none_or(|import| import.check_undo(writing.window_minutes, (writing.now)()).is_err());
        if stays {
            break;
        }
        first_kept = id;
    }
    while store.write(|tx| imports::forget_before(tx, first_kept, FORGOTTEN_MAX))? == FORGOTTEN_MAX {}
    Ok(())
}

/// Writes a plan in batches, each with its audit entry, and keeps what it takes to take it back. `begun` is told the
/// number of the import before anything else happens. An import that is cut off can be repeated, or taken back: what it
/// did is known.
///
/// # Errors
/// If the store cannot be written. What was written stays.
pub fn write(
    store: &Store,
    plan: Plan,
    files: Vec<String>,
    writing: &Writing<'_>,
    begun: impl FnOnce(u64),
) -> Result<(Summary, Import), StoreError> {
    let mut import = begin(store, &plan, files, writing)?;
    begun(import.id);
    let batches: Vec<_> = plan.events().chunks(BATCH_EVENTS).collect();
    let rounds = if plan.is_events_only() { batches.len() } else { batches.len().max(1) };
    for round in 0..rounds {
        go_on(writing, import.written, import.total)?;
        let batch = batches.get(round).copied().unwrap_or_default();
        import = store.write(|tx| {
            let mut import = import.clone();
            if round == 0 {
                import.left += put_people(tx, &plan)?;
                put_holidays(tx, &plan)?;
            }
            for (before, after) in batch {
                if is_free(tx, before.as_ref(), after)? {
                    events::replace(tx, before.as_ref(), Some(after))?;
                    imports::remember(tx, import.id, before.as_ref(), after)?;
                    import.written += 1;
                } else {
                    import.left += 1;
                }
            }
            import.ended = (writing.now)();
            imports::put(tx, &import)?;
            audit::append(tx, plan.entry(writing.origin, round + 1, rounds))?;
            Ok::<_, StoreError>(import)
        })?;
    }
    let done = Import { stage: Stage::Done, ..import };
    store.write(|tx| imports::put(tx, &done))?;
    Ok((plan.summary(), done))
}

/// Whether another batch may be begun.
fn go_on(writing: &Writing<'_>, done: u64, total: u64) -> Result<(), StoreError> {
    if !(writing.stops)() {
        return Ok(());
    }
    Err(StoreError::CutOff(format!(
        "the server is ending; {done} of {total} events are done and stay so: do it again to bring the rest, or take it back"
    )))
}

/// Writes people, except those changed since the comparison; returns their number.
fn put_people(tx: &mut Tx<'_>, plan: &Plan) -> Result<u64, StoreError> {
    let mut left = 0;
    for (before, after) in plan.employees() {
        if employees::get(tx, &after.id)? == *before {
            employees::put(tx, after)?;
        } else {
            left += 1;
        }
    }
    Ok(left)
}

/// Writes the holidays of dates that still have none.
fn put_holidays(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), StoreError> {
    for holiday in plan.holidays() {
        if holidays::get(tx, holiday.date)?.is_none() {
            holidays::put(tx, holiday)?;
        }
    }
    Ok(())
}

/// True if an event is unchanged since the comparison, and no other event has its schedule id.
fn is_free(view: &dyn ReadTx, before: Option<&Event>, after: &Event) -> Result<bool, StoreError> {
    let same = events::get(view, after.id)?.as_ref() == before;
    let holder = match &after.schedule {
        Some(now) => events::of_schedule(view, now.id)?,
        None => None,
    };
    Ok(same && holder.is_none_or(|holder| holder == after.id))
}

/// Plans and writes in one go, for sources without a preview.
pub fn apply(store: &Store, incoming: Incoming, origin: &Origin) -> Result<Summary, StoreError> {
    let plan = store.read(|view| plan(view, incoming))?;
    let batches: Vec<_> = plan.events().chunks(APPLIED_EVENTS).collect();
    let rounds = if plan.is_events_only() { batches.len() } else { batches.len().max(1) };
    for round in 0..rounds {
        store.write(|tx| {
            if round == 0 {
                put_people(tx, &plan)?;
                put_holidays(tx, &plan)?;
            }
            for (before, after) in batches.get(round).copied().unwrap_or_default() {
                events::replace(tx, before.as_ref(), Some(after))?;
            }
            audit::append(tx, plan.entry(origin, round + 1, rounds)).map(drop)
        })?;
    }
    Ok(plan.summary())
}

/// Takes an import back: what it brought goes, what it changed is as before. Refused as a whole if any of its events
/// changed since. People and holidays stay: others may hold work by now. `begun` is told once nothing stands in the way.
///
/// # Errors
/// If the store cannot be read or written. What was taken back by then stays so, and the rest can be taken back later.
pub fn undo(
    store: &Store,
    id: u64,
    writing: &Writing<'_>,
    begun: impl FnOnce(),
) -> Result<Result<Import, UndoBlocked>, StoreError> {
    let Some(mut import) = store.read(|view| imports::get(view, id))? else { return Ok(Err(UndoBlocked::Unknown)) };
    if let Err(stays) = import.check_undo(writing.window_minutes, (writing.now)()) {
        return Ok(Err(stays));
    }
    if import.stage != Stage::Leaving {
        let changed = changed_since(store, id)?;
        if !changed.is_empty() {
            return Ok(Err(UndoBlocked::Changed(changed)));
        }
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
            let mut import = Import { stage: Stage::Leaving, ..import.clone() };
            for ImportStep { before, after } in &steps {
                if events::get(tx, after.id)?.as_ref() == Some(after) {
                    let back = before.clone().map(|event| Event { revision: after.revision.next(), ..event });
                    events::replace(tx, Some(after), back.as_ref())?;
                } else {
                    import.left += 1;
                }
                imports::forget(tx, id, after.id);
            }
            if steps.len() < BATCH_EVENTS {
                import.stage = Stage::TakenBack;
            }
            imports::put(tx, &import)?;
            let reason = format!("{part}import {id} taken back: {} events", steps.len());
            audit::append(
                tx,
                Entry { reason: Some(reason), ..Entry::new(writing.origin, Action::Undo, Outcome::Done) },
            )?;
            Ok::<_, StoreError>((import, steps.len() == BATCH_EVENTS))
        })?;
        import = after;
        done = import.written.min(done + BATCH_EVENTS as u64);
        if !left {
            return Ok(Ok(import));
        }
    }
}

/// The first events that are not as the import left them.
fn changed_since(store: &Store, id: u64) -> Result<Vec<String>, StoreError> {
    let (mut changed, mut last) = (BTreeSet::new(), None);
    loop {
        let steps = store.read(|view| {
            let steps = imports::steps(view, id, last, BATCH_EVENTS)?;
            for step in &steps {
                if events::get(view, step.after.id)?.as_ref() != Some(&step.after) && changed.len() < NAMED_MAX {
                    changed.insert(format!("{} ({})", step.after.name, step.after.id));
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
