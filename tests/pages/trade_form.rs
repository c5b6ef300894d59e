//! The trade form: candidates, conflicts, and the trade itself.

use serde_json::json;

use super::mistakes;
use crate::support::{App, Page, legacy};

/// Four COREs on one day, of 101 to 104, and one of 101 again; 103 is busy at noon.
fn four_cores() -> App {
    let events = [
        "1,606001-CORE-Pretzel,CORE,2,2025-10-15,",
        "2,606002-CORE-Gum,CORE,2,2025-10-15,",
        "3,606003-CORE-Chips,CORE,2,2025-10-15,",
        "4,606004-CORE-Soda,CORE,2,2025-10-15,",
        "5,606005-CORE-Open,CORE,2,2025-10-15,",
        "6,Inventory,Other,2,2025-10-15,",
        "7,606007-CORE-Tomorrow,CORE,2,2025-10-16,",
        "8,606008-CORE-Second,CORE,2,2025-10-15,",
    ];
    let schedule = [
        "11,1,101,2025-10-15 12:00:00",
        "12,2,102,2025-10-15 09:00:00",
        "13,3,103,2025-10-15 09:00:00",
        "14,4,104,2025-10-15 08:00:00",
        "16,6,103,2025-10-15 12:30:00",
        "17,7,102,2025-10-16 09:00:00",
        "18,8,101,2025-10-15 16:00:00",
    ];
    App::with(&[], Some(legacy(&events, &schedule)))
}

/// Sends the form of event 1 with what it would carry.
#[track_caller]
fn trade(app: &App, fields: &[(&str, &str)]) -> Page {
    let revision = app.revision(1);
    let hidden = [("revision", revision.as_str()), ("from", "2025-10-15")];
    app.post_from_dialog("/events/1/trade", &[&hidden, fields].concat())
}

fn holders(app: &App) -> Vec<String> {
    [1, 2, 3].map(|id| app.assignment(id).unwrap().1).to_vec()
}

#[test]
fn the_other_cores_of_the_day_are_offered_those_without_conflicts_first() {
    let form = four_cores().open_dialog("/events/1/trade?from=2025-10-15").status(200);

    let offers = form.text_of("other");
    let order =
        ["Mike Johnson Wed, Oct 15, 8:00 AM", "Jane Doe Wed, Oct 15, 9:00 AM", "Sarah Johnson Wed, Oct 15, 9:00 AM"];
    let places: Vec<_> = order.iter().map(|one| offers.find(one).unwrap_or_else(|| panic!("{offers}"))).collect();
    assert!(places.is_sorted(), "{offers}");
    for absent in ["Open", "Tomorrow", "Inventory 12:30", "Second 4:00", "Pretzel 12:00"] {
        assert!(!offers.contains(absent), "{absent}: {offers}");
    }
    assert!(
        offers.contains("Sarah Johnson already has Inventory (Other) on Wed, Oct 15, 2025 from 12:30 PM to 2:30 PM.")
    );
    assert!(form.body.contains("href=\"/events/6\""), "the clash is a link");
}

