//! The pages of the auto-scheduler, as a browser without scripts uses them (TX-24).

use tandem::domain::ids::EventId;

use super::{accept, propose};
use crate::support::{App, Page, form::Form, legacy};

const START: &str = "/auto-schedule";

/// The page of a proposal that was asked for with the form.
fn proposed(app: &App, from: &str, to: &str) -> (String, Page) {
    let answer = app.get(START).status(200).form(START).with("from", from).with("to", to).send(app);
    let address = answer.location.clone().unwrap();
    (address, app.follow(answer))
}

fn form(page: &Page, address: &str) -> Form {
    page.form(address)
}

/// The page after a button was pressed that changes the proposal. A browser keeps the part behind `#` to itself.
fn pressed(app: &App, page: &Page, address: &str, button: &str) -> Page {
    let answer = form(page, address).with("do", button).send(app).status(303);
    let place = answer.location.unwrap();
    app.get(place.split('#').next().unwrap()).status(200)
}

#[test]
fn tx_24_without_scripts_a_week_is_proposed_accepted_and_undone() {
    let app = App::with_acceptance_data();
    app.get("/unscheduled").status(200).link(START);

    let (address, page) = proposed(&app, "2025-10-15", "2025-10-21");

    let page = page.says("Nature Valley").says("Hours by person").says("Placed");
    let done = form(&page, &address).with("do", "accept").send(&app);
    let list = app.follow(done).says("Scheduled:");
    assert!(app.event(1004).schedule.is_some() && app.event(1004).date() == app.event(1005).date());
    app.get(&address).status(200).says("This proposal was accepted.");
    let sequence = app.audit().last().unwrap().sequence;
    app.follow(list.form(&format!("/activity/{sequence}/undo")).send(&app)).says("Undone:");
    assert!(app.event(1004).schedule.is_none());
    app.assert_whole();
}

#[test]
fn tx_22_a_row_is_locked_excluded_and_included_on_the_page() {
    let app = App::with_acceptance_data();
    let (address, page) = proposed(&app, "2025-10-15", "2025-10-21");

    let locked = pressed(&app, &page, &address, "lock:1004");
    assert!(locked.element("row-1004").contains("Locked"));
    let without = pressed(&app, &locked, &address, "out:1004");
    assert!(without.body.contains("2 left out"), "{}", without.body);
    assert_eq!(without.body.matches("value=\"in:").count(), 1, "one button takes in a pair: {}", without.body);
    let back = pressed(&app, &without, &address, "in:1004");
    assert!(back.element("row-1004").contains("Lock") && back.element("row-1005").contains("Lock"));
    let again = pressed(&app, &back, &address, "again");
    assert!(again.element("row-1004").contains("Leave out"));
}

#[test]
fn a_pair_has_one_box_and_is_not_scheduled_if_that_is_unticked() {
    let app = App::with_acceptance_data();
    let (address, page) = proposed(&app, "2025-10-15", "2025-10-21");
    assert!(page.element("row-1004").contains("type=\"checkbox\""), "{}", page.element("row-1004"));
    assert!(!page.element("row-1005").contains("type=\"checkbox\""), "{}", page.element("row-1005"));

    let done = form(&page, &address).unticked("row", "1004").with("do", "accept").send(&app);

    app.follow(done).says("Scheduled:");
    assert!(app.event(1004).schedule.is_none() && app.event(1005).schedule.is_none());
}

#[test]
fn another_person_is_picked_from_the_others_of_a_row() {
    let app = App::with_visits();
    let (address, page) = proposed(&app, "2025-09-23", "2025-10-13");
    let saved = propose(&app, "2025-09-23", "2025-10-13");
    let row = saved.proposal.rows.iter().find(|row| !row.alternatives.is_empty()).unwrap();

    let page = pressed(&app, &page, &address, &format!("place:{}:0", row.event));

    assert!(page.element(&format!("row-{}", row.event)).contains("Locked"));
}

