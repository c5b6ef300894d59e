//! Signing in by name and password, sessions, and signing out.

use chrono::TimeDelta;
use rocket::http::{ContentType, Cookie};
use tandem::{
    context::PerTeam,
    domain::{
        audit::{Action, Outcome, Topic},
        user::{Role, access::AdminCommand},
    },
    routes::auth::state::AuthState,
};

use super::{FORM, PASSWORD, form_token, of};
use crate::support::{App, Page};

fn cookie(app: &App) -> Option<String> {
    app.client().cookies().get("tandem_session").map(|cookie| cookie.value().to_owned())
}

#[test]
fn a_user_signs_in_is_named_on_the_page_and_signs_out() {
    let app = App::with_users();

    let page = app.follow(app.sign_in("sam", PASSWORD));
    let day = app.get("/calendar/day/2025-10-15").status(200).says("Signed in as sam");
    let session = cookie(&app).unwrap();
    app.post("/sign-out", &[]).status(303);

    assert_eq!(page.status, 303);
    assert!(day.body.contains("/sign-out"));
    assert_eq!(app.sessions_of("sam").len(), 0);
    assert_eq!(app.ask_as(&session, "GET", "/help", &[], "").location.as_deref(), Some("/sign-in?next=%2Fhelp"));
    let done: Vec<_> = app.audit().iter().map(|entry| (entry.action, entry.who.clone())).collect();
    assert_eq!(done[4..], [(Action::SignIn, "sam".to_owned()), (Action::SignOut, "sam".to_owned())]);
}

#[test]
fn after_sign_in_a_visitor_returns_to_the_requested_page() {
    let app = App::with_users();

    let away = app.get("/activity?who=ana").status(303);
    let form = app.follow(away).says("Sign in").status(200);
    assert!(form.body.contains("name=\"next\" value=\"/activity?who=ana\""), "{}", form.body);
    let back = app.post("/sign-in", &[("name", "SAM"), ("password", PASSWORD), ("next", "/activity?who=ana")]);

    assert_eq!((back.status, back.location.as_deref()), (303, Some("/activity?who=ana")));
}

#[test]
fn sign_in_never_redirects_to_another_host() {
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/\r\nX: y"] {
        let app = App::with_users();

        let shown = app.get(&format!("/sign-in?{}", tandem::views::urls::query(&[("next", next)])));
        let back = app.post("/sign-in", &[("name", "sam"), ("password", PASSWORD), ("next", next)]);

        assert!(shown.body.contains("name=\"next\" value=\"/calendar\""), "{next:?}");
        assert_eq!((back.status, back.location.as_deref()), (303, Some("/calendar")), "{next:?}");
        assert_eq!(back.header("X"), None);
    }
}

#[test]
fn sign_in_redirects_only_to_plain_paths_of_this_server() {
    let app = App::with_users();
    let shown = |next: &str| app.get(&format!("/sign-in?{}", tandem::views::urls::query(&[("next", next)])));
    let long = format!("/{}", "a".repeat(3_000));
    let own = ["/", "/calendar/2025/10", "/activity?who=ana", "/events/1001/reschedule?from=2025-10-15"];
    let foreign = [
        "calendar",
        "///a.example",
        "\\\\a.example",
        "/a b",
        "/\t/a.example",
        "/\u{e9}",
        "/sign-in",
        "/sign-in?next=/",
        "/sign-out",
        &long,
    ];

    for next in own {
        assert!(shown(next).body.contains(&format!("name=\"next\" value=\"{next}\"")), "{next:?}");
    }
    for next in foreign {
        assert!(shown(next).body.contains("name=\"next\" value=\"/calendar\""), "{next:?}");
    }
}

