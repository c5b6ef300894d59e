//! Sensitive actions need the password again after 15 minutes.

use tandem::domain::{
    audit::{Action, Outcome},
    user::Scope,
};

use super::stale;
use crate::{
    auth::{PASSWORD, limits::limited},
    support::App,
};

/// The page of a form, its address, and its fields.
type Sent = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Each form that gives access.
const FORMS: [Sent; 8] = [
    ("/users", "/users", &[("name", "ben"), ("role", "admin")]),
    ("/users", "/users/tokens", &[("label", "till"), ("scope", "admin")]),
    ("/users/sam", "/users/sam/role", &[("role", "admin")]),
    ("/users/sam", "/users/sam/link", &[]),
    ("/users/sam", "/users/sam/email", &[("email", "eve@example.com")]),
    ("/users/sam", "/users/sam/active", &[]),
    ("/account", "/account/email", &[("email", "eve@example.com")]),
    ("/feeds", "/feeds", &[("employee", "")]),
];

#[test]
fn an_old_session_cannot_change_users_without_the_password() {
    let app = stale(App::with_users(), "ada");
    for (page, address, fields) in FORMS {
        let form = fields.iter().fold(app.get(page).form(address), |form, (name, value)| form.with(name, value));
        let before = app.bytes();

        form.clone().send(&app).status(422).says("Enter your password to do this.");
        form.clone().with("confirm", "wrong horse battery").send(&app).status(422).says("That is not your password.");

        assert!(app.bytes() == before, "{address} changed something");
        let entry = app.audit().pop().unwrap();
        assert_eq!((entry.outcome, entry.reason.as_deref()), (Outcome::Refused, Some("wrong password")), "{address}");
    }
}

#[test]
fn the_password_confirms_a_session_for_fifteen_minutes_and_input_is_kept() {
    let app = stale(App::with_users(), "ada");
    let form = app.get("/users").form("/users").with("name", "ben").with("role", "scheduler");
    let again = form.send(&app).status(422).form("/users");
    assert_eq!((again.value("name"), again.value("role")), ("ben", "scheduler"));

    again.with("confirm", PASSWORD).send(&app).status(200).says("Link for ben");

    let page = app.get("/users").status(200);
    assert!(!page.body.contains("name=\"confirm\""), "the session is confirmed, and the page asks again");
    app.post("/users/tokens", &[("label", "till"), ("scope", "read")]).status(200);
}

#[test]
fn attempts_to_confirm_are_limited() {
    let app = stale(limited(&[("sign_ins_per_hour_and_name", "4")]), "ada");
    let send = || app.post("/users/sam/link", &[("confirm", "wrong horse battery")]);
    let revision = app.user("sam").unwrap().revision.to_string();

    // The sign-in was the first of four attempts.
    for _ in 0..3 {
        send().status(422);
    }
    let refused = send().status(429).says("Too many attempts");
    assert!(refused.header("Retry-After").is_some());
    let role = [("role", "admin"), ("revision", revision.as_str()), ("confirm", PASSWORD)];
    app.post("/users/sam/role", &role).status(429);
}

#[test]
fn a_new_session_and_ending_access_need_no_confirmation() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);
    assert!(!app.get("/users").body.contains("name=\"confirm\""));
    app.post("/users/tokens", &[("label", "till"), ("scope", "read")]).status(200);

    let app = stale(app, "ada");
    let token = app.read(|tx| tandem::store::tables::accounts::tokens::all(tx)).pop().unwrap();
    app.post(&format!("/users/tokens/{}/end", token.digest.short()), &[]).status(303);
    app.post("/users/sam/sessions", &[]).status(303);
}

#[test]
fn a_token_made_on_the_page_ends_after_a_year_and_has_a_scope() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);
    let form = app.get("/users").form("/users/tokens");
    assert_eq!(form.value("ends"), "2026-10-15");

    form.with("label", "one").with("scope", "schedule").send(&app).status(200);
    app.post("/users/tokens", &[("label", "two"), ("scope", "read"), ("ends", "")]).status(200);
    app.post("/users/tokens", &[("label", "three"), ("scope", "king")])
        .status(422)
        .says("A scope is read, schedule or admin.");

    let tokens = app.read(|tx| tandem::store::tables::accounts::tokens::all(tx));
    assert_eq!(tokens.len(), 2);
    for token in tokens {
        assert_eq!(token.ends_at.unwrap().to_rfc3339(), "2026-10-16T04:00:00+00:00");
    }
    let made = app.audit().into_iter().filter(|entry| entry.action == Action::MakeToken).count();
    assert_eq!(made, 2);
    app.get("/users").says("calls, scope schedule");
}

#[test]
fn a_scope_is_also_accepted_as_the_former_role_name() {
    for (text, scope) in [("viewer", Scope::Read), ("scheduler", Scope::Schedule), ("schedule", Scope::Schedule)] {
        assert_eq!(text.parse(), Ok(scope));
    }
}
