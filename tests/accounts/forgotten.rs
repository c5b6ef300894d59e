//! A forgotten password: a link by mail, the same answer for everyone, and the link kept out of the data folder.

use tandem::{
    context::PerTeam,
    domain::{
        audit::{Action, Outcome},
        user::access::{AdminCommand, Digest},
    },
    jobs::account_mail::AccountMail,
    notify::Notifier,
    store::tables::outbox,
};

use crate::{
    auth::PASSWORD,
    support::App,
    watch::receivers::{Received, Smtp, mail_server},
};

const NEW: &str = "another long password";

/// Users, a mail server, and Sam's address.
fn with_mail(script: &[Smtp], settings: &[(&str, &str)]) -> (App, Received) {
    let (port, received) = mail_server(script);
    let port = port.to_string();
    let mail = [
        ("mail_server", "\"127.0.0.1\""),
        ("mail_port", port.as_str()),
        ("mail_security", "none"),
        ("mail_sender", "tandem@example.com"),
        ("public_url", "\"http://t.example\""),
    ];
    let settings: Vec<_> = mail.into_iter().chain(settings.iter().copied()).collect();
    let app = App::with_users_and(&settings);
    set_email(&app, "sam", "sam@example.com");
    (app, received)
}

fn set_email(app: &App, name: &str, email: &str) {
    app.order(&AdminCommand::SetEmail { name: name.parse().unwrap(), email: Some(email.parse().unwrap()) });
}

/// Delivers the mail that is due some minutes from now.
fn deliver(app: &App, minutes: i64) {
    let mail = &app.client().rocket().state::<PerTeam<AccountMail>>().unwrap().all()[0];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let notifier = Notifier::new(app.context.config.alerts.clone());
    runtime.block_on(mail.run_once(&notifier, app.context.clock.now() + chrono::TimeDelta::minutes(minutes)));
}

/// The path of the link in a mail.
fn link(mail: &str) -> String {
    let text = mail.replace("=\r\n", "");
    let (_, after) = text.split_once("http://t.example/welcome/").unwrap_or_else(|| panic!("no link in {text}"));
    format!("/welcome/{}", &after[..64])
}

fn forget(app: &App, name: &str) -> crate::support::Page {
    app.get("/forgot-password").status(200).form("/forgot-password").with("name", name).send(app)
}

#[test]
fn a_reset_link_sets_a_new_password_once() {
    let (app, received) = with_mail(&[Smtp::Take], &[]);
    let elsewhere = app.session_of("sam");
    app.get("/sign-in").says("Forgot your password?");

    forget(&app, "SAM").status(200).says("a link is on its way");
    deliver(&app, 0);

    let mails = received.all();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("RCPT TO:<sam@example.com>"), "{}", mails[0]);
    let link = link(&mails[0]);
    app.get(&link).status(200).says("A new password for sam");
    app.ask_as(&elsewhere, "GET", "/help", &[], "").status(200);
    app.post(&link, &[("password", NEW), ("again", NEW)]).status(303);
    app.get("/help").status(200).says("Signed in as sam");
    app.ask_as(&elsewhere, "GET", "/help", &[], "").status(303);
    app.post(&link, &[("password", NEW), ("again", NEW)]).status(410);
    app.sign_in("sam", PASSWORD).status(422);
}

#[test]
fn a_reset_link_expires_after_half_an_hour() {
    let (app, received) = with_mail(&[Smtp::Take], &[]);
    forget(&app, "sam@EXAMPLE.com").status(200);
    deliver(&app, 0);
    let link = link(&received.all()[0]);
    let app = app.later(29 * 60);
    app.get(&link).status(200);

    let app = app.later(60);

    app.get(&link).status(410);
}

#[test]
fn known_and_unknown_names_get_the_same_answer_at_the_same_cost() {
    let (app, received) = with_mail(&[Smtp::Take], &[]);
    app.order(&AdminCommand::SetActive { name: "vera".parse().unwrap(), active: false, seen: None });
    set_email(&app, "vera", "vera@example.com");
    let mut answers = Vec::new();
    // Known, unknown, disabled, without an address, and no name at all.
    for name in ["sam", "no-such-user", "vera", "ada", "a b \u{0}"] {
        let before = app.audit().len();
        answers.push(forget(&app, name).status(200).text());
        let entry = app.audit().pop().unwrap();
        assert_eq!((app.audit().len(), entry.action), (before + 1, Action::ForgotPassword), "{name:?}");
        assert_eq!(entry.outcome == Outcome::Done, name == "sam", "{name:?}");
        assert!(!format!("{entry:?}").contains("no-such-user"));
    }
    deliver(&app, 0);

    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!(received.all().len(), 1);
}

#[test]
fn an_address_of_two_users_identifies_neither() {
    let (app, received) = with_mail(&[Smtp::Take], &[]);
    set_email(&app, "vera", "sam@example.com");

    forget(&app, "sam@example.com").status(200);
    deliver(&app, 0);

    assert_eq!(received.all().len(), 0);
}

