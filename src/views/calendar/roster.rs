//! The roster: a table of people by the days of a week, with the unscheduled events of the week beside it.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use maud::{Markup, html};

use crate::{
    domain::{
        calendar::is_within,
        day::roster::{Absence, PAGE, PAGE_PEOPLE, PersonWeek, Roster, RosterFilter, absences},
        employee::JobTitle,
        event::{Event, EventType, counts::DayCounts},
        format,
        user::Role,
    },
    views::{
        FormKeys, Page,
        calendar::{
            shift::{Links, letter, open_event, shift, tooltip},
            timeline,
        },
        components::{filter, no_events::no_events, pager::pager, print},
        urls,
    },
};

/// Unscheduled events that are listed on the screen; the rest is on their page. A sheet has all.
const OPEN_MAX: usize = 60;
/// Lengths of a bar of hours: the style has a rule for each.
const LOAD_STEPS: u32 = 10;

#[derive(Debug)]
pub struct RosterView {
    pub roster: Roster,
    /// The day that a narrow screen shows.
    pub date: NaiveDate,
    pub filter: RosterFilter,
    /// The filter in words, empty without one.
    pub words: Vec<String>,
    /// From 1.
    pub page: usize,
    pub today: NaiveDate,
    /// Of the store, when it was read.
    pub version: u64,
    /// The store has no events at all.
    pub no_events: bool,
}

impl RosterView {
    fn title(&self) -> String {
        format::range(self.roster.first(), self.roster.last())
    }

    /// The roster of another date or page with the same filter.
    fn address(&self, date: NaiveDate, page: usize) -> String {
        address(date, &self.filter, page)
    }
}

pub fn address(date: NaiveDate, filter: &RosterFilter, page: usize) -> String {
    let page = if page > 1 { page.to_string() } else { String::new() };
    let mut fields = filter.fields();
    fields.push((PAGE, &page));
    urls::with_fields(urls::roster(date), &fields)
}

/// The address of the form of its filter, or of its sheet: `/roster/2025-10-15/print`.
pub fn part(date: NaiveDate, part: &str, filter: &RosterFilter) -> String {
    urls::with_fields(format!("{}/{part}", urls::roster(date)), &filter.fields())
}

pub fn page(view: &RosterView, keys: &FormKeys) -> Page {
    let people = view.roster.page(view.page);
    // Work of the day before may reach into the first day.
    let before = view.roster.first().pred_opt();
    let dates = before.iter().chain(&view.roster.dates).map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let links = Links::of(view.date, &view.address(view.date, view.page), keys);
    let main = html! {
        div #roster .page.roster-page data-live=(dates) data-version=(view.version) {
            (bar(view, people))
            (filter::summary(&view.words, None, &urls::roster(view.date)))
            (days(view))
            (notes(view, people, keys))
            div.roster-plan { (table(view, people, &links)) (open(view, &links, OPEN_MAX)) }
            (pager(view.page, view.roster.pages(), |page| view.address(view.date, page)))
            (print::printed(view.today))
        }
    };
    Page::new(format!("Roster, {}", view.title()), main).in_section(urls::ROSTER)
}

/// The same week of all people as a sheet to print.
pub fn sheet(view: &RosterView, _keys: &FormKeys) -> Page {
    let links = Links::none();
    let main = html! {
        div.page.roster-page.sheet {
            (print::bar(&view.address(view.date, 1)))
            h1 #title tabindex="-1" { "Roster, " (view.title()) }
            (filter::summary(&view.words, None, &urls::roster(view.date)))
            div.roster-plan { (table(view, &view.roster.people, &links)) (open(view, &links, usize::MAX)) }
            (print::printed(view.today))
        }
    };
    Page::new(format!("Roster, {}, to print", view.title()), main).in_section(urls::ROSTER)
}