#[test]
fn a_wrong_password_an_unknown_name_and_a_disabled_user_get_the_same_answer() {
    let app = App::with_users();
    app.order(&AdminCommand::SetActive { name: "vera".parse().unwrap(), active: false, seen: None });

    let [wrong, unknown, disabled, odd] =
        [("sam", "wrong horse battery"), ("unknown", PASSWORD), ("vera", PASSWORD), ("a b \u{0}", PASSWORD)].map(
            |(name, password)| {
                let page = app.sign_in(name, password).status(422).says("Incorrect name or password.");
                assert!(!page.body.contains(password));
                page.text().replace(name, "NAME")
            },
        );

    assert_eq!(wrong, unknown);
    assert_eq!(wrong, disabled);
    assert_eq!(wrong, odd.replace("a b", "NAME"));
    assert_eq!(cookie(&app), None);
}

#[test]
fn every_sign_in_hashes_one_password_even_for_an_unknown_name() {
    let app = App::with_users();
    app.order(&AdminCommand::SetActive { name: "vera".parse().unwrap(), active: false, seen: None });
    app.order(&AdminCommand::AddUser {
        name: "new".parse().unwrap(),
        role: Role::Viewer,
        password: None,
        link: None,
        email: None,
    });
    let passwords = || app.client().rocket().state::<PerTeam<AuthState>>().unwrap().all()[0].passwords().hashed();

    for name in ["sam", "unknown", "vera", "new", "no name at all \u{0}"] {
        let before = (passwords(), app.audit().len());

        app.sign_in(name, "wrong horse battery").status(422);

        assert_eq!((passwords(), app.audit().len()), (before.0 + 1, before.1 + 1), "{name:?}");
    }
}

#[test]
fn failed_sign_ins_are_audited_without_unknown_names() {
    let app = App::with_users();

    app.sign_in("sam", "wrong horse battery");
    app.sign_in("my secret password", "sam");

    let failed: Vec<_> = app.audit().into_iter().filter(|entry| entry.outcome == Outcome::Refused).collect();
    let about = |at: usize| failed[at].about.clone().unwrap();
    assert_eq!(failed.len(), 2);
    assert!(failed.iter().all(|entry| entry.action == Action::SignIn && entry.who == "unknown user"));
    assert_eq!((about(0).topic, about(0).id.as_str()), (Topic::User, "sam"));
    assert_eq!(about(1).id, "unknown");
}

#[test]
fn an_empty_form_comes_back_with_an_error_at_each_field() {
    let app = App::with_users();

    let page = app.sign_in("", "").status(422).says("Enter your name.").says("Enter your password.");

    assert!(page.body.contains("aria-describedby=\"password-err\""), "{}", page.body);
}

#[test]
fn a_session_cookie_from_another_source_is_never_accepted() {
    let app = App::with_users();
    let planted = "0".repeat(64);
    let token = form_token(&app.store.blocking().secret().unwrap());

    let body = format!("name=sam&password={}&csrf={token}", PASSWORD.replace(' ', "+"));
    let page = app.ask_as(&planted, "POST", "/sign-in", &[FORM], &body);

    let given = page.cookie("tandem_session").to_owned();
    assert_eq!(page.status, 303);
    assert!(!given.contains(&planted), "{given}");
    assert_eq!(app.ask_as(&planted, "GET", "/help", &[], "").status, 303);
}

#[test]
fn the_session_cookie_is_same_site_and_http_only() {
    let app = App::with_users();

    let given = app.sign_in("sam", PASSWORD).cookie("tandem_session").to_owned();

    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(given.contains(part), "{part} is not in: {given}");
    }
    assert!(!given.contains("Secure"));
}

#[test]
fn over_tls_the_session_cookie_is_secure_and_bound_to_its_host() {
    let app = App::with_users_and(&[("public_url", "\"https://tandem.example\"")]);

    let kept = app.post("/events/1001/reschedule", &[("date", "2025-10-20")]).status(303);
    let page = app.sign_in("sam", PASSWORD);

    for given in
        [kept.cookie("__Host-tandem_unsent"), page.cookie("__Host-tandem_session"), page.cookie("__Host-tandem_device")]
    {
        assert!(given.contains("Secure") && given.contains("Path=/") && !given.contains("Domain"), "{given}");
    }
    assert!(page.header("Strict-Transport-Security").is_some_and(|hsts| hsts.starts_with("max-age=")));
    assert_eq!(App::with_users().get("/sign-in").header("Strict-Transport-Security"), None);
}

