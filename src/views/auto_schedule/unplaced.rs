//! Unplaced events of a proposal, with reasons and links to remedies.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use maud::{Markup, html};

use crate::{
    domain::{
        change::ChangeKind,
        event::{Event, EventType},
        format,
        ids::{EmployeeId, EventId},
        schedule::{Alternative, DAYS_MAX, Reason, Unplaced},
    },
    views::{
        auto_schedule::proposal::{ProposalView, press},
        calendar::day_page::DayPage,
        urls,
    },
};

/// Most people whose availability is linked to for one event.
const PEOPLE_MAX: usize = 2;
/// Most later days that are linked to for one event.
const LATE_MAX: usize = 1;

pub fn section(view: &ProposalView) -> Markup {
    let unplaced = &view.saved.proposal.unplaced;
    // Many events have the same rivals: they are listed once.
    let mut listed: BTreeMap<BTreeSet<EventId>, EventId> = BTreeMap::new();
    for one in unplaced {
        let follows = view.events.get(&one.event).and_then(|event| core_of(view, event)).is_some();
        if !follows && let Some(rivals) = rivals_of(one) {
            listed.entry(rivals).or_insert(one.event);
        }
    }
    html! {
        @if !unplaced.is_empty() {
            section.note.warn aria-labelledby="not-placed" {
                h2 #not-placed { (unplaced.len()) " not placed" }
                ul.unplaced { @for one in unplaced { (item(view, one, &listed)) } }
            }
        }
    }
}

fn item(view: &ProposalView, one: &Unplaced, listed: &BTreeMap<BTreeSet<EventId>, EventId>) -> Markup {
    let id = one.event;
    let (name, event) = (view.event_name(id), view.events.get(&id));
    let is_open = view.saved.accepted.is_none() && event.is_some_and(|event| event.schedule.is_none());
    let core = event.and_then(|event| core_of(view, event));
    html! {
        li id={ "row-" (id) } data-reason=(one.reason.slug()) {
            @if let Some(core) = core {
                p { strong { (name) } ": It goes with its CORE, " a href={ "#row-" (core) } { "which is not placed" } "." }
            } @else {
                p { strong { (name) } ": " (one.message) }
                @if let (Some(event), true) = (event, is_open) {
                    div.actions { @for (words, address) in remedies(view, event, one) {
                        a.btn href=(address) { (words) span.vh { " for " (name) } }
                    } }
                }
                @if let Some(others) = rivals_of(one) { (rivals(view, id, &others, listed.get(&others))) }
            }
        }
    }
}

/// The other events that an event competes with, if there are some.
fn rivals_of(one: &Unplaced) -> Option<BTreeSet<EventId>> {
    let Reason::Competing { events, .. } = &one.reason else { return None };
    let others: BTreeSet<_> = events.iter().copied().filter(|event| *event != one.event).collect();
    (!others.is_empty()).then_some(others)
}

/// The CORE that a Supervisor goes with, if that is not placed either.
fn core_of(view: &ProposalView, supervisor: &Event) -> Option<EventId> {
    let is_core = |event: &&Event| {
        event.event_type == EventType::Core
            && event.number == supervisor.number
            && event.location.is_same(&supervisor.location)
    };
    let unplaced = view.saved.proposal.unplaced.iter().filter_map(|one| view.events.get(&one.event));
    let mut cores = unplaced.filter(is_core);
    cores
        .next()
        .filter(|_| supervisor.event_type == EventType::Supervisor && supervisor.number.is_some())
        .map(|core| core.id)
}

