//! Layout on desktops, tablets and phones.

use serde_json::json;
use tandem::import::{Incoming, visits};

use crate::{
    browser::Browser,
    engine::Engine,
    runner::{Case, cases},
    server::{Server, on, visits_data},
    sources::data,
};

pub const CASES: &[Case] = cases![
    EVERYWHERE:
        tc_005_a_desk_shows_the_whole_month_without_scrolling,
        tc_006_a_tablet_shows_the_month_across_its_width,
        tc_007_a_phone_shows_a_readable_month_with_targets_of_44_px,
        tc_060_a_pair_is_moved_on_a_phone;
    CHROMIUM:
        short_work_of_a_timeline_does_not_overlap_at_any_width,
        long_names_fit_on_320_px_also_as_enlarged_text;
];

const OCTOBER: &str = "/calendar/2025/10";

/// Width and height of the smallest day, and how far the page reaches beyond the window: `[w, h, right, below]`.
fn measured(browser: &Browser) -> [f64; 4] {
    let all = browser.js(
        "const boxes = [...document.querySelectorAll('td:has(> a.day)')].map((one) => one.getBoundingClientRect());
         const root = document.documentElement;
         return [Math.min(...boxes.map((box) => box.width)), Math.min(...boxes.map((box) => box.height)),
                 root.scrollWidth - innerWidth, root.scrollHeight - innerHeight]",
    );
    [0, 1, 2, 3].map(|index| all[index].as_f64().unwrap())
}

fn tc_005_a_desk_shows_the_whole_month_without_scrolling(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    let [_, height, right, below] = measured(browser);
    assert!(height >= 110.0 && right <= 0.0 && below <= 0.0, "1440 x 900: {height} px, {right} and {below} px over");
    // The screen of WebKit is 2000 px wide; its window bar takes some of the 1080.
    browser.resize(1920, 1080);
    let [width, height, right, below] = measured(browser);
    assert!(height >= 140.0 && right <= 0.0 && below <= 0.0, "1920 x 1080: {height} px, {right} and {below} px over");
    assert!(width >= 250.0, "the month takes the full width: {width}");
    for (month, weeks) in [("/calendar/2026/2", 4), ("/calendar/2025/8", 6)] {
        browser.go(&server.at(month));
        browser.resize(1440, 900);
        let [_, height, _, below] = measured(browser);
        assert_eq!(browser.count("table.month tbody tr"), weeks);
        assert!(height >= 100.0 && below <= 0.0, "{month}: {height} px, {below} px over");
    }
}

fn tc_006_a_tablet_shows_the_month_across_its_width(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    for width in [1024, 768] {
        browser.resize(width, 1024);
        let [day, height, right, _] = measured(browser);
        assert!(right <= 0.0 && day * 7.0 > f64::from(width) * 0.9 && height >= 100.0, "{width}: {day} x {height}");
    }
}

fn tc_007_a_phone_shows_a_readable_month_with_targets_of_44_px(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    browser.resize(375, 812);
    let [width, height, right, _] = measured(browser);
    assert!(width >= 44.0 && height >= 44.0 && right <= 0.0, "a day is {width} x {height}, {right} px too wide");
    let small = browser.js("return [...document.querySelectorAll('.n, .badges .b:not(.zero), .due, .flag')]
           .map((one) => parseFloat(getComputedStyle(one).fontSize)).filter((size) => size < 12)");
    assert_eq!(small, json!([]), "numbers of at least 12 px");
}

/// TC-060 to TC-064: the main job, in every engine, at the size of a phone.
fn tc_060_a_pair_is_moved_on_a_phone(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at(OCTOBER));
    browser.resize(375, 812);
    browser.leave(|| browser.click("a.day[data-date='2025-10-15']"));
    browser.swap(|| browser.click("#reschedule-1001"));
    let full = browser.js("const box = document.getElementById('dialog').getBoundingClientRect();
         return box.width >= document.documentElement.clientWidth && box.height >= innerHeight - 1");
    assert_eq!(full, true, "the dialog fills the screen");
    browser.swap(|| browser.fill("#date", "2025-10-20"));
    browser.swap(|| browser.click("#dialog footer button.primary"));
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1002), on("2025-10-20 12:00", "102"));
    if browser.engine == Engine::Chromium {
        assert_eq!(browser.inner_size().0, 375);
    }
}

/// 320 px is also what 1280 px are at 400 %.
fn long_names_fit_on_320_px_also_as_enlarged_text(browser: &Browser) {
    let server = Server::with(visits::read(Incoming::default(), &[data("spreadsheets/35-busy-long.csv")]).unwrap());
    browser.go(&server.at("/calendar/day/2025-10-15"));
    browser.resize(320, 640);
    let pages = [
        "/calendar/day/2025-10-15",
        "/calendar/2025/10",
        "/unscheduled",
        "/employees",
        "/employees/E39999",
        "/employees/E39999/week/2025-10-15",
        "/new-employee",
        "/days/2025-10-15/reassign?employee=E39999",
        "/unscheduled/schedule?event=150000998",
        "/integrity",
        "/integrity/repair",
        "/auto-schedule",
        "/activity",
        "/search?q=item",
        "/events/150000000/reschedule?from=2025-10-15",
    ];
    for page in pages {
        browser.go(&server.at(page));
        let over = browser.js("const root = document.documentElement;
             const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1);
             return root.scrollWidth > root.clientWidth ? wide.slice(0, 2).map((one) => one.outerHTML.slice(0, 120)) : []");
        assert_eq!(over, json!([]), "{page} is too wide");
    }
}

fn short_work_of_a_timeline_does_not_overlap_at_any_width(browser: &Browser) {
    let server = Server::with(visits_data());
    browser.go(&server.at("/calendar/day/2025-09-24/timeline"));
    assert!(browser.count(".block.square") > 3);
    for width in [1440, 1024, 800, 375] {
        browser.resize(width, 900);
        let overlapping = browser.js(
            "const boxes = [...document.querySelectorAll('.lane > .block')].map((one) => [one.title, one.getBoundingClientRect()]);
             const meet = ([, a], [, b]) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
             return boxes.flatMap((one, at) => boxes.slice(at + 1).filter((other) => meet(one, other)).map((other) => [one[0], other[0]]))",
        );
        assert_eq!(overlapping, json!([]), "{width} px");
    }
}
