//! Events as a list, and one by its id.

use std::collections::VecDeque;

use chrono::{Days, NaiveDate};
use rocket::{State, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    query::{self, Query},
    shapes::{ErrorAnswer, EventObject},
    tagged::Tagged,
};
use crate::{
    context::Context,
    domain::{
        calendar,
        event::Event,
        filter::{self, Filter},
        ids::{EventId, JSON_SAFE_MAX},
        rejection::Rejection,
    },
    routes::{failure::CallFailure, failure::Failure, guard::Viewer, params::EventParam},
    store::{
        Flow, StoreError, View,
        days::{self, Show},
        events::{self, DAY_EVENTS_MAX},
    },
};

/// Longest range of dates that one list covers, in days.
const RANGE_DAYS_MAX: i64 = 366;
/// Most events that one page looks through for matches; the rest is a page further.
const LOOKED_THROUGH_MAX: usize = 10_000;

/// Events alone, without their pairs.
const PLAIN: Show = Show { pairing: false, undo: None };

/// The parameters of the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read field by field, so that errors name them; this is for the document")]
pub struct EventsParams {
    /// core, juicer, supervisor, freeosk, digitals or other; several times for several.
    #[param(pattern = "^(core|juicer|supervisor|freeosk|digitals|other)$")]
    r#type: Option<Vec<String>>,
    /// The store's number.
    #[param(max_length = 500)]
    store: Option<String>,
    /// The employee's id.
    #[param(pattern = "^[A-Za-z0-9._-]{1,40}$")]
    employee: Option<String>,
    /// scheduled or unstaffed.
    #[param(pattern = "^(scheduled|unstaffed)$")]
    condition: Option<String>,
    /// First date: of the start, or of the due date of what is unstaffed. Together with `to`, at most 366 days.
    #[param(example = "2025-10-01", pattern = r"^(19[789]\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$")]
    from: Option<String>,
    /// Last date.
    #[param(example = "2025-10-31", pattern = r"^(19[789]\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$")]
    to: Option<String>,
    /// Items on a page; a page may hold fewer although more follow.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 80)]
    cursor: Option<String>,
}

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct Events {
    events: Vec<EventObject>,
    /// Send it as `cursor` for the next page; null on the last one.
    next: Option<String>,
}

/// What is looked for.
struct Wanted {
    filter: Filter,
    limit: usize,
}

/// Events by id; with dates by date, then id
#[utoipa::path(get, path = "/api/events", tag = "Lists", params(EventsParams), responses(
    (status = 200, body = Events), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer)))]
#[get("/events")]
pub async fn list(mut query: Query, _viewer: Viewer, context: &State<Context>) -> Result<Tagged<Events>, CallFailure> {
    let wanted = Wanted { filter: filter(&mut query)?, limit: query.limit()? };
    let range = range(&mut query)?;
    let page = match range {
        None => {
            let after = query.cursor(|text| text.parse().ok())?;
            query.finish()?;
            context.store.run(move |store| store.read(|view| Ok::<_, Failure>(by_id(view, &wanted, after)?))).await
        }
        Some((first, last)) => {
            let after = query.cursor(day_cursor)?;
            query.finish()?;
            context.store.run(move |store| store.read(|view| by_date(view, &wanted, first, last, after))).await
        }
    };
    Ok(Tagged(page?))
}

/// One event
#[utoipa::path(get, path = "/api/events/{event_id}", tag = "Lists",
    params(("event_id" = u64, Path, minimum = 1, maximum = 9_007_199_254_740_991_u64)), responses(
    (status = 200, body = EventObject), (status = 304, description = "As `If-None-Match` has it"),
    (status = 404, body = ErrorAnswer)))]
