//! Slow answers, lost connections and double clicks.

use crate::{
    browser::Browser,
    runner::{Case, cases},
    server::{Server, on},
};

pub const CASES: &[Case] = cases![
    EVERYWHERE:
        a_slow_answer_shows_that_it_is_awaited,
        a_double_click_does_one_thing,
        a_lost_connection_says_so_and_sends_again_what_was_typed;
    CHROMIUM:
        a_fault_of_ours_is_seen_with_its_number;
];

const FIFTEENTH: &str = "/calendar/day/2025-10-15";
const SUBMIT: &str = "#dialog footer button.primary";

fn fill_in(browser: &Browser, server: &Server) {
    browser.go(&server.at(FIFTEENTH));
    browser.swap(|| browser.click("#reschedule-1001"));
    browser.swap(|| browser.fill("#date", "2025-10-20"));
}

/// Notes in the page itself when a form was sent, when the sign of progress came, and how the button was then.
const NOTE_PROGRESS: &str = "window.seen = {};
    document.addEventListener('htmx:beforeSend', () => { seen.sent = performance.now(); }, { once: true });
    new MutationObserver(() => {
        if (seen.after || !document.body.classList.contains('busy')) return;
        seen.after = performance.now() - seen.sent;
        seen.disabled = document.querySelector('#dialog footer button.primary').ariaDisabled;
    }).observe(document.body, { attributes: true });";

fn a_slow_answer_shows_that_it_is_awaited(browser: &Browser) {
    let server = Server::with_acceptance_data();
    fill_in(browser, &server);
    server.delay_forms(1200);
    browser.js(NOTE_PROGRESS);
    browser.swap(|| {
        browser.click(SUBMIT);
        browser.until("a sign of progress", || browser.js("return seen.after > 0") == true);
    });
    assert!(browser.js("return seen.after").as_f64().unwrap() > 290.0, "not at once");
    assert_eq!(browser.js("return seen.disabled"), "true");
    browser.until("the sign is gone", || browser.js("return document.body.classList.contains('busy')") == false);
    assert_eq!(server.assignment(1001), on("2025-10-20 10:00", "101"));
}

fn a_double_click_does_one_thing(browser: &Browser) {
    let server = Server::with_acceptance_data();
    fill_in(browser, &server);
    server.delay_forms(300);
    browser.swap(|| browser.double_click(SUBMIT));
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.event(1001).revision.0, 1, "one change");
    assert_eq!(browser.count("#messages .toast"), 1);
}

fn a_lost_connection_says_so_and_sends_again_what_was_typed(browser: &Browser) {
    let mut server = Server::with_acceptance_data();
    fill_in(browser, &server);
    server.stop();
    browser.click(SUBMIT);
    browser.until("the loss", || browser.is_shown("#dialog .lost"));
    assert!(browser.text("#dialog .lost").contains("Your entries are still here"));
    assert_eq!(browser.value("#date"), "2025-10-20");
    server.start();
    browser.swap(|| browser.click("#dialog .lost button"));
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1001), on("2025-10-20 10:00", "101"));
    assert_eq!(browser.count(".lost"), 0);
    browser.console(); // has every request that was lost
}

fn a_fault_of_ours_is_seen_with_its_number(browser: &Browser) {
    let server = Server::with_acceptance_data();
    fill_in(browser, &server);
    server.fail_next_write();
    browser.swap(|| browser.click(SUBMIT));
    browser.until("the fault", || browser.text("#dialog").contains("Something went wrong on our side"));
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"), "nothing was changed");
}
