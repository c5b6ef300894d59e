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
    let wound = context.store.blocking().wound();
    let status = if wound.is_none() { Status::Ok } else { Status::ServiceUnavailable };
    (status, Json(json!({ "ready": wound.is_none(), "store": wound.unwrap_or_else(|| "writable".to_owned()) })))
}
