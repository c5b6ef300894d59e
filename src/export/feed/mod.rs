//! A calendar feed (iCalendar) of the events of an employee or of the team.
//!
//! Invariant: an event keeps its UID, its SEQUENCE is its revision, and an event that left the feed stays in it as CANCELLED
//! for a while, so that calendars that have it remove it.

mod zone;

use std::collections::BTreeMap;

use chrono::{DateTime, Months, TimeDelta, Utc};
use chrono_tz::Tz;
use icalendar::{Calendar, Component, Event as Entry, EventLike, EventStatus, Property};

use crate::{
    domain::{
        audit::{State, Step},
        event::{Event, Schedule},
        feed::Feed,
        ids::EventId,
    },
    store::{
        ReadTx, StoreError,
        tables::{audit, employees, events},
    },
};

/// Months that a feed covers before and after today: 13 of history, so that a month can be compared with the one a year before.
const BACK_MONTHS: u32 = 13;
const AHEAD_MONTHS: u32 = 12;
/// Refresh interval for calendars, as an iCalendar duration.
const REFRESH: &str = "PT1H";
/// Most events in a feed, the earliest first. The busiest year of a team has some ten thousand.
const EVENTS_MAX: usize = 50_000;
/// Days for which a released event is listed as cancelled.
const RELEASED_DAYS: i64 = 30;
/// Most audit entries that are searched for released events.
const ENTRIES_MAX: u64 = 20_000;

/// The feed as a calendar file, as of `today`.
pub fn write(view: &dyn ReadTx, feed: &Feed, zone: Tz, now: DateTime<Utc>) -> Result<String, StoreError> {
    let today = now.with_timezone(&zone).date_naive();
    let first = today.checked_sub_months(Months::new(BACK_MONTHS)).unwrap_or(today);
    let last = today.checked_add_months(Months::new(AHEAD_MONTHS)).unwrap_or(today);
    let held = match &feed.employee {
        Some(employee) => events::held_first(view, employee, (first, last), EVENTS_MAX)?,
        None => events::scheduled_first(view, (first, last), EVENTS_MAX)?,
    };
    let name = match &feed.employee {
        Some(id) => employees::shown_name(view, id)?,
        None => "Team".to_owned(),
    };
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", "-//Tandem//Tandem//EN"));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.append_property(Property::new("X-WR-CALNAME", format!("Tandem: {name}")));
    calendar.append_property(Property::new("X-WR-TIMEZONE", zone.name()));
    calendar.append_property(Property::new("REFRESH-INTERVAL", REFRESH).add_parameter("VALUE", "DURATION").done());
    calendar.append_property(Property::new("X-PUBLISHED-TTL", REFRESH));
    let people: BTreeMap<_, _> = employees::all_named(view)?.into_iter().map(|one| (one.id, one.name)).collect();
    for event in &held {
        if let Some(schedule) = &event.schedule {
            let stamp = audit::last_of(view, event.id)?.map_or(feed.at, |entry| entry.at);
            let who = people.get(&schedule.employee).map(String::as_str);
            calendar.push(entry(event, schedule, who, stamp, zone, EventStatus::Confirmed));
        }
    }
    for (id, (released, stamp)) in released(view, feed, now)? {
        if held.iter().any(|event| event.id == id) || !(first..=last).contains(&released.start.date()) {
            continue;
        }
        if let Some(event) = events::get(view, id)? {
            calendar.push(entry(&event, &released, None, stamp, zone, EventStatus::Cancelled));
        }
    }
    let text = calendar.done().to_string();
    Ok(with_zone(&text, &zone::vtimezone(zone, first, last)))
}

/// Puts the time zone before the first event.
fn with_zone(text: &str, zone: &str) -> String {
    let place = text.find("BEGIN:VEVENT").or_else(|| text.find("END:VCALENDAR")).unwrap_or(text.len());
    let (head, tail) = text.split_at(place);
    format!("{head}{zone}{tail}")
}

fn entry(
    event: &Event,
    schedule: &Schedule,
    who: Option<&str>,
    stamp: DateTime<Utc>,
    zone: Tz,
    status: EventStatus,
) -> Entry {
    let local = |at: chrono::NaiveDateTime, name: &str| {
        let mut property = Property::new(name, at.format("%Y%m%dT%H%M%S").to_string());
        property.add_parameter("TZID", zone.name());
        property.done()
    };
    let mut entry = Entry::new();
    entry.uid(&format!("event-{}@tandem", event.id));
    entry.timestamp(stamp);
    entry.append_property(Property::new("LAST-MODIFIED", stamp.format("%Y%m%dT%H%M%SZ").to_string()));
    entry.sequence(event.revision.0);
    entry.append_property(local(schedule.start, "DTSTART"));
    entry.append_property(local(event.end_from(schedule.start), "DTEND"));
    entry.summary(&event.label());
    entry.status(status);
    let place = format!("{} {}", event.location.number, event.location.name);
    if !place.trim().is_empty() {
        entry.location(place.trim());
    }
    let mut said = vec![event.event_type.label().to_owned(), event.name.clone()];
    said.extend(who.map(str::to_owned));
    entry.description(&said.join(", "));
    entry.done()
}

/// Events that left the feed: the last assignment of each, and the time at which it ended.
fn released(
    view: &dyn ReadTx,
    feed: &Feed,
    now: DateTime<Utc>,
) -> Result<BTreeMap<EventId, (Schedule, DateTime<Utc>)>, StoreError> {
    let last = audit::last(view)?;
    let since = now - TimeDelta::days(RELEASED_DAYS);
    let is_ours = |schedule: &&Schedule| feed.employee.as_ref().is_none_or(|employee| schedule.employee == *employee);
    let mut found = BTreeMap::new();
    for sequence in (last.saturating_sub(ENTRIES_MAX) + 1..=last).rev() {
        let Some(entry) = audit::get(view, sequence)? else { continue };
        if entry.at < since {
            break;
        }
        for Step { event, before: State { schedule, .. }, .. } in entry.steps {
            if let Some(schedule) = schedule.filter(|schedule| is_ours(&schedule)) {
                found.entry(event).or_insert((schedule, entry.at));
            }
        }
    }
    Ok(found)
}
