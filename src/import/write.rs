//! Doing what a plan says.
//!
//! An event or person that was changed since the comparison is left as it is, and counted. Nothing that a
//! scheduler does meanwhile is overwritten.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        audit::{Entry, Origin},
        employee::Employee,
        event::Event,
        imports::{Import, Stage, UndoBlocked},
    },
    import::{Incoming, Plan, Summary, audit_entries, missing, plan},
    store::{
        ReadTx, Store, StoreError, Tx,
        tables::{audit, employees, events, holidays, imports, issues::listed_visits, rotations},
    },
};

/// Events written in one transaction; with what is kept to take them back, less than half of the room that the store
/// asks for.
pub(super) const BATCH_EVENTS: usize = 500;
/// The same where nothing is kept to take it back.
const APPLIED_EVENTS: usize = 1000;
/// Steps of older imports forgotten in one transaction.
const FORGOTTEN_MAX: usize = 2000;

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
fn begin(store: &Store, plan: &Plan, files: &[String], writing: &Writing<'_>) -> Result<Import, StoreError> {
    let now = (writing.now)();
    let new = plan.new_events();
    let import = store.write(|tx| {
        imports::begin(
            tx,
            Import {
                id: 0,
                at: now,
                ended: now,
                who: writing.origin.who.clone(),
                files: files.to_vec(),
                stage: Stage::Begun,
                total: plan.events().len() as u64,
                written: 0,
                new: new as u64,
                changed: plan.changed_events() as u64,
                released: plan.released_events() as u64,
                unchanged: plan.unchanged() as u64,
                rejected: plan.rejected.len() as u64,
                left: 0,
                people: 0,
                entry: 0,
                entries: 0,
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
        let check = import.map(|import| import.check_undo(writing.window_minutes, (writing.now)()));
        // One that wrote nothing, or that was undone, says nothing about those before it.
        if matches!(check, None | Some(Err(UndoBlocked::TooLate { .. }))) {
            break;
        }
        first_kept = id;
    }
    let forget = |tx: &mut Tx<'_>| {
        let steps = imports::forget_before(tx, first_kept, FORGOTTEN_MAX)?;
        Ok::<_, StoreError>(steps.max(listed_visits::forget_before(tx, first_kept, FORGOTTEN_MAX)?))
    };
    while store.write(forget)? >= FORGOTTEN_MAX {}
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
    files: &[String],
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
            let (mut import, mut steps) = (import.clone(), Vec::new());
            if round == 0 {
                import.left += put_people(tx, &plan, |tx, before, after| {
                    import.people += 1;
                    imports::remember_person(tx, import.id, before, after)
                })?;
                put_holidays(tx, &plan)?;
                put_rotation(tx, &plan)?;
                missing::write(tx, &plan, import.id)?;
            }
            for (before, after) in batch {
                let before = before.as_deref();
                if is_free(tx, before, after)? {
                    events::replace(tx, before, Some(after))?;
                    imports::remember(tx, import.id, before, after)?;
                    steps.extend(audit_entries::step(before, after));
                    import.written += 1;
                } else {
                    import.left += 1;
                }
            }
            import.ended = (writing.now)();
            if round == 0 {
                let (first, more) = audit_entries::of_first_batch(&plan, writing.origin, rounds);
                import.entry = audit::append(tx, Entry { steps, ..first })?.sequence;
                for entry in more {
                    audit::append(tx, entry)?;
                }
                import.entries = audit::last(tx)? + 1 - import.entry;
            } else {
                let entry = audit_entries::of_batch(&plan, writing.origin, round + 1, rounds);
                audit::append(tx, Entry { steps, ..entry })?;
            }
            imports::put(tx, &import)?;
            Ok::<_, StoreError>(import)
        })?;
    }
    let done = Import { stage: Stage::Done, ..import };
    store.write(|tx| imports::put(tx, &done))?;
    Ok((plan.summary(), done))
}

/// Whether another batch may be begun.
pub(super) fn go_on(writing: &Writing<'_>, done: u64, total: u64) -> Result<(), StoreError> {
    if !(writing.stops)() {
        return Ok(());
    }
    Err(StoreError::CutOff(format!(
        "the server is ending; {done} of {total} events are done and stay so: repeat the import to add the rest, or undo it"
    )))
}

/// Writes people, except those changed since the comparison, and tells who was written. Returns how many were left.
fn put_people(
    tx: &mut Tx<'_>,
    plan: &Plan,
    mut written: impl FnMut(&mut Tx<'_>, Option<&Employee>, &Employee) -> Result<(), StoreError>,
) -> Result<u64, StoreError> {
    let mut left = 0;
    for (before, after) in plan.employees() {
        if employees::get(tx, &after.id)? == *before {
            employees::put(tx, after)?;
            written(tx, before.as_ref(), after)?;
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

/// Writes the entries of the rotation whose day still has none.
fn put_rotation(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), StoreError> {
    let stored = rotations::all(tx)?;
    for entry in plan.rotation().iter().filter(|entry| stored.held(entry).is_none()) {
        rotations::put(tx, entry)?;
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
    let plan = plan(&store.moment(), incoming)?;
    let batches: Vec<_> = plan.events().chunks(APPLIED_EVENTS).collect();
    let rounds = if plan.is_events_only() { batches.len() } else { batches.len().max(1) };
    for round in 0..rounds {
        store.write(|tx| {
            if round == 0 {
                put_people(tx, &plan, |_, _, _| Ok(()))?;
                put_holidays(tx, &plan)?;
                put_rotation(tx, &plan)?;
            }
            for (before, after) in batches.get(round).copied().unwrap_or_default() {
                events::replace(tx, before.as_deref(), Some(after))?;
            }
            audit::append(tx, audit_entries::of_batch(&plan, origin, round + 1, rounds)).map(drop)
        })?;
    }
    Ok(plan.summary())
}
