//! Drag and drop: by mouse and touch, on the roster, the timeline, the day and the month. A drop opens a form.

use thirtyfour::Key;

use crate::{
    axe::complaints,
    browser::Browser,
    runner::{Case, cases},
    server::{Server, on},
};

pub const CASES: &[Case] = cases![
    EVERYWHERE:
        a_drop_on_the_roster_opens_the_form_and_changes_nothing_without_its_button,
        a_refused_drop_asks_for_a_reason,
        escape_cancels_a_drag,
        a_stale_drop_says_what_changed,
        the_same_is_done_by_keyboard_through_the_form,
        a_click_is_no_drag,
        an_open_roster_shows_changes_of_another_user,
        unscheduled_work_is_dropped_on_a_person_with_its_usual_time,
        a_drop_on_the_timeline_changes_person_and_time,
        a_card_of_a_day_is_dropped_on_another_day,
        an_unscheduled_card_marks_the_days_on_which_someone_may_work_it,
        a_badge_of_the_month_is_dropped_on_another_day,
        a_drop_counts_after_another_user_changed_what_is_around_it,
        a_drop_on_a_person_who_left_the_page_opens_their_form;
    TOUCH:
        a_finger_drags_after_a_long_press_and_scrolls_before,
        a_finger_drags_a_badge_of_the_month_on_a_phone_and_opens_the_day_with_a_tap,
        a_finger_drags_on_after_another_user_changed_what_is_around_it;
    CHROMIUM:
        axe_finds_nothing_while_an_event_is_dragged;
];

const WEEK: &str = "/roster/2025-10-15";
/// Mike Johnson, a Lead Event Specialist, on Friday the 17th: free, but after the due date of event 1001.
const LEAD_FRIDAY: &str = "#person-104 td:nth-child(7)";
/// Mike Brown, a Club Supervisor, who works no COREs, on the same day.
const SUPERVISOR_FRIDAY: &str = "#person-105 td:nth-child(7)";

/// Longer than `PRESS_MS` of `assets/drag.js`.
const LONG_PRESS_MS: u64 = 700;

fn open(browser: &Browser, page: &str) -> Server {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(page));
    server
}

/// Drags to a place and waits for the dialog.
fn drop_on(browser: &Browser, from: &str, to: &str) {
    browser.swap(|| browser.drag(from, to));
    browser.until("the dialog", || browser.is_shown("#dialog"));
}

fn ghost(browser: &Browser) -> String {
    browser.text(".ghost")
}

fn a_drop_on_the_roster_opens_the_form_and_changes_nothing_without_its_button(browser: &Browser) {
    let server = open(browser, WEEK);
    browser.hold("#event-1001", LEAD_FRIDAY);
    browser.until("the cells are marked", || browser.count("[data-fit]") > 0);
    assert_eq!(browser.attribute(LEAD_FRIDAY, "data-fit").as_deref(), Some("warned"));
    assert_eq!(browser.attribute(SUPERVISOR_FRIDAY, "data-fit").as_deref(), Some("refused"));
    browser.hold_on(LEAD_FRIDAY);
    let said = ghost(browser);
    assert!(said.starts_with("▲ Mike Johnson, Fri, Oct 17: Super Pretzel (CORE 606001) is due"), "{said}");
    browser.swap(|| browser.release());
    browser.until("the dialog", || browser.is_shown("#dialog"));
    assert_eq!((browser.value("#date"), browser.value("#time")), ("2025-10-17".to_owned(), "10:00".to_owned()));
    assert_eq!(browser.value("#employee"), "104");
    assert!(browser.text("#preview").contains("Fri, Oct 17, 10:00 AM, Mike Johnson"), "{}", browser.text("#preview"));
    assert_eq!(browser.count(".ghost, .dragged, [data-fit]"), 0, "nothing of the drag is left");
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"), "nothing has changed");

    browser.swap(|| browser.click("#confirm"));
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1001), on("2025-10-17 10:00", "104"));
    assert_eq!(server.assignment(1002), on("2025-10-17 12:00", "102"), "its Supervisor follows");
    browser.until("the roster shows it", || browser.count(&format!("{LEAD_FRIDAY} #event-1001")) == 1);
    browser.until_focus("a#event-1001");
}

fn a_refused_drop_asks_for_a_reason(browser: &Browser) {
    let server = open(browser, WEEK);
    drop_on(browser, "#event-1001", SUPERVISOR_FRIDAY);
    browser.until("a reason is asked for", || browser.is_shown("#override_reason"));
    browser.swap(|| browser.click("#confirm"));
    browser.until("the refusal", || browser.text("#dialog").contains("Nothing was changed"));
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"));
}

