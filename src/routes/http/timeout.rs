//! Timeouts of requests, from the settings.

use std::time::Duration;

use rocket::{
    Data, Request, Route,
    route::{Handler, Outcome},
    tokio::time,
};
use tracing::{Instrument, error};

use crate::{
    config::Timeouts,
    context::Context,
    routes::http::{
        error::{Failure, deny},
        request_id::RequestId,
    },
};

/// Longest time for the body of a request to arrive.
pub fn body(request: &Request<'_>) -> Duration {
    timeout(request, |timeouts| timeouts.body)
}

/// Longest time to make an answer after the request has arrived.
pub fn answer(request: &Request<'_>) -> Duration {
    timeout(request, |timeouts| timeouts.answer)
}

fn timeout(request: &Request<'_>, which: fn(&Timeouts) -> Duration) -> Duration {
    request.rocket().state::<Context>().map_or(Duration::ZERO, |context| which(&context.config.access.timeouts))
}

/// How many times as long an answer may take that goes through files or everything there is.
const LONG: u32 = 20;
/// How the addresses of such answers begin.
const LONG_ADDRESSES: [&str; 5] = ["/import", "/uploads", "/integrity", "/export", "/admin"];

#[derive(Clone)]
struct Traced {
    handler: Box<dyn Handler>,
    times: u32,
}

#[rocket::async_trait]
impl Handler for Traced {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let span = RequestId::of(request).span();
        let timeouts = body(request) + answer(request) * self.times;
        let answer = time::timeout(timeouts, self.handler.handle(request, data).instrument(span.clone()));
        match answer.await {
            Ok(outcome) => outcome,
            Err(_) => span.in_scope(|| give_up(request, timeouts)),
        }
    }
}

fn give_up<'r>(request: &'r Request<'_>, timeouts: Duration) -> Outcome<'r> {
    error!(patience_s = timeouts.as_secs(), "an answer took too long and was given up");
    Outcome::Error(deny(request, Failure::TimedOut).0)
}

/// The same routes; their guards, handlers and answers run within the request's span and time.
pub fn traced(routes: Vec<Route>) -> Vec<Route> {
    let traced = |mut route: Route| {
        let address = route.uri.to_string();
        let is_long = LONG_ADDRESSES.iter().any(|start| address.starts_with(start));
        route.handler = Box::new(Traced { handler: route.handler, times: if is_long { LONG } else { 1 } });
        route
    };
    routes.into_iter().map(traced).collect()
}
