//! The Supervisor of a CORE, seen from the CORE's card: its details, and its form right there.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{change::ChangeKind, day::Partner, event::Event, format},
    views::{
        Page,
        calendar::day_page::DayPage,
        changes::FormView,
        components::{filter::condition_words, layout::dialog_header},
        urls,
    },
};

/// The pair of a Supervisor, as its form shows it.
#[derive(Clone, Debug)]
pub struct PairFrame {
    pub core: Partner,
    /// Every Supervisor of the CORE, this one among them.
    pub siblings: Vec<Sibling>,
}

/// One Supervisor of a CORE.
#[derive(Clone, Debug)]
pub struct Sibling {
    pub partner: Partner,
    pub href: String,
    pub current: bool,
}

/// Links to the forms of all Supervisors, if there are several.
pub fn siblings(pair: &PairFrame) -> Markup {
    html! {
        @if pair.siblings.len() > 1 {
            nav aria-label="Supervisor events of this CORE" {
                ul.siblings {
                    @for one in &pair.siblings {
                        li {
                            a id={ "sibling-" (one.partner.id) } href=(one.href) hx-get=(one.href) hx-target="#dialog" aria-current=[one.current.then_some("true")] { (one.partner.name) }
                            span.hint { (state(&one.partner)) }
                        }
                    }
                }
            }
        }
    }
}

fn state(one: &Partner) -> String {
    one.scheduled
        .as_ref()
        .map_or_else(|| "Unscheduled".to_owned(), |(who, start)| format!("{who}, {}", format::moment(*start)))
}

/// Details of the Supervisor event and its CORE.
pub fn details(view: &FormView, pair: &PairFrame) -> Markup {
    let event = &view.card.event;
    let now = event.schedule.as_ref();
    let row = |name: &str, value: &str| html! { div { dt { (name) } dd { (value) } } };
    html! {
        dl #supervisor-details .details {
            (row("Event", &event.name))
            (row("Number", &number(event)))
            (row("Store", &event.location.label().unwrap_or_else(|| "Unknown".to_owned())))
            (row("Last day", &event.last_day().map_or_else(|| "No due date".to_owned(), |last| format::date_near(last, view.from.date))))
            (row("Employee", now.map_or("Unscheduled", |now| view.card.who.as_deref().unwrap_or(now.employee.as_str()))))
            (row("When", &now.map_or_else(|| "No time".to_owned(), |now| format::moment_near(now.start, view.from.date))))
            (row("Status", condition_words(event.condition())))
            div { dt { "CORE" } dd { (core(&pair.core, view.from.date)) } }
        }
        @if pair.core.scheduled.is_none() && event.schedule.is_none() {
            @let href = urls::form(pair.core.id, ChangeKind::Schedule, &view.from);
            p.note.info {
                "Its CORE is unscheduled. Scheduling the CORE also schedules this event: "
                a #schedule-core href=(href) hx-get=(href) hx-target="#dialog" { "Schedule the CORE" }
            }
        }
    }
}

fn number(event: &Event) -> String {
    event.number.map_or_else(|| "None".to_owned(), |number| number.to_string())
}

fn core(core: &Partner, near: NaiveDate) -> Markup {
    html! {
        a href=(urls::event(core.id)) { (core.name) }
        ", " (core.scheduled.as_ref().map_or_else(|| "unscheduled".to_owned(), |(_, start)| format::moment_near(*start, near)))
    }
}

/// The page for a CORE without a Supervisor.
pub fn nothing_page(core: &Event, from: &DayPage) -> Page {
    let (title, back) = (format!("Supervisor event of {}", core.product()), from.address());
    let none = html! {
        div.form {
            (dialog_header(&title, &html! { "CORE" @if let Some(store) = core.location.label() { " · " (store) } }, &back))
            p.note.info { "No Supervisor event configured for this CORE event: none has the same number at this store." }
            footer { a.btn href=(back) data-close { "Close" } }
        }
    };
    Page::narrow(title, none)
}
