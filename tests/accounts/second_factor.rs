//! A second factor: setup, sign-in, recovery codes, and removal.

use tandem::domain::{
    audit::{Action, Outcome},
    user::{
        access::{AdminCommand, Digest},
        second_factor::step,
    },
};

use super::{codes, make_stale};
use crate::{
    auth::{PASSWORD, limits::limited},
    support::App,
};

const NEW: &str = "another long password";

/// Sam with a second factor and signed out, half an hour later. The recovery codes.
fn prepared(app: App) -> (App, Vec<String>) {
    app.sign_in("sam", PASSWORD).status(303);
    let codes = app.set_up_second_factor();
    (app.later(30 * 60), codes)
}

#[test]
fn a_user_with_a_second_factor_signs_in_with_a_code() {
    let (app, _) = prepared(App::with_users());

    app.sign_in("sam", PASSWORD).status(200).says("Enter your code");
    app.get("/help").status(303);
    app.sign_in_with_code("sam", &app.code("sam")).status(303);

    app.get("/help").status(200).says("Signed in as sam");
    app.get("/account").says("On: signing in also needs a code");
}

#[test]
fn a_code_works_once() {
    let (app, _) = prepared(App::with_users());
    let code = app.code("sam");
    app.sign_in_with_code("sam", &code).status(303);
    app.post("/sign-out", &[]);

    app.sign_in_with_code("sam", &code).status(422).says("That code is wrong or was used.");

    let entry = app.audit().pop().unwrap();
    assert_eq!((entry.action, entry.outcome), (Action::SignIn, Outcome::Refused));
    assert_eq!((entry.reason.as_deref(), entry.about.unwrap().id.as_str()), (Some("wrong code"), "sam"));
}

#[test]
fn a_recovery_code_signs_in_once_and_is_stored_as_a_digest() {
    let (app, codes) = prepared(App::with_users());
    let stored = app.bytes();
    for code in &codes {
        let plain = code.replace('-', "");
        let holds =
            |text: &str| stored.values().any(|value| value.windows(text.len()).any(|part| part == text.as_bytes()));
        assert!(!holds(code) && !holds(&plain), "a recovery code is stored");
    }

    app.sign_in_with_code("sam", &codes[3].to_lowercase()).status(303);
    app.get("/account/second-factor").says("9 recovery codes left");
    app.post("/sign-out", &[]);
    app.sign_in_with_code("sam", &codes[3]).status(422);

    let used = app
        .audit()
        .into_iter()
        .find(|entry| entry.action == Action::SecondFactor && entry.facts[0].name == "recovery code");
    assert_eq!(used.unwrap().facts[0].after, "used, 9 left");
    app.sign_in_with_code("sam", &codes[4]).status(303);
}

#[test]
fn a_ticket_expires_after_five_minutes_and_cannot_be_altered() {
    let (app, _) = prepared(App::with_users());
    let form = app.sign_in("sam", PASSWORD).form("/sign-in/code");
    let code = app.code("sam");
    for ticket in ["", "sam", &form.value("ticket").replace("sam", "ada")] {
        form.clone().with("ticket", ticket).with("code", &code).send(&app).status(422).says("That took too long");
    }
    form.clone().send(&app).status(422).says("Enter a code.");
    let app = app.later(5 * 60);

    form.with("code", &app.code("sam")).send(&app).status(422).says("That took too long");
    app.get("/help").status(303);
}

#[test]
fn a_changed_password_ends_its_tickets() {
    let (app, _) = prepared(App::with_users());
    let form = app.sign_in("sam", PASSWORD).form("/sign-in/code");
    let password = tandem::secret::hash(NEW).unwrap();
    app.order(&AdminCommand::SetPassword { name: "sam".parse().unwrap(), password, keep: None });

    form.with("code", &app.code("sam")).send(&app).status(422).says("That took too long");
}

#[test]
fn codes_are_limited_by_name() {
    let (app, _) = prepared(limited(&[("sign_ins_per_hour_and_name", "2")]));
    let form = app.sign_in("sam", PASSWORD).form("/sign-in/code");
    for _ in 0..2 {
        form.clone().with("code", "000000").send(&app).status(422);
    }

    form.clone().with("code", &app.code("sam")).send(&app).status(429).says("Too many attempts");

    app.get("/help").status(303);
}

