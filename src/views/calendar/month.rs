//! The month: a table whose days are links with counts inside.

use chrono::{Datelike, NaiveDate, Weekday};
use maud::{Markup, html};

use crate::{
    domain::{
        calendar::{self, Month, YEAR_MAX, YEAR_MIN},
        event::{Condition, EventType, counts::DayCounts, filter::Filter},
        format,
    },
    views::{
        Page,
        components::{
            filter::{self, Narrowing},
            print,
        },
        urls,
    },
};

/// Data shown by the month.
#[derive(Debug)]
pub struct MonthView {
    pub month: Month,
    pub today: NaiveDate,
    pub week_start: Weekday,
    /// Of the store, when it was read.
    pub version: u64,
    /// Every day of the month, in order.
    pub days: Vec<(NaiveDate, DayCounts)>,
    pub narrowing: Narrowing,
    /// False if the filter matches more events than are counted.
    pub complete: bool,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Fewest events that fill the load line of a day; a busier month stretches it.
const LOAD_FULL_MIN: u32 = 20;

pub fn page(view: &MonthView) -> Page {
    let title = title(view.month);
    let main = html! {
        section #month .month-page aria-labelledby="title" data-live=(view.month.first().format("%Y-%m")) data-version=(view.version) {
            (toolbar(view, &title))
            (content(view, &title))
        }
    };
    Page::new(title, main)
}

/// The same month as a sheet to print.
pub fn sheet(view: &MonthView) -> Page {
    let title = title(view.month);
    let main = html! {
        section #month .month-page.sheet aria-labelledby="title" {
            (print::bar(&urls::with_query(urls::month(view.month), &view.narrowing.filter)))
            div.toolbar { h1 #title tabindex="-1" { (title) } }
            (content(view, &title))
        }
    };
    Page::new(format!("{title}, to print"), main)
}

fn content(view: &MonthView, title: &str) -> Markup {
    let empty = view.days.iter().all(|(_, counts)| *counts == DayCounts::default());
    let whole = urls::month(view.month);
    html! {
            (filter::summary(&view.narrowing, (!view.complete).then_some("too many events to count"), &whole))
            (table(view, title))
            @if empty {
                p #legend .none { "No events scheduled this month" @if !view.narrowing.words.is_empty() { " with this filter" } }
            } @else {
                ul #legend .legend aria-label="Legend" {
                    @for one in EventType::ALL.into_iter().filter(|one| shows(view, *one)) { li { span class={ "swatch " (one.slug()) } {} (one.label()) } }
                }
            }
            (print::printed(view.today))
    }
}

/// "October 2025"
pub fn title(month: Month) -> String {
    month.first().format("%B %Y").to_string()
}

fn toolbar(view: &MonthView, title: &str) -> Markup {
    let this = Month::of(view.today);
    let filter = &view.narrowing.filter;
    let turn =
        |id: &str, rel: Option<&str>, month: Option<Month>, content: &Markup| turn(id, rel, month, filter, content);
    html! {
        div.toolbar {
            h1 #title tabindex="-1" { (title) }
            div.joined {
                (turn("prev-link", Some("prev"), view.month.previous(), &html! {
                    span aria-hidden="true" { "‹" } " " span.t { "Prev" }
                }))
                (turn("today-link", None, Some(this), &html! { "Today" }))
                (turn("next-link", Some("next"), view.month.next(), &html! {
                    span.t { "Next" } " " span aria-hidden="true" { "›" }
                }))
            }
            form.jump action=(urls::HOME) method="get" {
                label.vh for="jump-month" { "Month" }
                select #jump-month name="month" {
                    @for (number, name) in (1..).zip(MONTHS) {
                        option value=(number) selected[number == view.month.number()] { (name) }
                    }
                }
                label.vh for="jump-year" { "Year" }
                input #jump-year name="year" type="number" min=(YEAR_MIN) max=(YEAR_MAX) value=(view.month.year()) required;
                @for (name, value) in filter.fields() { input type="hidden" name=(name) value=(value); }
                button.btn { "Go" }
            }
            (filter::link(&urls::filter_form(&urls::month(view.month), filter)))
            (print::link(&urls::sheet(&urls::month(view.month), filter)))
        }
    }
}

/// A link to another month, heard with its name; at the end of the calendar there is none.
fn turn(id: &str, rel: Option<&str>, month: Option<Month>, filter: &Filter, content: &Markup) -> Markup {
    html! {
        @if let Some(month) = month {
            @let href = urls::with_query(urls::month(month), filter);
            a.btn id=(id) rel=[rel] href=(href)
                hx-get=(href) hx-target="#month" hx-swap="outerHTML" hx-push-url="true" { (content) span.vh { ", " (title(month)) } }
        }
    }
}

