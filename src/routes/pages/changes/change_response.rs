//! The response to a change: the message, and the parts of the open page that htmx replaces.

use std::collections::BTreeSet;

use rocket::{
    Request,
    http::{Header, Status},
    response::{self, Responder},
};
use serde_json::json;

use crate::{
    context::Context,
    domain::{
        audit::State,
        day::{Card, Day, Group},
        event::{Event, EventType},
        ids::EventId,
    },
    routes::{
        http::params,
        pages::{changes::change_message, unscheduled},
        render::{flash, reply},
    },
    services::change::Made,
    store::{
        ReadTx, StoreError,
        queries::day_cards::{self, Show},
        tables::events,
    },
    views::{
        FormKeys,
        calendar::{
            day::{self, Place},
            day_page::DayPage,
        },
        components::{
            layout,
            message::{self, Message},
        },
        urls,
    },
};

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
    /// The open page is to read itself again: it has no pieces of its own.
    refresh: bool,
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
    let done = |pieces, focus, fallback| Done {
        message: message.clone(),
        next: next.clone(),
        pieces,
        event,
        focus,
        fallback,
        refresh: false,
    };
    let card = format!("event-{event}");
    if let Some(list) = &from.other {
        if params::unscheduled_list(list).is_none() {
            return Ok(Done { refresh: true, ..done(said, card, "title".to_owned()) });
        }
        let (pieces, focus) = unscheduled::pieces(tx, made, list, context)?;
        return Ok(done(pieces + said.as_str(), focus, "bank".to_owned()));
    }
    let show = Show {
        pairing: context.config.policy.pairing,
        undo: Some((context.config.undo_minutes, context.clock.now())),
        findings: Some(context.clock.today(context.config.zone)),
    };
    let day = day_cards::filtered_day(tx, from.date, &from.filter, show)?;
    let today = context.today();
    let mut pieces = day::facts(&day, today, Place::OutOfBand).into_string();
    pieces.push_str(&day::shared(&day, Place::OutOfBand).into_string());
    for group in affected(tx, made, &day)? {
        pieces.push_str(&day::group(&day, today, from, group, Place::OutOfBand, keys).into_string());
    }
    pieces.push_str(&said);
    let fallback = group_id(group_of(&made.event));
    Ok(done(pieces, card, fallback))
}

/// Describes an undone change to the day of the button, or else to the page of the entry.
pub fn taken_back(
    tx: &dyn ReadTx,
    made: &Made,
    from: Option<&DayPage>,
    context: &Context,
    keys: &FormKeys,
) -> Result<Done, StoreError> {
    let home = || made.event.date().unwrap_or_else(|| context.today());
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

/// The groups that a change can have touched. A pair is named on the cards of both its halves, and other work of the
/// employees may have begun or ceased to conflict. All cards name their stores once they differ.
fn affected(tx: &dyn ReadTx, made: &Made, day: &Day) -> Result<Vec<Group>, StoreError> {
    let has_store = |card: &Card| card.event.location.label().is_some();
    let names_stores = || Group::ALL.iter().any(|group| day.cards(*group).iter().any(has_store));
    if day.store.as_ref() != Some(&made.event.location) && names_stores() {
        return Ok(Group::ALL.to_vec());
    }
    let employee_of = |state: &State| state.schedule.as_ref().map(|now| now.employee.clone());
    let all_steps = made.entry.iter().flat_map(|entry| &entry.steps);
    let holders: BTreeSet<_> =
        all_steps.flat_map(|step| [employee_of(&step.before), employee_of(&step.after)]).flatten().collect();
    let works = |card: &Card| card.event.schedule.as_ref().is_some_and(|now| holders.contains(&now.employee));
    let steps = made.entry.iter().flat_map(|entry| &entry.steps);
    let types = steps.filter_map(|step| events::get(tx, step.event).transpose());
    let types = types.map(|event| event.map(|event| event.event_type)).collect::<Result<Vec<_>, _>>()?;
    let paired = types.iter().any(|one| matches!(one, EventType::Core | EventType::Supervisor));
    let touched = |group: &Group| match group {
        Group::Of(EventType::Core | EventType::Supervisor) if paired => true,
        Group::Of(one) => types.contains(one) || day.cards(*group).iter().any(works),
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

impl<'r> Responder<'r, 'static> for Done {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        if !reply::wants_fragment(request) {
            return flash::carry(&self.message, self.next).respond_to(request);
        }
        let mut done = json!({ "focus": self.focus, "fallback": self.fallback });
        if self.refresh {
            done["refresh"] = true.into();
        }
        let focus = json!({ "tandem:done": done });
        let unscheduled = layout::unscheduled_count(reply::unscheduled(request), true).into_string();
        let issues = layout::issues_count(reply::issues(request), true).into_string();
        reply::html(Status::Ok, self.pieces + unscheduled.as_str() + issues.as_str())
            .header(Header::new("HX-Trigger", focus.to_string()))
            .ok()
    }
}