#[test]
fn outdated_rows_are_reported_and_the_rest_is_accepted() {
    let app = App::with_acceptance_data();
    let (address, page) = proposed(&app, "2025-10-15", "2025-10-21");
    let start = "2025-10-16T20:00";
    app.call(
        "/api/schedule_event",
        serde_json::json!({"event_id": 1004, "employee_id": "101", "start_datetime": start}),
    )
    .ok();
    let before = app.bytes();

    let refused = form(&page, &address).with("do", "accept").send(&app).status(409);

    assert_eq!(app.bytes(), before);
    let refused = refused.says("Nature Valley (CORE 606002) was changed").says("Accept the rest:");
    app.follow(form(&refused, &address).with("do", "accept").send(&app)).says("Scheduled:");
    assert_eq!(app.assignment(1004).unwrap().1, "101");
}

#[test]
fn invalid_days_show_the_form_with_a_message() {
    let app = App::with_acceptance_data();
    let form = || app.get(START).status(200).form(START);

    let ends_first = form().with("from", "2025-10-21").with("to", "2025-10-15").send(&app).status(422);
    let too_long = form().with("from", "2025-10-01").with("to", "2025-11-30").send(&app).status(422);
    let no_day = form().with("from", "").with("to", "2025-10-15").send(&app).status(422);

    ends_first.says("The last day, 2025-10-15, is before the first, 2025-10-21.");
    too_long.says("These are 61 days; a proposal looks at 28 days at most.");
    no_day.says("Choose a date.");
    app.get("/auto-schedule/0123456789abcdef").status(404).says("There is no such proposal.");
}

#[test]
fn every_unplaced_event_has_its_reason_on_the_page() {
    let rows =
        ["1,606001-Supervisor-Chips,Supervisor,0.08,2025-10-21,7", "2,606002-Freeosk-Dip,Freeosk,1,2025-10-17,7"];
    let app = App::with(&[], Some(legacy(&rows, &[])));

    let (_, page) = proposed(&app, "2025-10-16", "2025-10-21");

    assert!(page.body.contains("1 not placed") && page.body.contains("data-reason=\"no-core\""), "{}", page.body);
    assert_eq!(app.event(1).schedule, None);
}

#[test]
fn an_accepted_proposal_cannot_be_accepted_again() {
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");
    let address = format!("{START}/{}", saved.id);
    let page = app.get(&address).status(200);
    accept(&app, saved.id, None).unwrap();
    let before = app.bytes();

    form(&page, &address).with("do", "accept").send(&app).status(409).says("This proposal was accepted already.");

    assert!(saved.row(EventId(1004)).is_some());
    assert_eq!(app.bytes(), before);
}

#[test]
fn competing_events_are_listed_once_with_links_to_remedies() {
    let rows: Vec<String> = (1..=6)
        .flat_map(|number| {
            let (core, supervisor) = (2 * number, 2 * number + 1);
            [
                format!("{core},60600{number}-CORE-Chips,CORE,6,2025-10-16,7"),
                format!("{supervisor},60600{number}-Supervisor-Chips,Supervisor,0.08,2025-10-16,7"),
            ]
        })
        .collect();
    let app = App::with(&[], Some(legacy(&rows.iter().map(String::as_str).collect::<Vec<_>>(), &[])));

    let (address, page) = proposed(&app, "2025-10-16", "2025-10-17");

    // Four people may work a CORE on that day: two are left over, with their Supervisors.
    let (first, second) = (page.element("row-10"), page.element("row-12"));
    assert!(page.text_of("row-10").contains("can only be done on Thu, Oct 16, 2025, and 4 people are free for them."));
    assert!(first.contains("1 day late") && first.contains("/events/10/schedule?"), "{first}");
    assert!(first.contains("Availability of") && first.contains("Propose until") == first.contains("like="), "{first}");
    assert!(first.contains("Show 4 other events") && first.contains("value=\"out:2\""), "{first}");
    assert!(second.contains("href=\"#row-10\"") && !second.contains("out:"), "{second}");
    assert!(page.text_of("row-11").contains("It goes with its CORE"), "{}", page.text_of("row-11"));

    let without = pressed(&app, &page, &address, "out:2");
    assert!(without.element("row-10").contains("Leave out"), "{}", without.element("row-10"));
    assert!(app.event(10).schedule.is_none());
}
