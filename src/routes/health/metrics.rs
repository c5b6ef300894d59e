//! Metrics for a Prometheus on this machine.

use rocket::{Route, get, http::ContentType, routes};

use crate::{
    context::Context,
    metrics,
    routes::{
        auth::guards::SameMachine,
        health::{Subject, status::Readings},
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
            let mut texts = Vec::new();
            for context in teams.all() {
                match of_team(context).await {
                    Ok(text) => texts.push(text),
                    // Prometheus notices that the metrics of this team are absent.
                    Err(error) => error.log(),
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
