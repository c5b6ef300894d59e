//! Rows of the site map, mounted with their rate limits and timeouts.

use rocket::{
    Data, Request, Route,
    fairing::{AdHoc, Fairing},
    route::{Handler, Outcome},
    tokio::time,
};
use tracing::{Instrument, error};

pub use crate::routes::{auth::rate_limit::Limit, http::timeout::Timeout};
use crate::{
    context::{PerTeam, Teams},
    jobs::account_mail::AccountMail,
    routes::{
        auth::{export_limit::Exporting, proposal_limit::Proposing, rate_limit},
        http::{
            error::{Failure, deny},
            request_id, team,
        },
        pages::{import, unsent},
        render::catchers,
    },
};

/// The callers that a route accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// No sign-in is needed.
    Anyone,
    Viewer,
    Scheduler,
    Admin,
    /// The command line of this machine; 404 for all others.
    CommandLine,
    /// Any client on this machine; 404 for all others.
    SameMachine,
    /// The row has no such route.
    Never,
}

/// Routes with the same access and policy.
#[derive(Debug)]
pub struct Row {
    /// The path below which the routes are mounted.
    pub base: &'static str,
    /// Paths of the routes, below the base. Each includes the paths below it.
    pub paths: &'static str,
    pub get: Access,
    pub post: Access,
    pub limit: Limit,
    pub timeout: Timeout,
    /// The routes are also reached at host names that no team has.
    pub any_host: bool,
    pub routes: Vec<Route>,
}

pub(super) fn page(
    paths: &'static str,
    get: Access,
    post: Access,
    limit: Limit,
    timeout: Timeout,
    routes: Vec<Route>,
) -> Row {
    Row { base: "/", paths, get, post, limit, timeout, any_host: false, routes }
}

pub(super) fn api(
    paths: &'static str,
    get: Access,
    post: Access,
    limit: Limit,
    timeout: Timeout,
    routes: Vec<Route>,
) -> Row {
    Row { base: "/api", ..page(paths, get, post, limit, timeout, routes) }
}

impl Row {
    /// The same routes, also reached at host names that no team has.
    pub(super) fn at_any_host(self) -> Self {
        Self { any_host: true, ..self }
    }

    fn into_routes(self) -> Vec<Route> {
        let (limit, timeout, any_host) = (self.limit, self.timeout, self.any_host);
        let keeps_form = self.base == "/" && matches!(self.post, Access::Viewer | Access::Scheduler | Access::Admin);
        let wrap = |mut route: Route| {
            route.handler = Box::new(Policy { handler: route.handler, limit, timeout, any_host, keeps_form });
            route
        };
        self.routes.into_iter().map(wrap).collect()
    }
}

/// A handler with the rate limit and the timeout of its row, for requests to a team. Its log lines carry the request id.
#[derive(Clone)]
struct Policy {
    handler: Box<dyn Handler>,
    limit: Limit,
    timeout: Timeout,
    any_host: bool,
    /// A form of a user who is signed out is kept until they have signed in.
    keeps_form: bool,
}

#[rocket::async_trait]
impl Handler for Policy {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        if !self.any_host && team::context(request).is_none() {
            return Outcome::Error(deny(request, Failure::UnknownHost).0);
        }
        rate_limit::set(request, self.limit);
        let (span, longest) = (request_id::span(request), self.timeout.longest(request));
        let answer = async {
            let data = if self.keeps_form { unsent::keep(request, data).await } else { Err(data) };
            match data {
                Ok(answer) => answer,
                Err(data) => self.handler.handle(request, data).await,
            }
        };
        let answer = answer.instrument(span.clone());
        time::timeout(longest, answer).await.unwrap_or_else(|_| {
            span.in_scope(|| error!(timeout_s = longest.as_secs(), "the handler timed out"));
            Outcome::Error(deny(request, Failure::TimedOut).0)
        })
    }
}

pub fn stage(rows: Vec<Row>) -> impl Fairing {
    AdHoc::on_ignite("site map", |rocket| async {
        let Some(teams) = rocket.state::<Teams>().cloned() else { return rocket };
        let (exporting, proposing) = (Exporting::default(), Proposing::default());
        let rocket = rocket
            .manage(PerTeam::new(&teams, |_| import::Running::default()))
            .manage(PerTeam::new(&teams, |_| exporting.of_another_team()))
            .manage(PerTeam::new(&teams, |_| proposing.of_team(teams.all().len())))
            .manage(PerTeam::new(&teams, |_| AccountMail::default()))
            .manage(PerTeam::new(&teams, |_| unsent::UnsentForms::new(teams.all().len())));
        let rocket = rows.into_iter().fold(rocket, |rocket, row| rocket.mount(row.base, row.into_routes()));
        rocket.register("/", catchers::all())
    })
}
