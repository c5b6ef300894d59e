//! Printing: events counted in PDFs that a real Chromium makes of the running server.
//!
//! Needs chromium, and pdftotext from poppler-utils: `cargo test --test print`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod paper;

use std::collections::BTreeMap;

use paper::{Paper, Press};
use serde_json::Value;

/// A day with 62 events and a month of 31 such days, all types among them.
const EVENTS: &str = "1922";
const DAY: &str = "2025-10-15";

/// The month's badges in the order of the sheet, with the words of a call.
const TYPES: [(&str, &str); 6] =
    [("C", "core"), ("J", "juicer"), ("S", "supervisor"), ("F", "freeosk"), ("D", "digitals"), ("O", "other")];

/// Every event of a day as a call tells it, by group.
fn groups(press: &Press) -> BTreeMap<String, Vec<Value>> {
    let day = press.call(&format!("/api/calendar/day/{DAY}"));
    serde_json::from_value(day["groups"].clone()).unwrap()
}

fn name(event: &Value) -> String {
    tandem::domain::event::readable::product(event["project_name"].as_str().unwrap())
}

/// Asserts that every event stands on the paper, as often as it is there.
#[track_caller]
fn assert_all(paper: &Paper, events: &[&Value]) {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for event in events {
        *names.entry(name(event)).or_default() += 1;
    }
    for (name, count) in names {
        assert!(paper.count(&name) >= count, "{name}: {} of {count}\n{}", paper.count(&name), paper.text);
    }
}

#[test]
fn a_month_prints_all_its_counts_on_one_sheet() {
    let press = Press::with_events(EVENTS);
    let month = press.call("/api/calendar/2025/10");
    let days = month["days"].as_array().unwrap();

    for address in ["/calendar/2025/10/print", "/calendar/2025/10"] {
        let paper = press.print(address);

        assert_eq!(paper.pages, 1, "{address}");
        for (sign, word) in TYPES {
            let wanted: Vec<u64> = days.iter().map(|day| day["counts"][word].as_u64().unwrap()).collect();
            let mut printed = paper.badges(sign);
            let mut sorted = wanted.clone();
            printed.sort_unstable();
            sorted.sort_unstable();
            assert_eq!(printed, sorted, "{sign} on {address}");
        }
        let due: u64 = days.iter().map(|day| day["unscheduled_due"].as_u64().unwrap()).sum();
        assert_eq!(paper.due(), due, "{address}");
        paper.says("October 2025").says("Printed on").lacks("Filter").lacks("Help").lacks("Prev");
    }
}

#[test]
fn a_filtered_month_names_its_filter_on_the_paper() {
    let press = Press::with_events(EVENTS);
    let month = press.call("/api/calendar/2025/10");
    let cores: u64 = month["days"].as_array().unwrap().iter().map(|day| day["counts"]["core"].as_u64().unwrap()).sum();

    let paper = press.print("/calendar/2025/10/print?type=core");

    paper.says("Filtered: CORE").lacks("Clear");
    assert_eq!(paper.badges("C").iter().sum::<u64>(), cores);
    assert!(paper.badges("J").is_empty(), "what is not counted is not printed as zero");
}

#[test]
fn a_day_of_sixty_events_prints_every_card_of_every_group() {
    let press = Press::with_events(EVENTS);
    let groups = groups(&press);
    let events: Vec<&Value> = groups.values().flatten().collect();
    assert!(events.len() >= 60, "{}", events.len());
    assert!(!groups["supervisor"].is_empty(), "the group that is closed on the screen");

    // The page itself too: who presses Ctrl+P has not looked for a sheet.
    for address in [format!("/calendar/day/{DAY}/print"), format!("/calendar/day/{DAY}")] {
        let paper = press.print(&address);

        assert_all(&paper, &events);
        paper.says("Wednesday, October 15, 2025").says("Printed on");
        paper.lacks("Reschedule").lacks("Undo").lacks("Help");
        paper.assert_no_heading_stands_alone();
    }
}

