//! Handlers whose log lines, wherever they are written, name the request.

use rocket::{
    Data, Request, Route,
    route::{Handler, Outcome},
};
use tracing::Instrument;

use super::request_id::RequestId;

#[derive(Clone)]
struct Traced(Box<dyn Handler>);

#[rocket::async_trait]
impl Handler for Traced {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let span = RequestId::of(request).span();
        self.0.handle(request, data).instrument(span).await
    }
}

/// The same routes; their guards, handlers and answers run within the request's span.
pub fn traced(routes: Vec<Route>) -> Vec<Route> {
    let traced = |mut route: Route| {
        route.handler = Box::new(Traced(route.handler));
        route
    };
    routes.into_iter().map(traced).collect()
}
