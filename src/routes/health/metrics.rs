//! Metrics for a Prometheus on this machine.

use rocket::{
    Request, Route, State, get,
    http::{ContentType, Status},
    request::{FromRequest, Outcome},
    routes,
};

use crate::{
    context::Context,
    routes::{
        auth::csrf_origin,
        health::status::Readings,
        http::error::{Failure, OUR_FAULT},
    },
};

/// Guard for clients on this machine. A request that a proxy forwards comes from elsewhere.
#[derive(Debug)]
pub struct SameMachine;

/// Headers that proxies add.
const PROXY_HEADERS: [&str; 4] = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

#[rocket::async_trait]
impl<'r> FromRequest<'r> for SameMachine {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let local = request.remote().is_none_or(|remote| remote.ip().to_canonical().is_loopback());
        let proxied = PROXY_HEADERS.iter().any(|name| request.headers().contains(*name));
        // A page of another site whose name resolves to this machine (DNS rebinding) sends its own name as `Host`.
        let own_host = csrf_origin::check_host(request).is_ok();
        if local && !proxied && own_host { Outcome::Success(Self) } else { Outcome::Forward(Status::NotFound) }
    }
}

pub fn routes() -> Vec<Route> {
    routes![show]
}

/// `GET /metrics`, in the text format of `OpenMetrics`, which Prometheus reads.
#[get("/metrics")]
pub async fn show(_same_machine: SameMachine, context: &State<Context>) -> Result<(ContentType, String), Failure> {
    let (context, now) = (context.inner().clone(), context.clock.now());
    let handle = context.store.clone();
    let readings = handle.run(move |_| Readings::take(&context, now)).await?;
    let text = handle.blocking().metrics().text(&readings.for_metrics());
    let kind =
        ContentType::new("application", "openmetrics-text").with_params([("version", "1.0.0"), ("charset", "utf-8")]);
    Ok((kind, text.map_err(|_| Failure::NotFound(OUR_FAULT.to_owned()))?))
}
