//! Composition: settings, clock and store become a server.

use std::net::SocketAddr;

use rocket::{Build, Rocket, fairing::AdHoc};

use crate::{
    config::{ConfigError, ServerSettings},
    context::Context,
    jobs,
    routes::{self, http, pages},
};

/// The server, ready to launch.
pub fn build(settings: ServerSettings, context: Context) -> Rocket<Build> {
    rocket::custom(settings)
        .manage(context)
        .attach(http::request_id::stage())
        .attach(http::headers::stage())
        .attach(routes::auth::stage())
        .attach(http::compression::stage())
        .attach(http::cached_page::stage())
        .attach(routes::site_map::stage())
        .attach(pages::live::stage())
        .attach(routes::api::stage())
        .attach(routes::local_commands::stage())
}

/// Where the server will listen.
///
/// # Errors
/// If Rocket's own settings cannot be used.
pub fn address(settings: &ServerSettings) -> Result<SocketAddr, ConfigError> {
    let config: rocket::Config = settings.extract().map_err(|error| ConfigError::Unreadable(error.to_string()))?;
    Ok(SocketAddr::new(config.address, config.port))
}

/// Serves until it is told to stop; then requests in flight are finished. `started` runs once it listens, and
/// is told where.
///
/// # Errors
/// A sentence, if it cannot start or did not stop in order.
pub fn serve(
    settings: ServerSettings,
    context: Context,
    started: impl FnOnce(SocketAddr) + Send + Sync + 'static,
) -> Result<(), String> {
    let started = AdHoc::on_liftoff("say so", |rocket| {
        let address = SocketAddr::new(rocket.config().address, rocket.config().port);
        Box::pin(async move {
            routes::local_commands::announce(rocket);
            started(address);
        })
    });
    rocket::execute(async { build(settings, context).attach(jobs::stage()).attach(started).launch().await })
        .map(drop)
        .map_err(|error| format!("the server cannot run: {error}"))
}
