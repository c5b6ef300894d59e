//! A month and a day of the calendar.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rocket::get;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    context::Context,
    domain::{
        day::{Card, Day, Group, Holder},
        event::{EventType, counts::DayCounts},
        rules::stored::DayIssues,
    },
    routes::{
        api::{
            responses::{ErrorAnswer, EventObject},
            schemas,
        },
        auth::Viewer,
        http::{
            error::{CallFailure, Failure},
            etag::Tagged,
            params::{self, DateParam},
        },
    },
    store::{
        Snapshot, StoreError,
        queries::{
            day_cards::{self, Show},
            filtered_month::EVENTS_MAX,
        },
        tables::{days, events, issues},
    },
};

/// Events alone, without their pairs.
pub(super) fn plain(today: NaiveDate) -> Show {
    Show { pairing: false, undo: None, findings: Some(today) }
}

/// Events under dates.
type ByDate = BTreeMap<String, Vec<EventObject>>;

/// A month: counts by day, and every event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Month)]
pub struct MonthObject {
    year: i32,
    month: u32,
    days: Vec<DayCount>,
    /// Scheduled events under the date of their start.
    #[schema(value_type = BTreeMap<String, Vec<EventObject>>)]
    events: ByDate,
    /// Unstaffed events under the last day on which the work can be done.
    #[schema(value_type = BTreeMap<String, Vec<EventObject>>)]
    unscheduled: ByDate,
    /// False if the month has more events than are listed; the counts are whole. `/api/events` has all, page by page.
    complete: bool,
}

/// A day of a month.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayCount {
    #[schema(value_type = schemas::Date)]
    date: NaiveDate,
    counts: Counts,
    /// Unstaffed events whose last day it is.
    unscheduled_due: u32,
    /// Scheduled COREs with a Supervisor event that is not scheduled.
    without_supervisor: u32,
    issues: IssueCounts,
}

/// Findings of the rules about the assignments of a day, in numbers of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssueCounts {
    /// Refused by a rule, without an override reason.
    refused: u32,
    /// Refused by a rule, accepted with a reason.
    accepted: u32,
    /// Warned about only.
    warned: u32,
}

/// Scheduled events by type.
#[derive(Debug, Serialize, ToSchema)]
pub struct Counts {
    core: u32,
    juicer: u32,
    supervisor: u32,
    freeosk: u32,
    digitals: u32,
    other: u32,
}

impl Counts {
    pub(super) fn of(counts: &DayCounts) -> Self {
        let [core, juicer, supervisor, freeosk, digitals, other] = EventType::ALL.map(|one| counts.of(one));
        Self { core, juicer, supervisor, freeosk, digitals, other }
    }
}

/// A day, with the data of its page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Day)]
pub struct DayObject {
    #[schema(value_type = schemas::Date)]
    date: NaiveDate,
    banner: Banner,
    groups: Groups,
    /// Events of the day before whose work reaches into this day.
    overnight: Vec<EventObject>,
    /// False if the day has more events than are listed and counted here. `/api/events` has all, page by page.
    complete: bool,
}

/// The summary of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct Banner {
    juicers: Vec<String>,
    primary_leads: Vec<String>,
    supervisors_scheduled: usize,
    supervisors_unscheduled: usize,
    unscheduled_due: usize,
}

/// The day's events, in the order of its page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Groups {
    juicer: Vec<EventObject>,
    freeosk: Vec<EventObject>,
    digitals: Vec<EventObject>,
    core: Vec<EventObject>,
    other: Vec<EventObject>,
    supervisor: Vec<EventObject>,
    /// Unstaffed events whose last day it is.
    unscheduled: Vec<EventObject>,
}

/// A month: counts by day, and every event
#[utoipa::path(get, path = "/api/calendar/{year}/{month}", operation_id = "show_month", tag = "Calendar",
    params(("year" = u32, Path, minimum = 1970, maximum = 2200), ("month" = u32, Path, minimum = 1, maximum = 12)),
    responses((status = 200, body = MonthObject), (status = 304, description = "As `If-None-Match` has it"),
    (status = 404, body = ErrorAnswer)))]
