//! The list of unscheduled events, by due date.

use serde_json::json;
use tandem::domain::{
    ids::EventId,
    user::{Role, access::AdminCommand},
};

use crate::support::{App, Page, legacy, page::text_of};

const LIST: &str = "/unscheduled";

/// The events of a list, in its order.
fn listed(page: &Page) -> Vec<u64> {
    let ids = page.body.split("name=\"event\" value=\"").skip(1);
    ids.map(|rest| rest[..rest.find('"').unwrap()].parse().unwrap()).collect()
}

/// Overdue, due today, tomorrow, in six days, and never.
fn bank() -> App {
    let rows = [
        "1,606001-CORE-Chips,CORE,6,2025-10-21,12",
        "2,606001-Supervisor-Chips,Supervisor,0.08,2025-10-21,12",
        "3,Late work,Other,1,2025-10-13,7",
        "4,Work of today,Freeosk,1,2025-10-15,7",
        "5,Work of tomorrow,Digitals,1,2025-10-16,7",
        "6,Work at any time,Other,1,,7",
        "7,Scheduled work,Other,1,2025-10-16,7",
    ];
    App::with(&[], Some(legacy(&rows, &["7,7,101,2025-10-16 10:00"])))
}

#[test]
fn overdue_events_are_first_and_events_without_a_due_date_last() {
    let page = bank().get(LIST).status(200).says("Unscheduled 6 events");

    assert_eq!(listed(&page), [3, 4, 5, 1, 2, 6]);
    assert!(page.text_of("event-3").contains("▲ Mon, Oct 13, 2 days late"), "{}", page.text_of("event-3"));
    assert!(page.text_of("event-4").contains("Wed, Oct 15, today"));
    assert!(page.text_of("event-5").contains("Thu, Oct 16, tomorrow"));
    assert!(page.text_of("event-1").contains("Tue, Oct 21, in 6 days"));
    assert!(page.text_of("event-1").contains("6 h · its Supervisor is also unscheduled"));
    assert!(page.text_of("event-6").contains("no due date"));
}

#[test]
fn the_list_is_filtered_by_type_store_and_due_date() {
    let app = bank();
    let ids = |query: &str| listed(&app.get(&format!("{LIST}?{query}")).status(200));

    assert_eq!(ids("type=core"), [1]);
    assert_eq!(ids("store=7"), [3, 4, 5, 6]);
    assert_eq!(ids("from=2025-10-15&to=2025-10-16"), [4, 5]);
    assert_eq!(ids("from=2025-10-16"), [5, 1, 2], "what is never due is not due from then on");
    assert_eq!(ids("type=freeosk&store=12"), Vec::<u64>::new());
    app.get("/unscheduled?type=freeosk&store=12").says("No unscheduled events match.");
}

#[test]
fn an_invalid_filter_is_reported_and_kept() {
    let app = bank();

    let page = app.get("/unscheduled?from=2025-02-30").status(422).says("The filter cannot be used");
    assert!(page.element("from").contains("value=\"2025-02-30\""));
    app.get("/unscheduled?type=brunch").status(422).says("\"brunch\" is not a type of event");
    app.get("/unscheduled?from=2025-10-20&to=2025-10-10").status(422).says("the last due date is before the first");
    app.get("/unscheduled?after=nonsense").status(422).says("there is no such page");
}

