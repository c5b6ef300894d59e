//! The roster: people by the days of a week.

use chrono::NaiveDate;
use serde_json::json;
use tandem::{
    domain::{
        employee::availability::{Availability, DayPart, Hours, TimeOff},
        ids::EmployeeId,
    },
    store::tables::employees,
};

use crate::support::{App, Page, legacy, people};

const WEEK: &str = "/roster/2025-10-15";

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What the row of a person says.
fn row(page: &Page, id: &str) -> String {
    page.text_of(&format!("person-{id}"))
}

/// Changes an employee's record.
fn edit(app: &App, id: &str, edit: impl FnOnce(&mut tandem::domain::employee::Employee)) {
    let id: EmployeeId = id.parse().unwrap();
    let mut employee = app.read(|tx| employees::get(tx, &id)).unwrap();
    edit(&mut employee);
    app.store.blocking().write(|tx| employees::put(tx, &employee)).unwrap();
}

#[test]
fn the_roster_shows_each_event_once_in_the_row_of_its_employee_with_hours() {
    let app = App::with_acceptance_data();
    let page = app.get(WEEK).status(200).says("Oct 12 – 18, 2025");

    let week = app.read_call("/api/roster/2025-10-15").body;
    let mut shown = 0;
    for person in week["people"].as_array().unwrap() {
        let row = row(&page, person["employee_id"].as_str().unwrap());
        for event in person["days"].as_array().unwrap().iter().flat_map(|day| day["events"].as_array().unwrap()) {
            let name = tandem::domain::event::readable::product(event["project_name"].as_str().unwrap());
            assert!(row.contains(&name), "{name} in {row}");
            shown += 1;
        }
    }
    assert_eq!(shown, app.get(WEEK).body.matches("href=\"/events/").count() - open_forms(&page));
    assert!(row(&page, "101").contains(" / 40 h"), "{}", row(&page, "101"));
    assert_eq!((week["first"].as_str(), week["last"].as_str()), (Some("2025-10-12"), Some("2025-10-18")));
}

/// Links to forms of unscheduled events.
fn open_forms(page: &Page) -> usize {
    page.body.matches("/schedule?from=").count() / 2
}

#[test]
fn the_week_begins_as_configured_and_links_its_neighbors() {
    let app = App::with(&[("week_start", "\"monday\"")], None);
    let page = app.get("/roster/2025-10-12").status(200).says("Oct 6 – 12, 2025");
    for address in ["/roster/2025-09-29", "/roster/2025-10-13", "/roster/2025-10-15"] {
        assert!(page.body.contains(&format!("href=\"{address}\"")), "{address}");
    }
    assert_eq!(app.get("/roster").status(303).header("Location"), Some("/roster/2025-10-15"));
    app.get("/roster/2025-02-30").status(404);
}

#[test]
fn absences_are_shown_in_their_cells() {
    let app = App::with_acceptance_data();
    app.post("/holidays", &[("date", "2025-10-13"), ("name", "Columbus Day")]).status(303);
    edit(&app, "104", |one| {
        one.availability = Availability::ALWAYS.with(chrono::Weekday::Sun, Hours::Off);
        let off =
            |day: &str, part| TimeOff { first: date(day), last: date(day), part, note: Some("private".to_owned()) };
        one.time_off = vec![off("2025-10-16", DayPart::WholeDay), off("2025-10-17", DayPart::Morning)];
    });

    let page = app.get(WEEK);

    let row = row(&page, "104");
    for words in ["Holiday: Columbus Day", "Not available", "Time off", "Off until 12:00 PM"] {
        assert!(row.contains(words), "{words} in {row}");
    }
    let page = page.does_not_say("private");
    assert_eq!(
        page.body.split("id=\"person-104\"").nth(1).unwrap().split("</tr>").next().unwrap().matches("away").count(),
        3
    );
}

#[test]
fn hours_are_compared_with_the_weekly_maximum_of_each_employee() {
    let app = App::with_acceptance_data();
    let form = app.get("/employees/101").form("/employees/101").with("weekly_hours_max", "4").send(&app);
    assert_eq!(form.status, 303);
    let page = app.get(WEEK);
    assert!(row(&page, "101").contains(" / 4 h , more than the weekly maximum"), "{}", row(&page, "101"));
    assert!(row(&page, "102").contains(" / 40 h"));
    let person = app.read_call("/api/roster/2025-10-15?employee=101").body["people"][0].clone();
    assert_eq!(person["weekly_minutes_max"], 240);

    for wrong in ["0", "169", "some"] {
        let form = app.get("/employees/101").form("/employees/101").with("weekly_hours_max", wrong).send(&app);
        form.status(422).says("A weekly maximum is a whole number of hours from 1 to 168.");
    }
    app.get("/employees/101").form("/employees/101").with("weekly_hours_max", "").send(&app).status(303);
    assert!(row(&app.get(WEEK), "101").contains(" / 40 h"));
}