/// The events that take the places of one, each with a button that leaves it out; a link where they are listed already.
fn rivals(view: &ProposalView, id: EventId, others: &BTreeSet<EventId>, listed: Option<&EventId>) -> Markup {
    let number = format::count(others.len() as u64, "other event");
    html! {
        @if let Some(listed) = listed.filter(|listed| **listed != id) {
            p { a href={ "#row-" (listed) } { "The same " (number) } }
        } @else {
            details {
                summary { "Show " (number) }
                ul {
                    @for other in others {
                        @let name = view.event_name(*other);
                        li {
                            a href={ "#row-" (other) } { (name) }
                            @if view.saved.accepted.is_none() && view.saved.row(*other).is_some() {
                                " " (press(&format!("out:{other}"), "Leave out", &name))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Links to the forms that would make it work, and their words.
fn remedies(view: &ProposalView, event: &Event, one: &Unplaced) -> Vec<(String, String)> {
    let mut links: Vec<_> = one.alternatives.iter().take(LATE_MAX).map(|place| late(view, event, place)).collect();
    let busy = match &one.reason {
        Reason::Competing { places, .. } => places.iter().map(|(person, _)| person).collect(),
        _ => BTreeSet::new(),
    };
    match &one.reason {
        Reason::NoTitle => links.push(("Change a job title".to_owned(), urls::EMPLOYEES.to_owned())),
        Reason::NoCore => {
            links.extend(event.number.map(|number| ("Find its CORE".to_owned(), urls::search(&number.to_string(), 1))));
        }
        Reason::AllAway | Reason::NoHost | Reason::Competing { .. } => links.extend(available(view, event, &busy)),
        Reason::WindowPassed => {}
    }
    links.extend(longer(view, event, &one.reason));
    links.push(("Schedule by hand".to_owned(), form(event, view.saved.options.from, None)));
    links
}

/// A later day on which someone could.
fn late(view: &ProposalView, event: &Event, place: &Alternative) -> (String, String) {
    let date = place.start.date();
    let late = event.last_day().map_or(0, |last| (date - last).num_days().unsigned_abs());
    let words = format!(
        "{} with {}, {} late",
        format::date_short(date),
        view.name(&place.employee),
        format::count(late, "day")
    );
    (words, form(event, date, Some(place)))
}

/// The schedule form, with a place filled in.
fn form(event: &Event, date: NaiveDate, place: Option<&Alternative>) -> String {
    let from = DayPage::other(date, urls::UNSCHEDULED).to_string();
    let (day, time) = place.map_or_else(Default::default, |place| {
        (place.start.date().to_string(), place.start.format("%H:%M").to_string())
    });
    let employee = place.map_or("", |place| place.employee.as_str());
    let fields = [("from", from.as_str()), ("date", &day), ("time", &time), ("employee", employee)];
    urls::form_filled(event.id, ChangeKind::Schedule, &fields)
}

/// Pages of people who may work it, where their availability is changed: those without a place for it first.
fn available(view: &ProposalView, event: &Event, busy: &BTreeSet<&EmployeeId>) -> Vec<(String, String)> {
    let left_out = &view.saved.options.exclude_employees;
    let may = view.titles.iter().filter(|(id, title)| title.may_work(event.event_type) && !left_out.contains(*id));
    let mut people: Vec<_> = may.map(|(id, _)| id).collect();
    people.sort_by_key(|id| busy.contains(id));
    let link = |id: &EmployeeId| (format!("Availability of {}", view.name(id)), urls::employee(id));
    people.into_iter().take(PEOPLE_MAX).map(link).collect()
}

/// The options with more days, where the event may be done after the last.
fn longer(view: &ProposalView, event: &Event, reason: &Reason) -> Option<(String, String)> {
    let options = &view.saved.options;
    let most = options.from.checked_add_days(Days::new(DAYS_MAX - 1))?;
    let to = event.last_day().map_or(most, |last| last.min(most));
    let is_its_own_day = event.event_type == EventType::Supervisor && matches!(reason, Reason::NoHost);
    (to > options.to && !is_its_own_day && !matches!(reason, Reason::NoTitle | Reason::NoCore)).then(|| {
        (format!("Propose until {}", format::date_short(to)), urls::auto_schedule_like(view.saved.id, Some(to)))
    })
}
