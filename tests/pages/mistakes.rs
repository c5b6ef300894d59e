//! Invalid input in any form: nothing is written, input is kept, the message is at its field, and the first invalid
//! field has the focus.

use crate::{
    auth::{FORM, PASSWORD, form_token},
    support::{App, Page, page::attribute, page::text_of},
};

pub type Fields = &'static [(&'static str, &'static str)];

/// A form: its address, its fields, and the id of the invalid field.
const MISTAKES: &[(&str, Fields, &str)] = &[
    ("/events/1001/reschedule", &[("revision", "0"), ("date", "2025-02-30"), ("time", "10:00")], "date"),
    ("/events/1001/reschedule", &[("revision", "0"), ("date", "2025-10-16"), ("time", "9.45")], "time"),
    (
        "/events/1004/schedule",
        &[("revision", "0"), ("date", "2025-10-16"), ("time", "09:45"), ("employee", "")],
        "employee",
    ),
    ("/events/1001/employee", &[("revision", "0"), ("employee", "!")], "employee"),
    (
        "/unscheduled/schedule",
        &[
            ("row.1004.take", "true"),
            ("row.1004.date", "soon"),
            ("row.1004.time", "10:00"),
            ("row.1004.employee", "101"),
        ],
        "date-1004",
    ),
    (
        "/unscheduled/schedule",
        &[
            ("row.1004.take", "true"),
            ("row.1004.date", "2025-10-16"),
            ("row.1004.time", "10:00"),
            ("row.1004.employee", ""),
        ],
        "employee-1004",
    ),
    (
        "/days/2025-10-15/reassign",
        &[("employee", "101"), ("row.1001.take", "true"), ("row.1001.employee", "")],
        "employee-1001",
    ),
    ("/new-employee", &[("name", ""), ("number", "E7"), ("job_title", "Juicer Barista")], "name"),
    ("/new-employee", &[("name", "Ada Bell"), ("number", "a b"), ("job_title", "Juicer Barista")], "number"),
    ("/new-employee", &[("name", "Ada Bell"), ("number", "E7"), ("job_title", "Boss")], "job_title"),
    (
        "/employees/101",
        &[("revision", "0"), ("name", "Jo"), ("job_title", "Event Specialist"), ("email", "jo@")],
        "email",
    ),
    ("/employees/101/time-off", &[("revision", "0"), ("first", "2025-10-17"), ("last", "2025-10-15")], "last"),
    ("/employees/101/time-off", &[("revision", "0"), ("first", ""), ("last", "2025-10-15")], "first"),
    ("/holidays", &[("date", "2025-12-25"), ("name", "")], "name"),
    ("/holidays", &[("date", "25.12."), ("name", "Christmas")], "date"),
    ("/feeds", &[("employee", "unknown")], "employee"),
    ("/users", &[("name", ""), ("role", "viewer")], "name"),
    ("/users", &[("name", "ada"), ("role", "king")], "role"),
    ("/users/tokens", &[("label", ""), ("scope", "read")], "label"),
];

/// The start tag of an element.
fn tag<'p>(page: &'p Page, id: &str) -> &'p str {
    let at = page.body.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("no #{id}"));
    let start = page.body[..at].rfind('<').unwrap();
    let end = at + page.body[at..].find('>').unwrap();
    &page.body[start..=end]
}

fn words_of(page: &Page, ids: &str) -> String {
    ids.split_whitespace().map(|id| text_of(&page.element(id))).collect::<Vec<_>>().join(" ")
}

fn check(app: &App, (address, fields, wrong): &(&str, Fields, &str)) {
    check_page(&app.post(address, fields), address, fields, wrong);
}

pub fn check_page(page: &Page, address: &str, fields: Fields, wrong: &str) {
    assert_eq!(page.status, 422, "{address}: {}", page.body);
    let tag = tag(page, wrong);
    assert_eq!(attribute(tag, "aria-invalid").as_deref(), Some("true"), "{address} {wrong}: {tag}");
    let described = attribute(tag, "aria-describedby").unwrap_or_else(|| panic!("{address} {wrong}: {tag}"));
    assert!(words_of(page, &described).len() > 10, "{address} {wrong}: {described}");
    assert_eq!(page.body.matches(" autofocus").count(), 1, "{address} {wrong}: one focus");
    let focus = page.body.find(" autofocus").unwrap();
    let owner = &page.body[page.body[..focus].rfind('<').unwrap()..];
    let focused = attribute(&owner[..=owner.find('>').unwrap()], "id");
    assert_eq!(focused.as_deref(), Some(wrong), "{address}: the focus");
    for (name, value) in fields.iter().filter(|(name, _)| *name != "revision" && !name.ends_with("take")) {
        let kept = page.body.contains(&format!("value=\"{value}\"")) || page.body.contains(&format!(">{value}<"));
        // A list shows what it has, and a password is never shown.
        let choice =
            ["employee", "job_title", "role", "password", "current", "again"].iter().any(|one| name.ends_with(one));
        assert!(kept || value.is_empty() || choice, "{address}: {name} was {value}");
    }
}

#[test]
fn every_form_shows_an_error_at_its_field_with_the_focus_and_keeps_input() {
    let app = App::with_acceptance_data();
    let before = app.bytes();
    for mistake in MISTAKES {
        check(&app, mistake);
    }
    assert_eq!(app.bytes(), before, "nothing is written, but what rules refuse");
}

#[test]
fn sign_in_and_password_forms_show_an_error_at_its_field() {
    const SIGN_IN: Fields = &[("name", ""), ("password", "correct horse battery")];
    const WRONG: Fields =
        &[("current", "wrong horse battery"), ("password", "a new horse battery"), ("again", "a new horse battery")];
    const SHORT: Fields = &[("current", PASSWORD), ("password", "short"), ("again", "short")];
    let app = App::with_users();
    let word = app.session_of("sam");
    let token = form_token(&word);
    let send = |address: &str, fields: Fields| {
        let body: Vec<_> = [("csrf", token.as_str())]
            .iter()
            .chain(fields)
            .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
            .collect();
        app.ask_as(&word, "POST", address, &[FORM], &body.join("&"))
    };

    check_page(&app.post("/sign-in", SIGN_IN), "/sign-in", SIGN_IN, "name");
    check_page(&send("/account/password", WRONG), "/account/password", WRONG, "current");
    check_page(&send("/account/password", SHORT), "/account/password", SHORT, "password");
}