#[test]
fn findings_are_the_same_as_on_the_day_page() {
    let app = App::with_visits();
    let week = app.read_call("/api/roster/2025-09-24").body;
    let mut seen = 0;
    for day in ["2025-09-23", "2025-09-24", "2025-09-25", "2025-09-26", "2025-09-27"] {
        let groups = app.read_call(&format!("/api/calendar/day/{day}")).body["groups"].clone();
        for event in groups.as_object().unwrap().values().flat_map(|group| group.as_array().unwrap()) {
            let id = &event["event_id"];
            let people = week["people"].as_array().unwrap().iter();
            let events = people
                .flat_map(|one| one["days"].as_array().unwrap())
                .flat_map(|day| day["events"].as_array().unwrap());
            if let Some(same) = events.into_iter().find(|one| one["event_id"] == *id) {
                assert_eq!(same["findings"], event["findings"], "{id}");
                seen += same["findings"].as_array().unwrap().len();
            }
        }
    }
    assert!(seen >= 6, "{seen} findings");
    app.get("/roster/2025-09-24").says("Conflict: ").says("Warning: ");
}

#[test]
fn the_foot_counts_each_day_and_the_list_has_due_events() {
    let app = App::with_acceptance_data();
    let page = app.get(WEEK);
    let day = app.read_call("/api/calendar/2025/10").body["days"][14].clone();
    let said = page.text_of("scheduled");
    assert!(said.contains(&format!("C {} · J {}", day["counts"]["core"], day["counts"]["juicer"])), "{said}");
    assert!(said.contains(&format!("{} due", day["unscheduled_due"])), "{said}");
    let open = page.text_of("open");
    assert!(open.contains("Unscheduled, due this week"), "{open}");
    let due = app.read_call("/api/roster/2025-10-15").body["unscheduled"].as_array().unwrap().len();
    assert!(due > 0);
    assert_eq!(open_forms(&page), due);
}

#[test]
fn a_roster_is_filtered_by_job_title_store_and_people() {
    let app = App::with_acceptance_data();
    let rows = |page: &Page| page.body.matches("data-employee=").count();
    assert_eq!(rows(&app.get(WEEK)), 5);

    let some = app.get(&format!("{WEEK}?employee=101&employee=103")).status(200).says("Filtered: ");
    assert_eq!(rows(&some), 2);
    let titled = app.get(&format!("{WEEK}?title=Club+Supervisor")).says("Filtered: Club Supervisor");
    let people =
        app.read_call("/api/roster/2025-10-15?title=Club%20Supervisor").body["people"].as_array().unwrap().len();
    assert_eq!(rows(&titled), people);
    app.get(&format!("{WEEK}?store=nowhere")).says("No one matches this filter.");
    app.get(&format!("{WEEK}?title=Boss")).status(400).says("is not a job title");
    app.get(&format!("{WEEK}/filter?employee=101")).status(200).says("Filter the roster");
    app.read_call("/api/roster/2025-10-15?title=Boss").refused(400, "malformed");
}

#[test]
fn three_hundred_people_are_listed_in_pages() {
    let rows: Vec<_> = (0..300).map(|n| format!("P{n:03},Person {n:03},Event Specialist")).collect();
    let app = App::with(&[], Some(people(&rows)));

    let first = app.get(WEEK).status(200).says("300 people").says("people 1–50 here").says("Page 1 of 6");
    assert_eq!(first.body.matches("data-employee=").count(), 50);
    let last = app.get(&format!("{WEEK}?page=6")).says("people 251–300 here").says("Person 299");
    assert_eq!(last.body.matches("data-employee=").count(), 50);
    let sheet = app.get(&format!("{WEEK}/print")).status(200);
    assert_eq!(sheet.body.matches("data-employee=").count(), 300, "a sheet has all");
}

