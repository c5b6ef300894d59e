//! API calls that list: pages, filters, entity tags.

use serde_json::{Value, json};

use crate::support::{App, october};

/// Every item of a list, page by page, and how many pages that took.
fn all(app: &App, address: &str, items: &str) -> (Vec<Value>, usize) {
    let (mut found, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let answer = app.read_call(&format!("{address}{cursor}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        found.extend(answer.body[items].as_array().unwrap().iter().cloned());
        pages += 1;
        match answer.body["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (found, pages),
        }
    }
}

fn ids(items: &[Value], name: &str) -> Vec<u64> {
    items.iter().map(|item| item[name].as_u64().unwrap()).collect()
}

#[test]
fn pages_list_every_event_once_by_id() {
    let app = App::with(&[], Some(october(120)));
    let (events, pages) = all(&app, "/api/events?limit=50", "events");
    let ids = ids(&events, "event_id");
    assert_eq!((events.len(), pages), (120, 3));
    assert!(ids.is_sorted() && ids.windows(2).all(|two| two[0] != two[1]));
}

#[test]
fn a_range_lists_events_by_date_and_unstaffed_ones_by_due_date() {
    let app = App::with_acceptance_data();
    let (events, pages) = all(&app, "/api/events?from=2025-10-15&to=2025-10-16&limit=4", "events");

    // Day 15: 13 scheduled and 3 unstaffed due; day 16: 2 and 2.
    assert_eq!((events.len(), pages), (20, 5));
    let mut sorted = ids(&events, "event_id");
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), 20);
    let month = app.read_call("/api/calendar/2025/10").body;
    let day = month["events"]["2025-10-15"].as_array().unwrap();
    assert!(day.iter().all(|event| events.contains(event)), "an event looks the same everywhere");
}

#[test]
fn events_are_filtered_and_invalid_filters_refused() {
    let app = App::with_acceptance_data();
    let count = |query: &str| all(&app, &format!("/api/events?limit=500&{query}"), "events").0.len();
    assert_eq!(count(""), 21);
    assert_eq!(count("type=core&type=juicer"), count("type=core") + count("type=juicer"));
    assert_eq!(count("condition=unstaffed"), 5);
    assert_eq!(count("employee=101&condition=scheduled"), count("employee=101"));
    assert_eq!(count("from=2025-10-17&to=2025-10-17&type=juicer"), 1);
    assert_eq!(count("from=2025-10-17"), count("from=2025-10-17&to=2200-12-31"));
    assert_eq!(count("to=2025-10-16") + count("from=2025-10-17"), count("from=1970-01-01"));
    assert_eq!(count("from=2025-10-17&to=2025-10-16"), 0);
    assert_eq!(count("store=Target%20%23456"), count("store=Target+%23456"));

    for (query, says) in [
        ("type=cores", "\"cores\" is not a type"),
        ("limit=0", "\"limit\": must be a whole number from 1 to 500"),
        ("limit=501", "\"limit\""),
        ("limit=1&limit=2", "\"limit\": must be a single text or number"),
        ("store=1&store=2", "\"store\": must be a single text or number"),
        ("cursor=first", "\"cursor\": must be what the page before gave as next"),
        ("store=", "\"store\": is blank: leave it out"),
        ("to=", "\"to\": is blank: leave it out"),
        ("cursor=%2B5", "\"cursor\""),
        ("from=10/01/2025&to=2025-10-02", "\"from\""),
        ("page=2", "Unknown parameter \"page\"; this call takes: type, store"),
    ] {
        let answer = app.read_call(&format!("/api/events?{query}")).refused(400, "malformed");
        assert!(answer.body["error"].as_str().unwrap().contains(says), "{query}: {}", answer.body);
    }
}

#[test]
fn one_event_is_read_by_its_id() {
    let app = App::with_acceptance_data();
    let event = app.read_call("/api/events/1001").body;
    assert_eq!(
        (&event["employee_name"], &event["start_datetime"]),
        (&json!("John Smith"), &json!("2025-10-15T10:00:00"))
    );
    app.read_call("/api/events/77").refused(404, "unknown_event");
    app.read_call("/api/events/x").refused(404, "not_found");
}

#[test]
fn employees_are_listed_by_id_with_hours_and_time_off() {
    let app = App::with_acceptance_data();
    let (employees, pages) = all(&app, "/api/employees?limit=2", "employees");
    assert_eq!((employees.len(), pages), (5, 3));
    assert_eq!(employees[0]["employee_id"], "101");
    assert_eq!((&employees[0]["availability"]["monday"], &employees[0]["time_off"]), (&json!("all day"), &json!([])));
    let (leads, _) = all(&app, "/api/employees?title=Club%20Supervisor&active=true", "employees");
    assert!(!leads.is_empty() && leads.iter().all(|lead| lead["job_title"] == "Club Supervisor"));
    app.read_call("/api/employees?title=Boss").refused(400, "malformed");
}

