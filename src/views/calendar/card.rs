//! The card of an event.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        change::ChangeKind,
        day::{Card, PairLine, Partner},
        event::{Location, readable::Titles},
        format,
        ids::EventId,
        user::Role,
    },
    views::{
        FormKeys,
        calendar::day_page::DayPage,
        components::{
            filter::condition_words,
            findings,
            message::{self, Undo},
        },
        urls,
    },
};

/// A card on the page of `day`, to which its forms return. `keys` are the page's. A store that all cards share is said
/// once, above them.
pub fn card(card: &Card, day: &DayPage, shared: Option<&Location>, keys: &FormKeys) -> Markup {
    let event = &card.event;
    let (id, Titles { product, label, facts }) = (event.id, event.titles());
    html! {
        article class={ "event " (event.event_type.slug()) } id={ "event-" (id) } data-seen=(event.revision) tabindex="-1" aria-labelledby={ "event-" (id) "-name" } {
            @match &event.schedule {
                Some(now) => p.time { time datetime=(now.start.format("%Y-%m-%dT%H:%M")) { (format::time(now.start.time())) } },
                None => p.time.none { "No time" },
            }
            h3.name id={ "event-" (id) "-name" } title=(event.name) { (product) }
            (meta(card, &facts, day.date, shared))
            @match &event.schedule {
                Some(now) => p.who {
                    span.vh { "Employee: " }
                    a href=(urls::week(&now.employee, now.start.date())) { (card.who.as_deref().unwrap_or(now.employee.as_str())) span.vh { ", week" } }
                },
                None => p.who.none { "Unscheduled" },
            }
            @if keys.lets(Role::Scheduler) { div.do {
                @if let Some(sequence) = card.undo {
                    (message::undo_form(&Undo { sequence, from: day.to_string() }, keys, "btn quiet", &format!(" the last change of {label}")))
                }
                @for change_kind in ChangeKind::ALL.into_iter().filter(|change_kind| change_kind.fits(event)) { (action(id, &label, change_kind, day)) }
            } }
            (findings::lines(&card.findings))
            (pair_line(card, &label, day, keys))
        }
    }
}

/// A link to a form, which htmx opens in place. What is heard names the event; what is seen need not.
fn action(id: EventId, label: &str, change_kind: ChangeKind, day: &DayPage) -> Markup {
    let href = urls::form(id, change_kind, day);
    let joint = if change_kind == ChangeKind::ChangeEmployee { " of " } else { " " };
    html! {
        a.btn.quiet id={ (change_kind) "-" (id) } href=(href) hx-get=(href) hx-target="#dialog" {
            @match change_kind.label().split_once(' ') {
                Some((first, rest)) => { span.w { (first) " " } span { (rest) } }
                None => (change_kind.label()),
            }
            span.vh { (joint) (label) }
        }
    }
}

/// Number · type · program · store · duration · last day. A scheduled card need not say that it is.
fn meta(card: &Card, facts: &str, day: NaiveDate, shared: Option<&Location>) -> Markup {
    let event = &card.event;
    html! {
        p.meta {
            (facts)
            @if let Some(store) = event.location.label().filter(|_| shared != Some(&event.location)) { " · " (store) }
            " · " (format::duration(event.minutes))
            @if let Some(due) = event.due { " · " span.whole { (due.words(day)) } }
            @if let PairLine::Core(Some(core)) = &card.pair { " · follows " (core_link(core)) }
            @if event.schedule.is_none() { " · " (condition_words(event.condition())) }
        }
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

fn pair_line(card: &Card, label: &str, day: &DayPage, keys: &FormKeys) -> Markup {
    html! {
        @match &card.pair {
            PairLine::Silent | PairLine::Core(_) => {},
            PairLine::Supervisors(partners) if partners.is_empty() => {
                p.pair.info { span aria-hidden="true" { "i" } " " span { "No Supervisor event configured for this CORE event" } }
            }
            PairLine::Supervisors(partners) => @for one in partners { (supervisor_line(card, label, one, day, keys)) },
        }
    }
}

fn supervisor_line(card: &Card, label: &str, supervisor: &Partner, day: &DayPage, keys: &FormKeys) -> Markup {
    let (id, core) = (supervisor.id, &card.event);
    let link = |words: &str| {
        let (form, edits) = (urls::supervisor(core.id, day, id), keys.lets(Role::Scheduler));
        let href = if edits { form.clone() } else { urls::event(id) };
        html! {
            a id=(urls::pair_line_id(core.id, id)) href=(href) hx-get=[edits.then_some(form)] hx-target=[edits.then_some("#dialog")] {
                (if edits { words } else { "View" }) span.vh { ": the Supervisor event of " (label) }
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
