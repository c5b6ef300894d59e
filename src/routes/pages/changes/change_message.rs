//! The message after a change: the sentence, the notes, the link and the undo.

use crate::{
    domain::{
        audit::{Action, Entry},
        change::employee_edit::TIME_OFF_FACT,
        event::Event,
        format,
    },
    services::change::Made,
    store::{
        ReadTx, StoreError,
        tables::{audit, employees, events},
    },
    views::{
        calendar::day_page::DayPage,
        components::message::{Message, NOTES_MAX, Undo},
        urls,
    },
};

fn steps_of(made: &Made) -> usize {
    made.entry.as_ref().map_or(0, |entry| entry.steps.len())
}

/// "36 events", or the name of the only one.
fn events_words(made: &Made) -> String {
    match steps_of(made) {
        0 | 1 => made.event.label(),
        number => format::count(number as u64, "event"),
    }
}

/// The message about a change, for the page that its form returns to.
pub fn of(tx: &dyn ReadTx, made: &Made, from: &DayPage) -> Result<Message, StoreError> {
    let event = &made.event;
    let with = match made.followers() {
        0 => String::new(),
        1 => ", with its Supervisor".to_owned(),
        number => format!(", with its {number} Supervisors"),
    };
    let when = event.start().map(format::moment);
    let state = when.as_ref().map_or_else(|| "unscheduled".to_owned(), |when| format!("on {when}"));
    let text = match made.entry.as_ref().map(|entry| entry.action) {
        None => format!("{}: no changes.", event.label()),
        Some(Action::Schedule) => format!("{} is scheduled {state}{with}.", event.label()),
        Some(Action::Reschedule) => moved(tx, made, &when.unwrap_or_default(), &with)?,
        Some(Action::Unschedule) => format!("{} is unscheduled{with}.", event.label()),
        Some(Action::ChangeEmployee) => format!("{} has a new employee: {}.", event.label(), holder(tx, event)?),
        Some(Action::Trade) => traded(tx, made)?,
        Some(Action::ScheduleSeveral | Action::AcceptProposal) => format!("Scheduled: {}.", events_words(made)),
        Some(Action::ReassignDay) => format!("Reassigned: {}.{}", events_words(made), time_off_words(made)),
        Some(Action::Repair) => format!("Repaired: {}.", events_words(made)),
        Some(Action::Undo | Action::Revert) if took_back_several(tx, made)? => {
            let verb = if steps_of(made) == 1 { "is as it was" } else { "are as they were" };
            format!("Undone: {} {verb} before.", events_words(made))
        }
        Some(Action::Undo) => format!("Undone: {} is {state} again{with}.", event.label()),
        Some(Action::Revert) => format!("Reverted: {} is {state} again{with}.", event.label()),
        // None of these changes an event.
        Some(
            Action::SignIn
            | Action::SignOut
            | Action::AddUser
            | Action::ChangeUser
            | Action::SetPassword
            | Action::SecondFactor
            | Action::ForgotPassword
            | Action::EndSession
            | Action::MakeToken
            | Action::EndToken
            | Action::TestAlert
            | Action::Export
            | Action::Backup
            | Action::Restore
            | Action::ArchiveAudit
            | Action::Merge
            | Action::UndoMerge
            | Action::Import
            | Action::AddEmployee
            | Action::EditEmployee
            | Action::DeactivateEmployee
            | Action::ReactivateEmployee
            | Action::AddTimeOff
            | Action::RemoveTimeOff
            | Action::AddHoliday
            | Action::RemoveHoliday
            | Action::EditRotation
            | Action::AcceptConflict
            | Action::ReopenConflict,
        ) => format!("{} is unchanged.", event.label()),
    };
    let elsewhere = event.day().filter(|date| *date != from.date);
    let undo = made.entry.as_ref().filter(|entry| entry.action != Action::Undo);
    let text = if was_overridden(made) { format!("{text} A conflict was overridden.") } else { text };
    Ok(Message {
        text,
        notes: made.notes.iter().take(NOTES_MAX).map(|note| note.message.clone()).collect(),
        link: elsewhere.map(|date| (format::date_short(date), urls::card(date, event.id))),
        undo: undo.map(|entry| Undo { sequence: entry.sequence, from: from.to_string() }),
    })
}

/// Tells if the undone change was a bulk change.
fn took_back_several(tx: &dyn ReadTx, made: &Made) -> Result<bool, StoreError> {
    let undone = made.entry.as_ref().and_then(|entry| entry.undoes);
    let undone = undone.map_or(Ok(None), |sequence| audit::get(tx, sequence))?;
    Ok(undone.is_some_and(|entry| entry.action.is_of_several() && entry.steps.len() > 1))
}

/// The new time of an event, its new employee, or both.
fn moved(tx: &dyn ReadTx, made: &Made, when: &str, with: &str) -> Result<String, StoreError> {
    let event = &made.event;
    let before = made.entry.as_ref().and_then(|entry| entry.step(event.id)?.before.schedule.as_ref());
    let stays = before.is_some_and(|before| Some(before.start) == event.start());
    let same = before.map(|before| &before.employee) == event.schedule.as_ref().map(|now| &now.employee);
    Ok(match (stays, same) {
        (true, _) => format!("{} has a new employee: {}{with}.", event.label(), holder(tx, event)?),
        (false, true) => format!("{} moved to {when}{with}.", event.label()),
        (false, false) => format!("{} moved to {when}, to {}{with}.", event.label(), holder(tx, event)?),
    })
}

/// The name of the employee of an event.
fn holder(tx: &dyn ReadTx, event: &Event) -> Result<String, StoreError> {
    let Some(now) = &event.schedule else { return Ok("no one".to_owned()) };
    Ok(format::isolated(&employees::shown_name(tx, &now.employee)?).into_owned())
}

/// Both events of a trade, and who has them now.
fn traded(tx: &dyn ReadTx, made: &Made) -> Result<String, StoreError> {
    let mut now = Vec::new();
    for step in made.entry.iter().flat_map(|entry| &entry.steps) {
        if let Some(event) = events::get(tx, step.event)? {
            now.push(format!("{} has {}", holder(tx, &event)?, event.label()));
        }
    }
    Ok(format!("Swapped: {}.", format::list(&now)))
}

/// Tells if a rule was overridden: only then an entry has a reason.
fn was_overridden(made: &Made) -> bool {
    let own = |entry: &Entry| !matches!(entry.action, Action::Undo | Action::Revert | Action::Import);
    made.entry.as_ref().is_some_and(|entry| own(entry) && entry.reason.is_some())
}

/// The time off that was recorded along.
fn time_off_words(made: &Made) -> String {
    let facts = made.entry.iter().flat_map(|entry| &entry.facts);
    let off =
        facts.filter(|fact| fact.name == TIME_OFF_FACT).map(|fact| format!(" Time off {} is recorded.", fact.after));
    off.collect()
}
