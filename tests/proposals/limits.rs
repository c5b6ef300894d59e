//! How many proposals are made at once, and how many are kept.

use chrono::TimeDelta;
use serde_json::json;
use tandem::{
    context::PerTeam,
    domain::{audit::Origin, ids::ProposalId},
    routes::auth::proposal_limit::{Proposing, Turn},
    services::proposals,
    store::tables::proposals::{self as stored, PROPOSALS_MAX},
};

use super::{between, propose};
use crate::{
    auth::{JSON, PASSWORD},
    support::{App, Page, origin},
};

/// A search of someone that has not ended.
fn search_of(app: &App, who: &str) -> Turn {
    let proposing = app.client().rocket().state::<PerTeam<Proposing>>().unwrap();
    proposing.all()[0].begin(&Origin { who: who.to_owned(), ..origin() }).unwrap()
}

fn ask(app: &App, method: &str, address: &str, body: &serde_json::Value) -> Page {
    let session = app.client().cookies().get("tandem_session").unwrap().value().to_owned();
    let token = crate::auth::form_token(&session);
    app.ask(method, address, &[JSON, ("X-CSRF-Token", &token)], &body.to_string())
}

#[test]
fn a_scheduler_has_one_search_at_a_time() {
    let app = App::with_users();
    app.sign_in("sam", PASSWORD).status(303);
    let (days, form) =
        (json!({"from": "2025-10-15", "to": "2025-10-21"}), app.get("/auto-schedule").form("/auto-schedule"));
    let form = form.with("from", "2025-10-15").with("to", "2025-10-21");
    let proposal = propose(&app, "2025-10-15", "2025-10-21").id;
    let (page, call) = (format!("/auto-schedule/{proposal}"), format!("/api/proposals/{proposal}"));
    let lock = app.get(&page).status(200).form(&page).with("do", "lock:1004");

    let turn = search_of(&app, "sam");
    let before = app.bytes();
    for refused in [
        ask(&app, "POST", "/api/proposals", &days),
        ask(&app, "PATCH", &call, &json!({"lock": [1004]})),
        form.clone().send(&app),
        lock.clone().send(&app),
    ] {
        let refused = refused.status(429).says("Your last proposal is still being made.");
        assert_eq!(refused.header("Retry-After"), Some("5"));
    }
    assert_eq!(form.clone().send(&app).form("/auto-schedule").value("to"), "2025-10-21", "what was typed is kept");
    assert!(app.bytes() == before);

    drop(turn);
    ask(&app, "PATCH", &call, &json!({"lock": [1004]})).status(200);
    ask(&app, "POST", "/api/proposals", &days).status(201);
    form.send(&app).status(303);
    lock.send(&app).status(303);
}

#[test]
fn two_searches_of_others_leave_no_place() {
    let app = App::with_users();
    app.sign_in("sam", PASSWORD).status(303);
    let days = json!({"from": "2025-10-15", "to": "2025-10-21"});
    let turns = (search_of(&app, "ana"), search_of(&app, "ben"));

    ask(&app, "POST", "/api/proposals", &days).status(429).says("Others are having proposals made.");

    drop(turns.0);
    ask(&app, "POST", "/api/proposals", &days).status(201);
}

#[test]
fn who_makes_many_proposals_pushes_out_their_own() {
    let app = App::with_acceptance_data();
    let make = |who: &str, second: usize| -> ProposalId {
        let at = app.context.clock.now() + TimeDelta::seconds(second.try_into().unwrap());
        let origin = Origin { who: who.to_owned(), at, ..origin() };
        let days = between("2025-10-15", "2025-10-15");
        proposals::make(app.store.blocking(), days, &app.context.config, &origin).unwrap().id
    };
    let of_another = make("ana", 0);

    let own: Vec<_> = (1..=PROPOSALS_MAX + 5).map(|second| make("ben", second)).collect();

    let kept = app.read(|tx| stored::all(tx, app.context.clock.now()));
    assert_eq!(kept.len(), PROPOSALS_MAX);
    assert!(kept.iter().any(|saved| saved.id == of_another));
    assert!(own.iter().rev().take(PROPOSALS_MAX - 1).all(|id| kept.iter().any(|saved| saved.id == *id)));
}
