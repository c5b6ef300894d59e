//! The users page, links that work once, and the account page.

use tandem::domain::{
    audit::Action,
    user::{
        Role,
        access::{AdminCommand, Digest, Link, LinkPurpose},
    },
};

use super::{PASSWORD, name};
use crate::support::{App, page::attribute};

const NEW: &str = "another long password";

/// The secret that a page shows once.
fn shown(page: &crate::support::Page) -> String {
    attribute(&page.element("secret"), "value").unwrap()
}

/// The path of a link that a page shows once.
fn link(page: &crate::support::Page) -> String {
    let link = shown(page);
    link[link.find("/welcome/").unwrap()..].to_owned()
}

#[test]
fn an_invited_user_chooses_a_password_by_a_link_that_works_once() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);
    let link = link(&app.post("/users", &[("name", "ben"), ("role", "viewer")]).status(200).says("Link for ben"));
    app.post("/sign-out", &[]);

    app.get(&link).status(200).says("Welcome, ben");
    app.post(&link, &[("password", "short"), ("again", "short")]).status(422).says("10 to 200 characters");
    app.post(&link, &[("password", NEW), ("again", "else")]).status(422).says("The passwords do not match.");
    app.post(&link, &[("password", NEW), ("again", NEW)]).status(303);
    app.get("/help").status(200).says("Signed in as ben");
    app.post("/sign-out", &[]);

    app.get(&link).status(410).says("This link has expired. Ask an admin for a new one.");
    app.post(&link, &[("password", NEW), ("again", NEW)]).status(410);
    app.sign_in("ben", NEW).status(303);
}

#[test]
fn an_invitation_link_expires_after_two_days() {
    let app = App::with_users();
    app.order(&AdminCommand::GiveLink { name: name("sam"), link: Digest::of("given") });
    app.get("/welcome/given").status(200);

    let app = app.later(48 * 60 * 60);

    app.get("/welcome/given").status(410);
}

#[test]
fn only_one_link_creates_the_first_admin() {
    let app = App::with(&[("sign_in", "password")], None);
    let give = |token: &str| {
        let ends_at = app.context.clock.now() + chrono::TimeDelta::hours(1);
        let link = Link { digest: Digest::of(token), purpose: LinkPurpose::FirstAdmin, ends_at };
        let now = app.context.clock.now();
        app.store.blocking().write(|tx| tandem::store::tables::accounts::links::create(tx, &link, now)).unwrap();
    };
    give("first");

    app.get("/welcome/first").status(200).says("the first admin");
    app.post("/welcome/first", &[("name", "no blanks"), ("password", NEW), ("again", NEW)]).status(422);
    app.post("/welcome/first", &[("name", "ada"), ("password", NEW), ("again", NEW)]).status(303);
    app.get("/users").status(200).says("ada");
    app.post("/sign-out", &[]);
    give("second");

    app.post("/welcome/second", &[("name", "eve"), ("password", NEW), ("again", NEW)]).status(410);
    assert!(app.user("eve").is_none());
    assert_eq!(app.user("ada").map(|user| user.role), Some(Role::Admin));
}

#[test]
fn a_taken_or_invalid_name_gets_an_error_at_its_field() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);

    let page = app.post("/users", &[("name", "SAM"), ("role", "viewer")]).status(422).says("There is already a user");
    assert!(page.element("name").contains("value=\"SAM\""));
    app.post("/users", &[("name", "two words"), ("role", "viewer")]).status(422).says("no blanks");
    app.post("/users", &[("name", "ben"), ("role", "king")]).status(422).says("A role is viewer, scheduler or admin.");

    assert!(app.user("ben").is_none());
}

#[test]
fn a_disabled_user_is_signed_out_at_once_and_can_be_enabled_again() {
    let app = App::with_users();
    let session = app.session_of("sam");
    app.sign_in("ada", PASSWORD);
    let revision = || app.user("sam").unwrap().revision.to_string();

    app.post("/users/sam/active", &[("active", "false"), ("revision", &revision())]).status(303);
    app.ask_as(&session, "GET", "/help", &[], "").status(303);
    app.get("/users").says("disabled");
    app.post("/users/sam/active", &[("active", "true"), ("revision", &revision())]).status(303);

    app.ask_as(&session, "GET", "/help", &[], "").status(303);
    app.post("/sign-out", &[]);
    app.sign_in("sam", PASSWORD).status(303);
}