#[test]
fn setup_needs_a_valid_code_and_ends_other_sessions() {
    let app = App::with_users();
    let elsewhere = app.session_of("sam");
    app.sign_in("sam", PASSWORD);
    let form = app.get("/account/second-factor").status(200).form("/account/second-factor");

    let again = form.clone().with("code", "000000").send(&app).status(422).says("That code is wrong.");
    assert_eq!(again.form("/account/second-factor").value("secret"), form.value("secret"));
    form.clone().with("code", "").send(&app).status(422).says("Enter the code that your app shows.");
    form.with("secret", "00.second-factor sam 3132333435363738393031323334353637383930")
        .with("code", "755224")
        .send(&app)
        .status(422);
    assert!(app.user("sam").unwrap().second_factor.is_none());
    app.ask_as(&elsewhere, "GET", "/help", &[], "").status(200);
    app.set_up_second_factor();

    app.ask_as(&elsewhere, "GET", "/help", &[], "").status(303);
    app.get("/help").status(200);
}

#[test]
fn recovery_codes_are_replaced_and_the_factor_is_turned_off() {
    let app = App::with_users();
    app.sign_in("sam", PASSWORD);
    let old = app.set_up_second_factor();
    let new = codes(&app.post("/account/second-factor/codes", &[]).status(200));
    assert!(new.iter().all(|code| !old.contains(code)));
    app.post("/sign-out", &[]);

    app.sign_in_with_code("sam", &old[0]).status(422);
    app.sign_in_with_code("sam", &new[0]).status(303);
    app.follow(app.post("/account/second-factor/off", &[])).says("The second factor is off.");
    app.post("/sign-out", &[]);
    app.sign_in("sam", PASSWORD).status(303);
}

#[test]
fn an_admin_turns_off_the_second_factor_of_a_user_who_lost_their_device() {
    let (app, _) = prepared(App::with_users());
    app.sign_in("ada", PASSWORD);
    app.get("/users").says("second factor");

    app.follow(app.post("/users/sam/second-factor", &[])).says("The second factor is off.");
    app.post("/users/sam/second-factor", &[]).status(404);

    let entry = app.audit().into_iter().rfind(|entry| entry.outcome == Outcome::Done).unwrap();
    assert_eq!((entry.who.as_str(), entry.action), ("ada", Action::SecondFactor));
    assert_eq!((entry.facts[0].before.as_str(), entry.facts[0].after.as_str()), ("on", "off"));
    app.post("/sign-out", &[]);
    app.sign_in("sam", PASSWORD).status(303);
}

#[test]
fn a_password_link_does_not_bypass_the_second_factor() {
    let (app, _) = prepared(App::with_users());
    app.order(&AdminCommand::GiveLink { name: "sam".parse().unwrap(), link: Digest::of("word") });

    let away = app.post("/welcome/word", &[("password", NEW), ("again", NEW)]).status(303);

    assert_eq!(away.location.as_deref(), Some("/sign-in"));
    app.get("/help").status(303);
    app.sign_in("sam", NEW).status(200).says("Enter your code");
}

#[test]
fn a_role_that_requires_a_second_factor_is_led_to_its_setup() {
    let app = App::with_users_and(&[("second_factor", "schedulers")]);
    app.sign_in("vera", PASSWORD);
    app.get("/help").status(200);
    app.post("/sign-out", &[]);
    app.sign_in("sam", PASSWORD).status(303);

    let token = crate::auth::form_token(app.client().cookies().get("tandem_session").unwrap().value());
    for page in ["/calendar/2025/10", "/account", "/users"] {
        assert_eq!(app.get(page).status(303).location.as_deref(), Some("/account/second-factor"), "{page}");
    }
    assert_eq!(app.get_fragment("/help").header("HX-Redirect"), Some("/account/second-factor"));
    let call = app.ask("POST", "/api/trade", &[crate::auth::JSON, ("X-CSRF-Token", &token)], "{}").status(403);
    assert!(call.body.contains("\"code\":\"no_second_factor\""), "{}", call.body);
    app.get("/account/second-factor").says("Your role requires one.");
    app.set_up_second_factor();

    app.get("/calendar/2025/10").status(200);
    app.get("/account/second-factor").does_not_say("Turn off");
}

#[test]
fn a_code_confirms_an_old_session() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);
    app.set_up_second_factor();
    make_stale(&app);
    let next = app.second_factor("ada").secret.code(step(app.context.clock.now()) + 1);

    app.post("/users/sam/link", &[("confirm", "000000")]).status(422).says("That code is wrong or was used.");
    app.post("/users/sam/link", &[("confirm", &next)]).status(200).says("Link for sam");
}
