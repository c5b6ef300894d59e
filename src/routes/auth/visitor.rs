//! Guard for clients that may be signed out: the caller, if there is one, and the address.

use std::net::IpAddr;

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use crate::{
    context::Context,
    domain::{
        audit::Origin,
        user::{
            UserName,
            access::{Digest, Session},
        },
    },
    routes::{
        auth::{
            authenticate::{self, Caller},
            csrf_form::CsrfVerified,
        },
        http::request_id::RequestId,
    },
    secret::SecretToken,
};

/// The client of a request.
#[derive(Debug)]
pub struct Visitor {
    pub caller: Option<Caller>,
    /// The address, for rate limits.
    pub ip: Option<IpAddr>,
    /// The address, for people.
    pub from: String,
    agent: String,
    request_id: RequestId,
}

impl Visitor {
    /// The origin of a change by `who`, for the audit.
    pub fn origin(&self, who: &str, proof: CsrfVerified, context: &Context) -> Origin {
        let request_id = self.request_id.0.clone();
        Origin { who: who.to_owned(), source: proof.source(), request_id, at: context.clock.now() }
    }

    /// The session that the browser already has.
    pub fn present_session(&self) -> Option<Digest> {
        self.caller.as_ref().and_then(Caller::session)
    }

    /// A session of this browser with a new token. The token of an earlier session is never reused, so that it cannot be
    /// planted (session fixation).
    pub fn session(&self, user: &UserName, token: &SecretToken, context: &Context) -> Session {
        let now = context.clock.now();
        let (from, agent) = (self.from.clone(), self.agent.clone());
        Session { digest: Digest::of(token.as_str()), user: user.clone(), started_at: now, seen_at: now, from, agent }
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Visitor {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let caller = authenticate::find(request).await.ok().flatten().cloned();
        let agent = request.headers().get_one("User-Agent").unwrap_or_default().to_owned();
        let (ip, from, request_id) = (request.client_ip(), authenticate::address(request), RequestId::of(request));
        Outcome::Success(Self { caller, ip, from, agent, request_id })
    }
}
