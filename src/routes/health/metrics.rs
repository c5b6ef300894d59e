//! Metrics for a Prometheus on this machine.

use std::time::Duration;

use rocket::{Route, futures::future::join_all, get, http::ContentType, routes, tokio::time::timeout};
use tracing::warn;

use crate::{
    context::Context,
    metrics,
    routes::{
        auth::guards::SameMachine,
        health::{Subject, TEAM_SECONDS_MAX, status::Readings},
        http::error::{Failure, OUR_FAULT},
    },
};

pub fn routes() -> Vec<Route> {
    routes![show]
}

/// `GET /metrics`, in the text format of `OpenMetrics`, which Prometheus reads. Those of several teams have the label `team`.
#[get("/metrics")]
pub async fn show(subject: Subject<'_>, _same_machine: SameMachine) -> Result<(ContentType, String), Failure> {
    let text = match subject {
        Subject::Team(context) => of_team(context).await?,
        Subject::Process(teams) => {
            let all =
                teams.all().iter().map(|context| timeout(Duration::from_secs(TEAM_SECONDS_MAX), of_team(context)));
            let mut texts = Vec::new();
            for text in join_all(all).await {
                match text {
                    Ok(Ok(text)) => texts.push(text),
                    // Prometheus notices that the metrics of this team are absent.
                    Ok(Err(error)) => error.log(),
                    Err(_) => warn!("the metrics of a team are left out: its store has not answered in time"),
                }
            }
            metrics::merged(&texts)
        }
    };
    let kind =
        ContentType::new("application", "openmetrics-text").with_params([("version", "1.0.0"), ("charset", "utf-8")]);
    Ok((kind, text))
}

async fn of_team(context: &Context) -> Result<String, Failure> {
    let now = context.clock.now();
    let readings = context.run(move |_, context| Readings::take(context, now)).await?;
    let team = context.config.team.as_ref().map(|team| team.name.clone());
    let text = context.store.blocking().metrics().text(&readings.for_metrics(), team);
    text.map_err(|_| Failure::NotFound(OUR_FAULT.to_owned()))
}
