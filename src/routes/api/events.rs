//! Events as a list, and one by its id.

use std::collections::VecDeque;

use chrono::{Days, NaiveDate};
use rocket::{State, get};
use serde::Serialize;
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
            etag::Tagged,
            query::{self, Query},
            responses::{ErrorAnswer, EventObject},
            schemas,
        },
        auth::guards::Viewer,
        http::{
            error::{CallFailure, Failure},
            params::EventParam,
        },
    },
    store::{
        Flow, ReadTx, StoreError,
        tables::{
            days::{self, Show},
            events::{self, DAY_EVENTS_MAX},
        },
    },
};

/// Most days that one page looks through; the rest is a page further.
const DAYS_LOOKED_THROUGH_MAX: u64 = 3_660;
/// Most events that one page looks through for matches; the rest is a page further.
const LOOKED_THROUGH_MAX: usize = 10_000;

/// Events alone, without their pairs.
const PLAIN: Show = Show { pairing: false, undo: None };

/// The parameters of the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read field by field, so that errors name them; this is for the document")]
pub struct EventsParams {
    /// Several times for several.
    r#type: Option<Vec<schemas::EventTypeName>>,
    /// The store's number.
    #[param(max_length = 500, pattern = r"\S")]
    store: Option<String>,
    /// The employee's id.
    employee: Option<schemas::Employee>,
    condition: Option<schemas::ConditionName>,
    /// First date: of the start, or of the due date of what is unstaffed.
    from: Option<schemas::Date>,
    /// Last date.
    to: Option<schemas::Date>,
    /// Items on a page; a page may hold fewer although more follow.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
    cursor: Option<schemas::EventsCursor>,
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
#[utoipa::path(get, path = "/api/events", operation_id = "list_events", tag = "Lists", params(EventsParams), responses(
    (status = 200, body = Events), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer)))]
#[get("/events")]
pub async fn list(mut query: Query, _viewer: Viewer, context: &State<Context>) -> Result<Tagged<Events>, CallFailure> {
    let wanted = Wanted { filter: filter(&mut query)?, limit: query.limit()? };
    let range = range(&mut query)?;
    let page = match range {
        None => {
            let after = query.cursor(Cursor::read)?;
            query.finish()?;
            context
                .store
                .run(move |store| {
                    store.read(|view| Ok::<_, Failure>(by_id(view, &wanted, after.map(|after| after.event))?))
                })
                .await
        }
        Some((first, last)) => {
            let after = query.cursor(Cursor::read)?.map(|after| (after.date.unwrap_or(first), after.event));
            query.finish()?;
            context.store.run(move |store| store.read(|view| by_date(view, &wanted, first, last, after))).await
        }
    };
    Ok(Tagged(page?))
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
        fields.extend(query.all(name)?.into_iter().map(|value| (name, value)));
    }
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    Filter::parse(fields).map_err(|error| Failure::Malformed(format!("The filter cannot be used: {error}.")))
}

fn range(query: &mut Query) -> Result<Option<(NaiveDate, NaiveDate)>, Failure> {
    let date = |text: &str| calendar::parse_date(text).map_err(|error| error.to_string());
    let (first, last) = (query.optional_with("from", date)?, query.optional_with("to", date)?);
    let is_asked = first.is_some() || last.is_some();
    Ok(is_asked.then(|| (first.unwrap_or(calendar::FIRST_DAY), last.unwrap_or(calendar::LAST_DAY))))
}

fn by_id(view: &dyn ReadTx, wanted: &Wanted, after: Option<EventId>) -> Result<Events, StoreError> {
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

/// The last event of the page before: `1001`, or with dates `2025-10-15.1001`.
struct Cursor {
    date: Option<NaiveDate>,
    event: EventId,
}

impl Cursor {
    fn read(text: &str) -> Option<Self> {
        let (date, id) = text.split_once('.').map_or((None, text), |(date, id)| (Some(date), id));
        let date = date.map(calendar::parse_date).transpose().ok()?;
        Some(Self { date, event: query::number(id).filter(|id| *id > 0).map(EventId)? })
    }
}

fn by_date(
    view: &dyn ReadTx,
    wanted: &Wanted,
    first: NaiveDate,
    last: NaiveDate,
    after: Option<(NaiveDate, EventId)>,
) -> Result<Events, Failure> {
    let mut found: Vec<Event> = Vec::new();
    let (mut date, mut looked) = (after.map_or(first, |(date, _)| date.max(first)), 0);
    let mut days = 0;
    while date <= last {
        let (mut day, complete) = events::on(view, date)?;
        if !complete {
            let sentence = format!(
                "{date} has more than {DAY_EVENTS_MAX} events: leave out from and to, and page through all events."
            );
            return Err(Failure::Malformed(sentence));
        }
        day.sort_by_key(|event| event.id);
        looked += day.len();
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
        days += 1;
        if date < last && (days == DAYS_LOOKED_THROUGH_MAX || looked >= LOOKED_THROUGH_MAX) {
            let next = Some(format!("{date}.{JSON_SAFE_MAX}"));
            return Ok(Events { events: objects(view, found)?, next });
        }
        let Some(tomorrow) = date.checked_add_days(Days::new(1)) else { break };
        date = tomorrow;
    }
    Ok(Events { events: objects(view, found)?, next: None })
}

fn objects(view: &dyn ReadTx, events: Vec<Event>) -> Result<Vec<EventObject>, StoreError> {
    Ok(days::cards(view, events, PLAIN)?.iter().map(EventObject::of).collect())
}
