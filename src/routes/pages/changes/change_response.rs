//! The response to a change: the message, and the parts of the open page that htmx replaces.

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
        event::{Event, EventType, day::Group},
        ids::EventId,
    },
    routes::{
        http::reply,
        pages::{changes::change_message, unscheduled},
    },
    secret,
    services::change::Made,
    store::{
        ReadTx, StoreError,
        tables::{
            days::{self, Show},
            events,
        },
    },
    views::{
        FormKeys,
        calendar::{
            day::{self, Place},
            day_page::DayPage,
        },
        components::message::{self, Message},
        layout, urls,
    },
};

/// The kind under which a message waits for the next page.
const FLASH_KIND: &str = "done";

/// The response to a change made from a form: fragments for htmx, a redirect with a message otherwise.
#[derive(Debug)]
pub struct Done {
    message: Message,
    /// The address of the redirect.
    next: String,
    /// The fragments that replace parts of the open page.
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

/// Describes a change to the page of `from`. `keys` are those of the new fragments.
pub fn describe(
    tx: &dyn ReadTx,
    made: &Made,
    from: &DayPage,
    context: &Context,
    keys: &FormKeys,
) -> Result<Done, StoreError> {
    let message = change_message::of(tx, made, from)?;
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

/// Describes an undone change to the day of the button, or else to the page of the entry.
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

/// A redirect that leaves a message for the page it leads to.
pub fn carry(message: &Message, next: String) -> Flash<Redirect> {
    let message = serde_json::to_string(&message.shortened()).unwrap_or_default();
    Flash::new(Redirect::to(next), FLASH_KIND, secret::sign(&message))
}

/// A redirect with a message of one sentence.
pub fn flash_redirect(text: &str, next: &str) -> Flash<Redirect> {
    carry(&Message { text: text.to_owned(), notes: Vec::new(), link: None, undo: None }, next.to_owned())
}

/// The message that a redirect left for this page. A cookie without the signature of this server is
/// ignored: a planted cookie must not put a link or an Undo button on a page.
pub fn message_in(flash: &FlashMessage<'_>) -> Option<Message> {
    let message = secret::signed(flash.message()).filter(|_| flash.kind() == FLASH_KIND)?;
    serde_json::from_str(message).ok()
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
