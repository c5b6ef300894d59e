//! Signing in and out in the middle of something.

use crate::{
    browser::Browser,
    furnished::{PASSWORD, sign_in},
    runner::{Case, cases},
    server::{Server, on},
};

pub const CASES: &[Case] = cases![
    ON_AND_OFF:
        signing_in_leads_back_to_where_one_was_and_signing_out_ends_it,
        a_session_that_ended_leads_to_sign_in_and_back;
];

const FIFTEENTH: &str = "/calendar/day/2025-10-15";

fn signing_in_leads_back_to_where_one_was_and_signing_out_ends_it(browser: &Browser) {
    let server = Server::with_users();
    browser.go(&server.at(FIFTEENTH));
    assert_eq!(browser.text("h1"), "Sign in");
    assert!(!browser.text("body").contains("606001"), "nothing is shown before");
    sign_in(browser, "sam", "a wrong password");
    assert!(browser.text("main [role=alert]").contains("Incorrect name or password"));
    assert_eq!((browser.value("#name").as_str(), browser.value("#password").as_str()), ("sam", ""));
    sign_in(browser, "sam", PASSWORD);
    assert_eq!(browser.path(), FIFTEENTH);

    browser.act(|| browser.click("#reschedule-1001"));
    browser.fill_and_follow("#date", "2025-10-20");
    browser.act(|| browser.click("#confirm"));
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1001), on("2025-10-20 10:00", "101"));
    browser.go(&server.at("/activity"));
    let newest = browser.text(".entries > :first-child");
    assert!(newest.contains("sam") && newest.contains("606001"), "the change has a name: {newest}");

    browser.leave(|| browser.click("form.sign-out button"));
    assert_eq!(browser.text("h1"), "Sign in");
    browser.go(&server.at(FIFTEENTH));
    assert_eq!(browser.text("h1"), "Sign in", "the way in is needed again");
    browser.back();
    assert!(!browser.text("body").contains("606001"), "and Back shows nothing");
}

/// The session is ended in another browser while a day is open.
fn a_session_that_ended_leads_to_sign_in_and_back(browser: &Browser) {
    let server = Server::with_users();
    browser.go(&server.at(FIFTEENTH));
    sign_in(browser, "sam", PASSWORD);
    server.end_sessions("sam");
    browser.leave(|| browser.click("#reschedule-1001"));
    assert_eq!(browser.text("h1"), "Sign in");
    sign_in(browser, "sam", PASSWORD);
    let back = browser.path();
    assert!(back == FIFTEENTH || back.starts_with("/events/1001/reschedule"), "{back}");
}
