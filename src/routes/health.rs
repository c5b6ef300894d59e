//! Whether the server lives, and whether it can do its work.

use rocket::{State, get, http::Status};
use serde_json::json;

use super::api::answer::Json;
use crate::context::Context;

/// `GET /health/live`: the process answers.
#[get("/health/live")]
pub fn live() -> Json {
    Json(json!({ "live": true, "version": env!("CARGO_PKG_VERSION") }))
}

/// `GET /health/ready`: changes can be made; 503 and why, if they cannot.
#[get("/health/ready")]
pub fn ready(context: &State<Context>) -> (Status, Json) {
    let refusal = context.store.blocking().check_writable().err();
    let status = if refusal.is_none() { Status::Ok } else { Status::ServiceUnavailable };
    let body = json!({
        "ready": refusal.is_none(),
        "store": refusal.map_or_else(|| "writable".to_owned(), |refusal| refusal.to_string()),
        "last_backup": context.backups.get().map(|report| json!({
            "at": report.at.to_rfc3339(),
            "ok": report.outcome.is_ok(),
            "bytes": report.outcome.ok().map(|made| made.bytes),
        })),
    });
    (status, Json(body))
}
