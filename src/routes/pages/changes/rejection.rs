//! The problem that a form shows after a rejection.

use chrono_tz::Tz;

use crate::{
    domain::{
        audit::{Entry, State},
        change::{ChangeKind, rejection::Rejection},
        event::{Event, Schedule},
        format,
        ids::{EmployeeId, Revision},
    },
    routes::pages::changes::{
        form_fields::FormValues,
        options::{self, Filled},
    },
    store::{
        ReadTx, StoreError,
        tables::{audit, employees, events},
    },
    views::components::alert::Problem,
};

/// Most recent changes of an event searched for the revision that a form showed.
const CHANGES_SEARCHED_MAX: usize = 100;

/// The problem of a rejected form.
pub fn of(tx: &dyn ReadTx, filled: Filled<'_>, rejection: Rejection, zone: Tz) -> Result<Problem, StoreError> {
    Ok(match rejection {
        Rejection::Refused { findings, alternatives } => {
            Problem::Refused { findings, alternatives: options::fills(tx, filled, &alternatives)? }
        }
        Rejection::Stale { event, seen, last } => {
            let typed = input_words(tx, filled.change_kind, filled.typed)?;
            stale(tx, &event, seen, last.as_deref(), zone, typed)?
        }
        Rejection::SentBefore(Some(entry)) => match (entry.step(filled.event), events::get(tx, filled.event)?) {
            (Some(step), Some(event)) => {
                let typed = input_words(tx, filled.change_kind, filled.typed)?;
                stale(tx, &event, step.before.revision, Some(&entry), zone, typed)?
            }
            _ => Problem::Other { sentence: Rejection::SentBefore(Some(entry)).reason() },
        },
        Rejection::OtherDate { .. } => Problem::OtherDate { sentence: rejection.reason() },
        other => Problem::Other { sentence: other.reason() },
    })
}

/// The problem of an event that changed while a form was open.
fn stale(
    tx: &dyn ReadTx,
    event: &Event,
    seen: Revision,
    last: Option<&Entry>,
    zone: Tz,
    typed: String,
) -> Result<Problem, StoreError> {
    let saw = match seen_then(tx, event, seen)? {
        Some(then) => state(tx, then.schedule.as_ref())?,
        None => "an earlier version".to_owned(),
    };
    let by = last.map(|entry| {
        let at = entry.at.with_timezone(&zone).naive_local();
        format!("{} on {}", entry.by(), format::moment(at))
    });
    let now = format!("{}: {}", event.label(), state(tx, event.schedule.as_ref())?);
    Ok(Problem::Stale { what: vec![(saw, now)], by, typed: Some(typed) })
}

/// The event at a revision, if the recent audit entries contain it.
fn seen_then(tx: &dyn ReadTx, event: &Event, seen: Revision) -> Result<Option<State>, StoreError> {
    let recent = audit::recent_of(tx, event.id, CHANGES_SEARCHED_MAX)?;
    let steps = recent.iter().filter_map(|entry| entry.step(event.id));
    Ok(steps.map(|step| &step.before).find(|before| before.revision == seen).cloned())
}

/// The entered values in words.
fn input_words(tx: &dyn ReadTx, change_kind: ChangeKind, typed: &FormValues) -> Result<String, StoreError> {
    let when = match (typed.date.parse(), typed.time.parse()) {
        (Ok(date), Ok(time)) => format::moment(chrono::NaiveDate::and_time(&date, time)),
        (Ok(date), Err(_)) => format::date_short(date),
        _ => [typed.date.as_str(), typed.time.as_str()].join(" ").trim().to_owned(),
    };
    let who = match typed.employee.parse() {
        Ok(id) => name(tx, &id)?,
        Err(_) => String::new(),
    };
    let parts = match change_kind {
        ChangeKind::Schedule | ChangeKind::Reschedule => vec![when, who],
        ChangeKind::ChangeEmployee => vec![who],
        ChangeKind::Unschedule => vec!["Unschedule it".to_owned()],
        ChangeKind::Trade => vec!["Swap employees".to_owned()],
    };
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(parts.join(", "))
}

fn state(tx: &dyn ReadTx, schedule: Option<&Schedule>) -> Result<String, StoreError> {
    let Some(now) = schedule else { return Ok("unscheduled".to_owned()) };
    Ok(format!("{}, {}", format::moment(now.start), name(tx, &now.employee)?))
}

fn name(tx: &dyn ReadTx, id: &EmployeeId) -> Result<String, StoreError> {
    Ok(format::isolated(&employees::shown_name(tx, id)?).into_owned())
}