fn escape_cancels_a_drag(browser: &Browser) {
    let server = open(browser, WEEK);
    browser.hold("#event-1001", LEAD_FRIDAY);
    browser.until("the drag", || browser.count(".ghost") == 1);
    browser.press(Key::Escape);
    assert_eq!(browser.count(".ghost, .dragged, .drop"), 0);
    browser.release();
    browser.js_async("setTimeout(arguments[0], 200)", vec![]);
    assert!(!browser.is_shown("#dialog"));
    assert_eq!(browser.path(), WEEK);
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"));
}

fn a_stale_drop_says_what_changed(browser: &Browser) {
    let server = open(browser, WEEK);
    browser.hold("#event-1001", LEAD_FRIDAY);
    browser.until("the drag", || browser.count(".ghost") == 1);
    server.reschedule(1001, "2025-10-20");
    browser.swap(|| browser.release());
    browser.until("what changed", || browser.text("#dialog").contains("another user on Wed, Oct 15"));
    assert_eq!(browser.value("#date"), "2025-10-17", "where it was dropped is still there");
    assert_eq!(server.assignment(1001), on("2025-10-20 10:00", "101"));
}

fn the_same_is_done_by_keyboard_through_the_form(browser: &Browser) {
    let server = open(browser, WEEK);
    browser.js("document.getElementById('event-1001').focus()");
    browser.swap(|| browser.press(Key::Enter));
    browser.until("the dialog", || browser.is_shown("#dialog"));
    browser.fill_and_follow("#date", "2025-10-17");
    browser.fill_and_follow("#employee", "104");
    browser.js("document.getElementById('confirm').focus()");
    browser.swap(|| browser.press(Key::Enter));
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1001), on("2025-10-17 10:00", "104"));
}

fn a_click_is_no_drag(browser: &Browser) {
    let server = open(browser, WEEK);
    browser.swap(|| browser.click("#event-1001"));
    browser.until("the dialog", || browser.is_shown("#dialog"));
    assert_eq!((browser.value("#date"), browser.value("#time")), ("2025-10-15".to_owned(), "10:00".to_owned()));
    assert!(browser.text("#dialog .others").contains("Unschedule…"));
    browser.press(Key::Escape);
    browser.until_focus("a#event-1001");
    drop(server);
}

fn an_open_roster_shows_changes_of_another_user(browser: &Browser) {
    let server = open(browser, WEEK);
    browser.js("document.getElementById('event-1003').focus()");
    server.reschedule(1001, "2025-10-20");
    browser.until("the event is gone", || browser.count("#event-1001") == 0);
    assert_eq!(browser.focus(), "a#event-1003", "the focus stays");
    let said = browser.js("return document.getElementById('announcer').textContent");
    assert!(said.as_str().unwrap().ends_with("Oct 12 – 18, 2025 was changed by someone else"), "{said}");
}

fn unscheduled_work_is_dropped_on_a_person_with_its_usual_time(browser: &Browser) {
    let server = open(browser, WEEK);
    let open_event = browser.js("return document.querySelector('#open .shift.core').id");
    let open_event = format!("#{}", open_event.as_str().unwrap());
    drop_on(browser, &open_event, LEAD_FRIDAY);
    assert_eq!((browser.value("#date"), browser.value("#employee")), ("2025-10-17".to_owned(), "104".to_owned()));
    assert_eq!(browser.value("#time"), "09:45");
    assert!(browser.text("#dialog h1").starts_with("Schedule"));
    drop(server);
}

fn a_drop_on_the_timeline_changes_person_and_time(browser: &Browser) {
    let server = open(browser, "/calendar/day/2025-10-15/timeline");
    // Straight down: another person at the same time.
    let [x, y] = browser.center("#event-1001");
    let [_, lane] = browser.center("#person-102 .lane");
    browser.hold_at("#event-1001", x, lane);
    browser.until("the lanes are marked", || browser.count("[data-fit]") > 0);
    browser.hold_on_at(x, lane);
    let said = ghost(browser);
    assert!(said.ends_with("Jane Doe, Wed, Oct 15") && said.starts_with(['✓', '▲', '✕']), "{said}");
    browser.swap(|| browser.release());
    browser.until("the dialog", || browser.text("#dialog h1").starts_with("Change employee"));
    assert_eq!(browser.value("#employee"), "102");
    browser.press(Key::Escape);
    browser.until("closed", || !browser.is_shown("#dialog"));
    // An hour and a half to the right: another time.
    let hour = browser.js("const box = document.querySelector('#person-101 .lane').getBoundingClientRect();
         const { first, last } = document.querySelector('.lanes').dataset; return box.width / (last - first)");
    #[expect(clippy::cast_possible_truncation, reason = "pixels")]
    let shift = (hour.as_f64().unwrap() * 1.5) as i64;
    browser.hold_at("#event-1001", x + shift, y);
    browser.until("the lanes are marked", || browser.count("[data-fit]") > 0);
    browser.hold_on_at(x + shift, y);
    assert_eq!(ghost(browser), "John Smith, Wed, Oct 15, 11:30", "what fits was asked for the present time of day");
    browser.swap(|| browser.release());
    browser.until("the dialog", || browser.text("#dialog h1").starts_with("Reschedule"));
    assert_eq!((browser.value("#date"), browser.value("#time")), ("2025-10-15".to_owned(), "11:30".to_owned()));
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"));
}

fn a_card_of_a_day_is_dropped_on_another_day(browser: &Browser) {
    let server = open(browser, "/calendar/day/2025-10-15");
    browser.hold("#event-1001 .time", "#event-1001 .name");
    browser.until("the days", || browser.count(".drag-days > *") == 14);
    browser.until("they are marked", || browser.count(".drag-days [data-fit]") == 14);
    browser.hold_on(".drag-days [data-date='2025-10-20']");
    browser.swap(|| browser.release());
    browser.until("the dialog", || browser.is_shown("#dialog"));
    assert_eq!((browser.value("#date"), browser.value("#time")), ("2025-10-20".to_owned(), "10:00".to_owned()));
    browser.swap(|| browser.click("#confirm"));
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1002), on("2025-10-20 12:00", "102"));
}

