//! The month: a table whose days are links with counts inside.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};
use maud::{Markup, html};

use crate::{
    domain::{
        calendar::{self, Month, YEAR_MAX, YEAR_MIN},
        event::{
            Condition, EventType,
            counts::{DayCounts, DayNotes},
            filter::Filter,
        },
        format,
        rules::stored::DayIssues,
        user::Role,
    },
    views::{
        FormKeys, Page,
        components::{
            filter::{self, FilterSummary},
            findings,
            no_events::no_events,
            print,
        },
        urls,
    },
};

#[derive(Debug)]
pub struct MonthView {
    pub month: Month,
    pub today: NaiveDate,
    pub week_start: Weekday,
    /// Of the store, when it was read.
    pub version: u64,
    /// Every day of the month, in order.
    pub days: Vec<(NaiveDate, DayCounts)>,
    /// The days with something else to say.
    pub notes: BTreeMap<NaiveDate, DayNotes>,
    /// Findings of the rules about the assignments of each day that has any and that match the filter.
    pub issues: BTreeMap<NaiveDate, DayIssues>,
    /// Supervisor events follow their CORE.
    pub pairing: bool,
    pub filter_summary: FilterSummary,
    /// False if the filter matches more events than are counted.
    pub complete: bool,
    /// The store has no events at all.
    pub no_events: bool,
}

/// Fewest events that fill the load line of a day; a busier month stretches it.
const LOAD_FULL_MIN: u32 = 20;
/// Lengths of a load line: the style has a rule for each.
const LOAD_STEPS: u32 = 10;

pub fn page(view: &MonthView, keys: &FormKeys) -> Page {
    let title = title(view.month);
    let main = html! {
        section #month .month-page aria-labelledby="title" data-live=(view.month.first().format("%Y-%m")) data-version=(view.version) {
            (toolbar(view, &title))
            (content(view, &title, keys))
        }
    };
    Page::new(title, main).with_content_at("days")
}

/// The same month as a sheet to print.
pub fn sheet(view: &MonthView, keys: &FormKeys) -> Page {
    let title = title(view.month);
    let main = html! {
        section #month .month-page.sheet aria-labelledby="title" {
            (print::bar(&urls::with_query(urls::month(view.month), &view.filter_summary.filter)))
            div.toolbar { h1 #title tabindex="-1" { (title) } }
            (content(view, &title, keys))
        }
    };
    Page::new(format!("{title}, to print"), main)
}