#[test]
fn the_next_page_continues_the_list() {
    let rows: Vec<String> =
        (1..=103).map(|id| format!("{id},Work {id},Other,1,2025-10-{:02},7", 16 + id % 3)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let app = App::with(&[], Some(legacy(&rows, &[])));
    let first = app.get("/unscheduled?store=7");
    assert_eq!(listed(&first).len(), 100);

    let next = first.body.split("rel=\"next\" href=\"").nth(1).unwrap();
    let next = next[..next.find('"').unwrap()].replace("&amp;", "&");
    let rest = app.get(&next).status(200);

    assert!(next.contains("store=7"), "the filter goes along: {next}");
    let mut all = [listed(&first), listed(&rest)].concat();
    all.sort_unstable();
    assert_eq!(all, (1..=103).collect::<Vec<_>>());
    assert!(!rest.body.contains("rel=\"next\""));
}

#[test]
fn pages_of_an_empty_store_offer_an_import_to_admins() {
    let app = App::empty();
    for address in ["/calendar/2025/10", "/calendar/2031/1", "/calendar/day/2025-10-15"] {
        let page = app.get(address).status(200).says("No events yet").says("tandem serve --demo");
        let page = page.does_not_say("No events scheduled this month").does_not_say("Everything is scheduled");
        assert!(page.body.matches("href=\"/import\"").count() > 1, "besides the navigation: {address}");
    }
    assert!(app.get("/employees").body.matches("href=\"/import\"").count() > 1);
    let full = App::with_acceptance_data();
    full.get("/calendar/2031/1").status(200).says("No events scheduled this month").does_not_say("No events yet");
    full.get("/calendar/day/2031-01-01").status(200).does_not_say("No events yet");

    let app = App::with(&[("sign_in", "password")], None);
    let name = "sam".parse().unwrap();
    app.order(&AdminCommand::AddUser { name, role: Role::Scheduler, email: None, password: None, link: None });
    let page = app.ask_as(&app.session_of("sam"), "GET", "/calendar/2025/10", &[], "").status(200);
    let page = page.says("An administrator imports the retailer’s exports");
    assert!(!page.body.contains("href=\"/import\""));
}

#[test]
fn an_empty_store_offers_an_import_and_a_fully_scheduled_one_says_so() {
    App::empty().get(LIST).status(200).says("No events yet").says("Import the retailer’s exports");
    let events = ["1,606001-CORE-Pretzel,CORE,1,2025-10-20,7"];
    let app = App::with(&[], Some(legacy(&events, &["11,1,101,2025-10-15 10:00:00"])));
    app.get(LIST).status(200).says("Everything is scheduled");
}

#[test]
fn the_header_counts_unscheduled_events_on_every_page() {
    let app = bank();
    assert_eq!(app.get("/help").text_of("unscheduled-count"), "6");

    app.call("/api/schedule_event", json!({"event_id": 3, "employee_id": 101, "start_datetime": "2025-10-15T10:00"}))
        .ok();

    assert_eq!(app.get("/help").text_of("unscheduled-count"), "5");
    assert_eq!(app.restarted().get("/nowhere").text_of("unscheduled-count"), "5");
}

#[test]
fn an_event_without_a_due_date_can_be_scheduled_and_released() {
    let app = bank();
    let body = json!({"event_id": 6, "employee_id": 101, "start_datetime": "2025-10-15T10:00"});

    app.call("/api/schedule_event", body).ok();
    assert_eq!(listed(&app.get(LIST)), [3, 4, 5, 1, 2]);
    app.call("/api/unschedule_event", json!({"schedule_id": app.event(6).schedule.unwrap().id.0})).ok();

    assert_eq!(listed(&app.get(LIST)), [3, 4, 5, 1, 2, 6]);
    app.assert_whole();
}

/// The form of an event, as its row opens it.
fn row_form(app: &App, list: &str, id: u64) -> String {
    let row = app.get(list).element(&format!("schedule-{id}"));
    let href = row.split("href=\"").nth(1).unwrap();
    href[..href.find('"').unwrap()].replace("&amp;", "&")
}

#[test]
fn an_event_is_scheduled_from_its_row_and_leaves_the_list() {
    let app = bank();
    let form = app.open_dialog(&row_form(&app, "/unscheduled?store=7", 4)).status(200).says("Schedule Work of today");
    let form = form.form("/events/4/schedule").with("employee", "102").with("time", "10:00");

    let done = form
        .send_from_dialog(&app)
        .status(200)
        .says("Work of today (Freeosk) is scheduled on Wed, Oct 15, 2025 at 10:00 AM");

    assert!(done.element("event-4").contains("hx-swap-oob=\"delete\""));
    assert_eq!(text_of(&done.element("unscheduled-count")), "5");
    assert_eq!(done.text_of("bank-total"), "5 events");
    assert!(done.trigger.as_deref().unwrap().contains("\"focus\":\"schedule-5\""), "the next row: {:?}", done.trigger);
    assert!(!done.body.contains("id=\"group-"), "no piece of a day");
}

#[test]
fn without_scripts_the_form_of_a_row_returns_to_the_filtered_list() {
    let app = bank();
    let form = app.get(&row_form(&app, "/unscheduled?store=7", 4)).form("/events/4/schedule");

    let done = form.with("employee", "102").with("time", "10:00").send(&app);

    assert_eq!(done.location.as_deref(), Some("/unscheduled?store=7"));
    let list = app.follow(done).says("Work of today (Freeosk) is scheduled");
    assert_eq!(listed(&list), [3, 5, 6]);
    let undone = list.form("/activity/2/undo").send(&app);
    assert_eq!(undone.location.as_deref(), Some("/unscheduled?store=7"));
    assert_eq!(listed(&app.follow(undone).says("Undone: Work of today (Freeosk) is unscheduled again")), [3, 4, 5, 6]);
}

#[test]
fn an_undo_on_the_list_restores_the_row() {
    let app = bank();
    let form = app.get(&row_form(&app, LIST, 4)).form("/events/4/schedule").with("employee", "102");
    let list = app.follow(form.with("time", "10:00").send(&app));

    let undone = list.form("/activity/2/undo").send_from_dialog(&app).status(200);

    assert!(undone.element("bank").contains("hx-swap-oob=\"true\""));
    assert!(undone.element("bank").contains("id=\"event-4\""));
    assert_eq!(app.event(4).schedule, None);
    assert_eq!(app.event(4).id, EventId(4));
}

#[test]
fn a_form_returns_only_to_lists() {
    let app = bank();
    let from = "2025-10-15?bank=https%3A%2F%2Fexample.org";
    let fields = [("revision", "0"), ("from", from), ("date", "2025-10-15"), ("time", "10:00"), ("employee", "102")];

    let done = app.post("/events/4/schedule", &fields);

    assert_eq!(done.location.as_deref(), Some("/calendar/day/2025-10-15"));
}
