//! The day: banner and cards in groups.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        calendar::{Month, is_within},
        day::{Day, Group, Holder},
        event::{Condition, EventType, Location, filter::Filter},
        format,
        user::Role,
    },
    views::{
        FormKeys, Page,
        calendar::{card, day_page::DayPage, month},
        components::{
            filter::{self, FilterSummary},
            findings,
            no_events::no_events,
            print,
        },
        urls,
    },
};

/// Cards of a group that are shown at once; the rest is behind "Show all".
pub const GROUP_CARDS_MAX: usize = 200;
/// Most people named in a fact of a day.
const NAMES_MAX: usize = 6;

/// The place of a fragment: in its page, in an open page (out of band), or on a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    InPage,
    OutOfBand,
    /// Part of a sheet to print: whole and open.
    Sheet,
}

impl Place {
    pub(crate) fn swap(self) -> Option<&'static str> {
        match self {
            Self::InPage | Self::Sheet => None,
            Self::OutOfBand => Some("true"),
        }
    }
}

#[derive(Debug)]
pub struct DayView {
    pub day: Day,
    pub page: DayPage,
    /// Of the store, when it was read.
    pub version: u64,
    pub filter_summary: FilterSummary,
    pub today: NaiveDate,
    pub pairing: bool,
    /// The store has no events at all.
    pub no_events: bool,
}

pub fn page(view: &DayView, keys: &FormKeys) -> Page {
    let day = &view.day;
    let title = format::date_in_full(day.date);
    let shows = format!("{} of {}", day.shown(), format::count(day.total as u64, "event"));
    let main = html! {
        div.page.day-page data-live=(day.date) data-version=(view.version) {
            (bar(view, &title, keys))
            (filter::summary(&view.filter_summary.words, Some(&shows), &urls::day(day.date)))
            @if view.no_events { (no_events(keys.lets(Role::Admin), "Those of a day are listed here.")) }
            @if !view.pairing {
                p.note.info { "Pairing is off: Supervisor events do not follow their CORE." }
            }
            (content(view, Place::InPage, keys))
        }
    };
    Page::new(title, main).with_content_at("facts")
}

fn bar(view: &DayView, title: &str, keys: &FormKeys) -> Markup {
    let (date, filter) = (view.day.date, &view.filter_summary.filter);
    let month_of = Month::of(date);
    let turn = |date: NaiveDate| urls::with_query(urls::day(date), filter);
    html! {
        div.bar {
            a href=(urls::with_query(urls::month(month_of), filter)) { "‹ " (month::title(month_of)) }
            h1 #title tabindex="-1" { (title) }
            (steps(date, view.today, turn))
            div.joined {
                a.btn href=(view.page.address()) aria-current="page" { "List" }
                a #timeline-link .btn href=(urls::timeline(date)) { "Timeline" }
            }
            @if keys.lets(Role::Scheduler) {
                @let reassign = urls::reassign(date);
                a #reassign-link .btn.quiet href=(reassign) hx-get=(reassign) hx-target="#dialog" { "Reassign a day…" }
            }
            (filter::link(&urls::filter_form(&urls::day(date), filter)))
            (print::link(&urls::sheet(&urls::day(date), filter)))
        }
    }
}

/// Links to the day before, today, and the next day.
pub(super) fn steps(date: NaiveDate, today: NaiveDate, address: impl Fn(NaiveDate) -> String) -> Markup {
    let within = |date: &NaiveDate| is_within(*date);
    html! {
        div.joined {
            @if let Some(date) = date.pred_opt().filter(within) {
                a #prev-link .btn.icon rel="prev" href=(address(date)) aria-label={ "Previous day, " (format::date(date)) } { "‹" }
            }
            a #today-link .btn href=(address(today)) aria-current=[(date == today).then_some("date")] { "Today" }
            @if let Some(date) = date.succ_opt().filter(within) {
                a #next-link .btn.icon rel="next" href=(address(date)) aria-label={ "Next day, " (format::date(date)) } { "›" }
            }
        }
    }
}

/// The same day as a sheet to print.
pub fn sheet(view: &DayView, keys: &FormKeys) -> Page {
    let day = &view.day;
    let title = format::date_in_full(day.date);
    let shows = format!("{} of {}", day.shown(), format::count(day.total as u64, "event"));
    let main = html! {
        div.page.day-page.sheet {
            (print::bar(&view.page.address()))
            h1 #title tabindex="-1" { (title) }
            (filter::summary(&view.filter_summary.words, Some(&shows), &urls::day(day.date)))
            (content(view, Place::Sheet, keys))
        }
    };
    Page::new(format!("{title}, to print"), main)
}

fn content(view: &DayView, place: Place, keys: &FormKeys) -> Markup {
    let day = &view.day;
    html! {
        @if !day.complete { p.note.warn { "This day has more events than can be shown. Filter by store or employee to see the rest." } }
        (shared(day, place))
        (facts(day, view.today, place))
        (overnight(day))
        @for one in Group::ALL { (group(day, view.today, &view.page, one, place, keys)) }
        (print::printed(view.today))
    }
}

/// The banner: Juicer, Primary Lead, Supervisor events, unscheduled events.
pub fn facts(day: &Day, today: NaiveDate, place: Place) -> Markup {
    let due = day.unscheduled_due;
    html! {
        dl #facts .facts hx-swap-oob=[place.swap()] {
            (fact("Juicer", &names(&day.juicers, place), day.juicers.is_empty()))
            (fact("Primary Lead", &names(&day.primary_leads, place), false))
            (fact("Supervisor events", &supervisors(day), false))
            (fact(unscheduled_due(day.date, today), &if due == 0 { "None".to_owned() } else { format::count(due as u64, "event") }, due > 0))
        }
    }
}

