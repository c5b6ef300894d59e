//! Each conflict is its own finding: accepted by itself, and only for the facts it was accepted for.

use serde_json::{Value, json};
use tandem::domain::employee::availability::{DayPart, TimeOff};

use super::findings::{about_conflict, date, edit, findings, off, to_fix};
use crate::support::{Answer, App, legacy};

/// Employee 101 holds 1010 from 10 to 12 and 1011 from half past 12 to half past 2; 1012 takes two hours.
fn with_two_held() -> App {
    let event = |id: u64| format!("{id},60600{}-CORE-Gum,CORE,2,2025-10-31,4101", id % 10);
    let events: Vec<_> = (1010..=1012).map(event).collect();
    let events: Vec<_> = events.iter().map(String::as_str).collect();
    let app = App::with(&[], Some(legacy(&events, &[])));
    schedule(&app, 1010, "2025-10-22T10:00", None).ok();
    schedule(&app, 1011, "2025-10-22T12:30", None).ok();
    app
}

fn schedule(app: &App, event: u64, start: &str, reason: Option<&str>) -> Answer {
    let body = json!({"event_id": event, "employee_id": "101", "start_datetime": start, "override_reason": reason});
    app.call("/api/schedule_event", body)
}

fn reschedule(app: &App, event: u64, to: &str, reason: Option<&str>) -> Answer {
    app.call("/api/reschedule_event", json!({"schedule_id": event, "new_date": to, "override_reason": reason}))
}

/// The conflicts of an event with a rule: the other event, and the reason for which it was accepted.
fn conflicts(app: &App, event: u64, rule: &str) -> Vec<(Option<u64>, Option<String>)> {
    let own = findings(app, event).into_iter().filter(|one| one["rule"] == rule);
    own.map(|one| (one["event_id"].as_u64(), one["reason"].as_str().map(str::to_owned))).collect()
}

fn refused_events(answer: &Answer) -> Vec<Value> {
    let refusals = answer.body["refusals"].as_array().unwrap().iter();
    refusals.filter(|one| one["rule"] == "overlap").map(|one| one["event_id"].clone()).collect()
}

fn half(day: &str, part: DayPart) -> TimeOff {
    TimeOff { part, ..off(day) }
}

#[test]
fn every_overlap_needs_an_acceptance() {
    let app = with_two_held();
    let refused = schedule(&app, 1012, "2025-10-22T11:30", None).refused(422, "refused");
    assert_eq!(refused_events(&refused), [1010, 1011]);

    schedule(&app, 1012, "2025-10-22T11:30", Some("Short ones")).ok();

    let reason = || Some("Short ones".to_owned());
    assert_eq!(conflicts(&app, 1012, "overlap"), [(Some(1010), reason()), (Some(1011), reason())]);
    assert_eq!(conflicts(&app, 1010, "overlap"), [(Some(1012), reason())]);
    assert_eq!(conflicts(&app, 1011, "overlap"), [(Some(1012), reason())]);
    assert_eq!(to_fix(&app), 0);
    let card = app.get("/calendar/day/2025-10-22").element("event-1012");
    assert!(card.contains("/events/1010") && card.contains("/events/1011"), "{card}");
    app.assert_whole();
}

#[test]
fn a_later_time_of_the_same_day_asks_about_an_overlap_with_another_event() {
    let app = with_two_held();
    schedule(&app, 1012, "2025-10-22T10:15", Some("Beside 1010")).ok();
    reschedule(&app, 1012, "2025-10-22T10:20", None).ok();

    let refused = reschedule(&app, 1012, "2025-10-22T11:30", None).refused(422, "refused");
    assert_eq!(refused_events(&refused), [1010, 1011]);
    reschedule(&app, 1012, "2025-10-22T11:30", Some("Beside both")).ok();

    let accepted = [(Some(1010), Some("Beside 1010".to_owned())), (Some(1011), Some("Beside both".to_owned()))];
    assert_eq!(conflicts(&app, 1012, "overlap"), accepted);
    let listed = app.get("/integrity/accepted").text();
    assert!(listed.contains("Accepted by local user (no sign-in): Beside both"), "{listed}");
    assert!(listed.contains("Beside 1010"), "{listed}");
}

