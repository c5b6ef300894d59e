//! Scripts and formulas in every field of every form and in every import.

use std::collections::BTreeSet;

use tandem::{domain::user::Role, export::Kind, views::components::form_tokens::TOKEN_FIELD};

use super::{
    PASSWORD,
    links_by_role::{row_of, walk},
};
use crate::support::{App, Page, form::Form, legacy};

const MARKUP: &str = r#"<xss>"'><img src=x onerror=alert(1)> data-evil="1"#;
const ADDRESS: &str = "javascript:alert(1)";
const FORMULA: &str = "=cmd|' /C calc'!A0";
const PAYLOADS: [&str; 3] = [MARKUP, ADDRESS, FORMULA];
/// Attributes whose value a browser follows.
const FOLLOWED: [&str; 6] = ["href", "src", "action", "formaction", "hx-get", "hx-post"];

/// What became of a payload that must not.
fn harm(page: &Page) -> Option<String> {
    let is_html = page.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html"));
    let body = if is_html { page.body.to_lowercase() } else { String::new() };
    let markup = ["<xss", "<img src=x", " data-evil=\""].into_iter().find(|sign| body.contains(sign));
    let followed = FOLLOWED.into_iter().find(|name| body.contains(&format!("{name}=\"javascript:")));
    markup.or(followed).map(str::to_owned)
}

#[track_caller]
fn assert_harmless(what: &str, page: &Page) {
    assert!(page.status < 500, "{what}: {} {}", page.status, page.body);
    assert_eq!(harm(page), None, "{what}: {}", page.body);
}

/// An app whose every text that comes from outside is hostile.
fn hostile() -> App {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let event = |id: u64, name: &str| format!("{id},{},CORE,1,2025-10-15,{}", quoted(name), quoted(MARKUP));
    let events = [event(1, MARKUP), event(2, ADDRESS), event(3, FORMULA), event(4, MARKUP)];
    let events = events.each_ref().map(String::as_str);
    let app = App::with_users();
    app.import(legacy(&events, &["11,1,101,2025-10-15 10:00:00", "13,3,102,2025-10-15 10:00:00"]));
    app
}

/// Writes that succeed, with a payload in every text that is free.
fn write_everywhere(app: &App, payload: &str, number: usize) {
    let send = |form: Form| {
        let answer = form.clone().send(app);
        assert_harmless(&format!("{form:?}"), &answer);
        assert!(matches!(answer.status, 200 | 303), "{form:?}: {} {}", answer.status, answer.text());
    };
    let person = app.get("/new-employee").form("/new-employee").with("job_title", "Event Specialist");
    send(person.with("number", &format!("E90{number}")).with("name", payload));
    let day = format!("2026-01-0{}", number + 1);
    let off = tandem::views::urls::query(&[("first", &day), ("last", &day)]);
    send(app.get(&format!("/employees/101/time-off?{off}")).form("/employees/101/time-off").with("note", payload));
    send(app.get("/holidays").form("/holidays").with("date", &day).with("name", payload));
    send(app.get("/users").form("/users/tokens").with("label", payload).with("ends", "2026-01-01"));
    let date = format!("2025-11-1{number}");
    let moved = app.get("/events/1001/reschedule").form("/events/1001/reschedule").with("date", &date);
    send(moved.with("override_reason", payload));
}

#[test]
fn input_in_any_field_of_any_form_is_shown_as_text() {
    let app = hostile();
    let pages = walk(&app, Role::Admin);
    app.sign_in("ada", PASSWORD).status(303);
    let mut tried = BTreeSet::new();
    for (at, page) in &pages {
        assert_harmless(at, page);
        for form in page.forms() {
            let method = if form.is_post { "POST" } else { "GET" };
            let address = if form.address.is_empty() { at.clone() } else { form.address.clone() };
            let Some(entry) = row_of(&(method, address.clone())) else { panic!("{at}: {form:?}") };
            // Leaving would end the session that all others are sent with.
            if entry.path == "/sign-out" {
                continue;
            }
            for (name, _) in form.fields.iter().filter(|(name, _)| name != TOKEN_FIELD) {
                if !tried.insert((entry.path.as_str(), name.clone())) {
                    continue;
                }
                for payload in PAYLOADS {
                    let mut fields: Vec<_> =
                        form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                    fields.retain(|(one, _)| one != name && *one != TOKEN_FIELD);
                    fields.push((name, payload));
                    let answer = if form.is_post {
                        app.post(&address, &fields)
                    } else {
                        app.get(&format!("{address}?{}", tandem::views::urls::query(&fields)))
                    };
                    assert_harmless(&format!("{method} {address}, {name} = {payload}"), &answer);
                    if answer.status == 303 {
                        assert_harmless(&address, &app.follow(answer));
                    }
                }
            }
        }
    }
    assert!(tried.len() > 60, "so few fields: {tried:#?}");
}

#[test]
fn stored_input_is_shown_as_text_on_every_page() {
    let app = hostile();
    app.sign_in("ada", PASSWORD).status(303);
    for (number, payload) in PAYLOADS.into_iter().enumerate() {
        write_everywhere(&app, payload, number);
    }

    let pages = walk(&app, Role::Admin);

    for (address, page) in &pages {
        assert_harmless(address, page);
    }
    let shown = |text: &str| pages.values().filter(|page| page.text().contains(text)).count();
    assert!(shown("<xss>") > 10 && shown(ADDRESS) > 5 && shown(FORMULA) > 5, "the payloads are not there");
    for at in ["/employees", "/holidays", "/users", "/activity"] {
        assert!(pages[at].text().contains("<xss>"), "{at}: {}", pages[at].text());
    }
}

#[test]
fn no_exported_cell_starts_a_formula() {
    let app = hostile();
    app.sign_in("ada", PASSWORD).status(303);
    for (number, payload) in PAYLOADS.into_iter().chain(["+1", "-1", "@SUM(1)", "\tx"]).enumerate() {
        write_everywhere(&app, payload, number);
    }

    let files = Kind::ALL.map(|kind| format!("/api/export/{}.csv", kind.slug()));
    for address in files.iter().map(String::as_str).chain(["/activity.csv"]) {
        let file = app.get(address).status(200).body;
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(file.trim_start_matches('\u{feff}').as_bytes());
        let cells: Vec<String> =
            rows.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect();
        for cell in &cells {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{address}: {cell:?}");
        }
        // A rotation has no text of its own.
        let has_text = address != "/api/export/rotation.csv";
        assert!(!has_text || cells.iter().any(|cell| cell.contains("cmd|")), "{address} has none of it");
    }
}
