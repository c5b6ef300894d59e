//! After a change: what is said, and what of an open page is replaced.

use rocket::{
    Request,
    http::{Header, Status},
    request::FlashMessage,
    response::{self, Flash, Redirect, Responder},
};
use serde_json::json;

use crate::{
    context::Context,
    domain::{
        audit::Entry,
        change::Action,
        event::{Event, EventType, day::Group},
        format,
        ids::EventId,
    },
    routes::{http::reply, pages::unscheduled},
    services::change::Made,
    store::{
        ReadTx, StoreError,
        tables::{
            audit,
            days::{self, Show},
            employees, events,
        },
    },
    views::{
        FormKeys,
        calendar::{
            day::{self, Place},
            day_page::DayPage,
        },
        components::message::{self, Message, NOTES_MAX, Undo},
        layout, urls,
    },
};

/// The kind under which a message waits for the next page.
const FLASH_KIND: &str = "done";

/// A change that was made from a form: told in place to htmx, on the next page otherwise.
#[derive(Debug)]
pub struct Done {
    message: Message,
    /// Where a browser without scripts goes on.
    next: String,
    /// What of the open page is replaced.
    pieces: String,
    event: EventId,
    /// The ids of what the focus goes to, and of what takes it where that is gone.
    focus: String,
    fallback: String,
}

impl Done {
    /// The same, with the focus on the line of a pair on its CORE's card.
    #[must_use]
    pub fn back_to_pair(self, core: EventId) -> Self {
        let fallback = group_id(Group::Of(EventType::Core));
        Self { focus: urls::pair_line_id(core, self.event), fallback, ..self }
    }
}

/// Describes a change to the page of `from`. `keys` are those of what is drawn anew.
pub fn describe(
    tx: &dyn ReadTx,
    made: &Made,
    from: &DayPage,
    context: &Context,
    keys: &FormKeys,
) -> Result<Done, StoreError> {
    let message = message(tx, made, from)?;
    let said = message::out_of_band(&message, keys).into_string();
    let (next, event) = (from.address(), made.event.id);
    if let Some(list) = &from.bank {
        let (pieces, focus) = unscheduled::pieces(tx, made, list, context)?;
        return Ok(Done { message, next, pieces: pieces + said.as_str(), event, focus, fallback: "bank".to_owned() });
    }
    let show =
        Show { pairing: context.config.policy.pairing, undo: Some((context.config.undo_minutes, context.clock.now())) };
    let day = days::narrowed_day(tx, from.date, &from.filter, show)?;
    let today = context.clock.today(context.config.zone);
    let mut pieces = day::facts(&day, today, Place::OutOfBand).into_string();
    for group in affected(tx, made)? {
        pieces.push_str(&day::group(&day, today, from, group, Place::OutOfBand, keys).into_string());
    }
    pieces.push_str(&said);
    let fallback = group_id(group_of(&made.event));
    Ok(Done { message, next, pieces, event, focus: format!("event-{event}"), fallback })
}

/// Describes a change that was taken back, to the day it was pressed on, or else to the change's own page.
pub fn taken_back(
    tx: &dyn ReadTx,
    made: &Made,
    from: Option<&DayPage>,
    context: &Context,
    keys: &FormKeys,
) -> Result<Done, StoreError> {
    let home = || made.event.date().unwrap_or_else(|| context.clock.today(context.config.zone));
    let day = from.cloned().unwrap_or_else(|| DayPage::whole(home()));
    let done = describe(tx, made, &day, context, keys)?;
    let own_page = made.entry.as_ref().map(|entry| urls::entry(entry.sequence));
    Ok(match (from, own_page) {
        (None, Some(next)) => Done { next, ..done },
        _ => done,
    })
}

/// Describes a change of several events to the page that its form returns to.
pub fn several(
    tx: &dyn ReadTx,
    made: &Made,
    from: &DayPage,
    context: &Context,
    keys: &FormKeys,
) -> Result<Done, StoreError> {
    let done = describe(tx, made, from, context, keys)?;
    let own_page = made.entry.as_ref().map(|entry| ("Details".to_owned(), urls::entry(entry.sequence)));
    Ok(Done { message: Message { link: own_page, ..done.message }, ..done })
}

