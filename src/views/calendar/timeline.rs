//! The timeline of a day: people by hours. Short work stands in squares under long work.
//!
//! Positions are classes, because the pages allow no inline style: `h9 m45` begins at 9:45, `d6 e30` lasts 6 h 30 min,
//! `r2` is in the second line. `assets/style/timeline.css` has a rule for each.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use maud::{Markup, html};

use crate::{
    domain::{
        day::roster::{Absence, PAGE, PersonWeek, Roster, RosterFilter, Shift, absences},
        event::Event,
        format,
        user::Role,
    },
    views::{
        FormKeys, Page,
        calendar::{
            day, roster,
            shift::{BRIEF_MINUTES_MAX, Links, finding_mark, letter, tooltip},
        },
        components::{filter, no_events::no_events, pager::pager, print},
        urls,
    },
};

/// The hours that are always shown.
const FIRST_HOUR_MAX: u32 = 8;
const LAST_HOUR_MIN: u32 = 18;
/// Starts and lengths are drawn to this many minutes.
const STEP_MINUTES: u32 = 5;
/// The width of a square in minutes, for each hour shown: the most that it covers on a screen that shows people beside hours.
const SQUARE_MINUTES_AN_HOUR: u32 = 3;
/// Lines of one person that the style has a rule for. More share the last.
const LINES_MAX: usize = 12;

#[derive(Debug)]
pub struct TimelineView {
    /// Of one day.
    pub roster: Roster,
    pub filter: RosterFilter,
    /// The filter in words, empty without one.
    pub words: Vec<String>,
    /// From 1.
    pub page: usize,
    /// Local time.
    pub now: NaiveDateTime,
    /// Of the store, when it was read.
    pub version: u64,
    /// The store has no events at all.
    pub no_events: bool,
}

pub fn address(date: NaiveDate, filter: &RosterFilter, page: usize) -> String {
    let page = if page > 1 { page.to_string() } else { String::new() };
    let mut fields = filter.fields();
    fields.push((PAGE, &page));
    urls::with_fields(urls::timeline(date), &fields)
}

/// The address of the form of its filter, or of its sheet: `/calendar/day/2025-10-15/timeline/print`.
pub fn part(date: NaiveDate, part: &str, filter: &RosterFilter) -> String {
    urls::with_fields(format!("{}/{part}", urls::timeline(date)), &filter.fields())
}

pub fn page(view: &TimelineView, keys: &FormKeys) -> Page {
    let date = view.roster.first();
    let title = format::date_in_full(date);
    let people = view.roster.page(view.page);
    let links = Links::of(date, &address(date, &view.filter, view.page), keys);
    let main = html! {
        div.page.timeline-page data-live=(date) data-version=(view.version) {
            (bar(view, date, &title))
            (filter::summary(&view.words, None, &urls::timeline(date)))
            @if view.no_events { (no_events(keys.lets(Role::Admin), "The timeline then shows who works when.")) }
            @else if people.is_empty() {
                p.empty { @if view.filter.is_empty() { "There are no employees yet." } @else { "No one matches this filter." } }
            }
            @else { (lanes(view, people, &links)) }
            (short_work(people))
            (pager(view.page, view.roster.pages(), |page| address(date, &view.filter, page)))
            (print::printed(view.now.date()))
        }
    };
    Page::new(format!("Timeline, {title}"), main)
}

/// The same day of all people as a sheet to print.
pub fn sheet(view: &TimelineView, _keys: &FormKeys) -> Page {
    let (date, people) = (view.roster.first(), &view.roster.people);
    let title = format::date_in_full(date);
    let main = html! {
        div.page.timeline-page.sheet {
            (print::bar(&address(date, &view.filter, 1)))
            h1 #title tabindex="-1" { (title) }
            (filter::summary(&view.words, None, &urls::timeline(date)))
            (lanes(view, people, &Links::none()))
            (short_work(people))
            (print::printed(view.now.date()))
        }
    };
    Page::new(format!("Timeline, {title}, to print"), main)
}

fn bar(view: &TimelineView, date: NaiveDate, title: &str) -> Markup {
    let turn = |date: NaiveDate| address(date, &view.filter, 1);
    html! {
        div.bar {
            h1 #title tabindex="-1" { (title) }
            (day::steps(date, view.now.date(), turn))
            div.joined {
                a #list-link .btn href=(urls::day(date)) { "List" }
                a.btn href=(turn(date)) aria-current="page" { "Timeline" }
                a #week-link .btn href=(roster::address(date, &view.filter, 1)) { "Week" }
            }
            (filter::link(&part(date, "filter", &view.filter)))
            (print::link(&part(date, "print", &view.filter)))
        }
    }
}

/// The first and last hour that are shown, so that all work of the day is.
fn hours(people: &[PersonWeek]) -> (u32, u32) {
    let mut range = (FIRST_HOUR_MAX, LAST_HOUR_MIN);
    for event in people.iter().flat_map(|one| &one.shifts).map(|shift| &shift.event) {
        let Some(start) = event.start() else { continue };
        let end = event.end_from(start);
        let last = if end.date() > start.date() { 24 } else { end.hour() + u32::from(end.minute() > 0) };
        range = (range.0.min(start.hour()), range.1.max(last));
    }
    range
}

