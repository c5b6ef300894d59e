//! The month: layout, keys and navigation.

use thirtyfour::Key;

use crate::{
    browser::Browser,
    engine::Scripts,
    runner::{Case, cases},
    server::Server,
};

pub const CASES: &[Case] = cases![
    ON_AND_OFF:
        tc_001_badges_count_each_type_and_mute_zeros,
        tc_002_a_warning_counts_unscheduled_events_due,
        tc_004_a_click_on_a_day_opens_it,
        months_are_turned_and_gone_back_to,
        weeks_of_the_roster_are_turned_in_place;
    EVERYWHERE:
        tc_012_the_month_is_walked_by_keyboard_with_a_visible_focus,
        escape_closes_the_choice_of_a_month,
        a_warning_leaves_the_date_of_its_day_free,
        keys_that_lead_from_a_page_to_its_work,
        tc_013_the_accessible_name_of_a_day_is_one_sentence,
        the_link_past_the_header_leads_to_the_days_and_to_the_events;
];

const OCTOBER: &str = "/calendar/2025/10";

fn day(number: u32) -> String {
    format!("a.day[data-date='2025-10-{number:02}']")
}

fn cell(number: u32) -> String {
    format!("td:has(> {})", day(number))
}

fn tc_001_badges_count_each_type_and_mute_zeros(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    for (number, badges) in
        [(15, "C 5 J 2 S 2 F 1 D 3 O 0"), (16, "C 1 J 0 S 1 F 0 D 0 O 0"), (17, "C 0 J 1 S 0 F 0 D 0 O 0")]
    {
        assert_eq!(browser.text(&format!("{} .badges", cell(number))), badges);
    }
    let look = |css: &str| {
        let look = browser.js(&format!(
            "const s = getComputedStyle(document.querySelector(\"{} {css}\")); return [s.borderTopStyle, s.color, s.backgroundColor]",
            cell(15)
        ));
        look.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (zero, five) = (look(".other"), look(".core"));
    assert_eq!((zero[0].as_str(), five[0].as_str()), ("dashed", "solid"));
    assert_eq!(zero[2], "rgba(0, 0, 0, 0)", "a zero is not filled");
    assert_ne!(zero[1], five[1], "a zero is muted");
}

fn tc_002_a_warning_counts_unscheduled_events_due(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    let warning = format!("{} .due", cell(15));
    assert_eq!(browser.attribute(&warning, "title").unwrap(), "3 unscheduled events due this day");
    assert!(browser.is_shown(&warning));
    assert!(browser.text(&warning).starts_with("▲ 3 unscheduled due"));
    assert_eq!(browser.count(&format!("{} .due", cell(17))), 0, "TC-003: all is scheduled");
}

fn tc_004_a_click_on_a_day_opens_it(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    browser.leave(|| browser.click(&day(15)));
    assert_eq!(browser.path(), "/calendar/day/2025-10-15");
    assert_eq!(browser.text("h1"), "Wednesday, October 15, 2025");
}

fn weeks_of_the_roster_are_turned_in_place(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/roster/2025-10-15"));
    browser.act(|| browser.click("#next-link"));
    assert_eq!(browser.text("h1"), "Roster, Oct 19 – 25, 2025");
    assert_eq!(browser.path(), "/roster/2025-10-19");
    if browser.scripts == Scripts::On {
        assert_eq!(browser.focus(), "a#next-link", "the focus stays where it was pressed");
    }
    browser.act(|| browser.click("#prev-link"));
    assert_eq!(browser.text("h1"), "Roster, Oct 12 – 18, 2025");
    browser.back();
    browser.until("the week after again", || browser.text("h1") == "Roster, Oct 19 – 25, 2025");
}

fn months_are_turned_and_gone_back_to(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    browser.act(|| browser.click("#next-link"));
    assert_eq!((browser.path().as_str(), browser.text("h1").as_str()), ("/calendar/2025/11", "November 2025"));
    assert_eq!(browser.title(), "November 2025 · Tandem");
    if browser.scripts == Scripts::On {
        assert_eq!(browser.focus(), "a#next-link", "the focus stays where it was pressed");
        assert_eq!(browser.js("return document.getElementById('announcer').textContent"), "November 2025");
    }
    browser.act(|| browser.click("#prev-link"));
    browser.act(|| browser.click("#prev-link"));
    assert_eq!(browser.text("h1"), "September 2025");
    browser.back();
    browser.until("October again", || browser.text("h1") == "October 2025");
    browser.forward();
    browser.until("September again", || browser.text("h1") == "September 2025");
    browser.act(|| browser.click("#today-link"));
    assert_eq!((browser.path().as_str(), browser.text("h1").as_str()), (OCTOBER, "October 2025"));
}

fn tc_012_the_month_is_walked_by_keyboard_with_a_visible_focus(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    let on = |date: &str| browser.js("return document.activeElement.dataset.date ?? ''") == date;
    let mut tabs = 0;
    while !on("2025-10-01") {
        browser.press(Key::Tab);
        assert_ring(browser);
        tabs += 1;
        assert!(tabs < 30, "Tab does not reach the days");
    }
    for (key, date) in [
        (Key::Right, "2025-10-02"),
        (Key::Down, "2025-10-09"),
        (Key::End, "2025-10-11"),
        (Key::Home, "2025-10-05"),
        (Key::Left, "2025-10-04"),
        (Key::Down, "2025-10-11"),
        (Key::Up, "2025-10-04"),
    ] {
        browser.press(key.clone());
        assert!(on(date), "{key:?} leads to {date}");
        assert_ring(browser);
    }
    browser.swap(|| browser.press(Key::Up));
    browser.until("September 27", || on("2025-09-27"));
    browser.swap(|| browser.press(Key::PageDown));
    browser.until("October", || browser.text("h1") == "October 2025");
    browser.swap(|| browser.press(Key::PageUp));
    browser.swap(|| browser.press("t"));
    browser.until("today's month", || browser.text("h1") == "October 2025");
    browser.press("/");
    assert_eq!(browser.js("return document.activeElement.type"), "search");
    browser.press(Key::Tab);
    browser.swap(|| browser.press("?"));
    browser.until("the keys", || browser.is_shown("#dialog-title"));
    browser.press(Key::Escape);
    browser.until("no dialog", || !browser.is_shown("#dialog"));
    // A browser tells a page of the close after it, and only then the focus goes back.
    browser.until_focus("a#help-link");
    browser.js("document.querySelector(\"a.day[data-date='2025-10-15']\").focus()");
    browser.leave(|| browser.press(Key::Enter));
    assert_eq!(browser.path(), "/calendar/day/2025-10-15");
}

/// The focus is seen: an outline of 2 px or more.
#[track_caller]
fn assert_ring(browser: &Browser) {
    let ring = browser.js("const s = getComputedStyle(document.activeElement);
         return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2");
    assert_eq!(ring, true, "no ring around {}", browser.focus());
}

fn tc_013_the_accessible_name_of_a_day_is_one_sentence(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    let heard = browser.attribute(&day(15), "aria-label").unwrap();
    assert_eq!(
        heard,
        "October 15, 2025. 5 CORE events, 2 Juicer events, 2 Supervisor events, 1 Freeosk event, 3 Digitals events. \
         Warning: 3 unscheduled events due."
    );
}

fn the_link_past_the_header_leads_to_the_days_and_to_the_events(browser: &Browser) {
    let server = Server::with_acceptance_data();
    for (page, first) in
        [(OCTOBER, "a.day[data-date='2025-10-01']"), ("/calendar/day/2025-10-15", "#group-juicer summary")]
    {
        browser.go(&server.at(page));
        for key in [Key::Tab, Key::Enter, Key::Tab] {
            browser.press(key);
        }
        let there = browser.js(&format!("return document.activeElement.matches(\"{first}\")"));
        assert_eq!(there, true, "{page}: {}", browser.js("return document.activeElement.outerHTML.slice(0, 80)"));
    }
}

fn escape_closes_the_choice_of_a_month(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    browser.click(".picker summary");
    assert!(browser.is_shown("#jump-year"));
    browser.js("document.getElementById('jump-year').focus()");
    browser.press(Key::Escape);
    assert!(!browser.is_shown("#jump-year"));
    assert_eq!(browser.js("return document.activeElement.localName"), "summary");
}

fn a_warning_leaves_the_date_of_its_day_free(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    browser.js("document.querySelector('.due').firstChild.data = '▲ 10'");
    for width in [1920, 1440, 1439, 1280, 1024, 870, 768] {
        browser.resize(width, 900);
        let between = browser.js(
            "const cell = document.querySelector('.due').closest('td'), box = (css) => cell.querySelector(css).getBoundingClientRect();
             const [date, due] = [box('.day'), box('.due')];
             return Math.max(due.left - date.right, due.top - date.bottom)",
        );
        assert!(between.as_f64().unwrap() >= 0.0, "{width} px: {between}");
    }
}

/// How often Tab is pressed until it is on such an element.
fn tabs_to(browser: &Browser, css: &str) -> usize {
    let there = || browser.js(&format!("return document.activeElement.matches(\"{css}\")")) == true;
    (1..60)
        .find(|_| {
            browser.press(Key::Tab);
            there()
        })
        .unwrap_or_else(|| panic!("Tab does not reach {css}"))
}

fn keys_that_lead_from_a_page_to_its_work(browser: &Browser) {
    let server = Server::with_acceptance_data();
    let action = ".event .do a, .event .do button";
    for (page, css, most, past_the_header) in [(OCTOBER, "a.day", 20, 1), ("/calendar/day/2025-10-15", action, 25, 6)] {
        browser.go(&server.at(page));
        let tabs = tabs_to(browser, css);
        assert!(tabs <= most, "{page}: {tabs}");
        browser.go(&server.at(page));
        browser.press(Key::Tab);
        browser.press(Key::Enter);
        let tabs = tabs_to(browser, css);
        assert!(tabs <= past_the_header, "{page}, past the header: {tabs}");
    }
}
