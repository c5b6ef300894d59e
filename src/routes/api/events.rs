//! Events as a list, and one by its id.

use std::collections::VecDeque;

use chrono::{Days, NaiveDate};
use rocket::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    context::Context,
    domain::{
        calendar,
        change::rejection::Rejection,
        event::{
            Event,
            filter::{self, Filter},
        },
        ids::{EventId, JSON_SAFE_MAX},
    },
    routes::{
        api::{
            calendar::plain,
            query::{self, Limit, Query},
            responses::{ErrorAnswer, EventObject},
            schemas,
        },
        auth::Viewer,
        http::{
            decode::Parsed,
            error::{CallFailure, Failure},
            etag::Tagged,
            params::EventParam,
        },
    },
    store::{
        Flow, ReadTx, Snapshot, StoreError,
        queries::day_cards,
        tables::events::{self, DAY_EVENTS_MAX},
    },
};

/// Most days that one page scans; the next page goes on from there.
const DAYS_SCANNED_MAX: u64 = 3_660;
/// Most events that one page scans; the next page goes on from there.
const EVENTS_SCANNED_MAX: usize = 10_000;

/// Query parameters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsParams {
    /// Several times for several.
    #[param(value_type = Option<Vec<schemas::EventTypeName>>)]
    #[serde(default, deserialize_with = "query::one_or_more")]
    r#type: Vec<schemas::EventTypeName>,
    /// The store's number.
    #[param(value_type = Option<String>, max_length = 500, pattern = r"\S")]
    store: Option<Parsed<String>>,
    /// The employee's id.
    employee: Option<schemas::Employee>,
    condition: Option<schemas::ConditionName>,
    /// First date: of the start, or of the due date of what is unstaffed.
    from: Option<schemas::Date>,
    /// Last date.
    to: Option<schemas::Date>,
    /// Items on a page; a page may hold fewer although more follow.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500, default = 100)]
    #[serde(default)]
    limit: Limit,
    cursor: Option<schemas::EventsCursor>,
}

impl EventsParams {
    fn filter(&self) -> Result<Filter, Failure> {
        let types = self.r#type.iter().map(|value| (filter::TYPE, value.0.as_str()));
        let single = [
            (filter::STORE, self.store.as_ref().map(|store| store.0.as_str())),
            (filter::EMPLOYEE, self.employee.as_ref().map(|employee| employee.0.as_str())),
            (filter::CONDITION, self.condition.as_ref().map(|condition| condition.0.as_str())),
        ];
        let single = single.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Filter::parse(types.chain(single))
            .map_err(|error| Failure::Malformed(format!("The filter cannot be used: {error}.")))
    }

    /// The first and the last date, if either is given.
    fn range(&self) -> Option<(NaiveDate, NaiveDate)> {
        let date = |date: &Option<schemas::Date>| date.as_ref().map(|date| date.0);
        let (first, last) = (date(&self.from), date(&self.to));
        (first.is_some() || last.is_some())
            .then(|| (first.unwrap_or(calendar::FIRST_DAY), last.unwrap_or(calendar::LAST_DAY)))
    }
}

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct Events {
    events: Vec<EventObject>,
    /// Send it as `cursor` for the next page; null on the last one.
    next: Option<String>,
}

/// The events that a list holds, and the size of its page.
struct Selection {
    filter: Filter,
    limit: usize,
    today: NaiveDate,
}

/// Events by id; with dates by date, then id
#[utoipa::path(get, path = "/api/events", operation_id = "list_events", tag = "Lists", params(EventsParams), responses(
    (status = 200, body = Events), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer)))]
#[get("/events")]
pub async fn list(
    query: Result<Query<EventsParams>, CallFailure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Tagged<Events>, CallFailure> {
    let Query(query) = query?;
    let today = context.clock.today(context.config.zone);
    let selection = Selection { filter: query.filter()?, limit: query.limit.0, today };
    let range = query.range();
    let after = query.cursor.map(|cursor| cursor.0);
    let read = move |tx: &dyn ReadTx| match range {
        None => Ok::<_, Failure>(by_id(tx, &selection, after.map(|(_, event)| event))?),
        Some((first, last)) => {
            by_date(tx, &selection, first, last, after.map(|(date, event)| (date.unwrap_or(first), event)))
        }
    };
    Ok(Tagged(context.read(move |tx| read(tx)).await?))
}

/// One event
#[utoipa::path(get, path = "/api/events/{event_id}", operation_id = "show_event", tag = "Lists",
    params(("event_id" = u64, Path, minimum = 1, maximum = 9_007_199_254_740_991_u64)), responses(
    (status = 200, body = EventObject), (status = 304, description = "As `If-None-Match` has it"),
    (status = 404, body = ErrorAnswer)))]
