//! Search while a person types, with the keyboard alone.

use thirtyfour::Key;

use crate::{
    axe,
    browser::Browser,
    runner::{Case, cases},
    server::Server,
};

pub const CASES: &[Case] = cases![
    EVERYWHERE:
        a_search_from_the_header_finds_while_typing_and_is_walked_with_arrow_keys,
        the_search_page_finds_while_typing,
        enter_leads_to_the_first_that_is_found,
        ctrl_k_leads_to_a_day_a_page_or_a_person_from_the_keyboard;
];

fn a_search_from_the_header_finds_while_typing_and_is_walked_with_arrow_keys(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/2025/10"));
    browser.swap(|| browser.press("/"));
    browser.swap(|| browser.press("smith"));
    browser.until("the person", || browser.count("#quick a[href^='/employees/101/week']") == 1);
    assert_eq!(browser.js("return document.getElementById('announcer').textContent"), "1 employee");
    assert_eq!(browser.title(), "October 2025 · Tandem");
    browser.press(Key::Down);
    assert_eq!(browser.js("return document.activeElement.getAttribute('href')"), "/employees/101/week/2025-10-15");
    browser.press(Key::Up);
    assert_eq!(browser.js("return document.activeElement.type"), "search");
    browser.press(Key::Down);
    browser.until("every search has answered", || browser.count(".htmx-request") == 0);
    browser.leave(|| browser.press(Key::Enter));
    assert_eq!(browser.path(), "/employees/101/week/2025-10-15");

    loaded(browser);
    browser.swap(|| browser.press("/"));
    browser.swap(|| browser.press("pretzel"));
    browser.until("all results", || browser.count("#quick [data-question=pretzel]") == 1);
    browser.press(Key::Escape);
    assert_eq!(browser.count("#quick a"), 0);
    // The browser reports a request that was cut off when the page was left.
    let complaints = browser.console();
    assert!(complaints.iter().all(|one| one.contains("htmx:sendError")), "{complaints:?}");
}

/// Waits until the script of a new page listens.
fn loaded(browser: &Browser) {
    browser.until("the page to load", || browser.js("return document.readyState") == "complete");
}

fn the_search_page_finds_while_typing(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/search"));
    browser.swap(|| browser.fill("#q", "pretzel"));
    browser.until("both of the pair", || browser.count("#found-events ~ ul li") == 2);
    browser.js("document.getElementById('q').focus()");
    browser.press(Key::Down);
    browser.leave(|| browser.press(Key::Enter));
    assert_eq!(browser.path(), "/calendar/day/2025-10-15#event-1001");
}

fn enter_leads_to_the_first_that_is_found(browser: &Browser) {
    let server = Server::with_acceptance_data();
    for (question, first) in [
        ("smith", "/employees/101/week/2025-10-15"),
        ("cheetos", "/calendar/day/2025-10-15#event-1006"),
        ("timeline", "/calendar/day/2025-10-15/timeline"),
    ] {
        browser.go(&server.at("/calendar/2025/10"));
        loaded(browser);
        browser.swap(|| browser.press_with(Key::Control, "k"));
        browser.press("pretzel");
        // Again: what stands there is chosen, so that typing replaces it.
        browser.press_with(Key::Control, "k");
        browser.press(question);
        browser.until("the results", || browser.count(&format!("#quick [data-question={question}] a")) > 0);
        browser.leave(|| browser.press(Key::Enter));
        assert_eq!(browser.path(), first);
    }
    let complaints = browser.console();
    assert!(complaints.iter().all(|one| one.contains("htmx:sendError")), "{complaints:?}");
}

fn ctrl_k_leads_to_a_day_a_page_or_a_person_from_the_keyboard(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/unscheduled"));
    browser.swap(|| browser.press_with(Key::Control, "k"));
    browser.until("every page", || browser.count("#quick .go a") > 10);
    assert_eq!(browser.js("return document.activeElement.type"), "search");
    assert_eq!(axe::complaints(browser, "the palette"), Vec::<String>::new());
    browser.press("oct 20");
    browser.until("the day", || browser.count("#quick a[href='/calendar/day/2025-10-20']") == 1);
    browser.leave(|| browser.press(Key::Enter));
    assert_eq!(browser.path(), "/calendar/day/2025-10-20");

    loaded(browser);
    browser.swap(|| browser.press_with(Key::Control, "k"));
    browser.press("report");
    browser.until("the page", || browser.count("#quick a") == 1);
    browser.press(Key::Down);
    assert_eq!(browser.js("return document.activeElement.getAttribute('href')"), "/reports");
    browser.press(Key::Escape);
    assert_eq!(browser.count("#quick a"), 0);
    browser.press("s");
    browser.leave(|| browser.press(Key::Enter));
    assert!(browser.path().starts_with("/search"), "{}", browser.path());
}
