//! An event of a person in one line, a link to its form: on the roster and the timeline.

use chrono::{NaiveDate, NaiveDateTime};
use maud::{Markup, html};

use crate::{
    domain::{
        change::ChangeKind,
        day::roster::Shift,
        event::{Event, EventType},
        format,
        rules::stored::StoredFinding,
        user::Role,
    },
    views::{FormKeys, calendar::day_page::DayPage, urls},
};

/// Longest work that is drawn in a smaller line, in minutes.
pub const BRIEF_MINUTES_MAX: u32 = 30;

/// The kind of link from an event to its form.
#[derive(Debug)]
pub struct Links {
    /// The field `from` of every form; None for users who change nothing.
    from: Option<String>,
}

impl Links {
    /// Of a page at an address; forms begin with `date`.
    pub fn of(date: NaiveDate, address: &str, keys: &FormKeys) -> Self {
        let from = DayPage::other(date, address).to_string();
        Self { from: keys.lets(Role::Scheduler).then(|| urls::query(&[("from", &from)])) }
    }

    /// Of a sheet.
    pub fn none() -> Self {
        Self { from: None }
    }

    /// The user may change events.
    pub fn are_forms(&self) -> bool {
        self.from.is_some()
    }

    /// The form that reschedules or schedules an event.
    pub fn form(&self, event: &Event) -> Option<String> {
        let kind = if event.schedule.is_some() { ChangeKind::Reschedule } else { ChangeKind::Schedule };
        self.from.as_ref().map(|from| format!("{}?{from}", urls::action(event.id, kind)))
    }
}

/// "C 9:45 Red Grapes ▲": letter, start and product; the tooltip has the rest.
pub fn shift(shift: &Shift, links: &Links) -> Markup {
    let event = &shift.event;
    let Some(start) = event.start() else { return html! {} };
    let form = links.form(event);
    html! {
        a id={ "event-" (event.id) } class={ "shift " (event.event_type.slug()) @if event.minutes <= BRIEF_MINUTES_MAX { " brief" } }
            href=(form.clone().unwrap_or_else(|| urls::card(start.date(), event.id))) hx-get=[form] data-seen=(event.revision) title=(tooltip(event, start)) {
            (finding_mark(&shift.findings))
            i { (letter(event.event_type)) } " " b { (start.format("%-I:%M")) } " " span { (event.product()) }
        }
    }
}

/// "9:45 AM – 4:15 PM · Harbor Club #4101 · 606001-CORE-Super Pretzel"
pub fn tooltip(event: &Event, start: NaiveDateTime) -> String {
    let times = format!("{} – {}", format::time(start.time()), format::time(event.end_from(start).time()));
    let parts = [Some(times), event.location.label(), Some(event.name.clone())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The sign of the worst finding; all of them as its tooltip and for screen readers.
pub fn finding_mark(findings: &[StoredFinding]) -> Markup {
    let of = |one: &StoredFinding| match (&one.accepted, one.finding.refuses) {
        (Some(_), _) => (0, "accepted", "i", "Accepted conflict: "),
        (None, false) => (1, "warned", "▲", "Warning: "),
        (None, true) => (2, "refused", "▲", "Conflict: "),
    };
    let said: Vec<_> = findings.iter().map(|one| format!("{}{}", of(one).3, one.finding.message)).collect();
    html! {
        @if let Some((_, class, sign, _)) = findings.iter().map(of).max() {
            em class=(class) title=(said.join(" ")) { span aria-hidden="true" { (sign) } span.vh { (said.join(" ")) " " } }
        }
    }
}

pub fn letter(event_type: EventType) -> &'static str {
    &event_type.label()[..1]
}

/// An unscheduled event: letter, length and product.
pub fn open_event(event: &Event, links: &Links) -> Markup {
    let form = links.form(event);
    html! {
        a id={ "event-" (event.id) } class={ "shift " (event.event_type.slug()) }
            href=(form.clone().unwrap_or_else(|| urls::event(event.id))) hx-get=[form] data-seen=(event.revision) title=(event.name) {
            i { (letter(event.event_type)) } " " b { (format::duration(event.minutes)) } " " span { (event.product()) }
        }
    }
}