#[test]
fn an_accepted_morning_off_does_not_accept_the_afternoon() {
    let app = with_two_held();
    let day = "2025-10-23";
    edit(&app, "101", |one| one.time_off = [DayPart::Morning, DayPart::Afternoon].map(|part| half(day, part)).into());
    schedule(&app, 1012, "2025-10-23T08:00", Some("The morning is fine")).ok();

    reschedule(&app, 1012, "2025-10-23T14:00", None).refused(422, "refused");
    reschedule(&app, 1012, "2025-10-23T14:00", Some("The afternoon too")).ok();

    assert_eq!(conflicts(&app, 1012, "time-off"), [(None, Some("The afternoon too".to_owned()))]);
    reschedule(&app, 1012, "2025-10-23T11:00", Some("Noon")).ok();
    let both = [(None, Some("The morning is fine".to_owned())), (None, Some("The afternoon too".to_owned()))];
    assert_eq!(conflicts(&app, 1012, "time-off"), both);
}

#[test]
fn an_acceptance_ends_with_its_finding() {
    let app = with_two_held();
    edit(&app, "101", |one| one.time_off = vec![half("2025-10-22", DayPart::Morning)]);
    about_conflict(&app, "/integrity/accept/time-off/1010", &app.revision(1010), "She swaps her morning").status(303);
    let accepted = || conflicts(&app, 1010, "time-off");
    assert_eq!(accepted(), [(None, Some("She swaps her morning".to_owned()))]);

    edit(&app, "101", |one| one.time_off.clear());
    let vacation = TimeOff { first: date("2025-10-20"), last: date("2025-11-10"), ..off("2025-10-20") };
    edit(&app, "101", |one| one.time_off = vec![vacation.clone()]);

    assert_eq!((accepted(), to_fix(&app)), (vec![(None, None)], 2));
    edit(&app, "101", |one| one.time_off = vec![half("2025-10-22", DayPart::Morning)]);
    assert_eq!(accepted(), [(None, Some("She swaps her morning".to_owned()))], "as it was accepted");
    app.assert_whole();
}

#[test]
fn an_accepted_inactive_employee_who_comes_back_and_leaves_again_is_open() {
    let app = with_two_held();
    edit(&app, "101", |one| one.active = false);
    about_conflict(&app, "/integrity/accept/inactive/1010", &app.revision(1010), "The last one").status(303);
    assert_eq!(conflicts(&app, 1010, "inactive"), [(None, Some("The last one".to_owned()))]);

    edit(&app, "101", |one| one.active = true);
    edit(&app, "101", |one| one.active = false);

    assert_eq!(conflicts(&app, 1010, "inactive"), [(None, None)]);
    app.assert_whole();
}

/// The number that the navigation shows on a page.
fn in_navigation(app: &App) -> u64 {
    let text = app.get("/help").text();
    let (_, rest) = text.split_once("Issues ").expect("a link to the issues");
    rest.split_once(" to fix").map_or(0, |(number, _)| number.parse().unwrap_or(0))
}

#[test]
fn navigation_page_and_sections_show_the_same_number_of_issues() {
    let app = with_two_held();
    edit(&app, "101", |one| {
        one.time_off = vec![off("2025-10-22")];
        one.active = false;
    });
    schedule(&app, 1012, "2025-10-22T11:30", Some("Short ones")).ok();
    about_conflict(&app, "/integrity/accept/overlap/1012/take-back", &app.revision(1012), "").status(303);
    app.post("/integrity/run", &[]).status(303);

    // Two are inactive and off; all three overlap, two of them with one event only.
    let page = app.get("/integrity").says("7 issues to fix");
    let sections = ["time-off 2", "inactive 2", "overlap 3"];
    for section in sections {
        let (check, count) = section.split_once(' ').unwrap();
        let listed = app.get(&format!("/integrity/{check}")).body.matches("class=\"entry\"").count();
        assert_eq!(listed.to_string(), count, "{section}");
    }
    assert_eq!((in_navigation(&app), to_fix(&app)), (7, 7), "{}", page.text());
    app.assert_whole();
}