fn bar(view: &RosterView, people: &[PersonWeek]) -> Markup {
    let (first, last) = (view.roster.first(), view.roster.last());
    let turn = |id: &str, rel: Option<&str>, date: Option<NaiveDate>, content: &Markup| {
        let href = date.map(|date| view.address(date, 1));
        let is_here = date.is_some_and(|date| rel.is_none() && (first..=last).contains(&date));
        html! {
            @if let Some(href) = href {
                a.btn id=(id) rel=[rel] href=(href) aria-current=[is_here.then_some("date")]
                    hx-get=(href) hx-target="#roster" hx-swap="outerHTML" hx-push-url="true" { (content) }
            }
        }
    };
    let minutes: u32 = view.roster.people.iter().map(PersonWeek::minutes).sum();
    let before = first.checked_sub_days(Days::new(7)).filter(|date| is_within(*date));
    let after = last.succ_opt().filter(|date| is_within(*date));
    html! {
        div.bar {
            h1 #title tabindex="-1" { span.vh { "Roster, " } (view.title()) }
            div.joined {
                (turn("prev-link", Some("prev"), before, &html! { span aria-hidden="true" { "‹" } span.vh { "Previous week" } }))
                (turn("today-link", None, Some(view.today), &html! { "This week" }))
                (turn("next-link", Some("next"), after, &html! { span aria-hidden="true" { "›" } span.vh { "Next week" } }))
            }
            div.joined {
                a.btn href=(view.address(view.date, 1)) aria-current="page" { "Week" }
                a #timeline-link .btn href=(timeline::address(view.date, &view.filter, 1)) { "Day" }
            }
            (filter::link(&part(view.date, "filter", &view.filter)))
            (print::link(&part(view.date, "print", &view.filter)))
            p #total .total {
                (format::people(view.roster.people.len() as u64)) " · " (format::hours(minutes)) " h"
                @if people.len() < view.roster.people.len() {
                    " · people " ((view.page - 1) * PAGE_PEOPLE + 1) "–" ((view.page - 1) * PAGE_PEOPLE + people.len()) " here"
                }
            }
        }
    }
}

/// A narrow screen shows one day: links to the others.
fn days(view: &RosterView) -> Markup {
    html! {
        nav.days aria-label="Days of the week" {
            @for &date in &view.roster.dates {
                a href=(view.address(date, view.page)) aria-current=[(date == view.date).then_some("date")] {
                    span { (weekday(date)) " " } b { (date.day()) } span.vh { (date.format(", %B")) }
                }
            }
        }
    }
}

fn weekday(date: NaiveDate) -> &'static str {
    &format::weekday(date.weekday())[..3]
}

fn notes(view: &RosterView, people: &[PersonWeek], keys: &FormKeys) -> Markup {
    html! {
        @if view.no_events { (no_events(keys.lets(Role::Admin), "The roster then shows who works when.")) }
        @else if people.is_empty() {
            p.empty { @if view.filter.is_empty() { "There are no employees yet." } @else { "No one matches this filter." } }
        }
        @if !view.roster.complete {
            p.note.warn { "This week has more events than can be shown. Some are missing here; the pages of its days have them." }
        }
    }
}

fn table(view: &RosterView, people: &[PersonWeek], links: &Links) -> Markup {
    let groups = people.chunk_by(|one, next| one.employee.title == next.employee.title);
    html! {
        table.roster hx-target="#dialog" {
            caption.vh { "Work of each person by day, " (view.title()) }
            thead {
                tr {
                    th scope="col" { "Employee" }
                    @for &date in &view.roster.dates {
                        th scope="col" class=[day_class(view, date, false)] data-date=(date) {
                            a href=(urls::day(date)) { (weekday(date)) " " b { (date.day()) } span.vh { (date.format(", %B")) } }
                        }
                    }
                }
            }
            @for group in groups { (title_group(view, group, links)) }
            (foot(view))
        }
    }
}

