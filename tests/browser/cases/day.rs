//! The day: its groups, which can be collapsed and stay so.

use thirtyfour::Key;

use crate::{
    browser::Browser,
    runner::{Case, cases},
    server::Server,
};

pub const CASES: &[Case] = cases![
    ON_AND_OFF:
        tc_015_a_day_leads_back_to_its_month,
        tc_019_groups_stand_in_order_with_counts_and_supervisors_closed,
        tc_022_cards_say_how_their_pair_stands;
    EVERYWHERE:
        tc_020_a_closed_group_stays_closed_after_a_reload;
];

const FIFTEENTH: &str = "/calendar/day/2025-10-15";

fn tc_015_a_day_leads_back_to_its_month(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(FIFTEENTH));
    assert_eq!(browser.text("h1"), "Wednesday, October 15, 2025");
    browser.leave(|| browser.click("a[href='/calendar/2025/10']"));
    assert_eq!(browser.text("h1"), "October 2025");
}

fn tc_019_groups_stand_in_order_with_counts_and_supervisors_closed(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(FIFTEENTH));
    let groups = browser.js(
        "return [...document.querySelectorAll('.group')].filter((one) => one.getClientRects().length)
         .map((one) => one.querySelector('h2').textContent.replace(/\\s+/g, ' ').trim() + (one.open ? '' : ', closed'))",
    );
    let wanted = [
        "Juicer events (2)",
        "Freeosk events (1)",
        "Digitals events (3)",
        "CORE events (5)",
        "Supervisor events (2), closed",
        "Unscheduled, due today (3)",
    ];
    assert_eq!(groups, serde_json::json!(wanted));
    browser.click("#group-supervisor > summary");
    assert!(browser.is_shown("#event-1002"), "a click opens a group, with scripts or without");
    browser.go(&server.at("/calendar/day/2025-10-17"));
    assert_eq!(browser.text("#group-freeosk .sum"), "No Freeosk events scheduled for this day");
}

fn tc_020_a_closed_group_stays_closed_after_a_reload(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(FIFTEENTH));
    assert!(browser.is_shown("#event-1001"));
    browser.click("#group-core > summary");
    browser.until("a closed group", || !browser.is_shown("#event-1001"));
    let kept = |state: &str| browser.js("return localStorage['tandem.group.core']") == state;
    browser.until("it is remembered", || kept("closed"));
    browser.reload();
    browser.until("TC-021: it is still closed", || !browser.is_shown("#event-1001"));
    browser.js("document.querySelector('#group-core > summary').focus()");
    browser.press(Key::Enter);
    browser.until("an open group", || browser.is_shown("#event-1001"));
    browser.until("it is remembered", || kept("open"));
    browser.reload();
    assert!(browser.is_shown("#event-1001"));
}

fn tc_022_cards_say_how_their_pair_stands(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(FIFTEENTH));
    for (event, class, words) in [
        (1001, "ok", "Supervisor Event Scheduled (Jane Doe @ 12:00 PM)"),
        (1006, "warn", "Supervisor Event NOT Scheduled"),
        (1003, "info", "No Supervisor event configured for this CORE event"),
    ] {
        let line = browser.text(&format!("#event-{event} .pair.{class}"));
        assert!(line.contains(words), "TC-022 to TC-024: {line}");
    }
}
