//! Metrics for a Prometheus on this machine.

use rocket::{Route, get, http::ContentType, routes};

use crate::{
    context::Context,
    routes::{
        auth::guards::SameMachine,
        health::status::Readings,
        http::error::{Failure, OUR_FAULT},
    },
};

pub fn routes() -> Vec<Route> {
    routes![show]
}

/// `GET /metrics`, in the text format of `OpenMetrics`, which Prometheus reads.
#[get("/metrics")]
pub async fn show(_same_machine: SameMachine, context: &Context) -> Result<(ContentType, String), Failure> {
    let now = context.clock.now();
    let readings = context.run(move |_, context| Readings::take(context, now)).await?;
    let text = context.store.blocking().metrics().text(&readings.for_metrics());
    let kind =
        ContentType::new("application", "openmetrics-text").with_params([("version", "1.0.0"), ("charset", "utf-8")]);
    Ok((kind, text.map_err(|_| Failure::NotFound(OUR_FAULT.to_owned()))?))
}
