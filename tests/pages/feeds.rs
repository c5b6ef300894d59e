//! Calendar feeds, read by a parser that is not ours.

use std::collections::BTreeMap;

use icalendar::{Calendar, CalendarComponent, Component};
use serde_json::json;

use crate::support::App;

fn link(app: &App, employee: &str) -> String {
    let page = app.post("/feeds", &[("employee", employee)]).status(200);
    let (_, after) = page.body.split_once("href=\"/feed/").unwrap();
    format!("/feed/{}", after.split('"').next().unwrap())
}

/// UID → (start, status, sequence) of each event in a feed.
fn events(app: &App, link: &str) -> BTreeMap<String, (String, String, u32)> {
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

fn on(events: &BTreeMap<String, (String, String, u32)>, id: u64) -> Option<(&str, &str, u32)> {
    events
        .get(&format!("event-{id}@tandem"))
        .map(|(start, status, sequence)| (start.as_str(), status.as_str(), *sequence))
}

#[test]
fn an_employees_feed_follows_what_they_hold_and_says_what_was_released() {
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
fn a_feed_that_is_unchanged_is_not_sent_again() {
    let app = App::with_acceptance_data();
    let link = link(&app, "");
    let tag = app.get(&link).status(200).etag.unwrap();
    app.get_if_changed(&link, &tag).status(304);
    let app = app.later(60);
    app.get_if_changed(&link, &tag).status(304);
}

#[test]
fn a_feed_that_was_taken_away_leads_nowhere_and_its_secret_is_not_in_the_store() {
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
fn the_zone_spells_out_both_changes_of_the_clock_of_a_year() {
    let app = App::with_acceptance_data();
    let body = app.get(&link(&app, "")).body;
    assert!(body.contains(
        "BEGIN:DAYLIGHT\r\nDTSTART:20250309T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\nEND:DAYLIGHT"
    ), "{body}");
    assert!(
        body.contains(
            "BEGIN:STANDARD\r\nDTSTART:20251102T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST"
        )
    );
}
