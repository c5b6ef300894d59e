//! The list of unscheduled events, overdue ones first.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        change::ChangeKind,
        day::{Card, PairLine, Partner},
        event::{Event, EventType, Location, readable::Titles},
        format,
        ids::EventId,
    },
    views::{
        Page,
        calendar::{day::Place, day_page::DayPage},
        components::{filter, no_events::no_events},
        urls,
    },
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterValues {
    pub event_type: String,
    pub store: String,
    /// Due from and to.
    pub from: String,
    pub to: String,
}

impl FilterValues {
    /// The address of the filtered list.
    pub fn address(&self) -> String {
        self.address_behind("")
    }

    /// The address of the page of the list after a position.
    fn address_behind(&self, after: &str) -> String {
        let fields = [
            ("type", self.event_type.as_str()),
            ("store", &self.store),
            ("from", &self.from),
            ("to", &self.to),
            ("after", after),
        ];
        urls::with_fields(urls::UNSCHEDULED.to_owned(), &fields)
    }
}

#[derive(Debug)]
pub struct BankView {
    pub filter: FilterValues,
    /// Why the filter cannot be used.
    pub problem: Option<String>,
    /// All unscheduled events, whatever the filter.
    pub total: u64,
    pub cards: Vec<Card>,
    /// Stores to choose from; where there are more, one is values.
    pub stores: Vec<Location>,
    pub many_stores: bool,
    /// The place behind which the next page begins.
    pub next: Option<String>,
    /// Supervisors that could be scheduled because their CORE is.
    pub open_supervisors: usize,
    pub today: NaiveDate,
    /// The user may schedule.
    pub edits: bool,
    pub no_work: NoWork,
}

/// Why no event waits to be scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWork {
    AllScheduled,
    /// There are no events at all.
    NoEvents,
    /// The same, for a user who may import some.
    NoEventsMayImport,
}

pub fn page(view: &BankView) -> Page {
    let main = html! {
        div.page {
            div.bar.titled {
                h1 #title tabindex="-1" { "Unscheduled " (total(view, Place::InPage)) }
                (supervisors(view, Place::InPage))
            }
            (filter_form(view))
            (list(view, Place::InPage))
        }
    };
    Page::new("Unscheduled", main).in_section(urls::UNSCHEDULED)
}

fn total(view: &BankView, place: Place) -> Markup {
    html! { small #bank-total hx-swap-oob=[place.swap()] { (format::count(view.total, "event")) } }
}

/// Leads to all open Supervisors at once.
fn supervisors(view: &BankView, place: Place) -> Markup {
    html! {
        span #open-supervisors .end hx-swap-oob=[place.swap()] {
            @if view.edits && view.total > 0 { a.btn href=(urls::AUTO_SCHEDULE) { "Auto-schedule…" } " " }
            @if view.edits && view.open_supervisors > 0 {
                a.btn.primary href=(urls::SUPERVISORS) {
                    "Schedule " (format::count(view.open_supervisors as u64, "Supervisor")) "…"
                }
            }
        }
    }
}

/// The parts that an open list replaces after a change: the rows that are gone, or all rows if some came back.
pub fn pieces(view: &BankView, gone: Option<&[EventId]>) -> Markup {
    html! {
        @match gone {
            Some(gone) => @for id in gone { i id={ "event-" (id) } hx-swap-oob="delete" {} },
            None => (list(view, Place::OutOfBand)),
        }
        (total(view, Place::OutOfBand))
        (supervisors(view, Place::OutOfBand))
    }
}

