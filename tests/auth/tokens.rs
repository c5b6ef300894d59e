//! Tokens of programs, and the secrets of calendar feeds.

use std::io::BufReader;

use tandem::{
    domain::{
        audit::Action,
        user::{
            Role,
            access::{AdminCommand, Digest, Purpose},
        },
    },
    store::{
        Flow, Options, ReadTx, Store, StoreError, Table,
        maintenance::backup::{self, restore},
        tables::accounts::{tokens, users},
    },
};
use tempfile::TempDir;

use super::JSON;
use crate::support::App;

fn call(app: &App, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    app.ask("GET", "/api/calendar/2025/10", &[("Authorization", &bearer)], "").status
}

#[test]
fn a_token_makes_calls_under_its_own_label_until_it_ends() {
    let app = App::with_users();
    let token = app.token(Role::Scheduler, 1);
    let bearer = format!("Bearer {token}");

    let made = app.ask("POST", "/api/unschedule_event", &[JSON, ("Authorization", &bearer)], r#"{"schedule_id":2003}"#);

    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(app.audit().last().unwrap().who, "token scheduler program");
    assert_eq!(call(&app, &token), 200);
    let app = app.later(24 * 60 * 60);
    assert_eq!(call(&app, &token), 401);
}

#[test]
fn a_token_is_stored_as_a_digest_with_its_last_use() {
    let app = App::with_users();
    let token = app.token(Role::Viewer, 30);
    assert_eq!(app.read(|view| tokens::all(view))[0].used_at, None);

    call(&app, &token);
    let before = app.store.blocking().version();
    call(&app, &token);
    assert_eq!(app.store.blocking().version(), before);

    assert!(app.read(|view| tokens::all(view))[0].used_at.is_some());
    let is_in = |bytes: &[u8]| bytes.windows(token.len()).any(|part| part == token.as_bytes());
    assert!(!app.bytes().iter().any(|((_, key), value)| is_in(key) || is_in(value)), "the token itself is stored");
}

#[test]
fn wrong_and_ended_tokens_are_refused_and_pages_accept_none() {
    let app = App::with_users();
    let token = app.token(Role::Admin, 1);

    let bearer = format!("Bearer {token}");
    app.ask("GET", "/users", &[("Authorization", &bearer)], "").status(303);
    assert_eq!(call(&app, &format!("{token}0")), 401);
    assert_eq!(call(&app, ""), 401);
    app.order(&AdminCommand::EndToken { token: "admin program".to_owned() });

    assert_eq!(call(&app, &token), 401);
    assert_eq!(app.audit().last().unwrap().action, Action::EndToken);
}

#[test]
fn a_token_has_at_most_the_rights_of_its_owner() {
    let app = App::with_users();
    app.sign_in("ada", super::PASSWORD);
    let page =
        app.post("/users/tokens", &[("label", "till"), ("scope", "admin")]).status(200).says("not be shown again");
    let token = crate::support::page::attribute(&page.element("secret"), "value").unwrap();
    assert_eq!(call(&app, &token), 200);
    app.order(&AdminCommand::AddUser {
        name: "eve".parse().unwrap(),
        role: Role::Admin,
        password: None,
        link: None,
        email: None,
    });

    app.order(&AdminCommand::SetActive { name: "ada".parse().unwrap(), active: false, seen: None });
    assert_eq!(call(&app, &token), 401);
    app.order(&AdminCommand::SetActive { name: "ada".parse().unwrap(), active: true, seen: None });
    app.order(&AdminCommand::SetRole { name: "ada".parse().unwrap(), role: Role::Viewer, seen: None });

    assert_eq!(call(&app, &token), 200);
    let bearer = format!("Bearer {token}");
    app.ask("POST", "/api/trade", &[JSON, ("Authorization", &bearer)], "{}").status(403);
}

#[test]
fn the_secret_of_a_feed_makes_no_calls() {
    let app = App::with_users();
    let token = "the secret of a feed";
    let (digest, purpose) = (Digest::of(token), Purpose::Feed(None));
    app.order(&AdminCommand::MakeToken { digest, label: "team".to_owned(), purpose, ends_at: None });

    assert_eq!(call(&app, token), 401);
    let now = app.context.clock.now();
    assert!(app.read(|view| tokens::good(view, digest, now)).is_some());
}

#[test]
fn a_backup_restores_users_and_tokens_without_sessions_and_links() {
    let app = App::with_users();
    app.token(Role::Viewer, 30);
    app.session_of("sam");
    app.order(&AdminCommand::GiveLink { name: "sam".parse().unwrap(), link: Digest::of("link") });
    let folder = TempDir::new().unwrap();

    let file = backup::to_temporary(app.store.blocking(), app.context.clock.now()).unwrap();
    restore::build(BufReader::new(file), folder.path(), &Options::default()).unwrap();

    let restored = Store::open(folder.path(), &Options::default()).unwrap();
    let count = |store: &Store, table: Table| {
        let mut records = 0;
        let counted = store.read(|view| {
            view.scan(table, &[]..&[255; 64], &mut |_, _| {
                records += 1;
                Ok(Flow::Continue)
            })
        });
        counted.map_or_else(|error: StoreError| panic!("{error}"), |()| records)
    };
    for (table, kept) in [(Table::Users, 3), (Table::Tokens, 1), (Table::Sessions, 0), (Table::Links, 0)] {
        assert!(count(app.store.blocking(), table) >= 1, "{table:?} was empty before");
        assert_eq!(count(&restored, table), kept, "{table:?}");
    }
    assert_eq!(restored.read(|view| users::all(view)).unwrap(), app.read(|view| users::all(view)));
    assert_eq!(restored.read(|view| tokens::all(view)).unwrap(), app.read(|view| tokens::all(view)));
}

#[test]
fn creating_and_ending_a_feed_is_audited_without_its_secret() {
    let app = App::with_users();
    app.sign_in("sam", super::PASSWORD);

    let page = app.post("/feeds", &[("employee", "101")]).status(200);
    app.post("/feeds/1/revoke", &[]).status(303);
    app.post("/feeds/1/revoke", &[]).status(404);

    let done: Vec<_> = app.audit().into_iter().filter(|entry| entry.about.is_some()).rev().take(2).collect();
    let said = |at: usize| (done[at].who.as_str(), done[at].action, done[at].about.clone().unwrap().id);
    assert_eq!(said(1), ("sam", Action::MakeToken, "calendar feed 1".to_owned()));
    assert_eq!(said(0), ("sam", Action::EndToken, "calendar feed 1".to_owned()));
    assert_eq!(done[1].facts[0].after, "the calendar of 101");
    let (_, secret) = page.body.split_once("/feed/").unwrap();
    assert!(!format!("{:?}", app.audit()).contains(&secret[..64]));
}