#[test]
fn a_long_group_is_printed_whole_and_the_page_says_so() {
    let press = Press::with_events("20000");
    let groups = groups(&press);
    let events: Vec<&Value> = groups.values().flatten().collect();
    assert!(groups["core"].len() > 200, "{}", groups["core"].len());

    let sheet = press.print(&format!("/calendar/day/{DAY}/print"));
    let page = press.print(&format!("/calendar/day/{DAY}"));

    assert_all(&sheet, &events);
    page.says("Showing the first 200.");
}

#[test]
fn a_filtered_day_prints_only_its_events_and_names_the_filter() {
    let press = Press::with_events(EVENTS);
    let groups = groups(&press);

    let paper = press.print(&format!("/calendar/day/{DAY}/print?type=juicer&condition=scheduled"));

    paper.says("Filtered: Juicer, Scheduled");
    assert_all(&paper, &groups["juicer"].iter().collect::<Vec<_>>());
}

#[test]
fn a_week_prints_every_event_of_an_employee() {
    let press = Press::with_events(EVENTS);
    let month = press.call("/api/calendar/2025/10");
    let week = ["2025-10-12", "2025-10-13", "2025-10-14", "2025-10-15", "2025-10-16", "2025-10-17", "2025-10-18"];
    let mut held: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for event in week.iter().flat_map(|date| month["events"][date].as_array().unwrap()) {
        held.entry(event["employee_id"].as_str().unwrap()).or_default().push(event);
    }
    let (busiest, events) = held.into_iter().max_by_key(|(_, events)| events.len()).unwrap();
    assert!(events.len() >= 7, "{}", events.len());

    let paper = press.print(&format!("/employees/{busiest}/week/{DAY}"));

    assert_all(&paper, &events);
    let name = events[0]["employee_name"].as_str().unwrap();
    paper.says(name).says(&format!("{} events", events.len())).says("Printed on");
    paper.lacks("Edit").lacks("Help");
}

#[test]
fn a_week_of_fifteen_people_prints_all_its_250_events_on_one_sheet() {
    let press = Press::with_people("15", "1107");
    let week = press.call(&format!("/api/roster/{DAY}"));
    let people = week["people"].as_array().unwrap();
    let days = people.iter().flat_map(|one| one["days"].as_array().unwrap());
    let open = week["unscheduled"].as_array().unwrap();
    let events: Vec<&Value> = days.flat_map(|day| day["events"].as_array().unwrap()).chain(open).collect();
    assert!(people.len() == 15 && events.len() >= 250, "{} people, {} events", people.len(), events.len());

    // With Ctrl+P as well.
    for address in [format!("/roster/{DAY}/print"), format!("/roster/{DAY}")] {
        let paper = press.print(&address);

        assert_all(&paper, &events);
        for one in people {
            paper.says(one["name"].as_str().unwrap());
        }
        paper.says("Oct 12 – 18, 2025").says("Scheduled").says("Printed on").lacks("Auto-schedule…");
        assert_eq!(paper.pages, 1, "{address}");
    }
}

#[test]
fn a_timeline_prints_every_event_and_short_work_in_words() {
    let press = Press::with_people("15", "1107");
    let groups = groups(&press);
    let is_scheduled = |event: &&Value| event["start_datetime"].is_string();
    let events: Vec<&Value> = groups.values().flatten().filter(is_scheduled).collect();
    let is_short = |event: &&&Value| event["estimated_minutes"].as_u64().unwrap() <= 30;
    let short: Vec<_> = events.iter().filter(is_short).collect();
    assert!(short.len() > 5 && short.len() < events.len(), "{} of {}", short.len(), events.len());

    for address in [format!("/calendar/day/{DAY}/timeline/print"), format!("/calendar/day/{DAY}/timeline")] {
        let paper = press.print(&address);

        assert_all(&paper, &events);
        for event in &short {
            paper.says(&format!("{}, {}", name(event), event["employee_name"].as_str().unwrap()));
        }
        paper.says("Wednesday, October 15, 2025").says("Short work").says("Printed on").lacks("Filter").lacks("Help");
    }
}
