//! Forms sent after the session ended are saved and shown after sign-in; forms with control characters are shown at
//! once.

use std::collections::BTreeSet;

use tandem::{domain::user::access::AdminCommand, views::components::form_tokens::is_secret};

use super::PASSWORD;
use crate::support::{App, on, page::attribute};

const ACTION: &str = "/events/1001/reschedule";

fn ended() -> App {
    let app = App::with_users();
    app.sign_in("sam", PASSWORD).status(303);
    app.order(&AdminCommand::EndSessions { name: "sam".parse().unwrap(), session: None, keep: None });
    app
}

fn fields(app: &App) -> Vec<(&'static str, String)> {
    let revision = app.event(1001).revision.to_string();
    vec![("revision", revision), ("from", "2025-10-15".into()), ("date", "2025-10-20".into()), ("time", "10:00".into())]
}

fn send(app: &App, fields: &[(&'static str, String)]) -> crate::support::Page {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    app.post(ACTION, &fields)
}

/// Signs in as a browser does that was led to the sign-in page.
fn sign_in_again(app: &App) -> crate::support::Page {
    let form = app.get("/sign-in?next=%2Funsent").form("/sign-in");
    form.with("name", "sam").with("password", PASSWORD).send(app)
}

#[test]
fn a_form_sent_after_the_session_ended_comes_back_after_sign_in_and_can_be_sent() {
    let app = ended();
    let mut typed = fields(&app);
    typed.push(("override_reason", "Søster & \"bror\"\r\nline 2".into()));

    let answer = send(&app, &typed).status(303);

    assert_eq!(answer.location.as_deref(), Some("/sign-in?next=%2Funsent"));
    let cookie = answer.header("Set-Cookie").unwrap();
    assert!(
        cookie.contains("tandem_unsent=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    app.follow(answer).says("What you entered is kept");
    let page = app.follow(sign_in_again(&app)).status(200).says("You were signed out before this was saved");
    assert_eq!(attribute(&page.element("date"), "value").as_deref(), Some("2025-10-20"));
    assert!(page.element("override_reason").contains("Søster &amp; "), "{}", page.body);
    page.form(ACTION).send(&app).status(303);
    assert_eq!(app.assignment(1001), Some(on("2025-10-20 10:00", "101")));
}

#[test]
fn a_dialog_of_an_ended_session_leads_to_sign_in_and_keeps_what_was_typed() {
    let app = ended();
    let typed = fields(&app);
    let typed: Vec<_> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = app.post_from_dialog(ACTION, &typed).status(200);
    assert_eq!(answer.header("HX-Redirect"), Some("/sign-in?next=%2Funsent"));
    let page = app.follow(sign_in_again(&app)).status(200);
    assert_eq!(attribute(&page.element("date"), "value").as_deref(), Some("2025-10-20"));
}

#[test]
fn signing_out_deletes_a_saved_form() {
    let app = ended();
    let typed = fields(&app);
    send(&app, &typed).status(303);
    app.follow(sign_in_again(&app)).says("You were signed out");
    app.post("/sign-out", &[]).status(303);
    sign_in_again(&app).status(303);
    assert_eq!(app.get("/unsent").status(303).location.as_deref(), Some("/calendar"));
}

#[test]
fn forms_with_a_password_or_from_another_site_are_not_saved() {
    let app = ended();
    let answer = app.post("/account/password", &[("password", PASSWORD), ("new_password", "x")]).status(303);
    assert!(answer.header("Set-Cookie").is_none_or(|cookie| !cookie.contains("tandem_unsent=")), "{answer:?}");
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let foreign = [form, ("Origin", "https://evil.example")];
    let answer = app.ask("POST", ACTION, &foreign, "date=2025-10-20");
    assert!(answer.header("Set-Cookie").is_none_or(|cookie| !cookie.contains("tandem_unsent=")), "{answer:?}");
}

#[test]
fn secrets_are_neither_saved_nor_shown_again() {
    const SECRET: &str = "MySecretPhrase1";
    let app = ended();
    app.post("/users", &[("name", "nora"), ("role", "viewer"), ("confirm", SECRET)]).status(303);
    let page = app.follow(sign_in_again(&app)).status(200);
    assert_eq!(attribute(&page.element("name"), "value").as_deref(), Some("nora"));
    page.does_not_say(SECRET);
    for (address, wrong) in [("/account/email", "email"), ("/account/password", "confirm")] {
        let fields = ["confirm", "current", "password", "again", "code"].map(|name| (name, SECRET));
        let page = app.post(address, &[fields.as_slice(), &[(wrong, "a\u{7}")]].concat());
        page.status(400).does_not_say(SECRET);
    }
}

#[test]
fn every_password_or_code_field_is_a_secret() {
    let app = App::with_users();
    let mut pages = vec![app.get("/sign-in"), app.get("/forgot-password")];
    let session = app.session_of("ada");
    // Later the password is asked for again.
    let app = app.later(20 * 60);
    pages.extend(
        ["/account", "/account/second-factor", "/users", "/users/sam"]
            .map(|address| app.ask_as(&session, "GET", address, &[], "")),
    );
    let mut names = BTreeSet::new();
    for page in &pages {
        for rest in page.body.split("<input").skip(1) {
            let input = format!("<input{}>", rest.split('>').next().unwrap());
            let is_secret = input.contains("type=\"password\"") || input.contains("one-time-code");
            names.extend(attribute(&input, "name").filter(|_| is_secret));
        }
    }
    assert!(names.len() >= 4, "{names:?}");
    assert!(names.iter().all(|name| is_secret(name)), "{names:?}");
}

#[test]
fn a_form_of_a_hundred_events_is_saved_whole() {
    let app = ended();
    let fields: Vec<(String, String)> = (1..=100)
        .flat_map(|event| {
            ["pick", "date", "time", "employee", "reason"]
                .map(|name| (format!("{name}.{event}"), format!("value {event}")))
        })
        .collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    app.post("/unscheduled/schedule", &fields).status(303);
    let page = app.follow(sign_in_again(&app)).status(200);
    assert_eq!(page.body.matches("value=\"value 100\"").count(), 5);
    assert_eq!(page.body.matches("value=\"value ").count(), 500);
}

#[test]
fn a_control_character_is_reported_and_removed_and_nothing_is_lost() {
    let app = App::with_users();
    app.sign_in("sam", PASSWORD).status(303);
    for bad in ['\u{7}', '\u{0}', '\u{202e}'] {
        let mut typed = fields(&app);
        typed.push(("override_reason", format!("They {bad}asked")));
        let before = app.bytes();
        let page = send(&app, &typed).status(400).says("Override reason contains a control character");
        assert!(app.bytes() == before);
        assert_eq!(attribute(&page.element("override_reason"), "value").as_deref(), Some("They asked"));
        assert_eq!(attribute(&page.element("date"), "value").as_deref(), Some("2025-10-20"));
    }
    let mut typed = fields(&app);
    typed.push(("override_reason", "Two\r\nlines\tand \u{200f}שלום".into()));
    send(&app, &typed).status(303);
}

#[test]
fn a_call_with_a_control_character_is_refused() {
    let app = App::with_acceptance_data();
    let body = serde_json::json!({"schedule_id": 2001, "new_date": "2025-10-20", "override_reason": "a\u{1b}b"});
    let answer = app.call("/api/reschedule_event", body);
    let answer = answer.refused(400, "malformed");
    assert!(
        answer.body.to_string().contains("Field override_reason contains a control character (U+001B)"),
        "{}",
        answer.body
    );
    assert_eq!(app.assignment(1001), Some(on("2025-10-15 10:00", "101")));
}