/// The groups that a change can have touched. A pair is named on the cards of both its halves.
fn affected(tx: &dyn ReadTx, made: &Made) -> Result<Vec<Group>, StoreError> {
    let steps = made.entry.iter().flat_map(|entry| &entry.steps);
    let types = steps.filter_map(|step| events::get(tx, step.event).transpose());
    let types = types.map(|event| event.map(|event| event.event_type)).collect::<Result<Vec<_>, _>>()?;
    let paired = types.iter().any(|one| matches!(one, EventType::Core | EventType::Supervisor));
    let touched = |group: &Group| match group {
        Group::Of(one @ (EventType::Core | EventType::Supervisor)) => paired || types.contains(one),
        Group::Of(one) => types.contains(one),
        Group::UnscheduledDue => !types.is_empty(),
    };
    Ok(Group::ALL.into_iter().filter(touched).collect())
}

fn group_id(group: Group) -> String {
    format!("group-{}", group.slug())
}

fn group_of(event: &Event) -> Group {
    if event.schedule.is_some() { Group::Of(event.event_type) } else { Group::UnscheduledDue }
}

/// "36 events", or the only one's name.
fn steps_of(made: &Made) -> usize {
    made.entry.as_ref().map_or(0, |entry| entry.steps.len())
}

fn events_words(made: &Made) -> String {
    match steps_of(made) {
        0 | 1 => made.event.name.clone(),
        number => format::count(number as u64, "event"),
    }
}

fn message(tx: &dyn ReadTx, made: &Made, from: &DayPage) -> Result<Message, StoreError> {
    let event = &made.event;
    let with = match made.followers() {
        0 => String::new(),
        1 => ", with its Supervisor".to_owned(),
        number => format!(", with its {number} Supervisors"),
    };
    let when = event.start().map(format::moment);
    let state = when.as_ref().map_or_else(|| "unscheduled".to_owned(), |when| format!("on {when}"));
    let text = match made.entry.as_ref().map(|entry| entry.action) {
        None => format!("{}: no changes.", event.name),
        Some(Action::Schedule) => format!("{} is scheduled {state}{with}.", event.name),
        Some(Action::Reschedule) => moved(tx, made, &when.unwrap_or_default(), &with)?,
        Some(Action::Unschedule) => format!("{} is unscheduled{with}.", event.name),
        Some(Action::ChangeEmployee) => format!("{} has a new employee: {}.", event.name, holder(tx, event)?),
        Some(Action::Trade) => traded(tx, made)?,
        Some(Action::ScheduleSeveral) => format!("Scheduled: {}.", events_words(made)),
        Some(Action::ReassignDay) => format!("Reassigned: {}.", events_words(made)),
        Some(Action::Repair) => format!("Repaired: {}.", events_words(made)),
        Some(
            Action::SignIn
            | Action::SignOut
            | Action::AddUser
            | Action::ChangeUser
            | Action::SetPassword
            | Action::EndSession
            | Action::MakeToken
            | Action::EndToken,
        ) => "Done.".to_owned(),
        Some(Action::Undo | Action::Revert) if took_back_several(tx, made)? => {
            let verb = if steps_of(made) == 1 { "is as it was" } else { "are as they were" };
            format!("Undone: {} {verb} before.", events_words(made))
        }
        Some(Action::Undo) => format!("Undone: {} is {state} again{with}.", event.name),
        // None of these is about an event.
        Some(
            Action::Import
            | Action::AddEmployee
            | Action::EditEmployee
            | Action::DeactivateEmployee
            | Action::ReactivateEmployee
            | Action::AddTimeOff
            | Action::RemoveTimeOff
            | Action::AddHoliday
            | Action::RemoveHoliday,
        ) => format!("{} is unchanged.", event.name),
        Some(Action::Revert) => format!("Reverted: {} is {state} again{with}.", event.name),
    };
    let elsewhere = event.date().or(event.due.map(|due| due.date)).filter(|date| *date != from.date);
    let undo = made.entry.as_ref().filter(|entry| entry.action != Action::Undo);
    let text = if was_overridden(made) { format!("{text} A conflict was overridden.") } else { text };
    Ok(Message {
        text,
        notes: made.notes.iter().take(NOTES_MAX).map(|note| note.message.clone()).collect(),
        link: elsewhere.map(|date| (format::date_short(date), urls::card(date, event.id))),
        undo: undo.map(|entry| Undo { sequence: entry.sequence, from: from.to_string() }),
    })
}

