//! After a change: what is said, and what of an open page is replaced.

use rocket::{
    Request,
    http::{Header, Status},
    request::FlashMessage,
    response::{self, Flash, Redirect, Responder},
};
use serde_json::json;

use super::reply;
use crate::{
    domain::{
        day::Group,
        event::{Event, EventType},
        ids::EventId,
        words,
    },
    store::{StoreError, View, change::Made, days, events},
    views::{
        address::{self, Deed},
        day::{self, Place},
        message::{self, Message, NOTES_MAX},
    },
};
use chrono::NaiveDate;

/// The kind under which a message waits for the next page.
const FLASH_KIND: &str = "done";

/// A change that was made from a form: told in place to htmx, on the next page otherwise.
#[derive(Debug)]
pub struct Done {
    message: Message,
    /// The day that the form was opened from.
    from: NaiveDate,
    /// What of that day's page is replaced.
    pieces: String,
    event: EventId,
    group: &'static str,
}

/// Describes a change to the page of `from`.
pub fn describe(view: &dyn View, made: &Made, deed: Deed, from: NaiveDate, pairing: bool) -> Result<Done, StoreError> {
    let day = days::day(view, from, pairing)?;
    let mut pieces = day::facts(&day, Place::OutOfBand).into_string();
    for group in affected(view, made)? {
        pieces.push_str(&day::group(&day, group, Place::OutOfBand).into_string());
    }
    let message = message(made, deed, from);
    pieces.push_str(&message::out_of_band(&message).into_string());
    let group = group_of(&made.event).slug();
    Ok(Done { message, from, pieces, event: made.event.id, group })
}

/// The groups that a change can have touched. A pair is named on the cards of both its halves.
fn affected(view: &dyn View, made: &Made) -> Result<Vec<Group>, StoreError> {
    let steps = made.entry.iter().flat_map(|entry| &entry.steps);
    let types = steps.filter_map(|step| events::get(view, step.event).transpose());
    let types = types.map(|event| event.map(|event| event.event_type)).collect::<Result<Vec<_>, _>>()?;
    let paired = types.iter().any(|one| matches!(one, EventType::Core | EventType::Supervisor));
    let touched = |group: &Group| match group {
        Group::Of(one @ (EventType::Core | EventType::Supervisor)) => paired || types.contains(one),
        Group::Of(one) => types.contains(one),
        Group::UnscheduledDue => !types.is_empty(),
    };
    Ok(Group::ALL.into_iter().filter(touched).collect())
}

fn group_of(event: &Event) -> Group {
    if event.schedule.is_some() { Group::Of(event.event_type) } else { Group::UnscheduledDue }
}

fn message(made: &Made, deed: Deed, from: NaiveDate) -> Message {
    let event = &made.event;
    let with = match made.followers() {
        0 => String::new(),
        1 => ", with its Supervisor".to_owned(),
        number => format!(", with its {number} Supervisors"),
    };
    let when = event.start().map(words::moment).unwrap_or_default();
    let text = match deed {
        _ if made.entry.is_none() => format!("{}: nothing to change.", event.name),
        Deed::Schedule => format!("{} is scheduled on {when}{with}.", event.name),
        Deed::Reschedule => format!("{} moved to {when}{with}.", event.name),
        Deed::Unschedule => format!("{} is unscheduled{with}.", event.name),
        Deed::ChangeEmployee => format!("{} has a new employee.", event.name),
    };
    let elsewhere = event.date().or(event.due.map(|due| due.date)).filter(|date| *date != from);
    Message {
        text,
        notes: made.notes.iter().take(NOTES_MAX).map(|note| note.message.clone()).collect(),
        link: elsewhere.map(|date| (words::date_short(date), address::card(date, event.id))),
    }
}

/// The message that a redirect left for this page.
pub fn message_in(flash: &FlashMessage<'_>) -> Option<Message> {
    if flash.kind() == FLASH_KIND { serde_json::from_str(flash.message()).ok() } else { None }
}

impl<'r> Responder<'r, 'static> for Done {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        if !reply::wants_fragment(request) {
            let message = serde_json::to_string(&self.message).map_err(|_| Status::InternalServerError)?;
            return Flash::new(Redirect::to(address::day(self.from)), FLASH_KIND, message).respond_to(request);
        }
        let focus = json!({ "tandem:done": {
            "focus": format!("event-{}", self.event),
            "fallback": format!("group-{}", self.group),
        } });
        reply::html(Status::Ok, self.pieces).header(Header::new("HX-Trigger", focus.to_string())).ok()
    }
}
