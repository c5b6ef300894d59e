//! A person's week.

use super::send;
use crate::support::App;

#[test]
fn a_week_lists_every_event_with_daily_and_weekly_hours() {
    let app = App::with_acceptance_data();

    let week = app.get("/employees/101/week/2025-10-15").status(200);

    week.link("/calendar/day/2025-10-15#event-1001");
    week.link("/employees/101/week/2025-10-11");
    week.link("/employees/101/week/2025-10-19");
    let held: usize = (12..=18).map(|day| app.held("101", &format!("2025-10-{day}")).len()).sum();
    assert_eq!(week.body.matches("class=\"work ").count(), held);
    week.says("John Smith Sun, Oct 12 – Sat, Oct 18, 2025")
        .says("10:00 AM – 4:30 PM Super Pretzel")
        .says("6 h 30 min")
        .says("Wednesday, Oct 15 Today");
}

#[test]
fn a_week_shows_absences() {
    let app = App::with_acceptance_data();
    let monday = [("days[mon].works", "true"), ("days[mon].from", "08:00"), ("days[mon].to", "12:00")];
    send(&app, "101", "", &[&[("name", "John Smith"), ("job_title", "Event Specialist")], &monday[..]].concat());
    send(&app, "101", "/time-off", &[("first", "2025-10-16"), ("last", "2025-10-17"), ("note", "Dentist")]);
    app.post("/holidays", &[("date", "2025-10-18"), ("name", "Founders' Day")]).status(303);

    let week = app.get("/employees/101/week/2025-10-15");

    week.says("Monday, Oct 13 – Available 8:00 AM to 12:00 PM")
        .says("Tuesday, Oct 14 – Not available")
        .says("Time off")
        .says("Holiday: Founders' Day")
        .does_not_say("Dentist");
}

#[test]
fn the_week_begins_as_configured() {
    let app = App::with(&[("week_start", "\"monday\"")], Some(crate::support::acceptance_data()));
    app.get("/employees/101/week/2025-10-15").says("Mon, Oct 13 – Sun, Oct 19, 2025");
}

#[test]
fn without_a_date_the_current_week_is_shown_and_htmx_gets_a_fragment() {
    let app = App::with_acceptance_data();
    let this = app.get("/employees/101/week").status(303);
    assert_eq!(this.location.as_deref(), Some("/employees/101/week/2025-10-15"));
    assert!(!app.get_fragment("/employees/101/week/2025-10-15").is_document());
    app.get("/employees/101/week/2025-02-30").status(404);
}

#[test]
fn the_first_and_last_weeks_of_the_calendar_have_no_further_links() {
    let app = App::with_acceptance_data();
    app.get("/employees/101/week/1970-01-01").status(200).does_not_say("Previous week");
    app.get("/employees/101/week/2200-12-31").status(200).does_not_say("Next week");
}