#[test]
fn a_stale_change_of_a_user_is_refused() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);
    let seen = app.user("sam").unwrap().revision.to_string();
    app.order(&AdminCommand::SetRole { name: name("sam"), role: Role::Admin, seen: None });

    app.post("/users/sam/role", &[("role", "viewer"), ("revision", &seen)]).status(409).says("look again");

    assert_eq!(app.user("sam").unwrap().role, Role::Admin);
}

#[test]
fn the_last_admin_cannot_be_removed() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);
    let revision = app.user("ada").unwrap().revision.to_string();

    app.post("/users/ada/role", &[("role", "viewer"), ("revision", &revision)])
        .status(409)
        .says("the only active admin");
    app.post("/users/ada/active", &[("active", "false"), ("revision", &revision)]).status(409);

    let user = app.user("ada").unwrap();
    assert_eq!((user.role, user.active), (Role::Admin, true));
}

#[test]
fn a_new_password_needs_the_current_one_and_ends_other_sessions() {
    let app = App::with_users();
    let elsewhere = app.session_of("sam");
    app.sign_in("sam", PASSWORD);
    let send = |current: &str, password: &str, again: &str| {
        app.post("/account/password", &[("current", current), ("password", password), ("again", again)])
    };

    send("wrong horse battery", NEW, NEW).status(422).says("That is not your current password.");
    send(PASSWORD, "sam", "sam").status(422);
    app.ask_as(&elsewhere, "GET", "/help", &[], "").status(200);
    app.follow(send(PASSWORD, NEW, NEW)).says("Your password was changed");

    app.ask_as(&elsewhere, "GET", "/help", &[], "").status(303);
    app.get("/help").status(200);
    app.post("/sign-out", &[]);
    app.sign_in("sam", PASSWORD).status(422);
    app.sign_in("sam", NEW).status(303);
}

#[test]
fn a_user_ends_only_their_own_sessions() {
    let app = App::with_users();
    let [one, two, foreign] = ["sam", "sam", "ada"].map(|user| app.session_of(user));
    app.sign_in("sam", PASSWORD);
    app.get("/account").says("Firefox on Windows").says("this device");
    let is_in = |session: &str| app.ask_as(session, "GET", "/help", &[], "").status == 200;

    app.post("/account/sessions", &[("session", &Digest::of(&foreign).short())]).status(404);
    app.post("/account/sessions", &[("session", &Digest::of(&one).short())]).status(303);
    assert!(!is_in(&one) && is_in(&two) && is_in(&foreign));
    app.post("/account/sessions", &[]).status(303);

    assert!(!is_in(&two) && is_in(&foreign));
    app.get("/account").status(200);
}

#[test]
fn changes_of_users_are_audited_with_the_admin_and_the_previous_values() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);
    let revision = app.user("sam").unwrap().revision.to_string();

    app.post("/users/sam/role", &[("role", "viewer"), ("revision", &revision)]).status(303);

    let entry = app.audit().pop().unwrap();
    assert_eq!((entry.who.as_str(), entry.action), ("ada", Action::ChangeUser));
    assert_eq!(entry.about.unwrap().id, "sam");
    assert_eq!((entry.facts[0].before.as_str(), entry.facts[0].after.as_str()), ("scheduler", "viewer"));
    app.get("/activity").says("Change user").says("scheduler");
}

#[test]
fn without_sign_in_there_is_no_account_page_and_users_can_be_added() {
    let app = App::with_acceptance_data();

    app.get("/account").status(404).says("runs without sign-in");
    assert_eq!(app.get("/sign-in").location.as_deref(), Some("/calendar"));
    app.post("/users", &[("name", "ben"), ("role", "viewer")]).status(200);

    assert!(app.user("ben").is_some());
}

#[test]
fn ending_an_unknown_session_or_token_leaves_no_audit_entry() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);
    let before = app.audit().len();

    app.post("/account/sessions", &[("session", "0123456789ab")]).status(404);
    app.post("/account/sessions", &[]).status(303);
    app.post("/users/sam/sessions", &[("session", "0123456789ab")]).status(404);
    app.post("/users/tokens/0123456789ab/end", &[]).status(404);
    app.post("/feeds/9/revoke", &[]).status(404);

    assert_eq!(app.audit().len(), before);
}