#[get("/events/<event>")]
pub async fn show(
    event: Result<EventParam, Failure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Tagged<EventObject>, CallFailure> {
    let (EventParam(id), today) = (event?, context.clock.today(context.config.zone));
    let read = move |tx: &Snapshot<'_>| {
        let event = events::get(tx, id)?.ok_or(Rejection::UnknownEvent(id))?;
        Ok::<_, Failure>(objects(tx, vec![event], today)?.pop())
    };
    let found = context.read(read).await?;
    Ok(Tagged(found.ok_or(Rejection::UnknownEvent(id))?))
}

fn by_id(tx: &dyn ReadTx, selection: &Selection, after: Option<EventId>) -> Result<Events, StoreError> {
    let (mut found, mut scanned, mut next) = (Vec::new(), 0, None);
    let mut last = after;
    events::each_after(tx, after, |event| {
        if found.len() == selection.limit || scanned == EVENTS_SCANNED_MAX {
            next = last.map(|id| id.to_string());
            return Ok(Flow::Stop);
        }
        scanned += 1;
        last = Some(event.id);
        if selection.filter.matches(&event) {
            found.push(event);
        }
        Ok(Flow::Continue)
    })?;
    Ok(Events { events: objects(tx, found, selection.today)?, next })
}

fn by_date(
    tx: &dyn ReadTx,
    selection: &Selection,
    first: NaiveDate,
    last: NaiveDate,
    after: Option<(NaiveDate, EventId)>,
) -> Result<Events, Failure> {
    let mut found: Vec<Event> = Vec::new();
    let (mut date, mut scanned) = (after.map_or(first, |(date, _)| date.max(first)), 0);
    let (mut days, mut next) = (0, None);
    'days: while date <= last {
        let (mut day, complete) = events::on(tx, date)?;
        if !complete {
            let sentence = format!(
                "{date} has more than {DAY_EVENTS_MAX} events: leave out from and to, and page through all events."
            );
            return Err(Failure::Malformed(sentence));
        }
        day.sort_by_key(|event| event.id);
        scanned += day.len();
        let is_empty = day.is_empty();
        let is_new = |event: &Event| after.is_none_or(|(day, id)| day != date || event.id > id);
        let mut day: VecDeque<_> =
            day.into_iter().filter(|event| is_new(event) && selection.filter.matches(event)).collect();
        while let Some(event) = day.pop_front() {
            found.push(event);
            if found.len() == selection.limit {
                let more = !day.is_empty() || date < last;
                next = found.last().filter(|_| more).map(|event| format!("{date}.{}", event.id));
                break 'days;
            }
        }
        days += 1;
        if date < last && (days == DAYS_SCANNED_MAX || scanned >= EVENTS_SCANNED_MAX) {
            next = Some(format!("{date}.{JSON_SAFE_MAX}"));
            break;
        }
        let mut step = 1;
        if is_empty && date < last {
            // Days without events are not read one by one.
            let ahead = events::first_day(tx, date + Days::new(1), last)?.unwrap_or(last);
            step = (ahead - date).num_days().unsigned_abs();
            let room = DAYS_SCANNED_MAX - days;
            if step > room {
                next = Some(format!("{}.{JSON_SAFE_MAX}", date + Days::new(room)));
                break;
            }
            days += step - 1;
        }
        let Some(ahead) = date.checked_add_days(Days::new(step)) else { break };
        date = ahead;
    }
    Ok(Events { events: objects(tx, found, selection.today)?, next })
}

fn objects(tx: &dyn ReadTx, events: Vec<Event>, today: NaiveDate) -> Result<Vec<EventObject>, StoreError> {
    Ok(day_cards::cards(tx, events, plain(today))?.iter().map(EventObject::of).collect())
}