/// Whether the change that was taken back was one of several events.
fn took_back_several(tx: &dyn ReadTx, made: &Made) -> Result<bool, StoreError> {
    let undone = made.entry.as_ref().and_then(|entry| entry.undoes);
    let undone = undone.map_or(Ok(None), |sequence| audit::get(tx, sequence))?;
    Ok(undone.is_some_and(|entry| entry.action.is_of_several() && entry.steps.len() > 1))
}

/// Where an event moved, whoever it went to, or both.
fn moved(tx: &dyn ReadTx, made: &Made, when: &str, with: &str) -> Result<String, StoreError> {
    let event = &made.event;
    let before = made.entry.as_ref().and_then(|entry| entry.step(event.id)?.before.schedule.as_ref());
    let stays = before.is_some_and(|before| Some(before.start) == event.start());
    let same = before.map(|before| &before.employee) == event.schedule.as_ref().map(|now| &now.employee);
    Ok(match (stays, same) {
        (true, _) => format!("{} has a new employee: {}{with}.", event.name, holder(tx, event)?),
        (false, true) => format!("{} moved to {when}{with}.", event.name),
        (false, false) => format!("{} moved to {when}, to {}{with}.", event.name, holder(tx, event)?),
    })
}

/// Whoever has the event now.
fn holder(tx: &dyn ReadTx, event: &Event) -> Result<String, StoreError> {
    let Some(now) = &event.schedule else { return Ok("no one".to_owned()) };
    Ok(employees::get(tx, &now.employee)?.map_or_else(|| now.employee.to_string(), |employee| employee.name))
}

/// Both events of a trade, and who has them now.
fn traded(tx: &dyn ReadTx, made: &Made) -> Result<String, StoreError> {
    let mut now = Vec::new();
    for step in made.entry.iter().flat_map(|entry| &entry.steps) {
        if let Some(event) = events::get(tx, step.event)? {
            now.push(format!("{} has {}", holder(tx, &event)?, event.name));
        }
    }
    Ok(format!("Swapped: {}.", format::list(&now)))
}

/// A reason is only kept where a rule was passed over for it.
fn was_overridden(made: &Made) -> bool {
    let own = |entry: &Entry| !matches!(entry.action, Action::Undo | Action::Revert | Action::Import);
    made.entry.as_ref().is_some_and(|entry| own(entry) && entry.reason.is_some())
}

/// A redirect that leaves a message for the page it leads to.
pub fn carry(message: &Message, next: String) -> Flash<Redirect> {
    let message = serde_json::to_string(&message.shortened()).unwrap_or_default();
    Flash::new(Redirect::to(next), FLASH_KIND, message)
}

/// Leads to a page that says this sentence.
pub fn flash_redirect(text: &str, next: &str) -> Flash<Redirect> {
    carry(&Message { text: text.to_owned(), notes: Vec::new(), link: None, undo: None }, next.to_owned())
}

/// The message that a redirect left for this page.
pub fn message_in(flash: &FlashMessage<'_>) -> Option<Message> {
    if flash.kind() == FLASH_KIND { serde_json::from_str(flash.message()).ok() } else { None }
}

impl<'r> Responder<'r, 'static> for Done {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        if !reply::wants_fragment(request) {
            return carry(&self.message, self.next).respond_to(request);
        }
        let focus = json!({ "tandem:done": { "focus": self.focus, "fallback": self.fallback } });
        let count = layout::unscheduled_count(reply::unscheduled(request), true).into_string();
        reply::html(Status::Ok, self.pieces + count.as_str()).header(Header::new("HX-Trigger", focus.to_string())).ok()
    }
}
