//! Entries of the audit, put into words for pages.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::{
    context::Context,
    domain::{
        audit::{Entry, State, Step},
        change::{Action, Policy, Warning, rejection::Rejection, undo},
        event::EventType,
        format,
        ids::EventId,
        user::{Role, visibility},
    },
    services::{change::ChangeError, undo as store_undo},
    store::{
        ReadTx, StoreError,
        queries::undo_window,
        tables::{audit, employees, events},
    },
    views::{
        activity::{EntryView, Remedy, STEPS_LISTED_MAX, StepView},
        components::alert::Problem,
    },
};

/// Entries on one page of the list.
const PAGE_ENTRIES: usize = 50;
/// Most entries that one page looks through for matches; the rest is a page further.
const LOOKED_THROUGH_MAX: usize = 5_000;

/// The filter of a list.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub event: Option<EventId>,
    pub date: Option<NaiveDate>,
    /// Lower case. Empty matches every user.
    pub who: String,
    pub action: Option<Action>,
    pub zone: Tz,
}

impl Wanted {
    pub fn matches(&self, entry: &Entry) -> bool {
        let about = |id: EventId| entry.subject == Some(id) || entry.step(id).is_some();
        let on = |date: NaiveDate| entry.at.with_timezone(&self.zone).date_naive() == date;
        self.event.is_none_or(about)
            && self.date.is_none_or(on)
            && (self.who.is_empty() || entry.who.to_lowercase().contains(&self.who))
            && self.action.is_none_or(|action| entry.action == action)
    }
}

/// The undo window, the policy of a revert, and the time zone.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub minutes: u32,
    pub policy: Policy,
    pub now: DateTime<Utc>,
    pub zone: Tz,
    /// The user may undo changes.
    pub edits: bool,
    /// Role of the reader.
    pub role: Role,
}

impl Window {
    /// The help page for a role.
    pub fn of(context: &Context, role: Role) -> Self {
        let (config, edits) = (&context.config, role >= Role::Scheduler);
        Self {
            minutes: config.undo_minutes,
            policy: config.policy,
            now: context.clock.now(),
            zone: config.zone,
            edits,
            role,
        }
    }
}

/// A page of entries, newest first, beginning before `before`; and where the next page begins.
pub fn list(
    tx: &dyn ReadTx,
    wanted: &Wanted,
    before: Option<u64>,
    window: &Window,
) -> Result<(Vec<EntryView>, Option<u64>), StoreError> {
    let (entries, next) = page(tx, wanted, before, PAGE_ENTRIES)?;
    let described =
        entries.iter().map(|entry| describe(tx, entry, window, STEPS_LISTED_MAX)).collect::<Result<_, _>>()?;
    Ok((described, next))
}

/// The same, with at most `limit` entries and as the audit has them.
pub fn page(
    tx: &dyn ReadTx,
    wanted: &Wanted,
    before: Option<u64>,
    limit: usize,
) -> Result<(Vec<Entry>, Option<u64>), StoreError> {
    let last = audit::last(tx)?;
    let first = before.map_or(last, |before| before.saturating_sub(1).min(last));
    let mut found = Vec::new();
    for (looked, sequence) in (1..=first).rev().enumerate() {
        if found.len() == limit || looked == LOOKED_THROUGH_MAX {
            return Ok((found, Some(sequence + 1)));
        }
        found.extend(audit::get(tx, sequence)?.filter(|entry| wanted.matches(entry)));
    }
    Ok((found, None))
}

/// One entry.
pub fn one(tx: &dyn ReadTx, sequence: u64, window: &Window) -> Result<Option<EntryView>, StoreError> {
    audit::get(tx, sequence)?.map(|entry| describe(tx, &entry, window, usize::MAX)).transpose()
}

/// The warnings of a revert.
pub fn revert_warnings(tx: &dyn ReadTx, entry: &EntryView, window: &Window) -> Result<Vec<Warning>, StoreError> {
    if entry.remedy != Remedy::Revert {
        return Ok(Vec::new());
    }
    let how = undo::How::Revert { overridden: true };
    Ok(ChangeError::split(store_undo::attempt(tx, entry.sequence, how, &window.policy, window.now))?
        .map(|(_, change)| change.warnings)
        .unwrap_or_default())
}

/// Why an entry is not taken back, for its page.
pub fn problem(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::Refused { findings, .. } => Problem::Refused { findings, alternatives: Vec::new() },
        other => Problem::Other { sentence: other.reason() },
    }
}

fn describe(tx: &dyn ReadTx, entry: &Entry, window: &Window, steps_max: usize) -> Result<EntryView, StoreError> {
    let undone_by = if entry.changed_events() { undo_window::undone_by(tx, entry)? } else { None };
    let subject = match entry.subject {
        Some(id) => Some((id.0, event_of(tx, id)?.0)),
        None => None,
    };
    let remedy = match (&undone_by, window.edits && entry.changed_events()) {
        (None, true) if undo::is_open(entry, window.minutes, window.now) => Remedy::Undo,
        (None, true) => Remedy::Revert,
        _ => Remedy::None,
    };
    Ok(EntryView {
        sequence: entry.sequence,
        at: entry.at.with_timezone(&window.zone).naive_local(),
        who: entry.who.clone(),
        source: entry.source.slug(),
        action: entry.action,
        outcome: entry.outcome,
        reason: entry.told_reason(),
        subject,
        about: entry.about.clone(),
        facts: visibility::entry_for(window.role, entry.clone()).facts,
        events: entry.steps.len(),
        steps: entry.steps.iter().take(steps_max).map(|step| step_view(tx, step)).collect::<Result<_, _>>()?,
        notes: entry.notes.iter().map(|note| note.message.clone()).collect(),
        undoes: entry.undoes,
        undone_by: undone_by.map(|by| by.sequence),
        request_id: entry.request_id.clone(),
        remedy: if entry.action == Action::Import { Remedy::None } else { remedy },
    })
}

fn step_view(tx: &dyn ReadTx, step: &Step) -> Result<StepView, StoreError> {
    let (name, event_type) = event_of(tx, step.event)?;
    let (before, after) = (say(tx, &step.before)?, say(tx, &step.after)?);
    Ok(StepView { event: step.event.0, name, event_type, before, after })
}

fn event_of(tx: &dyn ReadTx, id: EventId) -> Result<(String, EventType), StoreError> {
    let event = events::get(tx, id)?;
    Ok(event.map_or_else(|| (format!("event {id}"), EventType::Other), |event| (event.name, event.event_type)))
}

fn say(tx: &dyn ReadTx, state: &State) -> Result<String, StoreError> {
    let Some(now) = &state.schedule else { return Ok("unscheduled".to_owned()) };
    let name = employees::get(tx, &now.employee)?.map_or_else(|| now.employee.to_string(), |one| one.name);
    Ok(format!("{}, {name}", format::moment(now.start)))
}