#[test]
fn the_audit_is_listed_newest_first_with_its_steps() {
    let app = App::with_acceptance_data();
    for day in 20..25 {
        app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": format!("2025-10-{day}")})).ok();
    }
    let (entries, pages) = all(&app, "/api/audit?limit=2", "entries");
    assert_eq!((ids(&entries, "sequence"), pages), (vec![6, 5, 4, 3, 2, 1], 3));
    assert_eq!(entries[0]["steps"][0]["after"]["start_datetime"], "2025-10-24T10:00:00");
    let (moves, _) = all(&app, "/api/audit?action=reschedule&event=1001", "entries");
    assert_eq!(moves.len(), 5);
    app.read_call("/api/audit?action=rescheduled").refused(400, "malformed");
}

#[test]
fn integrity_lists_its_findings_in_pages_with_the_time_of_the_last_check() {
    let app = App::with_visits();
    let made = app.read_call("/api/integrity").body;
    assert_eq!((&made["checked_at"], &made["clean"]), (&Value::Null, &json!(false)));
    assert_eq!((&made["checked"]["pairs"], &made["checked"]["pairs_half"]), (&json!(47), &json!(36)));

    app.post("/integrity/run", &[]);
    let kept = app.read_call("/api/integrity").body;
    assert_eq!(kept["checked_at"], json!("2025-10-15T13:00:00Z"));
    assert_eq!((&kept["checked"], &kept["clean"]), (&made["checked"], &json!(false)));
    assert_eq!(kept["findings"], made["findings"]);
    let (findings, pages) = all(&app, "/api/integrity?limit=20", "findings");
    let checked = app.check().pairs.that_matters("2025-10-15".parse().unwrap(), true).findings;
    let of_check =
        |one: &tandem::domain::integrity::Finding| (one.check.slug().to_owned(), one.event.0, one.message.clone());
    let listed = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        (text("check"), one["event_id"].as_u64().unwrap(), text("message"))
    };
    let listed: Vec<_> = findings.iter().map(listed).collect();
    assert_eq!(listed, checked.iter().map(of_check).collect::<Vec<_>>());
    assert_eq!(pages, findings.len().div_ceil(20));
}

#[test]
fn integrity_is_as_current_as_the_issues_page_and_checks_nothing() {
    let app = App::with_acceptance_data();
    app.post("/integrity/run", &[]);
    let of = |event: u64| -> Vec<String> {
        let body = app.read_call("/api/integrity").body;
        let own = body["findings"].as_array().unwrap().iter().filter(|one| one["event_id"] == event).cloned();
        own.map(|one| one["check"].as_str().unwrap().to_owned()).collect()
    };
    let checks = || app.read(|tx| tandem::store::tables::runs::latest(tx, 9)).len();
    let made = checks();
    assert_eq!(of(1020), [""; 0]);
    app.call("/api/unschedule_event", json!({"schedule_id": 2015})).ok();
    assert_eq!(of(1020), ["supervisor-unstaffed"]);
    app.post("/employees/101/time-off", &[("revision", "0"), ("first", "2025-10-16"), ("last", "2025-10-16")])
        .status(303);
    assert_eq!(of(1019), ["time-off"]);

    let accept = [("revision", &*app.revision(1019)), ("override_reason", "He asked for it")];
    app.post("/integrity/accept/time-off/1019", &accept).status(303);
    assert_eq!(of(1019), [""; 0], "an accepted conflict is no finding");
    let schedule = [("revision", &*app.revision(1020)), ("date", "2025-10-16"), ("time", "12:00"), ("employee", "105")];
    app.post("/events/1020/schedule", &schedule).status(303);
    assert_eq!((of(1020), checks()), (vec![], made));

    let apart = app.reconfigured(&[("supervisor_pairing", "false")]);
    apart.call("/api/unschedule_event", json!({"schedule_id": 2002})).ok();
    let body = apart.read_call("/api/integrity").body;
    assert!(!body["findings"].to_string().contains("supervisor-unstaffed"), "{body}");
}

#[test]
fn an_unchanged_answer_is_304() {
    let app = App::with_acceptance_data();
    for address in ["/api/events", "/api/calendar/2025/10", "/api/calendar/day/2025-10-15", "/api/openapi.json"] {
        let tag = app.get(address).status(200).etag.unwrap();
        let again = app.get_if_changed(address, &format!("\"old\", W/{tag}")).status(304);
        assert_eq!((again.body.as_str(), again.etag.as_ref()), ("", Some(&tag)));
    }
    let tag = app.get("/api/events").etag.unwrap();
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    app.get_if_changed("/api/events", &tag).status(200);
}