#[get("/calendar/<year>/<month>", rank = 20)]
pub async fn month(
    year: &str,
    month: &str,
    _viewer: Viewer,
    context: &Context,
) -> Result<Tagged<MonthObject>, CallFailure> {
    let (month, today) = (params::month(year, month)?, context.clock.today(context.config.zone));
    let read = move |tx: &Snapshot<'_>| {
        let (first, last) = (month.first(), month.last());
        let mut scheduled = events::scheduled_first(tx, (first, last), EVENTS_MAX + 1)?;
        let mut due = events::due_first(tx, (first, last), EVENTS_MAX + 1)?;
        let complete = scheduled.len().max(due.len()) <= EVENTS_MAX;
        scheduled.truncate(EVENTS_MAX);
        due.truncate(EVENTS_MAX);
        let show = plain(today);
        let (scheduled, due) = (day_cards::cards(tx, scheduled, show)?, day_cards::cards(tx, due, show)?);
        let found = issues::by_day(tx, (first, last), today, |_| Ok(true))?;
        Ok::<_, StoreError>((days::month(tx, month)?, found, scheduled, due, complete))
    };
    let (counts, found, scheduled, due, complete) = context.read(read).await?;
    Ok(Tagged(MonthObject {
        year: month.year(),
        month: month.number(),
        days: counts
            .iter()
            .map(|(date, counts)| day_count(*date, counts, found.get(date).copied().unwrap_or_default()))
            .collect(),
        events: by_date(&scheduled, |card| card.event.date()),
        unscheduled: by_date(&due, |card| card.event.last_day()),
        complete,
    }))
}

fn day_count(date: NaiveDate, counts: &DayCounts, issues: DayIssues) -> DayCount {
    let DayIssues { refused, accepted, warned } = issues;
    let issues = IssueCounts { refused, accepted, warned };
    let DayCounts { unscheduled_due, without_supervisor, .. } = *counts;
    DayCount { date, counts: Counts::of(counts), unscheduled_due, without_supervisor, issues }
}

fn by_date(cards: &[Card], date: impl Fn(&Card) -> Option<NaiveDate>) -> ByDate {
    let mut days = ByDate::new();
    for card in cards {
        if let Some(date) = date(card) {
            days.entry(date.to_string()).or_default().push(EventObject::of(card));
        }
    }
    days
}

/// A day, with the data of its page
#[utoipa::path(get, path = "/api/calendar/day/{date}", operation_id = "show_day", tag = "Calendar",
    params(("date" = schemas::Date, Path)),
    responses((status = 200, body = DayObject), (status = 304, description = "As `If-None-Match` has it"),
    (status = 404, body = ErrorAnswer)))]
#[get("/calendar/day/<date>")]
pub async fn day(
    date: Result<DateParam, Failure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Tagged<DayObject>, CallFailure> {
    let DateParam(date) = date?;
    let today = context.clock.today(context.config.zone);
    let show = Show { pairing: context.config.policy.pairing, ..plain(today) };
    let day = context.read(move |tx| day_cards::day(tx, date, show)).await?;
    Ok(Tagged(day_object(&day)))
}

fn names(holders: &[Holder]) -> Vec<String> {
    holders.iter().map(|one| one.name.clone()).collect()
}

fn day_object(day: &Day) -> DayObject {
    let group = |group| day.cards(group).iter().map(EventObject::of).collect::<Vec<_>>();
    let of = |event_type| group(Group::Of(event_type));
    DayObject {
        date: day.date,
        banner: Banner {
            juicers: names(&day.juicers),
            primary_leads: names(&day.primary_leads),
            supervisors_scheduled: day.cards(Group::Of(EventType::Supervisor)).len(),
            supervisors_unscheduled: day.supervisors_unscheduled,
            unscheduled_due: day.unscheduled_due,
        },
        groups: Groups {
            juicer: of(EventType::Juicer),
            freeosk: of(EventType::Freeosk),
            digitals: of(EventType::Digitals),
            core: of(EventType::Core),
            other: of(EventType::Other),
            supervisor: of(EventType::Supervisor),
            unscheduled: group(Group::UnscheduledDue),
        },
        overnight: day.overnight.iter().map(EventObject::of).collect(),
        complete: day.complete,
    }
}