fn lanes(view: &TimelineView, people: &[PersonWeek], links: &Links) -> Markup {
    let ((first, last), now) = (hours(people), view.now);
    let is_now = now.date() == view.roster.first() && (first..last).contains(&now.hour());
    html! {
        ol class={ "lanes f" (first) " s" (last - first) } hx-target="#dialog" data-date=(view.roster.first()) data-first=(first) data-last=(last) {
            li.ticks aria-hidden="true" { span.who {} div.lane { @for hour in first..last { span { (hour_words(hour)) } } } }
            @for one in people { (lane(view, one, (first, last), links)) }
            @if is_now { li #now class={ "now-line h" (now.hour()) " m" (stepped(now.minute())) } { span.vh { "Now: " (format::time(now.time())) } } }
        }
    }
}

/// "9 AM"
fn hour_words(hour: u32) -> String {
    NaiveTime::from_hms_opt(hour, 0, 0).map_or_else(String::new, |time| time.format("%-I %p").to_string())
}

fn stepped(minute: u32) -> u32 {
    minute / STEP_MINUTES * STEP_MINUTES
}

fn lane(view: &TimelineView, one: &PersonWeek, (first, last): (u32, u32), links: &Links) -> Markup {
    let (id, date) = (&one.employee.id, view.roster.first());
    let away = absences(&one.employee, date, view.roster.holidays.get(&date));
    html! {
        li id={ "person-" (id) } data-employee=(id) {
            div.who {
                a href=(urls::week(id, date)) { (one.name) span.vh { ", week" } }
                span.meta {
                    (one.employee.title.label())
                    @if one.shifts.is_empty() && one.overnight.is_empty() && away.is_empty() { " · free" }
                    @else if !one.shifts.is_empty() { " · " (format::hours(one.minutes())) " h" }
                    @for absence in &away { " · " b { (absence.words()) } }
                    @for event in &one.overnight { @if let Some(end) = event.end_after_midnight(date) {
                        " · until " (format::time(end.time())) ": " (event.product())
                    } }
                }
            }
            div class={ "lane" @if away.iter().any(Absence::is_whole) { " away" } } {
                @for (line, shift) in lines(&one.shifts, (last - first) * SQUARE_MINUTES_AN_HOUR) { (block(shift, line, last, links)) }
            }
        }
    }
}

/// It is drawn as a square.
fn is_brief(event: &Event) -> bool {
    event.minutes <= BRIEF_MINUTES_MAX
}

/// Puts work that overlaps into different lines: long work first, short work under it, in squares that take
/// `square` minutes.
fn lines(shifts: &[Shift], square: u32) -> Vec<(usize, &Shift)> {
    let (brief, long): (Vec<_>, Vec<_>) = shifts.iter().partition(|shift| is_brief(&shift.event));
    let (mut placed, mut above) = (Vec::new(), 0);
    for (group, least) in [(long, STEP_MINUTES), (brief, square)] {
        let mut ends: Vec<u32> = Vec::new();
        for shift in group {
            let Some(start) = shift.event.start() else { continue };
            let from = start.hour() * 60 + start.minute();
            let to = from + shift.event.minutes.max(least);
            let line = ends.iter().position(|end| *end <= from).unwrap_or(ends.len());
            if line == ends.len() {
                ends.push(to);
            } else {
                ends[line] = to;
            }
            placed.push(((above + line).min(LINES_MAX - 1) + 1, shift));
        }
        above += ends.len();
    }
    placed
}

/// An event: "C 9:45 Mini Tacos", or its letter in a square.
fn block(shift: &Shift, line: usize, last: u32, links: &Links) -> Markup {
    let event = &shift.event;
    let Some(start) = event.start() else { return html! {} };
    let brief = is_brief(event);
    let room = (last * 60).saturating_sub(start.hour() * 60 + start.minute());
    let minutes = event.minutes.max(STEP_MINUTES).min(room);
    let form = links.form(event);
    let place =
        format!("h{} m{} d{} e{} r{line}", start.hour(), stepped(start.minute()), minutes / 60, stepped(minutes % 60));
    html! {
        a id={ "event-" (event.id) } class={ "shift block " (event.event_type.slug()) @if brief { " square" } " " (place) }
            href=(form.clone().unwrap_or_else(|| urls::card(start.date(), event.id))) hx-get=[form] data-seen=(event.revision) title=(tooltip(event, start)) {
            (finding_mark(&shift.findings))
            i { (letter(event.event_type)) }
            span.vh[brief] { " " b { (start.format("%-I:%M")) } " " (event.product()) }
        }
    }
}

/// What the squares stand for, in words. Only on sheets and paper, where no pointer asks for it.
fn short_work(people: &[PersonWeek]) -> Markup {
    let work = people.iter().flat_map(|one| one.shifts.iter().map(move |shift| (&shift.event, one)));
    let work = work.filter(|(event, _)| is_brief(event));
    let mut work: Vec<_> = work.filter_map(|(event, one)| Some((event.start()?, event, one))).collect();
    work.sort_by_key(|(start, event, _)| (*start, event.id));
    html! {
        section #short-work .short-work {
            @if !work.is_empty() {
                h2 { "Short work" }
                ul {
                    @for (start, event, one) in work {
                        li class=(event.event_type.slug()) {
                            b { (format::time(start.time())) } " " (event.product()) ", " (one.name)
                            @if let Some(store) = event.location.label() { span.meta { " · " (store) } }
                        }
                    }
                }
            }
        }
    }
}