#[test]
fn a_chosen_trade_is_previewed_with_both_events() {
    let app = four_cores();
    let before = app.bytes();

    let form = app.get("/events/1/trade?other=12.0&revision=0").status(200);

    let preview = form.text_of("preview");
    assert!(
        preview
            .contains("Pretzel (CORE 606001) from Wed, Oct 15, 12:00 PM, John Smith → Wed, Oct 15, 12:00 PM, Jane Doe"),
        "{preview}"
    );
    assert!(preview.contains("Gum (CORE 606002) from Wed, Oct 15, 9:00 AM, Jane Doe"), "{preview}");
    assert!(form.element("other-12-0").contains(" checked"));
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_trade_without_a_choice_is_shown_again_with_the_choice_in_focus() {
    let app = four_cores();
    let fields: mistakes::Fields = &[("revision", "0"), ("other", "")];

    mistakes::check_page(&app.post("/events/1/trade", fields), "/events/1/trade", fields, "other");
}

#[test]
fn a_trade_swaps_both_and_names_the_new_employees() {
    let app = four_cores();

    let done = trade(&app, &[("other", "12.0")]).status(200);

    assert_eq!(holders(&app), ["102", "101", "103"]);
    let said = done.text_of("messages");
    assert!(
        said.contains("Swapped: Jane Doe has Pretzel (CORE 606001) and John Smith has Gum (CORE 606002)."),
        "{said}"
    );
    assert!(done.element("group-core").contains("hx-swap-oob"));
    assert!(done.trigger.unwrap().contains("\"focus\":\"event-1\""));
}

#[test]
fn a_trade_without_scripts_returns_to_the_day() {
    let app = four_cores();
    let revision = app.revision(1);

    let fields = [("revision", revision.as_str()), ("from", "2025-10-15"), ("other", "12.0")];
    let sent = app.post("/events/1/trade", &fields);

    assert_eq!(sent.location.as_deref(), Some("/calendar/day/2025-10-15"));
    app.follow(sent).says("Swapped: Jane Doe has Pretzel (CORE 606001)");
}

#[test]
fn a_trade_refused_by_a_rule_needs_a_reason() {
    let app = four_cores();
    let before = app.bytes();

    let form = trade(&app, &[("other", "13.0")]).status(422);

    assert_eq!(app.bytes(), before);
    assert!(form.element("preview").contains("data-needs=\"reason\""));
    assert!(form.element("other-13-0").contains(" checked"), "the choice is kept");
    let done = trade(&app, &[("other", "13.0"), ("override_reason", "They agreed.")]).status(200);
    assert_eq!(holders(&app), ["103", "102", "101"]);
    assert!(done.text_of("messages").contains("A conflict was overridden."));
    assert_eq!(app.audit().pop().unwrap().reason.as_deref(), Some("They agreed."));
}

#[test]
fn an_unnecessary_reason_is_not_stored() {
    let app = four_cores();

    let done = trade(&app, &[("other", "12.0"), ("override_reason", "Just because.")]).status(200);

    assert!(!done.text_of("messages").contains("overridden"));
    assert_eq!(app.audit().pop().unwrap().reason, None);
}

#[test]
fn a_missing_or_invalid_choice_is_reported_at_its_field() {
    let app = four_cores();
    let before = app.bytes();

    for (other, said) in [
        ("", "Choose an event to swap with."),
        ("x", "Choose an event from the list."),
        ("12", "Choose an event from the list."),
        ("12.x", "Choose an event from the list."),
    ] {
        let form = trade(&app, &[("other", other)]).status(422);
        assert_eq!(form.text_of("other-err"), said, "{other}");
        assert!(form.element("other").contains("aria-invalid=\"true\""));
    }
    trade(&app, &[("other", "4711.0")]).status(422);
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_trade_is_stale_if_either_event_changed() {
    let app = four_cores();
    let seen = app.revision(1);
    app.call("/api/change_employee", json!({"schedule_id": 12, "new_employee_id": 104, "override_reason": "x"})).ok();
    let before = app.bytes();

    let form = trade(&app, &[("other", "12.0")]).status(409);

    assert_eq!(app.bytes(), before);
    form.says("You saw Wed, Oct 15, 2025 at 9:00 AM, Jane Doe")
        .says("Gum (CORE 606002): Wed, Oct 15, 2025 at 9:00 AM, Mike Johnson");
    app.call("/api/reschedule_event", json!({"schedule_id": 11, "new_date": "2025-10-15T12:10"})).ok();
    let fields = [("revision", seen.as_str()), ("other", "12.1")];
    app.post_from_dialog("/events/1/trade", &fields)
        .status(409)
        .says("Pretzel (CORE 606001): Wed, Oct 15, 2025 at 12:10 PM");
}

#[test]
fn a_trade_sent_twice_is_made_once() {
    let app = four_cores();
    let revision = app.revision(1);
    let audited = app.audit().len();
    let fields = [("revision", revision.as_str()), ("other", "12.0"), ("key", "twice"), ("from", "2025-10-15")];

    for _ in 0..2 {
        app.follow(app.post("/events/1/trade", &fields)).says("Swapped: Jane Doe has Pretzel (CORE 606001)");
    }

    assert_eq!(holders(&app), ["102", "101", "103"]);
    assert_eq!(app.audit().len(), audited + 1);
}

#[test]
fn a_trade_with_an_event_of_another_day_can_be_chosen() {
    let app = App::with_acceptance_data();

    let form = app.open_dialog("/events/1001/trade").status(200);

    let form = form.says("No one else works a CORE that day. Choose another day.");
    assert!(!form.body.contains("name=\"other\""));
}

/// Two pairs on different days, of different people.
fn two_pairs() -> App {
    let events = [
        "1,606001-CORE-Pretzel,CORE,2,2025-10-20,12",
        "2,606001-Supervisor-Pretzel,Supervisor,0.08,2025-10-20,12",
        "3,606002-CORE-Gum,CORE,2,2025-10-20,12",
        "4,606002-Supervisor-Gum,Supervisor,0.08,2025-10-20,12",
        "5,606003-CORE-Soda,CORE,2,2025-10-20,12",
    ];
    let schedule = [
        "11,1,101,2025-10-15 10:00:00",
        "12,2,105,2025-10-15 12:00:00",
        "13,3,102,2025-10-17 10:00:00",
        "14,4,105,2025-10-17 12:00:00",
        "15,5,101,2025-10-17 11:00:00",
    ];
    App::with(&[], Some(legacy(&events, &schedule)))
}

#[test]
fn a_trade_across_days_swaps_the_employees_of_both_pairs_with_one_undo() {
    let app = two_pairs();
    let form =
        app.get("/events/1/trade?from=2025-10-15").status(200).says("Choose another day").form("/events/1/trade");

    let offered = form.with("date", "2025-10-17").with("check", "true").send(&app).status(200);
    assert!(offered.text_of("other").contains("Jane Doe Fri, Oct 17, 10:00 AM · Gum"), "{}", offered.text_of("other"));
    let form = offered.form("/events/1/trade").without("check").with("other", "13.0");
    let preview = form.clone().with("check", "true").send(&app).status(200).text_of("preview");
    assert!(preview.contains("John Smith already has"), "two COREs at once: {preview}");
    let asked = form.send(&app).status(422);
    assert_eq!(app.assignment(1).unwrap().1, "101", "not at all");
    let done = asked.form("/events/1/trade").with("override_reason", "They agreed.").send(&app);

    let day = app.follow(done);
    let pairs = [1, 2, 3, 4].map(|event| app.assignment(event).unwrap());
    let on = crate::support::on;
    assert_eq!(pairs[0], on("2025-10-15 10:00", "102"));
    assert_eq!(pairs[2], on("2025-10-17 10:00", "101"));
    assert_eq!((&pairs[1], &pairs[3]), (&on("2025-10-15 12:00", "105"), &on("2025-10-17 12:00", "105")));
    let entry = app.audit().pop().unwrap();
    assert_eq!(entry.steps.len(), 2);
    app.follow(day.form(&format!("/activity/{}/undo", entry.sequence)).send(&app));
    assert_eq!((app.assignment(1).unwrap().1, app.assignment(3).unwrap().1), ("101".to_owned(), "102".to_owned()));
    app.assert_whole();
}

#[test]
fn a_choice_of_another_day_is_dropped_when_the_day_changes() {
    let app = two_pairs();

    let form = app.get("/events/3/trade?date=2025-10-15&other=15.0&revision=0").status(200);

    assert!(form.text_of("other").contains("John Smith Wed, Oct 15, 10:00 AM · Pretzel"));
    assert!(!form.text_of("preview").contains("Soda"), "{}", form.text_of("preview"));
}

#[test]
fn only_scheduled_cores_have_a_trade() {
    let app = App::with_acceptance_data();
    let day = app.get("/calendar/day/2025-10-15");

    day.element("trade-1001");
    assert!(!day.body.contains("id=\"trade-1002\"") && !day.body.contains("id=\"trade-1017\""));
    for event in [1002, 1004, 1011] {
        let form = app.get(&format!("/events/{event}/trade")).status(200);
        form.says("is not a scheduled CORE event; only those can be traded.");
    }
}

#[test]
fn a_day_with_hundreds_of_cores_offers_a_limited_list() {
    let core = |id: usize| format!("{id},{}-CORE-Gum,CORE,1,2025-10-15,", 600_000 + id);
    let events: Vec<String> = (1..=250).map(core).collect();
    let people = ["101", "102", "103", "104"];
    let start = |id: usize| format!("{id},{id},{},2025-10-15 10:00:00", people[usize::from(id > 1) * (1 + id % 3)]);
    let schedule: Vec<String> = (1..=250).map(start).collect();
    let rows = |rows: &[String]| rows.iter().map(|row| row.clone().leak() as &str).collect::<Vec<_>>();
    let app = App::with(&[], Some(legacy(&rows(&events), &rows(&schedule))));

    let form = app.open_dialog("/events/1/trade").status(200);

    assert_eq!(form.body.matches("name=\"other\"").count(), 200);
    form.says("Show all 200");
}
