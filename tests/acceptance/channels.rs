//! TX-02: pairs in the retailer's spelling, changed by call, form and dialog.

use serde_json::json;

use crate::support::App;

const CORE: u64 = 121_895_449;
const SUPERVISOR: u64 = 121_895_444;

/// Both on the 25th, two hours apart, with their previous employees.
fn assert_moved(app: &App) {
    assert_eq!(app.assignment(CORE), Some(("2025-09-28 09:45".into(), "E10002".into())));
    assert_eq!(app.assignment(SUPERVISOR), Some(("2025-09-28 11:45".into(), "E10002".into())));
    app.assert_whole();
}

#[test]
fn tx_02_a_call_moves_the_core_of_612202_and_its_supervisor() {
    let app = App::with_visits();

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": CORE, "new_date": "2025-09-28"})).ok();

    assert_eq!(answer.body["supervisor_rescheduled"], true);
    assert_moved(&app);
}

#[test]
fn tx_02_a_form_without_scripts_moves_the_core_of_612202_and_its_supervisor() {
    let app = App::with_visits();
    let address = format!("/events/{CORE}/reschedule");
    app.get(&format!("{address}?from=2025-09-24"))
        .status(200)
        .says("Move 2 events")
        .says("Red & Green Grapes (Supervisor 612202)");

    let fields = [("revision", app.revision(CORE)), ("from", "2025-09-24".into()), ("date", "2025-09-28".into())];
    let answer = app.post(&address, &fields.each_ref().map(|(name, value)| (*name, value.as_str())));

    assert_eq!(answer.location.as_deref(), Some("/calendar/day/2025-09-24"));
    app.follow(answer).says("moved to Sun, Sep 28, 2025 at 9:45 AM, with its Supervisor");
    assert_moved(&app);
}

#[test]
fn tx_02_the_dialog_moves_the_core_of_612202_and_its_supervisor() {
    let app = App::with_visits();
    let address = format!("/events/{CORE}/reschedule");
    app.open_dialog(&format!("{address}?from=2025-09-24")).status(200).says("Move 2 events");

    let fields = [("revision", app.revision(CORE)), ("from", "2025-09-24".into()), ("date", "2025-09-28".into())];
    let answer = app.post_from_dialog(&address, &fields.each_ref().map(|(name, value)| (*name, value.as_str())));

    let answer = answer.status(200).says("moved to Sun, Sep 28, 2025 at 9:45 AM, with its Supervisor");
    assert!(!answer.text_of("group-supervisor").contains("612202-"), "the 24th holds it no more");
    assert_moved(&app);
}
