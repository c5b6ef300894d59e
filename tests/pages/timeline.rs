//! The timeline of a day: people by hours.

use serde_json::json;

use crate::{
    auth::PASSWORD,
    support::{App, Page},
};

const TIMELINE: &str = "/calendar/day/2025-10-15/timeline";

/// The classes of an event's block.
fn classes(page: &Page, id: u64) -> String {
    let block = page.body.split(&format!("id=\"event-{id}\" class=\"")).nth(1).unwrap_or_else(|| panic!("no {id}"));
    block.split('"').next().unwrap().to_owned()
}

#[test]
fn an_event_is_placed_at_its_hour_with_the_length_of_its_work() {
    let app = App::with_acceptance_data();
    let page = app.get(TIMELINE).status(200).says("Wednesday, October 15, 2025");
    assert_eq!(app.event(1001).minutes, 390);
    assert!(classes(&page, 1001).contains(" h10 m0 d6 e30 r"), "{}", classes(&page, 1001));
    let short = classes(&page, 1002);
    assert!(short.contains("square h12 m0 d0 e"), "{short}");
    page.link("/calendar/day/2025-10-15");
    app.get("/calendar/day/2025-10-15").link(TIMELINE);
}

#[test]
fn overlapping_work_is_in_separate_lines_with_short_work_below() {
    let app = App::with_visits();
    let page = app.get("/calendar/day/2025-09-24/timeline");
    let lines = |id: &str| {
        let row = page.element(&format!("person-{id}"));
        let blocks: Vec<_> =
            row.split("class=\"shift block ").skip(1).map(|one| one.split('"').next().unwrap().to_owned()).collect();
        blocks
            .iter()
            .map(|one| (one.contains("square"), one.rsplit('r').next().unwrap().parse::<u32>().unwrap()))
            .collect::<Vec<_>>()
    };
    let blake = lines("E10002");
    let long: Vec<_> = blake.iter().filter(|(square, _)| !square).map(|(_, line)| *line).collect();
    assert_eq!(long, [1, 2], "two COREs at 9:45");
    assert!(blake.iter().filter(|(square, _)| *square).all(|(_, line)| *line > 2), "{blake:?}");
    page.says("Conflict: ").says(" · free");
}

#[test]
fn the_current_time_is_marked_on_today_and_updated_after_five_minutes() {
    let (app, hand) = App::with_acceptance_data().with_hand();
    let now = |page: &Page| page.body.contains("now-line h9 m0");
    assert!(now(&app.get(TIMELINE)), "9:00 AM");
    assert!(!app.get("/calendar/day/2025-10-16/timeline").body.contains("now-line"));
    hand.fetch_add(5 * 60 + 1, std::sync::atomic::Ordering::Relaxed);
    assert!(app.get(TIMELINE).body.contains("now-line h9 m5"));
}

#[test]
fn work_outside_the_usual_hours_extends_the_axis() {
    let app = App::with_acceptance_data();
    assert!(!app.get(TIMELINE).body.contains("data-last=\"24\""));
    let late = json!({"schedule_id": 2001, "new_date": "2025-10-15T22:00", "override_reason": "inventory"});
    app.call("/api/reschedule_event", late).ok();
    let page = app.get(TIMELINE);
    assert!(page.body.contains("data-last=\"24\""));
    assert!(classes(&page, 1001).contains("h22 m0 d2 e0"), "cut off at midnight: {}", classes(&page, 1001));
    let next = app.get("/calendar/day/2025-10-16/timeline").status(200);
    assert!(next.text_of("person-101").contains("until 4:30 AM: Super Pretzel"), "{}", next.text_of("person-101"));
}

#[test]
fn a_viewer_gets_links_to_cards_and_no_forms() {
    let app = App::with_users();
    app.sign_in("vera", PASSWORD).status(303);
    for address in [TIMELINE, "/roster/2025-10-15"] {
        let page = app.get(address).status(200);
        assert!(page.body.contains("href=\"/calendar/day/2025-10-15#event-1001\""), "{address}");
        assert!(!page.body.contains("hx-get=\"/events/"), "{address}");
    }
}

#[test]
fn a_timeline_is_filtered_says_so_and_keeps_its_filter_from_day_to_day() {
    let app = App::with_acceptance_data();
    let lanes = |page: &Page| page.body.matches("data-employee=").count();
    assert_eq!(lanes(&app.get(TIMELINE)), 5);
    app.get(TIMELINE).link(&format!("{TIMELINE}/filter"));

    app.get(&format!("{TIMELINE}/filter?employee=102")).status(200).says("Filter the timeline").form(TIMELINE);

    let some = app.get(&format!("{TIMELINE}?employee=101&employee=103")).status(200);

    assert_eq!(lanes(&some), 2);
    let some = some.says("Filtered: ").says("John Smith").does_not_say("Mike Brown");
    let next = "href=\"/calendar/day/2025-10-16/timeline?employee=101&amp;employee=103\"";
    assert!(some.body.contains(next), "{}", some.body);
    some.link(TIMELINE);
    app.get(&format!("{TIMELINE}?store=nowhere")).says("No one matches this filter.");
    app.get(&format!("{TIMELINE}/filter?title=Boss")).status(400).says("is not a job title");
}

#[test]
fn a_sheet_of_the_timeline_has_all_people_and_short_work_in_words() {
    let app = App::with_acceptance_data();
    app.get(TIMELINE).link(&format!("{TIMELINE}/print"));

    let sheet = app.get(&format!("{TIMELINE}/print")).status(200).says("Wednesday, October 15, 2025");

    assert!(!sheet.body.contains("hx-get=\"/events/"), "nothing is changed from a sheet");
    let short = sheet.text_of("short-work");
    let supervisor = app.event(1002);
    assert!(short.contains(&format!("12:00 PM {}, Jane Doe", supervisor.product())), "{short}");
    assert!(!short.contains("John Smith"), "his work is long enough to be drawn with its name: {short}");
    let one = app.get(&format!("{TIMELINE}/print?employee=101")).status(200).says("Filtered: John Smith");
    assert!(!one.body.contains("person-102"));
    one.link(&format!("{TIMELINE}?employee=101"));
}

#[test]
fn squares_of_short_work_that_would_overlap_are_in_separate_lines() {
    let app = App::with_acceptance_data();
    let move_to = |schedule: u64, time: &str| {
        let body =
            json!({"schedule_id": schedule, "new_date": format!("2025-10-15T{time}"), "override_reason": "a test"});
        app.call("/api/reschedule_event", body).ok();
    };
    move_to(2002, "10:00");
    move_to(2006, "10:15");
    let page = app.get(TIMELINE);
    let line = |id: u64| classes(&page, id).rsplit(' ').next().unwrap().to_owned();
    assert_eq!((line(1002), line(1009)), ("r1".to_owned(), "r2".to_owned()));
    move_to(2006, "11:00");
    let page = app.get(TIMELINE);
    let line = |id: u64| classes(&page, id).rsplit(' ').next().unwrap().to_owned();
    assert_eq!((line(1002), line(1009)), ("r1".to_owned(), "r1".to_owned()));
}
