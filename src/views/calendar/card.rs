//! The card of an event.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        change::ChangeKind,
        event::{
            Condition, Event, Location,
            day::{Card, PairLine, Partner},
        },
        format,
        user::Role,
    },
    views::{
        FormKeys,
        calendar::day_page::DayPage,
        components::message::{self, Undo},
        urls,
    },
};

/// A card on the page of `day`, to which its forms return. `keys` are the page's.
pub fn card(card: &Card, day: &DayPage, keys: &FormKeys) -> Markup {
    let event = &card.event;
    let id = event.id;
    html! {
        article class={ "event " (event.event_type.slug()) } id={ "event-" (id) } tabindex="-1" aria-labelledby={ "event-" (id) "-name" } {
            @match &event.schedule {
                Some(now) => p.time { time datetime=(now.start.format("%Y-%m-%dT%H:%M")) { (format::time(now.start.time())) } },
                None => p.time.none { "No time" },
            }
            h3.name id={ "event-" (id) "-name" } { (event.name) }
            (meta(card, day.date))
            @match &event.schedule {
                Some(now) => p.who {
                    span.vh { "Employee: " }
                    a href=(urls::week(&now.employee, now.start.date())) { (card.employee_name().unwrap_or(now.employee.as_str())) span.vh { ", week" } }
                },
                None => p.who.none { "Unscheduled" },
            }
            @if keys.lets(Role::Scheduler) { div.do {
                @if let Some(sequence) = card.undo {
                    (message::undo_form(&Undo { sequence, from: day.to_string() }, keys, "btn quiet", &format!(" the last change of {}", event.name)))
                }
                @for change_kind in ChangeKind::ALL.into_iter().filter(|change_kind| change_kind.fits(event)) { (action(event, change_kind, day)) }
            } }
            (pair_line(card, day, keys))
        }
    }
}

/// A link to a form, which htmx opens in place. What is heard names the event; what is seen need not.
fn action(event: &Event, change_kind: ChangeKind, day: &DayPage) -> Markup {
    let href = urls::form(event.id, change_kind, day);
    let joint = if change_kind == ChangeKind::ChangeEmployee { " of " } else { " " };
    html! {
        a.btn.quiet id={ (change_kind) "-" (event.id) } href=(href) hx-get=(href) hx-target="#dialog" {
            @match change_kind.label().split_once(' ') {
                Some((first, rest)) => { span.w { (first) " " } span { (rest) } }
                None => (change_kind.label()),
            }
            span.vh { (joint) (event.name) }
        }
    }
}

/// Type (where the group does not say it) · store · duration · due date · status.
fn meta(card: &Card, day: NaiveDate) -> Markup {
    let event = &card.event;
    html! {
        p.meta {
            @if event.schedule.is_none() { (event.event_type.label()) " · " }
            @if let Some(store) = store_words(event) { (store) " · " }
            (format::duration(event.minutes)) " · "
            @if let Some(due) = event.due { "due " (format::date_near(due.date, day)) " · " }
            @if let PairLine::Core(Some(core)) = &card.pair { "follows " (core_link(core)) " · " }
            span.status { (condition_words(event.condition())) }
        }
    }
}

/// The condition as pages write it.
pub fn condition_words(condition: Condition) -> &'static str {
    match condition {
        Condition::Scheduled => "Scheduled",
        Condition::Unstaffed => "Unscheduled",
    }
}

/// "Harbor Club #4101"; none where the source knows no stores.
pub fn store_words(event: &Event) -> Option<String> {
    location_words(&event.location)
}

/// The same of a store itself.
pub fn location_words(location: &Location) -> Option<String> {
    match (location.name.as_str(), location.number.as_str()) {
        ("", "") => None,
        ("", number) => Some(format!("store #{number}")),
        (name, "") => Some(name.to_owned()),
        (name, number) => Some(format!("{name} #{number}")),
    }
}

fn core_link(core: &Partner) -> Markup {
    html! {
        @match &core.scheduled {
            Some((_, start)) => a href=(urls::card(start.date(), core.id)) { (core.name) },
            None => { a href=(urls::event(core.id)) { (core.name) } " (unscheduled)" }
        }
    }
}

fn pair_line(card: &Card, day: &DayPage, keys: &FormKeys) -> Markup {
    html! {
        @match &card.pair {
            PairLine::Silent | PairLine::Core(_) => {},
            PairLine::Supervisors(partners) if partners.is_empty() => {
                p.pair.info { span aria-hidden="true" { "i" } " " span { "No Supervisor event configured for this CORE event" } }
            }
            PairLine::Supervisors(partners) => @for one in partners { (supervisor_line(card, one, day, keys)) },
        }
    }
}

fn supervisor_line(card: &Card, supervisor: &Partner, day: &DayPage, keys: &FormKeys) -> Markup {
    let (id, core) = (supervisor.id, &card.event);
    let link = |label: &str| {
        let (form, edits) = (urls::supervisor(core.id, day, id), keys.lets(Role::Scheduler));
        let href = if edits { form.clone() } else { urls::event(id) };
        html! {
            a id=(urls::pair_line_id(core.id, id)) href=(href) hx-get=[edits.then_some(form)] hx-target=[edits.then_some("#dialog")] {
                (if edits { label } else { "View" }) span.vh { ": the Supervisor event of " (core.name) }
            }
        }
    };
    html! {
        @match &supervisor.scheduled {
            Some((who, start)) => {
                @let elsewhere = core.date().is_some_and(|date| date != start.date());
                p class={ "pair " (if elsewhere { "warn" } else { "ok" }) } {
                    span aria-hidden="true" { (if elsewhere { "▲" } else { "✓" }) } " "
                    span {
                        "Supervisor Event Scheduled (" (who) " @ " (format::time(start.time()))
                        @if elsewhere { ", " (format::date_near(start.date(), day.date)) } ")"
                    }
                    " " (link("View or edit"))
                }
            }
            None => p.pair.warn {
                span aria-hidden="true" { "▲" } " " span { "Supervisor Event NOT Scheduled" } " " (link("Schedule it"))
            },
        }
    }
}
