//! TC-001 and following: the month.

use serde_json::json;
use tandem::{domain::ids::EmployeeId, store::tables::employees};

use crate::support::{
    App, Page, october,
    page::{attribute, text_of},
};

fn october_page() -> Page {
    App::with_acceptance_data().get("/calendar/2025/10").status(200)
}

fn cell(page: &Page, date: &str) -> String {
    page.day_cell(date)
}

/// The badges of a day, in their order, each with whether it is shown as a zero.
fn badges(cell: &str) -> Vec<(String, bool)> {
    let badges = cell.split("class=\"b ").skip(1);
    badges
        .map(|badge| {
            let (class, rest) = badge.split_once('"').unwrap();
            let text = rest.split_once('>').unwrap().1.split('<').next().unwrap();
            (text.to_owned(), class.contains("zero"))
        })
        .collect()
}

#[test]
fn tc_001_badges_count_scheduled_events_in_their_order() {
    let page = october_page();

    let shown = |date| {
        let badges: Vec<_> = badges(&cell(&page, date)).into_iter().map(|(text, _)| text).collect();
        badges.join(", ")
    };
    assert_eq!(shown("2025-10-15"), "C 5, J 2, S 2, F 1, D 3, O 0");
    assert_eq!(shown("2025-10-16"), "C 1, J 0, S 1, F 0, D 0, O 0");
    assert_eq!(shown("2025-10-17"), "C 0, J 1, S 0, F 0, D 0, O 0");
}

#[test]
fn tc_001_only_zero_badges_are_muted() {
    let page = october_page();

    for date in ["2025-10-15", "2025-10-16", "2025-10-17", "2025-10-31"] {
        for (text, muted) in badges(&cell(&page, date)) {
            assert_eq!(muted, text.ends_with(" 0"), "{text} on {date}");
        }
    }
}

/// What the link of a day is called by those who hear it.
fn heard(cell: &str) -> String {
    attribute(&cell[cell.find("<a").unwrap()..], "aria-label").unwrap()
}

#[test]
fn tc_002_a_day_warns_of_unscheduled_events_due() {
    let page = october_page();

    assert!(text_of(&cell(&page, "2025-10-15")).contains("3 unscheduled events due this day"));
    assert!(text_of(&cell(&page, "2025-10-16")).contains("2 unscheduled events due this day"));
}

#[test]
fn tc_003_a_fully_scheduled_day_has_no_warning() {
    let cell = cell(&october_page(), "2025-10-17");

    assert!(!text_of(&cell).contains("due"), "{cell}");
    assert!(!heard(&cell).contains("Warning"), "{cell}");
}

#[test]
fn tc_004_a_day_links_to_its_page() {
    let app = App::with_acceptance_data();
    let link = app.get("/calendar/2025/10").link("/calendar/day/2025-10-15");

    let day = app.get(&attribute(&link, "href").unwrap()).status(200);

    assert_eq!(day.text_of("title"), "Wednesday, October 15, 2025");
}

#[test]
fn tc_008_an_empty_month_says_so() {
    let page = App::with_acceptance_data().get("/calendar/2025/11").status(200);

    for day in 1..=30 {
        let badges = badges(&cell(&page, &format!("2025-11-{day:02}")));
        assert_eq!(badges.len(), 6);
        assert!(badges.iter().all(|(text, muted)| *muted && text.ends_with(" 0")), "{badges:?}");
    }
    page.says("No events scheduled this month");
}

#[test]
fn tc_013_the_accessible_name_of_a_day_is_one_sentence() {
    let page = october_page();

    let heard = |date| heard(&cell(&page, date));
    assert_eq!(
        heard("2025-10-15"),
        "October 15, 2025. 5 CORE events, 2 Juicer events, 2 Supervisor events, 1 Freeosk event, 3 Digitals events. \
         Warning: 3 unscheduled events due."
    );
    assert_eq!(heard("2025-10-17"), "October 17, 2025. 1 Juicer event.");
    assert_eq!(heard("2025-10-18"), "October 18, 2025. No events.");
}

#[test]
fn a_badge_links_to_the_day_filtered_by_its_type() {
    let app = App::with_acceptance_data();
    let cell = cell(&app.get("/calendar/2025/10?employee=101"), "2025-10-15");

    let href = |class: &str| {
        let at = cell.find(&format!("class=\"{class}")).unwrap();
        attribute(&cell[cell[..at].rfind("<a").unwrap()..], "href").unwrap()
    };
    assert_eq!(href("b core"), "/calendar/day/2025-10-15?type=core&employee=101");
    assert!(!cell.contains("type=freeosk"), "a zero leads nowhere: {cell}");
    app.get(&href("b core")).status(200).says("Filtered: CORE");
}

#[test]
fn a_day_shows_cores_without_supervisor_holidays_and_people_off() {
    let app = App::with_acceptance_data();
    app.post("/holidays", &[("date", "2025-10-15"), ("name", "Founders Day")]).status(303);
    let id: EmployeeId = "102".parse().unwrap();
    let revision = app.read(|view| employees::get(view, &id)).unwrap().revision.to_string();
    let off = [("first", "2025-10-14"), ("last", "2025-10-15"), ("revision", revision.as_str())];
    app.post("/employees/102/time-off", &off).status(303);

    let page = app.get("/calendar/2025/10");

    let text = text_of(&cell(&page, "2025-10-15"));
    assert!(text.contains("1 without Supervisor Founders Day 1 off"), "{text}");
    assert!(text_of(&cell(&page, "2025-10-14")).contains("1 off"));
    assert!(!cell(&page, "2025-10-16").contains("marks"), "606005 has its Supervisor");
}

#[test]
fn days_of_neighboring_months_are_shown_without_counts() {
    let page = october_page();

    let day = page.link("/calendar/day/2025-09-30");
    assert_eq!(attribute(&day, "aria-label").as_deref(), Some("September 30, 2025"));
    assert!(!page.body.contains(r#"data-date="2025-09-30""#));
}

#[test]
fn an_unscheduled_event_counts_on_its_last_day() {
    let app = App::with_visits();

    let month = app.read_call("/api/calendar/2025/9");

    let on = |date: &str| month.body["unscheduled"][date].as_array().cloned().unwrap_or_default();
    let grapes = on("2025-09-29").into_iter().find(|event| event["event_id"] == 121_903_139).unwrap();
    assert_eq!((&grapes["due_datetime"], &grapes["last_day"]), (&json!("2025-09-30T00:01:00"), &json!("2025-09-29")));
    assert!(!on("2025-09-30").contains(&grapes));
    let days = month.body["days"].as_array().unwrap();
    for (day, counts) in days.iter().map(|day| (day["date"].as_str().unwrap(), day)) {
        assert_eq!(counts["unscheduled_due"], on(day).len(), "{day}");
        let warns = text_of(&app.get("/calendar/2025/9").day_cell(day)).contains("due this day");
        assert_eq!(warns, !on(day).is_empty(), "{day}");
    }
    app.get("/calendar/day/2025-09-29").says("last day Mon, Sep 29");
}

#[test]
fn tc_010_a_month_reads_one_counter_per_day() {
    for count in [1000, 3000] {
        let app = App::with(&[], Some(october(count)));
        let before = app.store.blocking().counters().point_reads;

        app.get("/calendar/2025/10").status(200);

        assert_eq!(app.store.blocking().counters().point_reads - before, 31, "with {count} events");
    }
}
