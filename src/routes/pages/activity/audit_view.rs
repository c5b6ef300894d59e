//! Entries of the audit, put into words for pages.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};

use crate::{
    config::Config,
    context::Context,
    domain::{
        audit::{Action, Entry, State, Step},
        change::{Warning, rejection::Rejection, undo},
        event::EventType,
        format,
        ids::{EmployeeId, EventId},
        imports::Import,
        user::Role,
        visibility,
    },
    services::{change::ChangeError, undo as store_undo},
    store::{
        ReadTx, StoreError,
        queries::{
            audit_list::{self, Wanted},
            undo_window,
        },
        tables::{
            audit, employees, events,
            imports::{self, ImportStep},
        },
    },
    views::{
        activity::{EntryView, Remedy, STEPS_LISTED_MAX, StepView},
        components::alert::Problem,
    },
};

const PAGE_ENTRIES: usize = 50;
/// Most events of an import that its entry lists, and the latest imports among which it is looked for.
const IMPORT_EVENTS_MAX: usize = 200;
const IMPORTS_LOOKED_THROUGH: u64 = 200;

/// The settings, the time and the role that entries are shown by.
#[derive(Clone, Debug)]
pub struct Window {
    pub config: Arc<Config>,
    pub now: DateTime<Utc>,
    pub role: Role,
}

impl Window {
    pub fn of(context: &Context, role: Role) -> Self {
        Self { config: Arc::clone(&context.config), now: context.clock.now(), role }
    }
}

/// A page of entries, newest first.
#[derive(Debug)]
pub struct Listed {
    pub entries: Vec<EntryView>,
    pub next: Option<u64>,
    /// The last entry that is archived.
    pub archived: Option<u64>,
}

/// A page of entries, newest first, beginning before `before`.
pub fn list(tx: &dyn ReadTx, wanted: &Wanted, before: Option<u64>, window: &Window) -> Result<Listed, StoreError> {
    let (entries, next) = audit_list::page(tx, wanted, before, PAGE_ENTRIES)?;
    Ok(Listed { entries: views(tx, &entries, window)?, next, archived: audit_list::archived(tx)? })
}

pub fn views(tx: &dyn ReadTx, entries: &[Entry], window: &Window) -> Result<Vec<EntryView>, StoreError> {
    let people = names(tx)?;
    entries.iter().map(|entry| describe(tx, entry, window, &people, STEPS_LISTED_MAX)).collect()
}

pub fn one(tx: &dyn ReadTx, sequence: u64, window: &Window) -> Result<Option<EntryView>, StoreError> {
    let Some(entry) = audit::get(tx, sequence)? else { return Ok(None) };
    let people = names(tx)?;
    let mut view = describe(tx, &entry, window, &people, usize::MAX)?;
    if let Some(imported) = imported(tx, &entry, &people)? {
        (view.steps, view.events) = imported;
    }
    Ok(Some(view))
}

/// The events that an import brought, and their number; none of another entry, or once that is not kept any more.
fn imported(tx: &dyn ReadTx, entry: &Entry, people: &Names) -> Result<Option<(Vec<StepView>, usize)>, StoreError> {
    if entry.action != Action::Import {
        return Ok(None);
    }
    // An import is begun after it was asked for.
    let is_later =
        |import: &Import| import.at.timestamp_millis() >= entry.at.timestamp_millis() && import.who == entry.who;
    let later = imports::latest(tx, IMPORTS_LOOKED_THROUGH)?.into_iter().filter(is_later);
    let Some(import) = later.min_by_key(|import| import.at) else {
        return Ok(None);
    };
    let step = |ImportStep { before, after }: ImportStep| {
        let (id, name, event_type) = (after.id.0, after.name.clone(), after.event_type);
        let before = before.as_ref().map_or_else(|| "new".to_owned(), |event| say(people, &event.into()));
        StepView { event: id, name, event_type, before, after: say(people, &State::from(&after)) }
    };
    let steps = imports::steps(tx, import.id, None, IMPORT_EVENTS_MAX)?;
    let steps: Vec<_> = steps.into_iter().map(step).collect();
    Ok((!steps.is_empty()).then(|| (steps, usize::try_from(import.written).unwrap_or(usize::MAX))))
}

/// The warnings of a revert.
pub fn revert_warnings(tx: &dyn ReadTx, entry: &EntryView, window: &Window) -> Result<Vec<Warning>, StoreError> {
    if entry.remedy != Remedy::Revert {
        return Ok(Vec::new());
    }
    let how = undo::How::Revert { overridden: true };
    Ok(ChangeError::split(store_undo::attempt(tx, entry.sequence, how, &window.config.policy, window.now))?
        .map(|(_, change)| change.warnings)
        .unwrap_or_default())
}

/// The reason why an entry cannot be undone, for its page.
pub fn problem(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::Refused { findings, .. } => Problem::Refused { findings, alternatives: Vec::new() },
        other => Problem::Other { sentence: other.reason() },
    }
}

fn describe(
    tx: &dyn ReadTx,
    entry: &Entry,
    window: &Window,
    people: &Names,
    steps_max: usize,
) -> Result<EntryView, StoreError> {
    let undone_by = if entry.changed_events() { undo_window::undone_by(tx, entry)? } else { None };
    let subject = entry.subject.map(|id| Ok::<_, StoreError>((id.0, event_of(tx, id)?.0))).transpose()?;
    let remedy = match (&undone_by, window.role >= Role::Scheduler && entry.changed_events()) {
        (None, true) if undo::is_open(entry, window.config.undo_minutes, window.now) => Remedy::Undo,
        (None, true) => Remedy::Revert,
        _ => Remedy::None,
    };
    Ok(EntryView {
        sequence: entry.sequence,
        at: entry.at.with_timezone(&window.config.zone).naive_local(),
        who: entry.who.clone(),
        source: entry.source.slug(),
        action: entry.action,
        outcome: entry.outcome,
        reason: entry.told_reason(),
        subject,
        about: entry.about.clone(),
        facts: visibility::entry_for(window.role, entry.clone()).facts,
        events: entry.steps.len(),
        steps: entry.steps.iter().take(steps_max).map(|step| step_view(tx, step, people)).collect::<Result<_, _>>()?,
        notes: entry.notes.iter().map(|note| (note.message.clone(), note.event.map(|id| id.0))).collect(),
        undoes: entry.undoes,
        undone_by: undone_by.map(|by| by.sequence),
        request_id: entry.request_id.clone(),
        remedy,
    })
}

fn step_view(tx: &dyn ReadTx, step: &Step, people: &Names) -> Result<StepView, StoreError> {
    let (name, event_type) = event_of(tx, step.event)?;
    let (before, after) = (say(people, &step.before), say(people, &step.after));
    Ok(StepView { event: step.event.0, name, event_type, before, after })
}

fn event_of(tx: &dyn ReadTx, id: EventId) -> Result<(String, EventType), StoreError> {
    let event = events::get(tx, id)?;
    Ok(event.map_or_else(|| (format!("event {id}"), EventType::Other), |event| (event.label(), event.event_type)))
}

/// The names of all employees as pages show them.
type Names = BTreeMap<EmployeeId, String>;

fn names(tx: &dyn ReadTx) -> Result<Names, StoreError> {
    Ok(employees::all_named(tx)?.into_iter().map(|one| (one.id, one.name)).collect())
}

fn say(people: &Names, state: &State) -> String {
    let Some(now) = &state.schedule else { return "unscheduled".to_owned() };
    let name = people.get(&now.employee).map_or(now.employee.as_str(), String::as_str);
    format!("{}, {name}", format::moment(now.start))
}