#[test]
fn a_roster_is_cached_until_a_change() {
    let app = App::with_acceptance_data();
    let page = app.get(WEEK);
    let before = app.store.blocking().counters().point_reads;
    app.get(WEEK);
    assert_eq!(app.store.blocking().counters().point_reads, before);
    app.get_if_changed(WEEK, page.etag.as_deref().unwrap()).status(304);
    let version = app.store.blocking().version();
    assert!(page.body.contains(&format!(
        "data-live=\"2025-10-11 2025-10-12 2025-10-13 2025-10-14 2025-10-15 2025-10-16 2025-10-17 2025-10-18\" data-version=\"{version}\""
    )));

    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();

    assert_ne!(app.get(WEEK).body, page.body);
}

#[test]
fn a_week_reads_each_event_once() {
    let app = App::with_visits();
    let before = app.store.blocking().counters().point_reads;
    app.get("/roster/2025-09-24").status(200);
    let reads = app.store.blocking().counters().point_reads - before;
    let week = app.read_call("/api/roster/2025-09-24").body;
    let events: usize = week["people"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| one["days"].as_array().unwrap())
        .map(|day| day["events"].as_array().unwrap().len())
        .sum();
    let due = week["unscheduled"].as_array().unwrap().len();
    let findings = 60;
    assert!(reads <= (events + due + findings) as u64, "{reads} reads for {events} and {due} events");
}

#[test]
fn a_form_from_the_roster_returns_to_it() {
    let app = App::with_acceptance_data();
    let page = app.get(&format!("{WEEK}?title=Event+Specialist"));
    let from = "2025-10-15?page=%2Froster%2F2025-10-15%3Ftitle%3DEvent%2520Specialist";
    let link = page.body.split("href=\"/events/1001/reschedule?from=").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(percent_encoding::percent_decode_str(link).decode_utf8().unwrap(), from);

    let fields = [
        ("revision", app.revision(1001)),
        ("from", from.to_owned()),
        ("date", "2025-10-20".to_owned()),
        ("time", "10:00".to_owned()),
    ];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let dialog = app.post_from_dialog("/events/1001/reschedule", &fields).status(200);
    assert!(dialog.header("HX-Trigger").unwrap().contains("\"refresh\":true"), "{:?}", dialog.header("HX-Trigger"));
    let fields: Vec<_> = [
        ("revision", app.revision(1001)),
        ("from", from.to_owned()),
        ("date", "2025-10-21".to_owned()),
        ("time", "10:00".to_owned()),
    ]
    .into_iter()
    .collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let sent = app.post("/events/1001/reschedule", &fields).status(303);
    assert_eq!(sent.header("Location"), Some("/roster/2025-10-15?title=Event%20Specialist"));
}

#[test]
fn a_form_returns_to_no_other_site() {
    let app = App::with_acceptance_data();
    for evil in ["//example.com", "https://example.com", "/roster//..%0d%0a", "/rosters", "/unscheduled/../x"] {
        let from = format!(
            "2025-10-15?page={}",
            percent_encoding::utf8_percent_encode(evil, percent_encoding::NON_ALPHANUMERIC)
        );
        let form = app.get(&format!(
            "/events/1001/reschedule?from={}",
            percent_encoding::utf8_percent_encode(&from, percent_encoding::NON_ALPHANUMERIC)
        ));
        assert!(!form.body.contains(&format!("href=\"{evil}\"")), "{evil}");
    }
}

#[test]
fn a_store_longer_than_any_name_is_refused_by_the_call() {
    let app = App::with_acceptance_data();
    let at_most = |chars: usize| app.read_call(&format!("/api/roster/2025-10-15?store={}", "0".repeat(chars)));
    assert_eq!(at_most(500).status, 200);
    assert!(at_most(501).refused(400, "malformed").body.to_string().contains("a store has at most 500 characters"));
}

#[test]
fn a_sheet_lists_all_that_is_unscheduled_and_the_page_the_first_of_it() {
    let rows: Vec<_> = (1..=70).map(|id| format!("{id},Inventory,Other,0.25,2025-10-17,7")).collect();
    let app = App::with(&[], Some(legacy(&rows.iter().map(String::as_str).collect::<Vec<_>>(), &[])));
    let listed = |page: &Page| page.element("open").matches("id=\"event-").count();

    let page = app.get(WEEK).status(200).says("All 70 unscheduled");
    let sheet = app.get(&format!("{WEEK}/print")).status(200).does_not_say("All 70 unscheduled");

    assert_eq!((listed(&page), listed(&sheet)), (60, 70));
}
