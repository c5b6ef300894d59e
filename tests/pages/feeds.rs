//! Calendar feeds, read by a parser that is not ours.

use std::collections::BTreeMap;

use icalendar::{Calendar, CalendarComponent, Component};
use serde_json::json;

use crate::support::{App, acceptance_data, page::attribute};

pub fn link(app: &App, employee: &str) -> String {
    let page = app.post("/feeds", &[("employee", employee)]).status(200);
    let link = attribute(&page.element("link"), "value").unwrap();
    let (server, path) = link.split_at(link.find("/feed/").expect("a link to a feed"));
    assert_eq!(server, app.context.config.alerts.public_url, "the link is complete");
    path.to_owned()
}

/// UID → (start, status, sequence) of each event in a feed.
pub fn events(app: &App, link: &str) -> BTreeMap<String, (String, String, u32)> {
    let body = app.get(link).status(200).body;
    assert!(body.contains("BEGIN:VTIMEZONE\r\nTZID:America/New_York\r\n"), "{body}");
    let calendar: Calendar = body.parse().unwrap();
    let events = calendar.components.iter().filter_map(CalendarComponent::as_event);
    let said = |event: &icalendar::Event| {
        let value = |name: &str| event.property_value(name).unwrap_or_default().to_owned();
        assert_eq!(event.properties()["DTSTART"].params()["TZID"].value(), "America/New_York");
        let sequence = value("SEQUENCE").parse().unwrap();
        (event.get_uid().unwrap().to_owned(), (value("DTSTART"), value("STATUS"), sequence))
    };
    events.map(said).collect()
}

pub fn on(events: &BTreeMap<String, (String, String, u32)>, id: u64) -> Option<(&str, &str, u32)> {
    events
        .get(&format!("event-{id}@tandem"))
        .map(|(start, status, sequence)| (start.as_str(), status.as_str(), *sequence))
}

#[test]
fn a_feed_lists_the_events_of_an_employee_and_cancels_released_ones() {
    let app = App::with_acceptance_data();
    let (john, jane, team) = (link(&app, "101"), link(&app, "102"), link(&app, ""));
    assert_eq!(on(&events(&app, &john), 1001), Some(("20251015T100000", "CONFIRMED", 0)));
    assert_eq!(on(&events(&app, &john), 1002), None);
    assert_eq!(events(&app, &team).len(), 16);

    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    assert_eq!(on(&events(&app, &john), 1001), Some(("20251020T100000", "CONFIRMED", 1)));
    assert_eq!(on(&events(&app, &jane), 1002), Some(("20251020T120000", "CONFIRMED", 1)));

    app.call("/api/change_employee", json!({"schedule_id": 2001, "new_employee_id": "103"})).ok();
    assert_eq!(on(&events(&app, &john), 1001), Some(("20251020T100000", "CANCELLED", 2)));
    assert_eq!(on(&events(&app, &team), 1001), Some(("20251020T100000", "CONFIRMED", 2)));

    app.call("/api/unschedule_event", json!({"schedule_id": 2001})).ok();
    assert_eq!(on(&events(&app, &team), 1001), Some(("20251020T100000", "CANCELLED", 3)));
    assert_eq!(on(&events(&app, &jane), 1002), Some(("20251020T120000", "CANCELLED", 2)));
}

#[test]
fn an_unchanged_feed_answers_304() {
    let app = App::with_acceptance_data();
    let link = link(&app, "");
    let tag = app.get(&link).status(200).etag.unwrap();
    app.get_if_changed(&link, &tag).status(304);
    let app = app.later(60);
    app.get_if_changed(&link, &tag).status(304);
}

#[test]
fn a_revoked_feed_answers_404_and_its_secret_is_not_stored() {
    let app = App::with_acceptance_data();
    let link = link(&app, "101");
    let secret = link.trim_start_matches("/feed/").trim_end_matches(".ics").to_owned();
    let found = app.bytes().into_iter().any(|((_, key), value)| {
        let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        holds(&key) || holds(&value)
    });
    assert!(!found);
    app.get("/feeds").status(200).says("John Smith").does_not_say(&secret);

    app.post("/feeds/1/revoke", &[]).status(303);

    app.get(&link).status(404);
    app.get("/feeds").says("No feeds.");
    app.post("/feeds/1/revoke", &[]).status(404);
    app.get("/feed/short.ics").status(404);
    app.post("/feeds", &[("employee", "999")]).status(422).says("There is no such employee");
}

#[test]
fn the_zone_has_the_yearly_rules_of_its_clock() {
    let app = App::with_acceptance_data();
    let body = app.get(&link(&app, "")).body;
    for part in [
        "BEGIN:DAYLIGHT\r\nDTSTART:20240310T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\n",
        "BEGIN:STANDARD\r\nDTSTART:20241103T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\n",
    ] {
        assert!(body.contains(part), "{part} is not in {body}");
    }
}

#[test]
fn zones_without_yearly_rules_are_written_out() {
    let zone = |name: &str| {
        let app = App::with(&[("timezone", &format!("\"{name}\""))], Some(acceptance_data()));
        app.get(&link(&app, "")).body
    };
    let berlin = zone("Europe/Berlin");
    assert!(berlin.contains("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"), "{berlin}");
    assert!(berlin.contains("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"), "{berlin}");
    let phoenix = zone("America/Phoenix");
    assert!(!phoenix.contains("RRULE") && phoenix.matches("BEGIN:STANDARD").count() == 1, "{phoenix}");
    let casablanca = zone("Africa/Casablanca");
    assert!(!casablanca.contains("RRULE") && casablanca.matches("BEGIN:STANDARD").count() > 2, "{casablanca}");
}

#[test]
fn a_feed_has_a_refresh_interval_and_times_of_changes() {
    let app = App::with_acceptance_data();
    let link = link(&app, "101");
    let body = app.get(&link).body;
    assert!(
        body.contains("REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n") && body.contains("X-PUBLISHED-TTL:PT1H\r\n"),
        "{body}"
    );
    let app = app.later(60);
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    assert!(app.get(&link).body.contains("LAST-MODIFIED:20251015T130100Z\r\n"));
}

#[test]
fn a_feed_goes_back_thirteen_months() {
    let app = App::with_acceptance_data();
    let link = link(&app, "101");
    let app = app.later(390 * 24 * 60 * 60);
    app.get(&link).status(404);
    let again = self::link(&app, "101");
    assert!(on(&events(&app, &again), 1001).is_some(), "390 days later the event is still there");
    let app = app.later(20 * 24 * 60 * 60);
    assert_eq!(on(&events(&app, &again), 1001), None);
}
