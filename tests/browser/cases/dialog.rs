//! The dialog: how it opens, holds the focus, and closes.

use thirtyfour::Key;

use crate::{
    browser::Browser,
    engine::Scripts,
    runner::{Case, cases},
    server::{Server, on},
};

pub const CASES: &[Case] = cases![
    EVERYWHERE:
        tc_026_the_supervisor_dialog_opens_with_its_details_and_focus_inside,
        tc_027_tab_stays_inside_both_ways,
        tc_031_every_way_to_close_leads_back_to_the_button,
        tc_049_a_stale_form_keeps_what_was_typed,
        a_form_with_a_mistake_leads_to_it,
        enter_saves_a_form,
        back_closes_a_dialog_and_stays_on_the_page,
        a_form_in_a_tab_of_its_own_shows_the_result,
        a_message_covers_no_action_of_its_card_and_leaves;
    ON_AND_OFF:
        tc_028_a_supervisor_alone_gets_another_employee,
        tc_029_a_supervisor_alone_moves_and_leaves_its_date_only_when_told_twice,
        tc_030_a_supervisor_alone_is_unscheduled;
];

const FIFTEENTH: &str = "/calendar/day/2025-10-15";
const OPENER: &str = "[id^='pair-1001-1002']";

fn open(browser: &Browser, server: &Server) {
    browser.go(&server.at(FIFTEENTH));
    browser.swap(|| browser.click(OPENER));
    browser.until("the dialog", || browser.is_shown("#dialog"));
}

fn is_inside(browser: &Browser) -> bool {
    browser.js("return document.getElementById('dialog').contains(document.activeElement)") == true
}

fn tc_026_the_supervisor_dialog_opens_with_its_details_and_focus_inside(browser: &Browser) {
    let server = Server::with_acceptance_data();
    open(browser, &server);
    let read = browser.text("#dialog");
    for words in ["606001-Supervisor-Super Pretzel", "Jane Doe"] {
        assert!(read.contains(words), "{words} in: {read}");
    }
    assert!(is_inside(browser), "the focus is on {}", browser.focus());
    assert_eq!(browser.js("return document.getElementById('dialog').matches(':modal')"), true);
}

fn tc_027_tab_stays_inside_both_ways(browser: &Browser) {
    let server = Server::with_acceptance_data();
    open(browser, &server);
    let first = browser.js("return document.activeElement.outerHTML");
    let mut rounds = 0;
    for back in [false, true] {
        for step in 0..20 {
            if back {
                browser.press_with(Key::Shift, Key::Tab);
            } else {
                browser.press(Key::Tab);
            }
            assert!(is_inside(browser), "step {step} leads out to {}", browser.focus());
            rounds += i32::from(browser.js("return document.activeElement.outerHTML") == first);
        }
    }
    assert!(rounds >= 2, "the focus goes round");
}

fn tc_031_every_way_to_close_leads_back_to_the_button(browser: &Browser) {
    let server = Server::with_acceptance_data();
    open(browser, &server);
    let opener = browser.js("return document.querySelector(\"[id^='pair-1001-1002']\").id");
    let opener = format!("a#{}", opener.as_str().unwrap());
    let ways: [(&str, &dyn Fn()); 4] = [
        ("Escape", &|| browser.press(Key::Escape)),
        ("Cancel", &|| browser.click("#dialog footer [data-close]")),
        ("×", &|| browser.click("#dialog header [data-close]")),
        ("a click outside", &|| browser.click_at(20, 400)),
    ];
    for (way, close) in ways {
        if !browser.is_shown("#dialog") {
            browser.swap(|| browser.click(OPENER));
            browser.until("the dialog", || browser.is_shown("#dialog"));
        }
        close();
        browser.until(way, || !browser.is_shown("#dialog"));
        browser.until_focus(&opener);
        assert_eq!(browser.path(), FIFTEENTH, "TC-032: {way} leaves the page as it is");
    }
}

fn tc_049_a_stale_form_keeps_what_was_typed(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(FIFTEENTH));
    browser.swap(|| browser.click("#reschedule-1001"));
    browser.swap(|| browser.fill("#date", "2025-10-21"));
    server.reschedule(1001, "2025-10-20");
    browser.swap(|| browser.click("#dialog footer button.primary"));
    browser.until("what changed", || browser.text("#dialog").contains("another user on Wed, Oct 15"));
    assert_eq!(browser.value("#date"), "2025-10-21", "what was typed is still there");
    assert!(is_inside(browser), "the focus is on {}", browser.focus());
    assert_eq!(server.assignment(1001), on("2025-10-20 10:00", "101"));
}

fn a_form_with_a_mistake_leads_to_it(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(FIFTEENTH));
    browser.swap(|| browser.click("#schedule-1017"));
    browser.fill_and_follow("#date", "");
    browser.swap(|| browser.click("#dialog footer button.primary"));
    browser.until("a mistake", || browser.count("#dialog [aria-invalid=true]") > 0);
    assert!(is_inside(browser));
    let described = browser.js("const field = document.querySelector('#dialog [aria-invalid=true]');
         return field.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id)?.textContent)
           .join(' ')");
    assert!(described.as_str().is_some_and(|words| words.len() > 10), "{described}");
}