fn table(view: &MonthView, title: &str) -> Markup {
    let weeks = view.month.weeks(view.week_start);
    let busiest = view.days.iter().map(|(_, counts)| counts.total()).max().unwrap_or(0).max(LOAD_FULL_MIN);
    html! {
        table class={ "month weeks-" (weeks.len()) } {
            caption.vh { (title) ", events of each day" }
            thead {
                tr { @for day in calendar::weekdays(view.week_start) { (weekday(day)) } }
            }
            tbody {
                @for week in &weeks {
                    tr {
                        @for date in week {
                            @match date {
                                Some(date) => (day(view, *date, busiest)),
                                None => td.out {},
                            }
                        }
                    }
                }
            }
        }
    }
}

fn weekday(day: Weekday) -> Markup {
    let name = format::weekday(day);
    html! { th scope="col" abbr=(name) { (name[..3]) } }
}

fn day(view: &MonthView, date: NaiveDate, busiest: u32) -> Markup {
    let counts = view.days.get(date.day0() as usize).map_or_else(DayCounts::default, |(_, counts)| *counts);
    let today = date == view.today;
    html! {
        td {
            a.day href=(urls::with_query(urls::day(date), &view.narrowing.filter)) data-date=(date) aria-current=[today.then_some("date")] {
                span.vh { (sentence(date, &counts)) }
                span.date aria-hidden="true" {
                    span.n { (date.day()) }
                    @if today { span.word { "Today" } }
                    @if counts.unscheduled_due > 0 { (warning(counts.unscheduled_due)) }
                }
                span.badges aria-hidden="true" { @for one in EventType::ALL.into_iter().filter(|one| shows(view, *one)) { (badge(one, counts.of(one))) } }
                (load_line(&counts, busiest))
            }
        }
    }
}

/// Tells if the filter shows a type. A hidden type has no badge, because a zero would mean no events.
fn shows(view: &MonthView, event_type: EventType) -> bool {
    let Narrowing { filter, .. } = &view.narrowing;
    filter.wants(event_type) && filter.condition != Some(Condition::Unstaffed)
}

/// "▲ 3 unscheduled due"; "▲ 3 due" in narrow cells, and the number alone on a phone. Screen readers get the full sentence.
fn warning(due: u32) -> Markup {
    html! {
        span.due title=(due_words(due)) {
            "▲ " (due) span.full { " unscheduled" } span.w { " due" }
            span.vh { " " (due_words(due)) }
        }
    }
}

/// "3 unscheduled events due this day"
fn due_words(due: u32) -> String {
    format!("{} due this day", format::count(due, "unscheduled event"))
}

fn badge(event_type: EventType, count: u32) -> Markup {
    let zero = if count == 0 { " zero" } else { "" };
    html! {
        span class={ "b " (event_type.slug()) (zero) } {
            span { (event_type.label()[..1]) }
            span { (count) }
        }
    }
}

/// The whole cell as one sentence, for those who hear it.
fn sentence(date: NaiveDate, counts: &DayCounts) -> String {
    let said = |one: &EventType| {
        let count = counts.of(*one);
        (count > 0).then(|| format::count(count, &format!("{} event", one.label())))
    };
    let kinds: Vec<_> = EventType::ALL.iter().filter_map(said).collect();
    let events = if kinds.is_empty() { "No events".to_owned() } else { kinds.join(", ") };
    let warning = match counts.unscheduled_due {
        0 => String::new(),
        due => format!(" Warning: {} due.", format::count(due, "unscheduled event")),
    };
    format!("{}. {events}.{warning}", format::date(date))
}

/// A thin line whose length is the number of events and whose parts are their types.
fn load_line(counts: &DayCounts, busiest: u32) -> Markup {
    let (mut parts, mut x) = (Vec::new(), 0.0);
    for one in EventType::ALL {
        let width = f64::from(counts.of(one)) * 100.0 / f64::from(busiest);
        if width > 0.0 {
            parts.push((one, x, width));
            x += width;
        }
    }
    html! {
        svg.load viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
            @for (one, x, width) in parts {
                rect class=(one.slug()) x=(format!("{x:.1}")) width=(format!("{:.1}", (width - 0.6_f64).max(0.4))) height="4" {}
            }
        }
    }
}
