//! Users of a sign-in provider, as the provider names them: no password here, and an admin always remains.

use tandem::{
    domain::{
        audit::{Action, Outcome},
        user::{
            Identity, Role, User,
            access::{AdminCommand, Digest, Link, LinkPurpose, Session},
            external::{ExternalPolicy, ExternalUser},
            second_factor::{SECRET_BYTES, TotpSecret, step},
        },
    },
    secret::{self, SecretToken},
    services::accounts,
    store::tables::accounts::links,
};

use super::make_session_stale;
use crate::{
    auth::{FORM, PASSWORD, form_token},
    support::{App, Page, origin},
};

const NEW: &str = "another long password";
/// The fields of a new password, and of the current one.
const FIELDS: &str = "password=another+long+password&again=another+long+password";
const CURRENT: &str = "current=correct+horse+battery";

/// Signs in a user of the provider with a group there. Groups are named like roles. Returns the token of the session.
fn arrive(app: &App, name: &str, group: Role) -> String {
    let of = |role: Role| vec![role.slug().to_owned()];
    let policy = ExternalPolicy {
        admins: of(Role::Admin),
        schedulers: of(Role::Scheduler),
        viewers: of(Role::Viewer),
        creates_users: true,
        links_users: true,
        ..ExternalPolicy::default()
    };
    let external = ExternalUser {
        identity: Identity { issuer: "https://id.example".to_owned(), subject: format!("id of {name}") },
        name: Some(name.parse().unwrap()),
        email: None,
        groups: of(group),
    };
    let (token, now) = (SecretToken::new().unwrap(), app.context.clock.now());
    let arrival = |user: &User| {
        let session = Session {
            digest: Digest::of(token.as_str()),
            user: user.name.clone(),
            started_at: now,
            seen_at: now,
            confirmed_at: now,
            is_external: true,
            from: "192.0.2.7".to_owned(),
            agent: "Firefox/153 (Windows)".to_owned(),
        };
        session.into()
    };
    let lifetime = app.context.config.access.lifetime;
    accounts::sign_in_external(app.store.blocking(), &external, &policy, arrival, lifetime, &origin()).unwrap();
    token.as_str().to_owned()
}

/// A page with a session.
fn open(app: &App, session: &str, address: &str) -> Page {
    app.ask_as(session, "GET", address, &[], "").status(200)
}

/// A form with a session.
fn send(app: &App, session: &str, address: &str, fields: &str) -> Page {
    app.ask_as(session, "POST", address, &[FORM], &format!("csrf={}&{fields}", form_token(session)))
}

#[test]
fn a_provider_user_gets_no_password_by_a_session_however_fresh() {
    let app = App::with_users();
    let session = arrive(&app, "olga", Role::Admin);
    for is_stale in [false, true] {
        if is_stale {
            make_session_stale(&app, &session);
        }
        open(&app, &session, "/account").does_not_say("name=\"again\"");
        let before = app.bytes();

        send(&app, &session, "/account/password", FIELDS).status(409).says("signs in through the provider");

        assert!(app.bytes() == before, "{is_stale}");
    }
    app.sign_in("olga", NEW).status(422);
}

#[test]
fn a_provider_user_gets_no_link_and_an_earlier_one_is_of_no_use() {
    let app = App::with_users();
    // Added with a link, and then signed in through the provider.
    app.sign_in("ada", PASSWORD).status(303);
    let page = app.post("/users", &[("name", "olga"), ("role", "admin")]).status(200);
    let (_, after) = page.body.split_once("/welcome/").unwrap();
    let link = format!("/welcome/{}", after.split('"').next().unwrap());
    app.get(&link).status(200);
    arrive(&app, "olga", Role::Viewer);

    app.post(&link, &[("password", NEW), ("again", NEW)]).status(410);

    app.get("/users/olga").status(200).does_not_say("Create link");
    app.post("/users/olga/link", &[]).status(409).says("signs in through the provider");
    let entry = app.audit().pop().unwrap();
    assert_eq!((entry.action, entry.outcome), (Action::SetPassword, Outcome::Refused));
    assert_eq!(app.user("olga").unwrap().password, None);
}