fn an_unscheduled_card_marks_the_days_on_which_someone_may_work_it(browser: &Browser) {
    let server = open(browser, "/calendar/day/2025-10-15");
    browser.hold("#event-1007 .time", "#event-1007 .name");
    browser.until("the days are marked", || browser.count(".drag-days [data-fit]") == 14);
    assert_eq!(browser.attribute(".drag-days [data-date='2025-10-14']", "data-fit").as_deref(), Some("free"));
    let late = ".drag-days [data-date='2025-10-20']";
    assert_eq!(browser.attribute(late, "data-fit").as_deref(), Some("warned"), "after its last day");
    browser.hold_on(late);
    assert_eq!(ghost(browser), "▲ Mon, Oct 20: no one is free then without a warning");
    browser.swap(|| browser.release());
    browser.until("the dialog", || browser.text("#dialog h1").starts_with("Schedule"));
    assert_eq!(browser.value("#date"), "2025-10-20");
    drop(server);
}

/// Another user moves an event away, and the page shows it: the dragged element has been replaced.
fn move_away(browser: &Browser, server: &Server, css: &str, event: u64) {
    let remember = "window.held = document.querySelector(arguments[0])";
    browser.js_with(remember, vec![serde_json::json!(css)]);
    server.reschedule(event, "2025-11-03");
    browser.until("the change of the other user", || browser.js("return window.held.isConnected") == false);
}

fn a_drop_counts_after_another_user_changed_what_is_around_it(browser: &Browser) {
    let core = "td:has(> a.day[data-date='2025-10-15']) .b.core";
    let lane = "/calendar/day/2025-10-15/timeline";
    for (page, from, to, opens) in [
        (WEEK, "#event-1001", LEAD_FRIDAY, "Reschedule"),
        ("/calendar/2025/10", core, "td:has(> a.day[data-date='2025-10-20'])", "Move an event to Mon, Oct 20"),
        ("/calendar/day/2025-10-15", "#event-1001", ".drag-days [data-date='2025-10-20']", "Reschedule"),
        (lane, "#event-1001", "#person-102 .lane", "Change employee"),
    ] {
        let server = open(browser, page);
        if page == lane {
            let ([x, _], [_, y]) = (browser.center(from), browser.center(to));
            browser.hold_at(from, x, y);
        } else if from == core || page == WEEK {
            browser.hold(from, to);
        } else {
            browser.hold("#event-1001 .time", "#event-1001 .name");
            browser.until("the days", || browser.count(".drag-days > *") == 14);
            browser.hold_on(to);
        }
        browser.until("the drag", || browser.count(".ghost") == 1);
        move_away(browser, &server, from, 1003);
        browser.swap(|| browser.release());
        browser.until(opens, || browser.is_shown("#dialog") && browser.text("#dialog h1").starts_with(opens));
        assert_eq!(browser.count(".ghost, .dragged, .drop, [data-fit]"), 0, "nothing of the drag is left on {page}");
        assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"), "nothing has changed");
    }
}

fn a_drop_on_a_person_who_left_the_page_opens_their_form(browser: &Browser) {
    let server = Server::with_acceptance_data();
    server.reschedule(1001, "2025-10-20");
    browser.go(&server.at("/roster/2025-10-20"));
    browser.hold("#event-1001", "#person-104 td:nth-child(4)");
    browser.until("the drag", || browser.count(".ghost") == 1);
    server.deactivate("104");
    // The list of people shows it with the next change of this week.
    server.reschedule(1003, "2025-10-21");
    browser.until("the person is gone", || browser.count("#person-104") == 0);
    browser.swap(|| browser.release());
    browser.until("the form", || browser.is_shown("#dialog"));
    assert_eq!(browser.value("#date"), "2025-10-21");
    assert!(browser.text("#dialog").contains("Mike Johnson is no longer active."));
    assert_eq!(server.assignment(1001).map(|held| held.1), Some("101".to_owned()), "nothing has changed");
}

