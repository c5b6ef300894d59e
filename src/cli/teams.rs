//! `tandem teams`: each team with its host name and its store, and whether all is well with it.

use std::time::Duration;

use serde_json::Value;

use crate::{
    cli::{Stop, Verdict, expect_store, open_existing, server::Server, terminal::say},
    config::{Config, Configs},
    store::OpenError,
};

/// Timeout of a request to a server, in seconds.
const ANSWER_SECONDS_MAX: u64 = 30;

/// Lists the teams; [`Verdict::Findings`] if one has a problem.
pub fn run(configs: &Configs) -> Verdict {
    let mut verdict = Verdict::Clean;
    for config in configs.all() {
        let store = match config.store_url.reveal() {
            "" => config.data_dir.display().to_string(),
            _ => format!("schema {}", config.store_schema),
        };
        let (name, host) = config.team.as_ref().map_or(("-", "any host"), |team| (&team.name, &team.host));
        let state = state(config).unwrap_or_else(|problem| {
            verdict = Verdict::Findings;
            format!("problem: {problem}")
        });
        say(format!("{name:<16} {host:<32} {store:<40} {state}"));
    }
    verdict
}

/// `ok` of the store or of the server that has it open.
fn state(config: &Config) -> Result<String, Stop> {
    expect_store(config)?;
    match (open_existing(config), Server::of(config)) {
        (Ok(_), _) => Ok("ok".to_owned()),
        (Err(OpenError::Locked { .. }), Some(server)) => ask(&server),
        (Err(error), _) => Err(error.into()),
    }
}

fn ask(server: &Server) -> Result<String, Stop> {
    let agent = ureq::Agent::config_builder().proxy(None).max_redirects(0);
    let agent = agent.timeout_global(Some(Duration::from_secs(ANSWER_SECONDS_MAX))).build().new_agent();
    let answer = server.signed(agent.get(server.url("/admin/ready"))).call();
    let mut answer = answer.map_err(|error| format!("the server at {} did not answer: {error}", server.url("/")))?;
    let state: Value = serde_json::from_reader(answer.body_mut().as_reader())?;
    let troubles: Vec<_> = state["troubles"].as_object().into_iter().flatten().collect();
    if troubles.is_empty() {
        return Ok("ok, served".to_owned());
    }
    let sentences = troubles.iter().map(|(name, why)| format!("{name}: {}", why.as_str().unwrap_or_default()));
    Err(sentences.collect::<Vec<_>>().join("; ").into())
}