/// One from before, in the data folder.
#[test]
fn a_stored_link_of_a_provider_user_is_of_no_use() {
    let app = App::with_users();
    arrive(&app, "olga", Role::Admin);
    let ends_at = app.context.clock.now() + chrono::TimeDelta::hours(1);
    for (word, purpose) in [("one", LinkPurpose::Password as fn(_) -> _), ("two", LinkPurpose::Forgotten)] {
        let link = Link { digest: Digest::of(word), purpose: purpose("olga".parse().unwrap()), ends_at };
        app.store.blocking().write(|tx| links::create(tx, &link, app.context.clock.now())).unwrap();

        app.post(&format!("/welcome/{word}"), &[("password", NEW), ("again", NEW)]).status(410);
    }
    assert_eq!(app.user("olga").unwrap().password, None);
}

#[test]
fn the_command_line_may_give_a_provider_user_a_password() {
    let app = App::with_users();
    arrive(&app, "olga", Role::Admin);
    let password = secret::hash(NEW).unwrap();

    app.order(&AdminCommand::SetPassword { name: "olga".parse().unwrap(), password, keep: None });

    app.sign_in("olga", NEW).status(303);
}

/// A user who was here before the provider proves it with their password. The session stays one of the provider.
#[test]
fn a_linked_user_changes_their_password_with_the_current_one() {
    let app = App::with_users();
    let session = arrive(&app, "sam", Role::Scheduler);

    send(&app, &session, "/account/password", FIELDS).status(422).says("That is not your current password.");
    send(&app, &session, "/account/password", &format!("{CURRENT}&{FIELDS}")).status(303);

    let sessions = app.sessions_of("sam");
    assert!(sessions.len() == 1 && sessions[0].is_external, "{sessions:?}");
}

/// A user without a password or a provider: the one of the demonstration.
#[test]
fn a_first_password_needs_a_confirmed_session() {
    let app = App::with_users();
    let name = "olga".parse().unwrap();
    app.order(&AdminCommand::AddUser { name, role: Role::Admin, password: None, link: None, email: None });
    let session = app.session_of("olga");
    let secret = TotpSecret([7; SECRET_BYTES]);
    let (name, recovery, keep) = ("olga".parse().unwrap(), Vec::new(), Some(Digest::of(&session)));
    app.order(&AdminCommand::SetSecondFactor { name, secret: secret.clone(), step: 0, recovery, keep });
    make_session_stale(&app, &session);

    send(&app, &session, "/account/password", FIELDS).status(422).says("Enter your password to do this.");
    let confirm = format!("confirm={}", secret.code(step(app.context.clock.now())));
    send(&app, &session, "/account/password", &format!("{confirm}&{FIELDS}")).status(303);
    assert!(app.user("olga").unwrap().password.is_some());
}

#[test]
fn the_provider_does_not_demote_the_last_admin() {
    let app = App::with_users();
    let disable = |name: &str| {
        app.order(&AdminCommand::SetActive { name: name.parse().unwrap(), active: false, seen: None });
    };
    arrive(&app, "olga", Role::Admin);
    arrive(&app, "olga", Role::Viewer);
    assert_eq!(app.user("olga").unwrap().role, Role::Viewer, "there is another admin");
    arrive(&app, "olga", Role::Admin);
    disable("ada");

    let session = arrive(&app, "olga", Role::Viewer);

    assert_eq!(app.user("olga").unwrap().role, Role::Admin);
    open(&app, &session, "/users");
    let kept = app.audit().into_iter().rfind(|entry| entry.outcome == Outcome::Refused).unwrap();
    assert_eq!((kept.action, kept.who.as_str()), (Action::ChangeUser, "olga"));
    assert!(kept.reason.unwrap().contains("the only active admin"), "the audit says why");
    let role: Vec<_> = kept.facts.iter().map(|fact| (fact.before.as_str(), fact.after.as_str())).collect();
    assert_eq!(role, [("admin", "viewer")]);
}
