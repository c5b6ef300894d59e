//! Health checks of the server.

pub mod metrics;
pub mod status;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rocket::{
    Request, Route,
    futures::future::join_all,
    get,
    http::Status,
    request::{FromRequest, Outcome},
    routes,
    serde::json::Json,
    tokio::time::timeout,
};
use serde_json::{Map, Value, json};

use crate::{
    context::{Context, Teams},
    domain::user::Role,
    routes::{
        auth::{authenticate::authorize, guards::SameMachine},
        health::status::Readings,
        http::{error::Failure, team},
    },
    store::StoreError,
};

/// How long a check of all teams waits for the store of each, in seconds.
const TEAM_SECONDS_MAX: u64 = 5;
/// Ages above which a job is overdue, in hours: a day and an hour for a daily job; a backup may miss one night.
const INTEGRITY_HOURS_MAX: i64 = 25;
const BACKUP_HOURS_MAX: i64 = 49;
/// Age of a waiting message above which the outbox counts as stuck, in hours.
const MESSAGE_HOURS_MAX: i64 = 1;

pub fn live_routes() -> Vec<Route> {
    routes![live]
}

pub fn ready_routes() -> Vec<Route> {
    routes![ready]
}

/// A client of the check of readiness. Admins and clients on this machine get the reasons; others are counted, also if they
/// are signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Trusted,
    Other,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Reader {
    type Error = Failure;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Failure> {
        if request.guard::<SameMachine>().await.is_success() {
            return Outcome::Success(Self::Trusted);
        }
        match authorize(request, Role::Admin).await {
            Ok(_) => Outcome::Success(Self::Trusted),
            Err(limited @ (_, Failure::Limited(_))) => Outcome::Error(limited),
            Err(_) => Outcome::Success(Self::Other),
        }
    }
}

/// What a check is about: the team of its host name, or, at a host name that no team has, all teams. Only this machine asks
/// for all.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'r> {
    Team(&'r Context),
    Process(&'r Teams),
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Subject<'r> {
    type Error = Failure;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Failure> {
        if let Some(context) = team::context(request) {
            return Outcome::Success(Self::Team(context));
        }
        let is_local = request.guard::<SameMachine>().await.is_success();
        team::found(request, team::teams(request).filter(|_| is_local).map(Self::Process))
    }
}

/// `GET /health/live`: 200 while the process answers.
#[get("/health/live")]
pub fn live() -> Json<Value> {
    Json(json!({ "live": true, "version": env!("CARGO_PKG_VERSION") }))
}

/// `GET /health/ready`: 200 if changes can be made and no job is overdue; otherwise 503. Admins and clients on this machine
/// get the reasons and the readings. With `?only=store` jobs do not count: that is for a proxy before servers that share
/// a store, which would otherwise give up all of them at once. `{"ready", "teams": {"north": …}}` for all teams, each with
/// the size of its store and its open issues.
#[get("/health/ready?<only>")]
pub async fn ready(only: Option<&str>, subject: Subject<'_>, reader: Reader) -> Result<(Status, Json<Value>), Failure> {
    let (is_ready, body) = match subject {
        Subject::Team(context) => {
            let (is_ready, body, _) = state(context, only).await?;
            (is_ready, if reader == Reader::Trusted { body } else { json!({ "ready": is_ready }) })
        }
        Subject::Process(teams) => {
            let states = join_all(teams.all().iter().map(|context| state_of_team(context, only))).await;
            let all_ready = states.iter().all(|(is_ready, _)| *is_ready);
            let states = states.into_iter().zip(teams.all());
            let states: Map<_, _> = states.map(|((_, body), context)| (context.team().to_owned(), body)).collect();
            (all_ready, json!({ "ready": all_ready, "teams": states }))
        }
    };
    Ok((if is_ready { Status::Ok } else { Status::ServiceUnavailable }, Json(body)))
}

/// Whether one of several teams is ready, with its details. The store of one team says nothing about the others.
async fn state_of_team(context: &Context, only: Option<&str>) -> (bool, Value) {
    let failed = |why: String| (false, json!({ "ready": false, "store": why }));
    match timeout(Duration::from_secs(TEAM_SECONDS_MAX), state(context, only)).await {
        Ok(Ok((is_ready, mut body, readings))) => {
            body["store_bytes"] = json!(readings.store_bytes);
            body["issues"] = json!(context.issues());
            (is_ready, body)
        }
        Ok(Err(error)) => failed(error.to_string()),
        Err(_) => failed(format!("the store has not answered for {TEAM_SECONDS_MAX} s")),
    }
}

/// Whether a team is ready, with the reasons and the readings.
pub async fn state(context: &Context, only: Option<&str>) -> Result<(bool, Value, Readings), StoreError> {
    let now = context.clock.now();
    let readings = context.run(move |_, context| Readings::take(context, now)).await?;
    let mut troubles = troubles(&readings);
    troubles.retain(|(name, _)| only.is_none_or(|only| only == *name));
    Ok((troubles.is_empty(), details(&readings, &troubles), readings))
}

/// Problems by name, each with a reason.
fn troubles(readings: &Readings) -> Vec<(&'static str, String)> {
    let late = |since: DateTime<Utc>, hours: i64| readings.now - since > TimeDelta::hours(hours);
    let mut troubles = Vec::new();
    if let Some(refusal) = &readings.refusal {
        troubles.push(("store", refusal.clone()));
    }
    let last = readings.integrity.unwrap_or(readings.started);
    if readings.integrity_daily && late(last, INTEGRITY_HOURS_MAX) {
        troubles.push(("integrity", format!("no whole check for {INTEGRITY_HOURS_MAX} hours")));
    }
    if readings.oldest_message.is_some_and(|oldest| late(oldest, MESSAGE_HOURS_MAX)) {
        troubles.push(("outbox", format!("a notification has waited for more than {MESSAGE_HOURS_MAX} hour")));
    }
    let last = readings.backup.unwrap_or(readings.started);
    if readings.backup_nightly && late(last, BACKUP_HOURS_MAX) {
        troubles.push(("backup", format!("no backup for {BACKUP_HOURS_MAX} hours")));
    }
    troubles
}

fn details(readings: &Readings, troubles: &[(&'static str, String)]) -> Value {
    let age = |since: Option<DateTime<Utc>>| since.map(|since| (readings.now - since).num_seconds());
    let troubles: Map<_, _> = troubles.iter().map(|(name, why)| ((*name).to_owned(), json!(why))).collect();
    json!({
        "ready": troubles.is_empty(),
        "store": readings.refusal.as_deref().unwrap_or("writable"),
        "troubles": troubles,
        "integrity": { "age_seconds": age(readings.integrity), "problems": readings.problems },
        "outbox": { "waiting": readings.messages, "oldest_seconds": age(readings.oldest_message) },
        "last_backup": {
            "age_seconds": age(readings.backup),
            "at": readings.backup.map(|at| at.to_rfc3339()),
            "ok": readings.backup_ok,
        },
    })
}
