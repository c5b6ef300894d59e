//! The week of an employee: events, hours of each day, absences.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use crate::{
    domain::{
        calendar::is_within,
        day::roster::{Absence, absences},
        employee::Employee,
        event::{Event, filter::Filter, readable::Titles},
        format,
        ids::EventId,
        rules::stored::StoredFinding,
    },
    views::{
        Page,
        components::{findings, print},
        urls,
    },
};

/// Most events of a day that are listed; the rest is on the day's page. A sheet has all.
const DAY_EVENTS_MAX: usize = 50;

/// A day of an employee's week.
#[derive(Debug)]
pub struct WeekDay {
    pub date: NaiveDate,
    /// By start.
    pub events: Vec<Event>,
    /// Those that began before and reach into the day.
    pub overnight: Vec<Event>,
    /// The name of a company holiday.
    pub holiday: Option<String>,
}

impl WeekDay {
    fn minutes(&self) -> u32 {
        self.events.iter().map(|event| event.minutes).sum()
    }
}

#[derive(Debug)]
pub struct WeekView {
    pub employee: Employee,
    /// Seven of them.
    pub days: Vec<WeekDay>,
    /// Findings of the rules about the events.
    pub findings: BTreeMap<EventId, Vec<StoredFinding>>,
    pub today: NaiveDate,
    /// The user may edit employees.
    pub edits: bool,
}

impl WeekView {
    fn first(&self) -> NaiveDate {
        self.days.first().map_or(self.today, |day| day.date)
    }

    fn last(&self) -> NaiveDate {
        self.days.last().map_or(self.today, |day| day.date)
    }

    fn dates(&self) -> String {
        format!("{} – {}", format::date_near(self.first(), self.last()), format::date_short(self.last()))
    }
}

pub fn page(view: &WeekView) -> Page {
    let employee = &view.employee;
    let (first, last) = (view.first(), view.last());
    let main = html! {
        div.page.week-page {
            div.bar {
                a href=(urls::EMPLOYEES) { "‹ Employees" }
                h1 #title tabindex="-1" {
                    (employee.shown_name()) " " small { (view.dates()) }
                }
                (steps(view, first, last))
                (print::link(&urls::week_sheet(&employee.id, first)))
                @if view.edits { a.btn href=(urls::employee(&employee.id)) { "Edit" } }
            }
            (lead(view))
            ol.week { @for day in &view.days { (day_section(day, view, DAY_EVENTS_MAX)) } }
            (print::printed(view.today))
        }
    };
    Page::new(format!("{}, week of {}", employee.shown_name(), format::date(first)), main).in_section(urls::EMPLOYEES)
}

/// The same week as a sheet to print.
pub fn sheet(view: &WeekView) -> Page {
    let first = view.first();
    let title = format!("{}, week of {}", view.employee.shown_name(), format::date(first));
    let main = html! {
        div.page.week-page.sheet {
            (print::bar(&urls::week(&view.employee.id, first)))
            h1 #title tabindex="-1" { (view.employee.shown_name()) " " small { (view.dates()) } }
            (lead(view))
            ol.week { @for day in &view.days { (day_section(day, view, day.events.len())) } }
            (print::printed(view.today))
        }
    };
    Page::new(title, main).in_section(urls::EMPLOYEES)
}

fn lead(view: &WeekView) -> Markup {
    let employee = &view.employee;
    let (events, minutes) =
        view.days.iter().fold((0, 0), |(events, minutes), day| (events + day.events.len(), minutes + day.minutes()));
    html! {
        p.lead {
            (employee.title.label()) " · " (employee.id)
            @if !employee.active { " · " span.pill { "Inactive" } }
            " · " b { (format::count(events as u64, "event")) ", " (format::duration(minutes)) } " this week"
        }
    }
}

fn steps(view: &WeekView, first: NaiveDate, last: NaiveDate) -> Markup {
    let id = &view.employee.id;
    let this = (first..=last).contains(&view.today);
    html! {
        div.joined {
            @if let Some(date) = first.pred_opt().filter(|date| is_within(*date)) {
                a #prev-link .btn.icon rel="prev" href=(urls::week(id, date)) aria-label="Previous week" { "‹" }
            }
            a #today-link .btn href=(urls::week(id, view.today)) aria-current=[this.then_some("date")] { "This week" }
            @if let Some(date) = last.succ_opt().filter(|date| is_within(*date)) {
                a #next-link .btn.icon rel="next" href=(urls::week(id, date)) aria-label="Next week" { "›" }
            }
        }
    }
}

fn day_section(day: &WeekDay, view: &WeekView, events_max: usize) -> Markup {
    let date = day.date;
    html! {
        li.week-day aria-current=[(date == view.today).then_some("date")] {
            h2 {
                a href=(urls::day(date)) { (format::weekday(date.weekday())) ", " (date.format("%b %-d")) }
                @if date == view.today { " " span.word { "Today" } }
            }
            p.total { (if day.events.is_empty() { "–".to_owned() } else { format::duration(day.minutes()) }) }
            (away(day, view))
            @for event in &day.overnight {
                @if let Some((start, end)) = event.start().zip(event.end_after_midnight(date)) {
                    div.overnight {
                        p.hint { "Until " (format::time(end.time())) ": " a href=(urls::card(start.date(), event.id)) title=(event.name) { bdi { (event.product()) } } }
                        @if let Some(found) = view.findings.get(&event.id) { (findings::lines(found)) }
                    }
                }
            }
            @if !day.events.is_empty() {
                ul { @for event in day.events.iter().take(events_max) { (work(event, date, view)) } }
            }
            @if let Some(more) = day.events.len().checked_sub(events_max).filter(|more| *more > 0) {
                @let theirs = Filter::held_by(&view.employee.id);
                a.btn.quiet href=(urls::with_query(urls::day(date), &theirs)) { "And " (format::count(more as u64, "more event")) }
            }
        }
    }
}

/// Why the person might not be there.
fn away(day: &WeekDay, view: &WeekView) -> Markup {
    html! {
        p.away {
            @for absence in absences(&view.employee, day.date, day.holiday.as_ref()) {
                span class=(if matches!(absence, Absence::Hours(_)) { "hint" } else { "pill" }) { (absence.words()) } " "
            }
        }
    }
}

fn work(event: &Event, date: NaiveDate, view: &WeekView) -> Markup {
    let Titles { product, facts, .. } = event.titles();
    html! {
        li class={ "work " (event.event_type.slug()) } {
            @if let Some(start) = event.start() {
                span.time { (format::time(start.time())) " – " (format::time(event.end_from(start).time())) }
            }
            a.name href=(urls::card(date, event.id)) title=(event.name) { (product) }
            span.meta {
                (facts)
                @if let Some(store) = event.location.label() { " · " (store) }
                " · " (format::duration(event.minutes))
            }
            @if let Some(found) = view.findings.get(&event.id) { (findings::lines(found)) }
        }
    }
}