#[test]
fn the_data_folder_never_contains_a_working_link() {
    let (app, received) = with_mail(&[Smtp::Say("RCPT", "450 later"), Smtp::Take], &[]);
    forget(&app, "sam").status(200);
    deliver(&app, 0);
    assert_eq!(received.all().len(), 0);
    assert_eq!(app.read(|tx| outbox::all(tx)).len(), 0);
    // It is tried again, and given up when the link is too old.
    deliver(&app, 1);

    let link = link(&received.all()[0]);
    let word = link.strip_prefix("/welcome/").unwrap();
    let is_in = |bytes: &[u8]| bytes.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(!app.bytes().iter().any(|((_, key), value)| is_in(key) || is_in(value)));
    assert!(!format!("{:?}", app.audit()).contains(word));
}

#[test]
fn requests_are_limited_by_name_and_keep_the_link_of_an_admin() {
    let (app, _) = with_mail(&[Smtp::Take], &[("rate_limits", "\"on\""), ("sign_ins_per_hour_and_name", "2")]);
    app.order(&AdminCommand::GiveLink { name: "sam".parse().unwrap(), link: Digest::of("given") });
    for _ in 0..2 {
        forget(&app, "sam").status(200);
    }

    let refused = forget(&app, "sam").status(429).says("Too many attempts");

    assert!(refused.header("Retry-After").is_some());
    assert_eq!(refused.form("/forgot-password").value("name"), "sam");
    app.get("/welcome/given").status(200);
    forget(&app, "ada").status(200);
}

#[test]
fn the_limit_of_mails_counts_every_name_of_a_user_and_is_not_shown() {
    let (app, received) =
        with_mail(&[Smtp::Take, Smtp::Take], &[("rate_limits", "\"on\""), ("sign_ins_per_hour_and_name", "2")]);
    let sent = |name: &str| {
        let answer = forget(&app, name).status(200).text();
        deliver(&app, 0);
        (answer, app.audit().pop().unwrap().outcome)
    };

    let (first, outcome) = sent("sam");
    assert_eq!(outcome, Outcome::Done);
    assert_eq!(sent("Sam@Example.com"), (first.clone(), Outcome::Done));
    let link = link(&received.all()[1]);
    for name in [" SAM ", "sam@example.com"] {
        assert_eq!(sent(name), (first.clone(), Outcome::Refused), "{name:?}");
    }

    assert_eq!(received.all().len(), 2);
    app.get(&link).status(200);
}

#[test]
fn a_link_that_was_mailed_to_an_old_address_is_of_no_use() {
    let (app, received) = with_mail(&[Smtp::Take], &[]);
    app.order(&AdminCommand::GiveLink { name: "sam".parse().unwrap(), link: Digest::of("given") });
    forget(&app, "sam").status(200);
    deliver(&app, 0);
    let link = link(&received.all()[0]);
    app.get(&link).status(200);

    set_email(&app, "sam", "sam@new.example");

    app.get(&link).status(410);
    app.get("/welcome/given").status(200);
}

#[test]
fn without_a_mail_server_an_admin_gives_the_link() {
    let app = App::with_users();
    let before = app.audit().len();

    app.get("/sign-in").says("Ask an admin for a link").does_not_say("Forgot your password?");
    app.get("/forgot-password").status(200).says("sends no links by mail");
    app.post("/forgot-password", &[("name", "sam")]).status(422);
    assert_eq!(app.audit().len(), before);
}

#[test]
fn a_sign_in_with_a_new_browser_is_reported_by_mail() {
    let (app, _) = with_mail(&[Smtp::Take], &[]);
    let reports = |app: &App| app.read(|tx| outbox::all(tx));
    app.sign_in("sam", PASSWORD).status(303);
    assert_eq!(reports(&app).len(), 0, "the first sign-in of all is expected");
    app.post("/sign-out", &[]);
    app.sign_in("sam", PASSWORD).status(303);
    assert_eq!(reports(&app).len(), 0, "the browser is known");

    // A new client has no cookies.
    let app = app.later(60);
    app.sign_in("sam", PASSWORD).status(303);

    let sent = reports(&app);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].notification.title, "Tandem: sam signed in with a new browser");
    assert!(app.client().cookies().get("tandem_device").is_some());
    let app = app.later(60);
    app.sign_in("vera", PASSWORD).status(303);
    assert_eq!(reports(&app).len(), 1, "vera has no address");
}

#[test]
fn security_txt_and_the_change_password_address_are_served() {
    let app = App::with_users();
    app.get("/.well-known/security.txt").status(404);
    assert_eq!(app.get("/.well-known/change-password").status(303).location.as_deref(), Some("/account"));

    let app = app.reconfigured(&[
        ("security_contact", "\"mailto:security@example.com\""),
        ("public_url", "\"https://t.example\""),
    ]);

    let file = app.get("/.well-known/security.txt").status(200);
    assert!(file.header("Content-Type").unwrap().starts_with("text/plain"));
    assert_eq!(
        file.body,
        "Contact: mailto:security@example.com\nExpires: 2026-01-13T00:00:00+00:00\nPreferred-Languages: en\n\
         Canonical: https://t.example/.well-known/security.txt\n"
    );
}
