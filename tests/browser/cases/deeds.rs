//! Everything that can be done, done once with scripts and once without: the store ends the same.

use crate::{
    browser::Browser,
    engine::Scripts,
    runner::{Case, cases},
    server::{Server, on},
};

pub const CASES: &[Case] = cases![
    ON_AND_OFF:
        everything_that_can_be_done_ends_the_same_with_scripts_and_without;
];

const FIFTEENTH: &str = "/calendar/day/2025-10-15";
/// The button that does what a form asks, in the dialog or on its own page.
const SUBMIT: &str = ".form footer button:is(.primary, .danger):not([formmethod])";

/// Opens a form from the day, lets somebody fill it in, and sends it.
fn carry_out(browser: &Browser, server: &Server, link: &str, fill_in: impl FnOnce()) {
    browser.go(&server.at(FIFTEENTH));
    open_all_groups(browser);
    browser.act(|| browser.click(link));
    browser.find(".form");
    fill_in();
    send(browser);
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
}

/// Sends the form that is open, once what it shows has followed what was typed.
fn send(browser: &Browser) {
    browser.until("a preview", || browser.js("return !document.querySelector('.htmx-request')") == true);
    browser.act(|| browser.click(SUBMIT));
}

/// With scripts off nothing is remembered, and Supervisors begin closed.
fn open_all_groups(browser: &Browser) {
    browser.js("document.querySelectorAll('details.group').forEach((one) => { one.open = true })");
}

fn everything_that_can_be_done_ends_the_same_with_scripts_and_without(browser: &Browser) {
    let server = Server::with_acceptance_data();

    carry_out(browser, &server, "#reschedule-1001", || browser.fill("#date", "2025-10-20"));
    assert_eq!(server.assignment(1001), on("2025-10-20 10:00", "101"));
    assert_eq!(server.assignment(1002), on("2025-10-20 12:00", "102"), "its Supervisor follows");

    browser.act(|| browser.click("#messages .toast form button"));
    browser.until("the undo is told", || browser.text("#messages .toast").starts_with("Undone"));
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"));
    assert_eq!(server.assignment(1002), on("2025-10-15 12:00", "102"));

    carry_out(browser, &server, "#unschedule-1003", || {});
    assert_eq!(server.assignment(1003), None);

    carry_out(browser, &server, "#employee-1008", || browser.fill("#employee", "104"));
    assert_eq!(server.assignment(1008), on("2025-10-15 14:00", "104"));

    carry_out(browser, &server, "#schedule-1017", || {
        browser.fill("#date", "2025-10-15");
        browser.fill("#time", "18:00");
        browser.fill("#employee", "103");
    });
    assert_eq!(server.assignment(1017), on("2025-10-15 18:00", "103"));
    assert_eq!(outcome(&server), EXPECTED, "scripts {:?}", browser.scripts == Scripts::On);
}

/// What differs from the start: `1003 r1 -`.
fn outcome(server: &Server) -> Vec<String> {
    let line = |event: &tandem::domain::event::Event| {
        let now = event.schedule.as_ref().map_or("-".to_owned(), |now| format!("{} {}", now.start, now.employee));
        format!("{} r{} {now}", event.id, event.revision)
    };
    server.events().iter().filter(|event| event.revision.0 > 0).map(line).collect()
}

const EXPECTED: [&str; 5] = [
    "1001 r2 2025-10-15 10:00:00 101",
    "1002 r2 2025-10-15 12:00:00 102",
    "1003 r1 -",
    "1008 r1 2025-10-15 14:00:00 104",
    "1017 r1 2025-10-15 18:00:00 103",
];