/// Values that all cards share, shown once: the store, and that those in a group of a type are scheduled.
pub fn shared(day: &Day, place: Place) -> Markup {
    let scheduled = day.total - day.unscheduled_due;
    html! {
        p #shared .sub hx-swap-oob=[place.swap()] {
            @if let Some(store) = day.store.as_ref().and_then(Location::label) { "All at " (store) " · " }
            (scheduled) " scheduled, " (day.unscheduled_due) " unscheduled"
        }
    }
}

/// Work that began the day before. An empty list keeps its place, so that an open page can receive it.
fn overnight(day: &Day) -> Markup {
    html! {
        ul #overnight .overnight aria-label="Work that began the day before" {
            @for card in &day.overnight {
                @if let Some((start, end)) = card.event.start().zip(card.event.end_after_midnight(day.date)) {
                    li class=(card.event.event_type.slug()) {
                        b { "Until " (format::time(end.time())) }
                        " " a href=(urls::card(start.date(), card.event.id)) { bdi { (card.event.product()) } }
                        " " span.meta {
                            @if let Some(name) = card.employee_name() { bdi { (name) } " · " }
                            "since " (format::moment_near(start, day.date))
                        }
                        (findings::lines(&card.findings))
                    }
                }
            }
        }
    }
}

fn fact(name: &str, words: &str, warns: bool) -> Markup {
    html! {
        div class={ "fact" @if warns { " warn" } } {
            dt { (name) }
            dd { @if warns { span aria-hidden="true" { "▲" } " " span.vh { "Warning: " } } (words) }
        }
    }
}

/// The first names on a page; all names on a sheet.
fn names(holders: &[Holder], place: Place) -> String {
    let names: Vec<_> = holders.iter().map(|one| one.shown.as_str()).collect();
    let max = if place == Place::Sheet { names.len() } else { NAMES_MAX };
    match names.len().checked_sub(max).filter(|more| *more > 0) {
        _ if names.is_empty() => "None scheduled".to_owned(),
        None => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..max].join(", ")),
    }
}

/// "2 scheduled, 1 unscheduled"
fn supervisors(day: &Day) -> String {
    match (day.supervisors_scheduled, day.supervisors_unscheduled) {
        (0, 0) => "None".to_owned(),
        (scheduled, 0) => format!("{scheduled} scheduled"),
        (scheduled, open) => format!("{scheduled} scheduled, {open} unscheduled"),
    }
}

/// One group with its cards. An empty Other group, and one that the filter leaves out, keeps its place, hidden, so that
/// an open page can receive its first card.
pub fn group(day: &Day, today: NaiveDate, page: &DayPage, group: Group, place: Place, keys: &FormKeys) -> Markup {
    let heading = heading(group, day.date, today);
    let (cards, filter) = (day.cards(group), &page.filter);
    let slug = group.slug();
    let closed = group == Group::Of(EventType::Supervisor);
    let hidden = cards.is_empty() && (group == Group::Of(EventType::Other) || !can_show(filter, group));
    let sheet = place == Place::Sheet;
    let shown = if sheet || page.all.contains(&group) { cards.len() } else { cards.len().min(GROUP_CARDS_MAX) };
    html! {
        details id={ "group-" (slug) } class={ "group " (slug) @if cards.is_empty() { " bare" } } data-group=[(!sheet).then_some(slug)] open[sheet || !closed] hidden[hidden] hx-swap-oob=[place.swap()] {
            summary {
                h2 { (heading) " " span.count { "(" (cards.len()) ")" } }
                span.sum {
                    @if cards.is_empty() { (nothing(group)) @if !filter.is_empty() { " with this filter" } }
                    @else if closed && filter.is_empty() { (supervisors(day)) }
                }
            }
            @for one in &cards[..shown] { (card::card(one, page, day.store.as_ref(), keys)) }
            @if shown < cards.len() { (rest(page, group, &heading, cards.len())) }
        }
    }
}

/// A link that loads all cards of the group.
fn rest(page: &DayPage, group: Group, heading: &str, count: usize) -> Markup {
    let (href, id) = (page.with_all_of(group).address(), format!("#group-{}", group.slug()));
    html! {
        p.rest {
            a href={ (href) (id) } hx-get=(href) hx-target=(id) hx-select=(id) hx-swap="outerHTML" {
                "Show all " (count) span.vh { " " (heading) }
            }
            " " span.hint { "Showing the first " (GROUP_CARDS_MAX) "." }
        }
    }
}

/// Tells if a filter can show any card of a group.
fn can_show(filter: &Filter, group: Group) -> bool {
    let (condition, wanted) = match group {
        Group::Of(event_type) => (Condition::Scheduled, filter.wants(event_type)),
        Group::UnscheduledDue => (Condition::Unstaffed, filter.employee.is_none()),
    };
    wanted && filter.condition.is_none_or(|one| one == condition)
}

fn heading(group: Group, date: NaiveDate, today: NaiveDate) -> String {
    match group {
        Group::Of(event_type) => format!("{} events", event_type.label()),
        Group::UnscheduledDue => unscheduled_due(date, today).to_owned(),
    }
}

fn unscheduled_due(date: NaiveDate, today: NaiveDate) -> &'static str {
    if date == today { "Unscheduled, due today" } else { "Unscheduled, due this day" }
}

fn nothing(group: Group) -> String {
    match group {
        Group::Of(event_type) => format!("No {} events scheduled for this day", event_type.label()),
        Group::UnscheduledDue => "No unscheduled events are due this day".to_owned(),
    }
}