/// The selected day, today, and a day on which someone is away.
fn day_class(view: &RosterView, date: NaiveDate, away: bool) -> Option<String> {
    let words = [(date == view.date, "on"), (date == view.today, "now"), (away, "away")];
    let words: Vec<_> = words.into_iter().filter(|(applies, _)| *applies).map(|(_, word)| word).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn title_group(view: &RosterView, group: &[PersonWeek], links: &Links) -> Markup {
    let title = group.first().map_or(JobTitle::EventSpecialist, |one| one.employee.title);
    html! {
        tbody {
            tr.title { th colspan="8" scope="rowgroup" { (title.label()) @if group.len() > 1 { "s" } } }
            @for one in group { (row(view, one, links)) }
        }
    }
}

fn row(view: &RosterView, one: &PersonWeek, links: &Links) -> Markup {
    let id = &one.employee.id;
    html! {
        tr id={ "person-" (id) } data-employee=(id) {
            th scope="row" {
                a href=(urls::week(id, view.date)) { (one.name) span.vh { ", week" } }
                @if !one.employee.active { " " span.pill { "Inactive" } }
                (load(one))
            }
            @for &date in &view.roster.dates { (cell(view, one, date, links)) }
        }
    }
}

/// Hours of the week, against the most that the person should work.
fn load(one: &PersonWeek) -> Markup {
    let (minutes, most) = (one.minutes(), one.employee.weekly_minutes_max());
    let steps = (minutes * LOAD_STEPS).div_ceil(most.max(1)).min(LOAD_STEPS);
    html! {
        span class={ "hours-of" @if minutes > most { " over" } } {
            i.bar-of aria-hidden="true" { @if steps > 0 { i class={ "load-" (steps) } {} } }
            (format::hours(minutes)) " / " (format::hours(most)) " h"
            @if minutes > most { span.vh { ", more than the weekly maximum" } }
        }
    }
}

fn cell(view: &RosterView, one: &PersonWeek, date: NaiveDate, links: &Links) -> Markup {
    let away = absences(&one.employee, date, view.roster.holidays.get(&date));
    html! {
        td class=[day_class(view, date, away.iter().any(Absence::is_whole))] {
            @for absence in &away { p.absent { (absence.words()) } }
            @for event in one.reaching_into(date) { (overnight(event, date)) }
            @for one in one.on(date) { (shift(one, links)) }
        }
    }
}

/// "Until 4:30 AM: Night Stock": work that began the day before, a link to its card.
fn overnight(event: &Event, date: NaiveDate) -> Markup {
    html! {
        @if let Some((start, end)) = event.start().zip(event.end_after_midnight(date)) {
            p.absent {
                "Until " (format::time(end.time())) ": "
                a href=(urls::card(start.date(), event.id)) title=(tooltip(event, start)) { bdi { (event.product()) } }
            }
        }
    }
}

/// Scheduled events by type, and what is due, of each day.
fn foot(view: &RosterView) -> Markup {
    let counts = view.roster.counts();
    html! {
        tfoot {
            tr #scheduled {
                th scope="row" { "Scheduled" }
                @for &date in &view.roster.dates { (totals(view, date, &counts)) }
            }
        }
    }
}

fn totals(view: &RosterView, date: NaiveDate, counts: &BTreeMap<NaiveDate, DayCounts>) -> Markup {
    let counts = counts.get(&date).copied().unwrap_or_default();
    let of = |one: EventType| (counts.of(one) > 0).then(|| format!("{} {}", letter(one), counts.of(one)));
    let words: Vec<_> = EventType::ALL.into_iter().filter_map(of).collect();
    html! {
        td class=[day_class(view, date, false)] {
            (if words.is_empty() { "–".to_owned() } else { words.join(" · ") })
            @if counts.unscheduled_due > 0 {
                p.due-by { span aria-hidden="true" { "▲ " } (counts.unscheduled_due) " due" span.vh { ", unscheduled" } }
            }
        }
    }
}

/// The unscheduled events of the week, by last day, at most `max`.
fn open(view: &RosterView, links: &Links, max: usize) -> Markup {
    let (open, by_day) = (&view.roster.open, |one: &Event, next: &Event| one.last_day() == next.last_day());
    let (from, to) = (view.roster.first().to_string(), view.roster.last().to_string());
    let store = view.filter.store.as_deref().unwrap_or_default();
    let all = urls::with_fields(urls::UNSCHEDULED.to_owned(), &[("from", &from), ("to", &to), ("store", store)]);
    html! {
        aside #open .open-work aria-labelledby="open-title" hx-target="#dialog" {
            h2 #open-title { "Unscheduled, due this week" }
            @if open.is_empty() { p.hint { "Nothing is due." } }
            @for day in open[..open.len().min(max)].chunk_by(by_day) {
                @if let Some(date) = day.first().and_then(Event::last_day) { h3 { "Last day " (format::date_near(date, view.today)) } }
                @for event in day { (open_event(event, links)) }
            }
            @if !open.is_empty() {
                p { a href=(all) { @if open.len() > max { "All " (open.len()) " unscheduled" } @else { "Open as a list" } } }
            }
            @if links.are_forms() && !open.is_empty() { a.btn href=(urls::AUTO_SCHEDULE) { "Auto-schedule…" } }
        }
    }
}