fn content(view: &MonthView, title: &str, keys: &FormKeys) -> Markup {
    let empty = view.days.iter().all(|(_, counts)| *counts == DayCounts::default());
    let whole = urls::month(view.month);
    html! {
            (filter::summary(&view.filter_summary.words, (!view.complete).then_some("too many events to count"), &whole))
            (table(view, title))
            @if view.no_events {
                div #legend { (no_events(keys.lets(Role::Admin), "Every day then shows how many events of each type it holds.")) }
            } @else if empty {
                p #legend .none { "No events scheduled this month" @if !view.filter_summary.words.is_empty() { " with this filter" } }
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
    let filter = &view.filter_summary.filter;
    let turn = |id, rel, month, content: &Markup| turn(id, rel, month, filter, content);
    html! {
        div.toolbar {
            (picker(view, title))
            div.joined {
                (turn("prev-link", Some("prev"), view.month.previous(), &html! {
                    span aria-hidden="true" { "‹" } " " span.t { "Prev" }
                }))
                (turn("today-link", None, Some(this), &html! { "Today" }))
                (turn("next-link", Some("next"), view.month.next(), &html! {
                    span.t { "Next" } " " span aria-hidden="true" { "›" }
                }))
            }
            (filter::link(&urls::filter_form(&urls::month(view.month), filter)))
            (print::link(&urls::sheet(&urls::month(view.month), filter)))
        }
    }
}

/// The title, which opens the choice of another month.
fn picker(view: &MonthView, title: &str) -> Markup {
    html! {
        details.picker {
            summary title="Choose a month" { h1 #title tabindex="-1" { (title) } }
            form.jump action=(urls::HOME) method="get" {
                label.vh for="jump-month" { "Month" }
                select #jump-month name="month" {
                    @for (number, name) in (1..=12_u8).filter_map(|number| Some((number, chrono::Month::try_from(number).ok()?.name()))) {
                        option value=(number) selected[u32::from(number) == view.month.number()] { (name) }
                    }
                }
                label.vh for="jump-year" { "Year" }
                input #jump-year name="year" type="number" min=(YEAR_MIN) max=(YEAR_MAX) value=(view.month.year()) required;
                @for (name, value) in view.filter_summary.filter.fields() { input type="hidden" name=(name) value=(value); }
                button.btn { "Go" }
            }
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

/// The ends of the addresses of days: they differ in their filter alone.
struct Queries {
    whole: String,
    /// In the order of [`EventType::ALL`].
    types: [String; 6],
    unstaffed: String,
    pairs: String,
}

impl Queries {
    fn new(filter: &Filter) -> Self {
        let of_types = |types: &[EventType]| urls::filter_query(&filter.clone().of_types(types));
        Self {
            whole: urls::filter_query(filter),
            types: EventType::ALL.map(|one| of_types(&[one])),
            unstaffed: urls::filter_query(&filter.clone().in_condition(Condition::Unstaffed)),
            pairs: of_types(&[EventType::Core, EventType::Supervisor]),
        }
    }
}

fn table(view: &MonthView, title: &str) -> Markup {
    let queries = Queries::new(&view.filter_summary.filter);
    let weeks = view.month.weeks(view.week_start);
    let busiest = view.days.iter().map(|(_, counts)| counts.total()).max().unwrap_or(0).max(LOAD_FULL_MIN);
    html! {
        table #days class={ "month weeks-" (weeks.len()) } {
            caption.vh { (title) ", events of each day" }
            thead {
                tr { @for day in calendar::weekdays(view.week_start) { (weekday(day)) } }
            }
            tbody {
                @for week in &weeks {
                    tr {
                        @for date in week {
                            (if Month::of(*date) == view.month { day(view, *date, busiest, &queries) } else { outside(view, *date) })
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

/// A day of the month: a link, whose name is the whole sentence, over the cell; badges and warnings that lead to the
/// filtered day lie on it. They are for the eye and the mouse; the keyboard has the filter.
fn day(view: &MonthView, date: NaiveDate, busiest: u32, queries: &Queries) -> Markup {
    let counts = view.days.get(date.day0() as usize).map_or_else(DayCounts::default, |(_, counts)| *counts);
    let (page, today) = (urls::day(date), date == view.today);
    html! {
        td class=(day_class(view, date, &counts, busiest)) {
            a.day href={ (page) (queries.whole) } data-date=(date) aria-current=[today.then_some("date")] aria-label=(sentence(date, &counts))
                aria-describedby=[has_marks(view, date, &counts).then(|| marks_id(date))] { (date.day()) }
            @if counts.unscheduled_due > 0 { (warning(&page, queries, counts.unscheduled_due)) }
            div.badges aria-hidden="true" {
                @for one in EventType::ALL.into_iter().filter(|one| shows(view, *one)) { (badge(&page, queries, one, counts.of(one))) }
            }
            @if has_marks(view, date, &counts) { (marks(view, date, &counts, &page, queries)) }
        }
    }
}

/// A day of a month beside this one: its number. The keyboard has the links to that month.
fn outside(view: &MonthView, date: NaiveDate) -> Markup {
    html! {
        td.out {
            @if calendar::is_within(date) {
                a tabindex="-1" href=(urls::with_query(urls::day(date), &view.filter_summary.filter)) aria-label=(format::date(date)) { (date.day()) }
            }
        }
    }
}

/// Past, weekend, today, and the length of the load line.
fn day_class(view: &MonthView, date: NaiveDate, counts: &DayCounts, busiest: u32) -> String {
    let load = (counts.total() * LOAD_STEPS).div_ceil(busiest);
    let is_weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    let words = [(date < view.today, "past"), (is_weekend, "weekend"), (date == view.today, "today")];
    let words = words.into_iter().filter(|(applies, _)| *applies).map(|(_, word)| word);
    words.chain((load > 0).then_some(format!("load-{load}")).as_deref()).collect::<Vec<_>>().join(" ")
}

/// Tells if the filter shows a type. A hidden type has no badge, because a zero would mean no events.
fn shows(view: &MonthView, event_type: EventType) -> bool {
    let FilterSummary { filter, .. } = &view.filter_summary;
    filter.wants(event_type) && filter.condition != Some(Condition::Unstaffed)
}

/// "▲ 3 unscheduled due"; "▲ 3 due" in narrow cells, and the number alone on a phone. Screen readers get the sentence.
fn warning(page: &str, queries: &Queries, due: u32) -> Markup {
    html! {
        a.due href={ (page) (queries.unstaffed) } tabindex="-1" aria-hidden="true" title=(due_words(due)) {
            "▲ " (due) span.full { " unscheduled" } span.w { " due" }
            span.vh { " " (due_words(due)) }
        }
    }
}

/// "3 unscheduled events due this day"
fn due_words(due: u32) -> String {
    format!("{} due this day", format::count(due, "unscheduled event"))
}

/// "C 5", a link to the events of that type; "C 0" leads nowhere.
fn badge(page: &str, queries: &Queries, event_type: EventType, count: u32) -> Markup {
    let letter = &event_type.label()[..1];
    html! {
        @if count == 0 {
            span class={ "b " (event_type.slug()) " zero" } { (letter) " 0" }
        } @else {
            a class={ "b " (event_type.slug()) } href={ (page) (queries.types[event_type as usize]) } tabindex="-1" { (letter) " " (count) }
        }
    }
}

/// COREs without their Supervisor, where pairs are kept.
fn without_supervisor(view: &MonthView, counts: &DayCounts) -> u32 {
    if view.pairing { counts.without_supervisor } else { 0 }
}

fn has_marks(view: &MonthView, date: NaiveDate, counts: &DayCounts) -> bool {
    without_supervisor(view, counts) > 0 || view.notes.contains_key(&date) || view.issues.contains_key(&date)
}

fn marks_id(date: NaiveDate) -> String {
    format!("marks-{}", date.day())
}

/// Notes of a day besides due events: COREs without their Supervisor, a holiday, people off.
fn marks(view: &MonthView, date: NaiveDate, counts: &DayCounts, page: &str, queries: &Queries) -> Markup {
    let open = without_supervisor(view, counts);
    html! {
        div.marks id=(marks_id(date)) {
            @if open > 0 {
                a.flag.alone href={ (page) (queries.pairs) } tabindex="-1" title={ (format::count(open, "CORE event")) " without Supervisor" } {
                    (open) span.w { " without Supervisor" }
                }
            }
            @if let Some(notes) = view.notes.get(&date) {
                @if let Some(holiday) = &notes.holiday { span.holiday title={ "Company holiday: " (holiday) } { (holiday) } }
                @if notes.off > 0 { span.off title={ (format::people(notes.off)) " off" } { (notes.off) " off" } }
            }
            @if let Some(issues) = view.issues.get(&date) {
                @if issues.refused > 0 {
                    a.flag.refused href={ (page) (queries.whole) } tabindex="-1" title=(format::count(issues.refused, "conflict")) {
                        (issues.refused) span.w { (if issues.refused == 1 { " conflict" } else { " conflicts" }) }
                    }
                }
                @let rest = DayIssues { refused: 0, ..*issues };
                @for words in findings::day_words(&rest) { span.off { (words) } }
            }
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
