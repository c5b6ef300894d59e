//! The main tasks by keyboard alone, and the pages as screen readers read them.

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::{
    browser::Browser,
    runner::{Case, cases},
    server::{Server, on},
};

pub const CASES: &[Case] = cases![
    EVERYWHERE:
        tc_056_month_day_reschedule_and_undo_by_keyboard_alone;
    CHROMIUM:
        tc_057_headings_landmarks_and_live_regions_are_read_in_order,
        tc_057_every_field_and_button_has_a_name;
];

/// Presses Tab until the focus is on what a selector names, with a ring at every step.
#[track_caller]
fn tab_to(browser: &Browser, css: &str) {
    for _ in 0..80 {
        if browser.js(&format!("return document.activeElement.matches(\"{css}\")")) == true {
            return;
        }
        browser.press(Key::Tab);
        let seen = browser.js("const e = document.activeElement, s = getComputedStyle(e);
             return e === document.body || (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)");
        assert_eq!(seen, true, "no ring around {}", browser.focus());
    }
    panic!("Tab does not reach {css}");
}

fn tc_056_month_day_reschedule_and_undo_by_keyboard_alone(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/2025/10"));
    tab_to(browser, "a.day[data-date='2025-10-01']");
    for _ in 0..2 {
        browser.press(Key::Down);
    }
    browser.leave(|| browser.press(Key::Enter));
    assert_eq!(browser.path(), "/calendar/day/2025-10-15");

    tab_to(browser, "#reschedule-1001");
    browser.swap(|| browser.press(Key::Enter));
    browser.until("the dialog", || browser.is_shown("#dialog"));
    browser.until_focus("input#date");
    browser.swap(|| browser.fill("#date", "2025-10-20"));
    tab_to(browser, "#dialog footer button.primary");
    browser.swap(|| browser.press(Key::Enter));
    browser.until("the change is told", || browser.is_shown("#messages .toast"));
    assert_eq!(server.assignment(1001), on("2025-10-20 10:00", "101"));
    assert_ne!(browser.focus(), "body");

    tab_to(browser, "#messages .toast form button");
    browser.swap(|| browser.press(Key::Enter));
    browser.until("the undo is told", || browser.text("#messages .toast").starts_with("Undone"));
    assert_eq!(server.assignment(1001), on("2025-10-15 10:00", "101"));
    assert_eq!(server.assignment(1002), on("2025-10-15 12:00", "102"));
    browser.until("the focus is somewhere", || browser.focus() != "body");
}

/// Role and name of everything of some roles, in the order in which it is read.
fn read_out(browser: &Browser, roles: &[&str]) -> Vec<String> {
    browser.cdp("Accessibility.enable", json!({}));
    let tree = browser.cdp("Accessibility.getFullAXTree", json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    let root = nodes.iter().find(|node| node["parentId"].is_null()).unwrap();
    let mut read = Vec::new();
    walk(nodes, root, roles, &mut read);
    read
}

fn walk(nodes: &[Value], node: &Value, roles: &[&str], read: &mut Vec<String>) {
    let role = node["role"]["value"].as_str().unwrap_or_default();
    if node["ignored"] != true && roles.contains(&role) {
        let level = node["properties"].as_array().into_iter().flatten().find(|one| one["name"] == "level");
        let level = level.map(|one| format!(" {}", one["value"]["value"])).unwrap_or_default();
        let name = node["name"]["value"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        read.push(format!("{role}{level}: {name}").trim_end_matches(": ").to_owned());
    }
    for id in node["childIds"].as_array().into_iter().flatten() {
        if let Some(child) = nodes.iter().find(|node| node["nodeId"] == *id) {
            walk(nodes, child, roles, read);
        }
    }
}

const STRUCTURE: [&str; 8] = ["banner", "navigation", "main", "heading", "status", "table", "region", "dialog"];

fn tc_057_headings_landmarks_and_live_regions_are_read_in_order(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/2025/10"));
    assert_eq!(
        read_out(browser, &STRUCTURE),
        [
            "banner",
            "navigation: Main",
            "main",
            "region: October 2025",
            "heading 1: October 2025",
            "table: October 2025, events of each day",
            "status",
            "status",
        ]
    );
    browser.go(&server.at("/calendar/day/2025-10-17"));
    assert_eq!(
        read_out(browser, &STRUCTURE),
        [
            "banner",
            "navigation: Main",
            "main",
            "heading 1: Friday, October 17, 2025",
            "heading 2: Juicer events (1)",
            "heading 3: Juicer Production - Costco #456",
            "heading 2: Freeosk events (0)",
            "heading 2: Digitals events (0)",
            "heading 2: CORE events (0)",
            "heading 2: Supervisor events (0)",
            "heading 2: Unscheduled, due this day (0)",
            "status",
            "status",
        ]
    );
    browser.swap(|| browser.click("#reschedule-1021"));
    browser.until("the dialog", || browser.is_shown("#dialog"));
    let dialog: Vec<_> = read_out(browser, &["dialog"]);
    assert_eq!(dialog, ["dialog: Reschedule Juicer Production - Costco #456"]);
}

fn tc_057_every_field_and_button_has_a_name(browser: &Browser) {
    let server = crate::furnished::enter(browser);
    let roles = ["button", "link", "textbox", "combobox", "checkbox", "spinbutton", "searchbox", "Date", "InputTime"];
    for (page, _) in crate::pages::PAGES {
        browser.go(&server.at(page));
        let nameless: Vec<_> = read_out(browser, &roles).into_iter().filter(|one| !one.contains(": ")).collect();
        assert_eq!(nameless, Vec::<String>::new(), "{page}");
    }
}
