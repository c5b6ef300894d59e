//! The team of a request, chosen by its host name.
//!
//! Rule of this file: a handler, guard or fairing gets the [`Context`] of a request here, and nowhere else; so it cannot get
//! that of another team. Requests for a host that no team has are refused before any handler runs (`site_map.rs`).
//!
//! What is kept for each team, and what for the process:
//!
//! | state | kept for |
//! |---|---|
//! | `Context`: settings, store, backups, checks, messages; with the store sessions, tokens, feeds, idempotency keys, undo, audit, counters of `/metrics` | team |
//! | `AuthState`: seed of form tokens, quotas of users and addresses | team |
//! | signatures of messages after a redirect, of a sign-in in progress and of new second factors (`secret.rs`) | team: its name is signed, too |
//! | `PageCache`, `UnsentForms`, `AccountMail`, `ProviderState`, `Running` (an import), API document (it names the zone) | team |
//! | token of the command line (`local_commands.rs`) | team: it is in the data folder of the team |
//! | callers who export, search for a proposal or listen for changes: `Exporting`, `Proposing`, `Places` | team |
//! | exports, proposals and streams at once; passwords hashed at once; backups and checks at once (`jobs/worker.rs`) | process: they bound its memory and cores |
//! | threads, connections, timeouts, request ids, the log, `/health/live` | process |
//! | free disk space | the disk of each data folder |

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use crate::{
    context::{Context, PerTeam, Teams},
    routes::http::error::{Failure, deny},
};

/// The teams of the process.
pub fn teams<'r>(request: &'r Request<'_>) -> Option<&'r Teams> {
    request.rocket().state()
}

fn index(request: &Request<'_>) -> Option<usize> {
    teams(request)?.at(request.host().map(|host| host.domain().as_str()))
}

/// The context of the team; none if no team has the host.
pub fn context<'r>(request: &'r Request<'_>) -> Option<&'r Context> {
    teams(request)?.all().get(index(request)?)
}

/// A state of the team; none if no team has the host.
pub fn state<'r, T: Send + Sync + 'static>(request: &'r Request<'_>) -> Option<&'r T> {
    request.rocket().state::<PerTeam<T>>()?.all().get(index(request)?)
}

/// The name of the team; empty for one without a name, or none.
pub fn name<'r>(request: &'r Request<'_>) -> &'r str {
    context(request).map_or("", Context::team)
}

/// What a guard found of the team of a request.
pub fn found<T>(request: &Request<'_>, found: Option<T>) -> Outcome<T, Failure> {
    match found {
        Some(found) => Outcome::Success(found),
        None => Outcome::Error(deny(request, Failure::UnknownHost)),
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for &'r Context {
    type Error = Failure;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Failure> {
        found(request, context(request))
    }
}

/// Lets handlers take a state of their team: `&T`.
macro_rules! of_team {
    ($state:ty) => {
        #[rocket::async_trait]
        impl<'r> rocket::request::FromRequest<'r> for &'r $state {
            type Error = crate::routes::http::error::Failure;

            async fn from_request(
                request: &'r rocket::Request<'_>,
            ) -> rocket::request::Outcome<Self, crate::routes::http::error::Failure> {
                crate::routes::http::team::found(request, crate::routes::http::team::state(request))
            }
        }
    };
}

pub(in crate::routes) use of_team;