fn a_badge_of_the_month_is_dropped_on_another_day(browser: &Browser) {
    let server = open(browser, "/calendar/2025/10");
    let twentieth = "td:has(> a.day[data-date='2025-10-20'])";
    drop_on(browser, "td:has(> a.day[data-date='2025-10-15']) .b.core", twentieth);
    assert!(browser.text("#dialog h1").starts_with("Move an event to Mon, Oct 20"));
    browser.swap(|| browser.click("#dialog .choice li:first-child a"));
    browser.until("the form", || browser.count("#dialog #date") == 1);
    assert_eq!(browser.value("#date"), "2025-10-20");
    browser.swap(|| browser.click("#confirm"));
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    browser.until("the month shows it", || browser.text(&format!("{twentieth} .b.core")) == "C 1");
    assert_eq!(browser.path(), "/calendar/2025/10");
    drop(server);
}

fn a_finger_drags_after_a_long_press_and_scrolls_before(browser: &Browser) {
    let server = open(browser, WEEK);
    let ([x, y], [to_x, to_y]) = (browser.center("#event-1001"), browser.center(LEAD_FRIDAY));
    browser.touch(&[(x, y, 0), (x, y - 40, 0), (to_x, to_y, 0)]);
    assert!(!browser.is_shown("#dialog"), "it scrolls");
    browser.js("scrollTo(0, 0)");
    browser.js_async("setTimeout(arguments[0], 300)", vec![]);
    let ([x, y], [to_x, to_y]) = (browser.center("#event-1001"), browser.center(LEAD_FRIDAY));
    browser.swap(|| browser.touch(&[(x, y, LONG_PRESS_MS), (x + 20, y + 5, 50), (to_x, to_y, 50)]));
    browser.until("the dialog", || browser.is_shown("#dialog"));
    assert_eq!((browser.value("#date"), browser.value("#employee")), ("2025-10-17".to_owned(), "104".to_owned()));
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"));
}

fn a_finger_drags_a_badge_of_the_month_on_a_phone_and_opens_the_day_with_a_tap(browser: &Browser) {
    let server = open(browser, "/calendar/2025/10");
    browser.resize(375, 812);
    let core = "td:has(> a.day[data-date='2025-10-15']) .b.core";
    let ([x, y], [to_x, to_y]) = (browser.center(core), browser.center("a.day[data-date='2025-10-20']"));
    browser.swap(|| browser.touch(&[(x, y, LONG_PRESS_MS), (x + 20, y + 5, 50), (to_x, to_y, 50)]));
    browser.until("the dialog", || browser.text("#dialog h1").starts_with("Move an event to Mon, Oct 20"));
    assert!(browser.text("#dialog").contains("Super Pretzel"), "it is the badge of the COREs");
    browser.press(Key::Escape);
    browser.until("closed", || !browser.is_shown("#dialog"));

    let [x, y] = browser.center(core);
    browser.leave(|| browser.touch(&[(x, y, 50)]));
    assert_eq!(browser.path(), "/calendar/day/2025-10-15");
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"));
}

fn a_finger_drags_on_after_another_user_changed_what_is_around_it(browser: &Browser) {
    let server = open(browser, WEEK);
    let ([x, y], [to_x, to_y]) = (browser.center("#event-1001"), browser.center(LEAD_FRIDAY));
    browser.touch_on(&[(x, y, LONG_PRESS_MS), (x + 20, y + 5, 50)]);
    browser.until("the drag", || browser.count(".ghost") == 1);
    move_away(browser, &server, "#event-1001", 1003);
    browser.swap(|| browser.touch_off(&[(to_x - 20, to_y, 50), (to_x, to_y, 50)]));
    browser.until("the dialog", || browser.is_shown("#dialog"));
    assert_eq!((browser.value("#date"), browser.value("#employee")), ("2025-10-17".to_owned(), "104".to_owned()));
}

fn axe_finds_nothing_while_an_event_is_dragged(browser: &Browser) {
    let server = open(browser, WEEK);
    let mut all = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer(&[("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")]);
        browser.hold("#event-1003", LEAD_FRIDAY);
        browser.until("the cells are marked", || browser.count("[data-fit]") > 0);
        // What fades is what is dragged.
        browser.js("document.querySelector('.dragged').classList.remove('dragged')");
        all.extend(complaints(browser, scheme));
        browser.press(Key::Escape);
        browser.release();
    }
    assert_eq!(all, Vec::<String>::new());
    drop(server);
}