#[test]
fn without_pairing_split_pairs_are_not_issues() {
    let app = App::with(&[("supervisor_pairing", "false")], Some(crate::support::visits_data()));
    app.post("/integrity/run", &[]).status(303);
    app.get("/integrity").says("No issues").does_not_say("Supervisor not");
    assert_eq!(in_navigation(&app), 0);
}

/// In New York, clocks go from 2 AM to 3 AM on March 14, 2027.
#[test]
fn a_time_skipped_by_the_clock_is_refused_in_forms_and_calls() {
    let app = with_two_held();
    let sentence = "2:30 AM does not exist: the clocks go forward from 2:00 AM to 3:00 AM that day.";
    let skipped = schedule(&app, 1012, "2027-03-14T02:30", None).refused(422, "skipped_time");
    assert!(skipped.body["error"].as_str().unwrap().contains(sentence), "{}", skipped.body);
    reschedule(&app, 1011, "2027-03-14T02:30", None).refused(422, "skipped_time");
    reschedule(&app, 1011, "2027-03-13T02:30", None).ok();
    reschedule(&app, 1011, "2027-03-14", None).refused(422, "skipped_time");

    let revision = app.revision(1012);
    let fields = |time| [("revision", revision.as_str()), ("date", "2027-03-14"), ("time", time), ("employee", "101")];
    let form = app.post("/events/1012/schedule", &fields("02:30")).status(422).says(sentence);
    assert!(form.element("time").contains("02:30"), "what was typed is kept");
    app.post("/events/1012/schedule", &fields("03:00")).status(303);
    app.post(
        "/days/2027-03-14/reassign",
        &[("employee", "101"), ("row.1012.take", "true"), ("row.1012.employee", "102")],
    )
    .status(303);
}

/// The Supervisor starts two hours after its CORE, which no clock shows that night: it starts at the next moment.
#[test]
fn a_supervisor_never_starts_at_a_time_skipped_by_the_clock() {
    let app = App::with_acceptance_data();
    let night = json!({"schedule_id": 2014, "new_date": "2026-03-08T00:30", "override_reason": "A night inventory"});
    app.call("/api/reschedule_event", night).ok();
    assert_eq!(app.assignment(1020).unwrap().0, "2026-03-08 03:00");
}

#[test]
fn a_refused_trade_names_the_employee_of_each_conflict() {
    let app = with_two_held();
    reschedule(&app, 1011, "2025-10-23T12:30", None).ok();
    app.call("/api/change_employee", json!({"schedule_id": 1011, "new_employee_id": "102"})).ok();
    for day in ["2025-10-22", "2025-10-23"] {
        app.post("/holidays", &[("date", day), ("name", "Founders' Day")]).status(303);
    }
    let refused =
        app.call("/api/trade", json!({"schedule_id": 1010, "other_schedule_id": 1011})).refused(422, "refused");
    let messages: Vec<_> =
        refused.body["refusals"].as_array().unwrap().iter().map(|one| one["message"].clone()).collect();
    assert_eq!(
        messages,
        [
            "Gum (CORE 606000): The company is closed on Wed, Oct 22, 2025: Founders' Day.",
            "Gum (CORE 606001): The company is closed on Thu, Oct 23, 2025: Founders' Day."
        ]
    );
}

#[test]
fn an_overlap_past_midnight_names_the_next_day() {
    let app = with_two_held();
    let night = json!({"schedule_id": 1010, "new_date": "2025-10-22T23:00"});
    app.call("/api/reschedule_event", night).ok();
    let refused = schedule(&app, 1012, "2025-10-22T22:30", None).refused(422, "refused");
    let message = refused.body["error"].as_str().unwrap();
    assert!(message.contains("from 11:00 PM to 1:00 AM the next day."), "{message}");
}
