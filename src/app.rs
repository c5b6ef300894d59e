//! Builds and runs the server from settings and context.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use rocket::{Build, Orbit, Rocket, fairing::AdHoc, tokio::runtime::Builder};
use tracing::warn;

use crate::{
    config::{ConfigError, ServerSettings},
    context::{PerTeam, Teams},
    jobs,
    routes::{
        self, http,
        pages::{self, import::Running},
    },
};

/// Name of the threads that answer requests and work on the store.
const WORKER: &str = "tandem-worker";
/// Work on the store that goes on after a shutdown is given up after this time.
const FORCED_AFTER: Duration = Duration::from_millis(500);

/// The server, ready to launch.
pub fn build(settings: ServerSettings, teams: impl Into<Teams>) -> Rocket<Build> {
    let rocket = rocket::custom(settings).manage(teams.into());
    #[cfg(target_os = "linux")]
    let rocket = rocket.attach(http::idle_connections::stage());
    rocket
        .attach(http::normal_path::stage())
        .attach(routes::access_log::stage())
        .attach(http::headers::stage())
        .attach(routes::auth::state::stage())
        .attach(routes::auth::rate_limit::stage())
        .attach(routes::pages::accounts::sign_in::provider::stage())
        .attach(http::compression::stage())
        .attach(routes::render::cached_page::stage())
        .attach(routes::site_map::stage(routes::map()))
        .attach(pages::live::stage())
        .attach(routes::api::stage())
        .attach(routes::local_commands::stage())
}

/// The address that the server will listen on.
pub fn address(settings: &ServerSettings) -> Result<SocketAddr, ConfigError> {
    let config = own(settings)?;
    Ok(SocketAddr::new(config.address, config.port))
}

/// Threads for work on the stores.
pub fn store_threads(settings: &ServerSettings) -> Result<usize, ConfigError> {
    Ok(own(settings)?.max_blocking)
}

fn own(settings: &ServerSettings) -> Result<rocket::Config, ConfigError> {
    settings.extract().map_err(|error| ConfigError::Unreadable(error.to_string()))
}

/// Runs a server with the threads of its settings. `rocket::execute` would read them from `Rocket.toml` and the environment
/// alone, without our defaults.
fn run(settings: &ServerSettings, server: Rocket<Build>) -> Result<(), String> {
    let config = own(settings).map_err(|error| error.to_string())?;
    let runtime = Builder::new_multi_thread()
        .thread_name(WORKER)
        .worker_threads(config.workers)
        .max_blocking_threads(config.max_blocking)
        .enable_all()
        .build()
        .map_err(|error| format!("the server's threads cannot be started: {error}"))?;
    let ran = runtime.block_on(server.launch());
    if config.shutdown.force {
        runtime.shutdown_timeout(FORCED_AFTER);
    }
    ran.map(drop).map_err(|error| format!("the server cannot run: {error}"))
}

/// Serves until shutdown, then finishes requests in flight. `started` runs with the address once the server listens.
///
/// # Errors
/// A sentence, if the server cannot start or does not stop cleanly.
pub fn serve(
    settings: ServerSettings,
    teams: Teams,
    started: impl FnOnce(SocketAddr) + Send + Sync + 'static,
) -> Result<(), String> {
    let started = AdHoc::on_liftoff("report the address", |rocket| {
        let address = SocketAddr::new(rocket.config().address, rocket.config().port);
        Box::pin(async move {
            routes::local_commands::announce(rocket);
            started(address);
        })
    });
    let imports = Arc::new(OnceLock::new());
    let known = Arc::clone(&imports);
    let ends = AdHoc::on_shutdown("end imports", move |rocket| {
        let running = imports_of(rocket);
        running.iter().for_each(Running::end);
        // Set once: a server ends once.
        let _ = known.set(running);
        Box::pin(async {})
    });
    let (threads, all) = (settings.clone(), teams.clone());
    let server = build(settings, teams).attach(jobs::stage()).attach(started).attach(ends);
    let ran = run(&threads, server);
    // An import that is being written ends with its batch, and says so.
    imports.get().into_iter().flatten().for_each(Running::wait);
    // The jobs have ended: another server may go on with them at once.
    for context in all.all() {
        if let Err(error) = context.store.blocking().release_leases() {
            warn!(%error, "the jobs of this server could not be handed over, so others begin with them later");
        }
    }
    ran
}

/// The import of each team.
fn imports_of(server: &Rocket<Orbit>) -> Vec<Running> {
    server.state::<PerTeam<Running>>().map(|imports| imports.all().to_vec()).unwrap_or_default()
}

/// Waits until no import is being written or undone.
pub fn wait_for_import(server: &Rocket<Orbit>) {
    imports_of(server).iter().for_each(Running::wait);
}