fn enter_saves_a_form(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(FIFTEENTH));
    browser.swap(|| browser.click("#reschedule-1001"));
    browser.swap(|| browser.fill("#date", "2025-10-20"));
    browser.js("document.getElementById('time').focus()");
    browser.press(Key::Enter);
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1001), on("2025-10-20 10:00", "101"));
}

fn back_closes_a_dialog_and_stays_on_the_page(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/2025/10"));
    browser.go(&server.at(FIFTEENTH));
    for close in [Browser::back, |browser: &Browser| browser.press(Key::Escape)] {
        browser.swap(|| browser.click("#reschedule-1001"));
        browser.until("the dialog", || browser.is_shown("#dialog"));
        close(browser);
        browser.until("the dialog is closed", || !browser.is_shown("#dialog"));
        browser.until_focus("a#reschedule-1001");
        assert_eq!(browser.path(), FIFTEENTH);
    }
    browser.until("no step is left", || browser.js("return history.scrollRestoration") == "auto");
    browser.back();
    browser.until("the page before", || browser.path() == "/calendar/2025/10");
}

fn a_form_in_a_tab_of_its_own_shows_the_result(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/events/1001/reschedule?from=2025-10-15"));
    browser.swap(|| browser.fill("#date", ""));
    browser.leave(|| browser.click("#confirm"));
    assert_eq!(
        (browser.count("[aria-invalid=true]"), browser.count("form.framed")),
        (1, 1),
        "one form, with its error"
    );
    browser.fill_and_follow("#date", "2025-10-20");
    browser.leave(|| browser.click("#confirm"));
    assert_eq!(browser.path(), FIFTEENTH);
    assert!(browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1001), on("2025-10-20 10:00", "101"));
}

fn a_message_covers_no_action_of_its_card_and_leaves(browser: &Browser) {
    for (width, height) in [(1440, 900), (375, 700)] {
        let server = Server::with_acceptance_data();
        browser.go(&server.at(FIFTEENTH));
        browser.resize(width, height);
        browser.swap(|| browser.click("#employee-1008"));
        browser.fill_and_follow("#employee", "104");
        browser.swap(|| browser.click("#confirm"));
        browser.until("the message", || browser.is_shown("#messages .toast"));
        browser.until_focus("article#event-1008");
        let covered = browser.js("const card = document.getElementById('event-1008');
             card.scrollIntoView({ block: 'nearest' });
             return [...card.querySelectorAll('.do a, .do button')].filter((one) => {
               const box = one.getBoundingClientRect();
               return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)?.closest('#messages');
             }).length");
        assert_eq!(covered, 0, "{width} px");
        if width < 1000 {
            // The pointer is over the message, which stays.
            continue;
        }
        browser.js("for (const one of document.getAnimations()) if (one.animationName === 'leave') one.finish()");
        browser.until("the message has left", || !browser.is_shown("#messages .toast"));
    }
}

/// The Supervisor's form, in the dialog or on its own page.
fn open_anyhow(browser: &Browser, server: &Server) {
    browser.go(&server.at(FIFTEENTH));
    browser.act(|| browser.click(OPENER));
    browser.find("#confirm");
}

fn send(browser: &Browser) {
    browser.act(|| browser.click("#confirm"));
}

fn tc_028_a_supervisor_alone_gets_another_employee(browser: &Browser) {
    let server = Server::with_acceptance_data();
    open_anyhow(browser, &server);
    browser.fill_and_follow("#employee", "105");
    send(browser);
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1002), on("2025-10-15 12:00", "105"));
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"), "its CORE stays");
    assert!(browser.text("#event-1001 .pair").contains("Mike Brown @ 12:00 PM"), "its card says so");
}

/// With scripts the preview follows this too.
fn check_other_date(browser: &Browser) {
    let check = || browser.click("#confirm_other_date");
    match browser.scripts {
        Scripts::On => browser.swap(check),
        Scripts::Off => check(),
    }
}

fn tc_029_a_supervisor_alone_moves_and_leaves_its_date_only_when_told_twice(browser: &Browser) {
    let server = Server::with_acceptance_data();
    open_anyhow(browser, &server);
    browser.fill_and_follow("#time", "14:00");
    send(browser);
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1002), on("2025-10-15 14:00", "102"));

    open_anyhow(browser, &server);
    browser.fill_and_follow("#date", "2025-10-21");
    send(browser);
    browser.until("the second question", || browser.is_shown("#confirm_other_date"));
    assert_eq!(server.assignment(1002), on("2025-10-15 14:00", "102"), "not yet");
    check_other_date(browser);
    send(browser);
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1002), on("2025-10-21 14:00", "102"));
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"), "its CORE stays");
}

fn tc_030_a_supervisor_alone_is_unscheduled(browser: &Browser) {
    let server = Server::with_acceptance_data();
    open_anyhow(browser, &server);
    browser.act(|| browser.click("#unschedule-it"));
    browser.until("the question", || browser.text("#dialog-title").contains("Unschedule"));
    send(browser);
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1002), None);
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"), "its CORE stays");
}
