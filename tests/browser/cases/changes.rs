//! Every change, made once with scripts and once without: the stores end equal.

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
const SUBMIT: &str = "#confirm";

/// Opens a form from the day, fills it in, and sends it.
fn execute(browser: &Browser, server: &Server, link: &str, fill_in: impl FnOnce()) {
    browser.go(&server.at(FIFTEENTH));
    open_all_groups(browser);
    browser.act(|| browser.click(link));
    browser.find(".form");
    fill_in();
    send(browser);
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
}

/// Sends the form that is open.
fn send(browser: &Browser) {
    browser.act(|| browser.click(SUBMIT));
}

/// With scripts off nothing is remembered, and Supervisors begin closed.
fn open_all_groups(browser: &Browser) {
    browser.js("document.querySelectorAll('details.group').forEach((one) => { one.open = true })");
}

fn everything_that_can_be_done_ends_the_same_with_scripts_and_without(browser: &Browser) {
    let server = Server::with_acceptance_data();

    execute(browser, &server, "#reschedule-1001", || browser.fill_and_follow("#date", "2025-10-20"));
    assert_eq!(server.assignment(1001), on("2025-10-20 10:00", "101"));
    assert_eq!(server.assignment(1002), on("2025-10-20 12:00", "102"), "its Supervisor follows");

    browser.act(|| browser.click("#messages .toast form button"));
    browser.until("the undo is told", || browser.text("#messages .toast").starts_with("Undone"));
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"));
    assert_eq!(server.assignment(1002), on("2025-10-15 12:00", "102"));

    execute(browser, &server, "#unschedule-1003", || {});
    assert_eq!(server.assignment(1003), None);

    execute(browser, &server, "#employee-1008", || browser.fill_and_follow("#employee", "104"));
    assert_eq!(server.assignment(1008), on("2025-10-15 14:00", "104"));

    execute(browser, &server, "#schedule-1017", || {
        browser.fill_and_follow("#date", "2025-10-15");
        browser.fill_and_follow("#time", "18:00");
        browser.fill_and_follow("#employee", "103");
    });
    assert_eq!(server.assignment(1017), on("2025-10-15 18:00", "103"));
    execute(browser, &server, "#trade-1008", || {
        browser.click("input[name=other][value^='2004']");
        send(browser);
        browser.until("a reason is asked for", || browser.is_shown("#override_reason"));
        browser.fill("#override_reason", "They asked for it");
    });
    assert_eq!(server.assignment(1008), on("2025-10-15 14:00", "101"));
    assert_eq!(server.assignment(1006), on("2025-10-15 09:00", "104"));

    browser.go(&server.at("/activity"));
    browser.leave(|| browser.click(".entries > :first-child .meta a:last-child"));
    browser.leave(|| browser.click("main form button"));
    assert_eq!(server.assignment(1006), on("2025-10-15 09:00", "101"), "undone from Activity");

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

const EXPECTED: [&str; 6] = [
    "1001 r2 2025-10-15 10:00:00 101",
    "1002 r2 2025-10-15 12:00:00 102",
    "1003 r1 -",
    "1006 r2 2025-10-15 09:00:00 101",
    "1008 r3 2025-10-15 14:00:00 104",
    "1017 r1 2025-10-15 18:00:00 103",
];