#[test]
fn the_message_cookie_is_http_only() {
    for (url, parts) in [("http", &["HttpOnly", "SameSite="][..]), ("https", &["HttpOnly", "SameSite=", "Secure"])] {
        let app = App::with_users_and(&[("public_url", &format!("\"{url}://tandem.example\""))]);
        let name = if url == "https" { "__Host-tandem_session" } else { "tandem_session" };
        let session = app.session_of("sam");
        let request = app.client().post("/integrity/run").cookie(Cookie::new(name, session.clone()));
        let form = request.header(ContentType::Form).body(format!("csrf={}", form_token(&session)));

        let answer = Page::of(form).status(303);

        let given = answer.header("Set-Cookie").unwrap();
        assert!(given.starts_with("_flash="), "{given}");
        for part in parts {
            assert!(given.contains(part), "{part} is not in: {given}");
        }
    }
}

#[test]
fn a_session_has_an_idle_and_an_absolute_limit() {
    let hours = |hours: i64| TimeDelta::hours(hours).num_seconds();
    let app = App::with_users();
    let (used, unused) = (app.session_of("sam"), app.session_of("sam"));
    let is_in = |app: &App, session: &str| app.ask_as(session, "GET", "/help", &[], "").status == 200;

    let mut app = app.later(hours(23));
    assert!(is_in(&app, &used));
    app = app.later(hours(2));
    assert!(is_in(&app, &used) && !is_in(&app, &unused));
    for _ in 0..31 {
        app = app.later(hours(22));
        is_in(&app, &used);
    }
    assert!(is_in(&app, &used), "28 days and more");
    app = app.later(hours(22));
    app = app.later(hours(20));
    assert!(!is_in(&app, &used), "30 days");
}

#[test]
fn reading_pages_writes_nothing() {
    let app = App::with_users();
    let session = app.session_of("sam");
    let before = app.store.blocking().version();

    for _ in 0..5 {
        app.ask_as(&session, "GET", "/calendar/2025/10", &[], "").status(200);
    }
    assert_eq!(app.store.blocking().version(), before);
    let app = app.later(11 * 60);
    for _ in 0..5 {
        app.ask_as(&session, "GET", "/calendar/2025/10", &[], "").status(200);
    }

    assert_eq!(app.store.blocking().version(), before + 1);
}

#[test]
fn a_session_survives_a_restart() {
    let app = App::with_users();
    let session = app.session_of("sam");

    let app = app.restarted();

    app.ask_as(&session, "GET", "/help", &[], "").status(200);
}

#[test]
fn a_session_beyond_the_limit_ends_the_oldest() {
    let app = App::with_users();
    let first = app.session_of("sam");
    let app = app.later(60);

    for _ in 0..tandem::domain::user::access::SESSIONS_OF_USER_MAX {
        app.session_of("sam");
    }

    assert_eq!(app.sessions_of("sam").len(), tandem::domain::user::access::SESSIONS_OF_USER_MAX);
    app.ask_as(&first, "GET", "/help", &[], "").status(303);
}

#[test]
fn the_audit_names_the_user_who_changed_an_event() {
    let app = App::with_users();
    app.sign_in("sam", PASSWORD);

    app.post("/events/1003/unschedule", &[("revision", &app.revision(1003)), ("from", "2025-10-15")]).status(303);

    assert_eq!(app.audit().last().unwrap().who, "sam");
    app.get("/activity").says("sam").says("Sign in");
}

#[test]
fn a_refused_viewer_is_told_the_required_role() {
    let app = App::with_users();
    app.sign_in(of(Role::Viewer), PASSWORD);

    let dialog = app.open_dialog("/events/1001/reschedule").status(403);
    let before = app.bytes();
    app.post("/events/1001/unschedule", &[("revision", &app.revision(1001))])
        .status(403)
        .says("needs the role scheduler");

    assert!(dialog.text().contains("vera has the role viewer, and this needs the role scheduler"), "{}", dialog.text());
    assert!(app.bytes() == before);
}
