//! A reason accepts the conflicts that its form showed, and no others.

use serde_json::{Value, json};

use super::findings::{edit, findings, off};
use crate::support::{App, Page, form::Form};

/// The reasons for which the conflicts of an event with a rule are accepted; null for open ones.
fn reasons(app: &App, event: u64, rule: &str) -> Vec<Value> {
    let own = findings(app, event).into_iter().filter(|one| one["rule"] == rule);
    own.map(|one| one["reason"].clone()).collect()
}

/// Gives an event of October 22 to employee 104, who holds others then: their overlap is open.
fn overlap(app: &App, event: u64) {
    let (start, schedule) = ("2025-10-22T10:00:00", app.event(event).schedule.map(|now| now.id.0));
    let reason = "For now";
    let placed = match schedule {
        None => app.call(
            "/api/schedule_event",
            json!({"event_id": event, "employee_id": "104", "start_datetime": start, "override_reason": reason}),
        ),
        Some(id) => {
            app.call("/api/reschedule_event", json!({"schedule_id": id, "new_date": start})).ok();
            let to = json!({"schedule_id": id, "new_employee_id": "104", "override_reason": reason});
            app.call("/api/change_employee", to)
        }
    };
    placed.ok();
    let take_back = format!("/integrity/accept/overlap/{event}/take-back");
    app.post(&take_back, &[("revision", &app.revision(event))]);
}

#[test]
fn a_conflict_that_came_while_its_page_was_open_is_not_accepted_unseen() {
    let app = App::with_acceptance_data();
    overlap(&app, 1017);
    overlap(&app, 1004);
    let address = "/integrity/accept/overlap/1017";
    let open = app.get(address).form(address).with("override_reason", "Both are small");
    overlap(&app, 1003);
    assert_eq!(reasons(&app, 1017, "overlap"), [Value::Null, Value::Null]);

    let again = open.send(&app).status(409).says("has other conflicts than the page showed");

    assert_eq!(reasons(&app, 1017, "overlap"), [Value::Null, Value::Null]);
    assert!(again.body.contains("Both are small"), "what was typed is kept: {}", again.body);
    again.form(address).send(&app).status(303);
    assert_eq!(reasons(&app, 1017, "overlap"), [json!("Both are small"), json!("Both are small")]);
    app.assert_whole();
}

#[test]
fn conflicts_are_accepted_if_one_went_while_their_page_was_open() {
    let app = App::with_acceptance_data();
    for event in [1017, 1004, 1003] {
        overlap(&app, event);
    }
    let address = "/integrity/accept/overlap/1017";
    let open = app.get(address).form(address).with("override_reason", "Both are small");
    app.call("/api/unschedule_event", json!({"schedule_id": 2003})).ok();
    open.send(&app).status(303);
    assert_eq!(reasons(&app, 1017, "overlap"), [json!("Both are small")]);
}

const FORM: &str = "/events/1019/reschedule";

/// The form that moves 1019 to a day off of its employee, as far as it asks for a reason.
fn asked(app: &App) -> Page {
    edit(app, "101", |john| john.time_off = vec![off("2025-10-21")]);
    app.get(FORM).form(FORM).with("date", "2025-10-21").send(app).status(422).says("is off on Tue, Oct 21, 2025")
}

fn with_reason(page: &Page) -> Form {
    page.form(FORM).with("override_reason", "He asked for this one")
}

#[test]
fn a_conflict_that_came_while_a_change_was_filled_in_is_asked_about() {
    let app = App::with_acceptance_data();
    let form = with_reason(&asked(&app));
    app.post("/holidays", &[("date", "2025-10-21"), ("name", "Founders' Day")]).status(303);

    let again = form.send(&app).status(422).says("The company is closed on Tue, Oct 21, 2025: Founders' Day.");

    assert_eq!(app.assignment(1019).unwrap().0, "2025-10-16 10:00", "nothing was changed");
    assert_eq!(again.form(FORM).value("date"), "2025-10-21");
    assert!(again.body.contains("He asked for this one"), "what was typed is kept");
    again.form(FORM).send(&app).status(303);
    assert_eq!(reasons(&app, 1019, "holiday"), [json!("He asked for this one")]);
    assert_eq!(reasons(&app, 1020, "holiday"), [json!("He asked for this one")], "that of its Supervisor too");
}

#[test]
fn a_reason_is_not_taken_for_another_day_than_the_one_shown() {
    let app = App::with_acceptance_data();
    let form = with_reason(&asked(&app));
    edit(&app, "101", |john| john.time_off.push(off("2025-10-22")));
    let again = form.with("date", "2025-10-22").send(&app).status(422).says("is off on Wed, Oct 22, 2025");
    again.form(FORM).send(&app).status(303);
    assert_eq!(app.assignment(1019).unwrap().0, "2025-10-22 10:00");
}

#[test]
fn a_preview_in_the_dialog_shows_what_its_reason_accepts() {
    let app = App::with_acceptance_data();
    let form = with_reason(&asked(&app));
    app.post("/holidays", &[("date", "2025-10-22"), ("name", "Founders' Day")]).status(303);
    edit(&app, "101", |john| john.time_off.push(off("2025-10-22")));
    let moved = form.with("date", "2025-10-22");
    let previewed = moved.check(&app, 1019);
    let shown = previewed.form(FORM);
    previewed.says("Founders' Day");

    moved.with("shown", shown.value("shown")).send_from_dialog(&app).status(200);

    assert_eq!(app.assignment(1019).unwrap().0, "2025-10-22 10:00");
}

#[test]
fn conflicts_of_a_swap_are_shown_before_their_reason_counts() {
    let app = App::with_acceptance_data();
    app.call("/api/change_employee", json!({"schedule_id": 2014, "new_employee_id": "104"})).ok();
    let form = "/events/1001/trade";
    let other = format!("2014.{}", app.revision(1019));
    let asked = app.get(form).form(form).with("date", "2025-10-16").with("other", &other).send(&app).status(422);
    let filled = asked.form(form).with("override_reason", "They agreed");
    edit(&app, "101", |john| john.time_off = vec![off("2025-10-16")]);

    let again = filled.send(&app).status(422).says("John Smith is off on Thu, Oct 16, 2025.");

    assert_eq!(app.assignment(1019).unwrap().1, "104");
    again.form(form).send(&app).status(303);
    assert_eq!(app.assignment(1019).unwrap().1, "101");
}
