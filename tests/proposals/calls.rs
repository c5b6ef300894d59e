//! Proposals through the API.

use serde_json::{Value, json};

use crate::support::{App, Page};

fn proposed(app: &App) -> Value {
    let body = json!({"from": "2025-10-15", "to": "2025-10-21"});
    let page = app.send("application/json", "/api/proposals", &body.to_string()).status(201);
    serde_json::from_str(&page.body).unwrap()
}

fn address(proposal: &Value) -> String {
    format!("/api/proposals/{}", proposal["proposal_id"].as_str().unwrap())
}

fn patch(app: &App, address: &str, body: &Value) -> Page {
    app.ask("PATCH", address, &[("Content-Type", "application/json")], &body.to_string())
}

fn events(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|one| one["event_id"].as_u64().unwrap()).collect()
}

#[test]
fn a_program_proposes_locks_a_row_accepts_and_undoes() {
    let app = App::with_acceptance_data();
    let proposal = proposed(&app);
    let place = address(&proposal);
    assert!(events(&proposal["rows"]).contains(&1004), "{proposal}");
    assert_eq!(proposal["placed"].as_u64().unwrap(), proposal["rows"].as_array().unwrap().len() as u64);
    assert_eq!(app.read_call(&place).body, proposal);

    let locked = patch(&app, &place, &json!({"lock": [1004]})).status(200);
    let locked: Value = serde_json::from_str(&locked.body).unwrap();
    let row = locked["rows"].as_array().unwrap().iter().find(|row| row["event_id"] == 1004).unwrap();
    assert_eq!((&row["locked"], &row["cause"]), (&json!(true), &json!("locked")));

    let done = app.call_with_key("a", &format!("{place}/accept"), json!({})).ok();
    let again = app.call_with_key("a", &format!("{place}/accept"), json!({})).ok();
    assert_eq!(done.body, again.body, "the same key answers as the first time");
    assert_eq!(done.body["events"].as_u64(), proposal["placed"].as_u64());
    app.call(&format!("{place}/accept"), json!({})).refused(409, "already_accepted");
    app.call(&format!("/api/undo/{}", done.body["undo_id"]), json!({})).ok();
    assert!(app.event(1004).schedule.is_none());
}

#[test]
fn changed_rows_answer_409_with_their_names_and_nothing_is_written() {
    let app = App::with_acceptance_data();
    let place = address(&proposed(&app));
    let start = "2025-10-16T20:00";
    app.call("/api/schedule_event", json!({"event_id": 1004, "employee_id": "101", "start_datetime": start})).ok();
    let before = app.bytes();

    let refused = app.call(&format!("{place}/accept"), json!({})).refused(409, "several_refused");

    assert!(events(&refused.body["refusals"]).contains(&1004), "{}", refused.body);
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_dropped_row_and_a_deleted_proposal_are_not_found() {
    let app = App::with_acceptance_data();
    let place = address(&proposed(&app));

    let dropped = patch(&app, &place, &json!({"drop": [1004]})).status(200);

    let dropped: Value = serde_json::from_str(&dropped.body).unwrap();
    assert!(!events(&dropped["rows"]).contains(&1004));
    app.ask("DELETE", &place, &[], "").status(200);
    app.read_call(&place).refused(404, "unknown_proposal");
    app.call(&format!("{place}/accept"), json!({})).refused(404, "unknown_proposal");
    app.read_call("/api/proposals/1").refused(404, "not_found");
}

#[test]
fn a_locked_pair_is_dropped_restored_and_accepted_together() {
    let app = App::with_acceptance_data();
    let place = address(&proposed(&app));
    let ask = |body: &Value| -> Value { serde_json::from_str(&patch(&app, &place, body).status(200).body).unwrap() };

    let locked = ask(&json!({"lock": [1004, 1005]}));
    let row = locked["rows"].as_array().unwrap().iter().find(|row| row["event_id"] == 1005).unwrap();
    assert_eq!((&row["locked"], &row["core_event_id"]), (&json!(true), &json!(1004)));
    let dropped = events(&ask(&json!({"drop": [1004]}))["rows"]);
    assert!(!dropped.contains(&1004) && !dropped.contains(&1005), "{dropped:?}");
    let restored = events(&ask(&json!({"restore": [1005]}))["rows"]);
    assert!(restored.contains(&1004) && restored.contains(&1005), "{restored:?}");
    ask(&json!({"lock": [1004, 1005]}));
    ask(&json!({"drop": [1004]}));
    app.call(&format!("{place}/accept"), json!({})).ok();
    assert!(app.event(1004).schedule.is_none() && app.event(1005).schedule.is_none());
    app.assert_whole();
}

#[test]
fn a_seed_is_a_whole_number_however_it_is_written() {
    let app = App::with_acceptance_data();
    for seed in ["7", "7.0"] {
        let body = format!(r#"{{"from": "2025-10-15", "to": "2025-10-21", "seed": {seed}}}"#);
        let proposal = app.send("application/json", "/api/proposals", &body).status(201);
        assert!(proposal.body.contains("\"seed\":7,"), "{}", proposal.body);
    }
    let place = address(&proposed(&app));
    for seed in [json!(-1), json!(7.5), json!("seven"), json!(1e20)] {
        let body = json!({"from": "2025-10-15", "to": "2025-10-21", "seed": seed});
        let refused = app.call("/api/proposals", body).refused(400, "malformed");
        assert!(refused.body.to_string().contains("a seed is a whole number from 0 to"), "{}", refused.body);
        let refused = patch(&app, &place, &json!({"seed": seed})).status(400);
        assert!(refused.body.contains("a seed is a whole number from 0 to"), "{}", refused.body);
    }
}

#[test]
fn an_invalid_proposal_is_refused_with_a_message_and_nothing_changes() {
    let app = App::with_acceptance_data();
    let before = app.bytes();
    for (body, status, code) in [
        (json!({"from": "2025-10-16", "to": "2025-10-15"}), 422, "bad_days"),
        (json!({"from": "2025-10-01", "to": "2025-10-29"}), 422, "bad_days"),
        (json!({"from": "2025-10-15", "to": "2025-10-16", "types": ["cores"]}), 400, "malformed"),
        (json!({"from": "2025-10-15", "to": "2025-10-16", "exclude_employees": ["999"]}), 422, "unknown_employee"),
        (json!({"from": "2025-10-15", "to": "2025-10-16", "stores": ["999"]}), 422, "no_open_events"),
        (json!({"from": "2025-10-15", "to": "2025-10-16", "stores": ["4101\u{85}"]}), 400, "malformed"),
        (json!({"from": "2025-10-15", "to": "2025-10-16", "seed": 7.5}), 400, "malformed"),
        (json!({"from": "2025-10-15"}), 400, "malformed"),
    ] {
        app.call("/api/proposals", body).refused(status, code);
    }
    assert_eq!(app.bytes(), before);
}