fn filter_form(view: &BankView) -> Markup {
    let values = &view.filter;
    let (invalid, described) = (view.problem.as_ref().map(|_| "true"), view.problem.as_ref().map(|_| "filter-problem"));
    html! {
        form.filter action=(urls::UNSCHEDULED) method="get" {
            div.field {
                label for="type" { "Type" }
                select #type name="type" {
                    option value="" { "All types" }
                    @for one in EventType::ALL {
                        option value=(one.slug()) selected[one.slug() == values.event_type] { (one.label()) }
                    }
                }
            }
            (filter::store_choice(Some(values.store.as_str()).filter(|store| !store.is_empty()), &view.stores, view.many_stores))
            div.field { label for="from" { "Due from" } input #from name="from" type="date" value=(values.from) aria-invalid=[invalid] aria-describedby=[described]; }
            div.field { label for="to" { "Due to" } input #to name="to" type="date" value=(values.to) aria-invalid=[invalid] aria-describedby=[described]; }
            button.btn { "Filter" }
            @if *values != FilterValues::default() { a.btn.quiet href=(urls::UNSCHEDULED) { "Clear" } }
        }
        @if let Some(problem) = &view.problem { p #filter-problem .note.bad role="alert" { (problem) } }
    }
}

fn list(view: &BankView, place: Place) -> Markup {
    html! {
        form #bank hx-swap-oob=[place.swap()] tabindex="-1" action=[view.edits.then_some(urls::SCHEDULE_SEVERAL)] method="get" aria-labelledby="title" {
            @if view.cards.is_empty() && view.problem.is_none() { (nothing(view)) }
            @if !view.cards.is_empty() {
                input type="hidden" name="back" value=(view.filter.address());
                table.list.bank {
                    thead {
                        tr {
                            td { @if view.edits { input type="checkbox" hidden data-all="event" aria-label="Select all on this page"; } }
                            th scope="col" { "Type" } th scope="col" { "Event" } th scope="col" { "Due" } th scope="col" { "Store" } td {}
                        }
                    }
                    tbody { @for card in &view.cards { (row(card, view)) } }
                }
                div.bar.after {
                    @if view.edits { button.btn.primary { "Schedule selected…" } }
                    @if let Some(next) = &view.next {
                        a.btn rel="next" href=(view.filter.address_behind(next)) { "Later due dates" }
                    }
                }
            } @else if let Some(next) = &view.next {
                a.btn rel="next" href=(view.filter.address_behind(next)) { "Next page" }
            }
        }
    }
}

fn nothing(view: &BankView) -> Markup {
    html! {
        @if view.next.is_some() {
            p.empty { "No matches on this page." }
        } @else if view.filter == FilterValues::default() {
            @if view.no_work != NoWork::AllScheduled {
                (no_events(view.no_work == NoWork::NoEventsMayImport, "Events without an employee are listed here."))
            } @else {
            section.blank { h2 { "Everything is scheduled" } p { "Imported and unscheduled events appear here." } }
            }
        } @else {
            p.empty { "No unscheduled events match. " a href=(urls::UNSCHEDULED) { "Show all" } }
        }
    }
}

fn row(card: &Card, view: &BankView) -> Markup {
    let event = &card.event;
    let Titles { product, label, .. } = event.titles();
    let name = format!("event-{}-name", event.id);
    html! {
        tr id={ "event-" (event.id) } {
            td { @if view.edits { label.tick { input type="checkbox" name="event" value=(event.id) aria-label={ "Select " (label) }; } } }
            td { (badge(event.event_type)) }
            th scope="row" id=(name) {
                span title=(event.name) { (product) }
                span.meta { (format::duration(event.minutes)) (pair_words(card, view.today)) }
            }
            td { (last_day(event.last_day(), view.today)) }
            td { @if let Some(store) = event.location.label() { (store) } }
            td { @if view.edits { (schedule_link(event, &label, view)) } }
        }
    }
}

fn schedule_link(event: &Event, label: &str, view: &BankView) -> Markup {
    let home = DayPage::other(view.today, &view.filter.address());
    let href = urls::form(event.id, ChangeKind::Schedule, &home);
    html! {
        a.btn id={ "schedule-" (event.id) } href=(href) hx-get=(href) hx-target="#dialog" {
            "Schedule" span.vh { " " (label) }
        }
    }
}

/// The first letter of the type in its color, and the full word for screen readers.
pub fn badge(event_type: EventType) -> Markup {
    html! {
        span class={ "b one " (event_type.slug()) } {
            span aria-hidden="true" { (event_type.label()[..1]) } span.vh { (event_type.label()) }
        }
    }
}

/// The state of the other event of a pair.
pub fn pair_words(card: &Card, near: NaiveDate) -> String {
    let at = |one: &Partner| one.scheduled.as_ref().map(|(_, start)| format::moment_near(*start, near));
    match &card.pair {
        PairLine::Silent | PairLine::Core(None) => String::new(),
        PairLine::Supervisors(partners) if partners.is_empty() => " · no Supervisor event".to_owned(),
        PairLine::Supervisors(partners) => match partners.iter().find_map(at) {
            Some(at) => format!(" · its Supervisor is on {at}"),
            None => " · its Supervisor is also unscheduled".to_owned(),
        },
        PairLine::Core(Some(core)) => match at(core) {
            Some(at) => format!(" · its CORE is on {at}"),
            None => " · its CORE is also unscheduled".to_owned(),
        },
    }
}

/// "Sep 27, 2 days late", "Oct 4, in 5 days"
fn last_day(last_day: Option<NaiveDate>, today: NaiveDate) -> Markup {
    let Some(date) = last_day else { return html! { span.meta { "no due date" } } };
    html! {
        @match (date - today).num_days() {
            days @ ..0 => span.late { span aria-hidden="true" { "▲ " } (format::date_near(date, today)) ", " (format::count(days.unsigned_abs(), "day")) " late" },
            0 => strong { (format::date_near(date, today)) ", today" },
            1 => { (format::date_near(date, today)) ", tomorrow" }
            days => { (format::date_near(date, today)) ", in " (format::count(days.unsigned_abs(), "day")) }
        }
    }
}
