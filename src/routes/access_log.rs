//! Assigns request ids, and logs and counts each response.

use rocket::{
    Request, Response,
    fairing::{AdHoc, Fairing},
};
use tracing::info;

use crate::routes::{
    auth::authenticate,
    http::{
        address,
        request_id::{self, Arrival, arrival},
        team,
    },
};

/// Route in the log for a request that matches none.
const NO_ROUTE: &str = "none";

/// Assigns an id to each request and logs each response.
pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("access log", |rocket| async {
        rocket
            .attach(AdHoc::on_request("assign request ids", |request, _| {
                Box::pin(async move {
                    arrival(request);
                })
            }))
            .attach(AdHoc::on_response("log responses", |request, response| {
                Box::pin(async move { log(request, response) })
            }))
    })
}

/// Writes one log line and one metric per request. The line has the pattern of the route, like `/feed/<name>`, never the
/// path: a path may contain a secret.
fn log(request: &Request<'_>, response: &mut Response<'_>) {
    let Arrival { id, at } = arrival(request);
    let (method, status, took) = (request.method().as_str(), response.status().code, at.elapsed());
    let matched = request.route().map(|route| route.uri.path());
    let (route, from, who) = (matched.unwrap_or(NO_ROUTE), address::of(request), authenticate::name(request));
    let elapsed_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    request_id::span(request).in_scope(|| info!(method, route, status, elapsed_us, from, who, "request"));
    if let Some(context) = team::context(request) {
        let method = if matched.is_some() { method } else { "any" };
        context.store.blocking().metrics().request(method, route, status, took);
    }
    response.set_raw_header("X-Request-Id", id.0.clone());
}
