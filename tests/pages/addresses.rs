//! Unknown addresses, and redirects of old ones.

use crate::support::App;

#[test]
fn an_impossible_month_answers_404() {
    let app = App::empty();

    for month in ["2025/0", "2025/13", "1969/12", "2201/1", "2025/xx", "-1/5", "2025/+1x", "99999/1", "2025/%FF"] {
        let page = app.get(&format!("/calendar/{month}")).status(404);
        assert!(page.is_document(), "{month}");
        page.says("There is no such month: years go from 1970 to 2200, months from 1 to 12.");
    }
    app.get("/calendar?year=2025&month=13").status(404).says("There is no such month");
}

#[test]
fn an_impossible_day_answers_404() {
    let app = App::empty();

    for day in ["2025-02-30", "2025-1-1", "2025-04-31", "1969-12-31", "2201-01-01", "today", "+025-10-15", "%FF", "%00"]
    {
        app.get(&format!("/calendar/day/{day}")).status(404).says("There is no such day:").says("write YYYY-MM-DD");
    }
    app.get("/calendar/daily/2025-02-30").status(404).says("There is no such day:");
}

#[test]
fn the_ends_of_the_calendar_have_no_further_links() {
    let app = App::empty();

    let first = app.get("/calendar/1970/1").status(200);
    let last = app.get("/calendar/2200/12").status(200);
    assert!(!first.body.contains("/calendar/1969/") && !last.body.contains("/calendar/2201/"));
    app.get("/calendar/day/1970-01-01").status(200).link("/calendar/day/1970-01-02");
    app.get("/calendar/day/2200-12-31").status(200).link("/calendar/day/2200-12-30");
}

#[test]
fn an_unknown_event_answers_404() {
    let app = App::with_acceptance_data();

    for address in ["/events/4711", "/events/4711/reschedule", "/events/2001/unschedule"] {
        app.get(address).status(404).says("There is no event");
    }
    for id in ["0", "-1", "x", "1e3", "1001.0", "99999999999999999999", "9007199254740992"] {
        app.get(&format!("/events/{id}/reschedule")).status(404).says("There is no such event");
    }
    app.get("/events/1001/fly").status(404).says("There is no such page.");
    app.post("/events/4711/unschedule", &[("revision", "0")]).status(404).says("There is no event 4711.");
}

#[test]
fn an_unknown_address_answers_404() {
    let app = App::empty();

    for address in ["/nothing", "/calendar/day", "/events", "/assets/tandem.00000000.css", "/calendar/2025/10/15"] {
        app.get(address).status(404).says("There is no such page.").says("Go to the calendar");
    }
    app.post("/calendar/2025/10", &[]).status(405);
}

#[test]
fn old_and_short_addresses_redirect_to_the_page() {
    let app = App::with_acceptance_data();

    let leads = [
        ("/", "/calendar/2025/10"),
        ("/calendar", "/calendar/2025/10"),
        ("/calendar?year=2024&month=2", "/calendar/2024/2"),
        ("/calendar?month=3", "/calendar/2025/3"),
        ("/calendar/daily/2025-10-15", "/calendar/day/2025-10-15"),
        ("/events/1001", "/calendar/day/2025-10-15#event-1001"),
        ("/events/1004", "/calendar/day/2025-10-16#event-1004"),
    ];
    for (from, to) in leads {
        assert_eq!(app.get(from).location.as_deref(), Some(to), "{from}");
    }
}
