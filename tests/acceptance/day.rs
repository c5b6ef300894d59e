//! TC-015 and following: the day.

use crate::support::{App, Page, page::text_of};

fn day(date: &str) -> Page {
    App::with_acceptance_data().get(&format!("/calendar/day/{date}")).status(200)
}

/// The first tag of a group.
fn tag(page: &Page, group: &str) -> String {
    let group = page.element(&format!("group-{group}"));
    group[..=group.find('>').unwrap()].to_owned()
}

/// What the line that opens a group says.
fn summary(page: &Page, group: &str) -> String {
    let group = page.element(&format!("group-{group}"));
    text_of(group.split("</summary>").next().unwrap())
}

#[test]
fn tc_015_the_day_shows_its_date_and_links_to_its_month() {
    let page = day("2025-10-15");

    assert_eq!(page.text_of("title"), "Wednesday, October 15, 2025");
    assert!(text_of(&page.link("/calendar/2025/10")).contains("October 2025"));
    page.link("/calendar/day/2025-10-14");
    page.link("/calendar/day/2025-10-16");
}

#[test]
fn tc_016_the_banner_names_the_juicers() {
    let facts = day("2025-10-15").text_of("facts");

    assert!(facts.contains("Juicer John Smith, Sarah Johnson"), "{facts}");
}

#[test]
fn tc_017_the_banner_warns_without_a_juicer() {
    let page = day("2025-10-18");

    let facts = page.text_of("facts");
    assert!(facts.contains("Juicer ▲ Warning: None scheduled"), "{facts}");
    assert!(page.element("facts").contains("warn"));
}

#[test]
fn tc_018_the_banner_counts_supervisors_and_unscheduled_events() {
    let facts = day("2025-10-15").text_of("facts");

    assert!(facts.contains("Supervisor events 2 scheduled, 1 unscheduled"), "{facts}");
    assert!(facts.contains("Unscheduled, due today ▲ Warning: 3 events"), "{facts}");
}

#[test]
fn tc_019_groups_are_in_order_with_their_counts() {
    let page = day("2025-10-15");

    let groups = ["juicer", "freeosk", "digitals", "core", "other", "supervisor", "unscheduled"];
    let places: Vec<_> = groups.iter().map(|group| page.body.find(&format!("id=\"group-{group}\"")).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(summary(&page, "juicer"), "Juicer events (2)");
    assert_eq!(summary(&page, "freeosk"), "Freeosk events (1)");
    assert_eq!(summary(&page, "digitals"), "Digitals events (3)");
    assert_eq!(summary(&page, "core"), "CORE events (5)");
    assert_eq!(summary(&page, "supervisor"), "Supervisor events (2) 2 scheduled, 1 unscheduled");
    assert_eq!(summary(&page, "unscheduled"), "Unscheduled, due today (3)");
}

#[test]
fn tc_019_all_groups_but_supervisors_are_open() {
    let page = day("2025-10-15");

    for group in ["juicer", "freeosk", "digitals", "core", "unscheduled"] {
        assert!(tag(&page, group).contains(" open"), "{group}");
    }
    assert!(!tag(&page, "supervisor").contains(" open"));
}

#[test]
fn tc_025_empty_groups_say_so_and_other_is_hidden() {
    let page = day("2025-10-17");

    assert_eq!(summary(&page, "juicer"), "Juicer events (1)");
    for (group, name) in
        [("freeosk", "Freeosk"), ("digitals", "Digitals"), ("core", "CORE"), ("supervisor", "Supervisor")]
    {
        let said = page.text_of(&format!("group-{group}"));
        assert!(said.contains(&format!("No {name} events scheduled for this day")), "{said}");
        assert!(!tag(&page, group).contains(" hidden"), "{group}");
    }
    assert!(tag(&page, "other").contains(" hidden"));
}

#[test]
fn tc_022_a_core_with_its_supervisor_says_who_and_when_in_green() {
    let page = day("2025-10-15");

    assert!(page.text_of("event-1001").contains("Supervisor Event Scheduled (Jane Doe @ 12:00 PM)"));
    assert!(page.element("event-1001").contains("class=\"pair ok\""));
}

#[test]
fn tc_023_a_core_whose_supervisor_is_not_scheduled_says_so_in_amber() {
    let page = day("2025-10-15");

    assert!(page.text_of("event-1006").contains("Supervisor Event NOT Scheduled"));
    assert!(page.element("event-1006").contains("class=\"pair warn\""));
}

#[test]
fn tc_024_a_core_without_a_supervisor_event_says_so_in_blue() {
    let page = day("2025-10-15");

    assert!(page.text_of("event-1003").contains("No Supervisor event configured for this CORE event"));
    assert!(page.element("event-1003").contains("class=\"pair info\""));
}