#[get("/events/<event>")]
pub async fn show(
    event: Result<EventParam, Failure>,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Tagged<EventObject>, CallFailure> {
    let EventParam(id) = event?;
    let found = context
        .store
        .run(move |store| {
            store.read(|view| {
                let event = events::get(view, id)?.ok_or(Rejection::UnknownEvent(id))?;
                Ok::<_, Failure>(objects(view, vec![event])?.pop())
            })
        })
        .await?;
    Ok(Tagged(found.ok_or(Rejection::UnknownEvent(id))?))
}

fn filter(query: &mut Query) -> Result<Filter, Failure> {
    let mut fields = Vec::new();
    for name in [filter::TYPE, filter::STORE, filter::EMPLOYEE, filter::CONDITION] {
        fields.extend(query.all(name).into_iter().map(|value| (name, value)));
    }
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    Filter::parse(fields).map_err(|error| Failure::Malformed(format!("The filter cannot be used: {error}.")))
}

fn range(query: &mut Query) -> Result<Option<(NaiveDate, NaiveDate)>, Failure> {
    let date = |text: &str| calendar::parse_date(text).map_err(|error| error.to_string());
    match (query.optional_with("from", date)?, query.optional_with("to", date)?) {
        (None, None) => Ok(None),
        (Some(first), Some(last)) if (0..RANGE_DAYS_MAX).contains(&(last - first).num_days()) => {
            Ok(Some((first, last)))
        }
        (Some(_), Some(_)) => {
            Err(query::malformed("to", &format!("must be from 0 to {} days after from", RANGE_DAYS_MAX - 1)))
        }
        (Some(_), None) => Err(query::malformed("to", "is missing: from and to come together")),
        (None, Some(_)) => Err(query::malformed("from", "is missing: from and to come together")),
    }
}

fn by_id(view: &dyn View, wanted: &Wanted, after: Option<EventId>) -> Result<Events, StoreError> {
    let (mut found, mut looked, mut next) = (Vec::new(), 0, None);
    let mut last = after;
    events::each_after(view, after, |event| {
        if found.len() == wanted.limit || looked == LOOKED_THROUGH_MAX {
            next = last.map(|id| id.to_string());
            return Ok(Flow::Stop);
        }
        looked += 1;
        last = Some(event.id);
        if wanted.filter.matches(&event) {
            found.push(event);
        }
        Ok(Flow::Continue)
    })?;
    Ok(Events { events: objects(view, found)?, next })
}

/// `2025-10-15.1001`: the last event of the page before.
fn day_cursor(text: &str) -> Option<(NaiveDate, EventId)> {
    let (date, id) = text.split_once('.')?;
    Some((calendar::parse_date(date).ok()?, id.parse().ok()?))
}

fn by_date(
    view: &dyn View,
    wanted: &Wanted,
    first: NaiveDate,
    last: NaiveDate,
    after: Option<(NaiveDate, EventId)>,
) -> Result<Events, Failure> {
    let mut found: Vec<Event> = Vec::new();
    let mut looked = 0;
    let mut date = after.map_or(first, |(date, _)| date.max(first));
    while date <= last {
        let (mut day, complete) = events::on(view, date)?;
        if !complete {
            let sentence = format!(
                "{date} has more than {DAY_EVENTS_MAX} events: leave out from and to, and page through all events."
            );
            return Err(Failure::Malformed(sentence));
        }
        looked += day.len();
        day.sort_by_key(|event| event.id);
        let is_new = |event: &Event| after.is_none_or(|(day, id)| day != date || event.id > id);
        let mut day: VecDeque<_> =
            day.into_iter().filter(|event| is_new(event) && wanted.filter.matches(event)).collect();
        while let Some(event) = day.pop_front() {
            found.push(event);
            if found.len() == wanted.limit {
                let more = !day.is_empty() || date < last;
                let next = found.last().filter(|_| more).map(|event| format!("{date}.{}", event.id));
                return Ok(Events { events: objects(view, found)?, next });
            }
        }
        let Some(tomorrow) = date.checked_add_days(Days::new(1)).filter(|day| *day <= last) else { break };
        if looked >= LOOKED_THROUGH_MAX {
            // Behind every event of this day.
            let next = Some(format!("{date}.{JSON_SAFE_MAX}"));
            return Ok(Events { events: objects(view, found)?, next });
        }
        date = tomorrow;
    }
    Ok(Events { events: objects(view, found)?, next: None })
}

fn objects(view: &dyn View, events: Vec<Event>) -> Result<Vec<EventObject>, StoreError> {
    Ok(days::cards(view, events, PLAIN)?.iter().map(EventObject::of).collect())
}
