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
        notification::Channel,
        user::{
            User, UserName,
            access::{Digest, Session},
            browser,
        },
    },
    notify::account,
    routes::{
        auth::{
            authenticate::{self, Caller},
            cookies,
            csrf_form::CsrfVerified,
        },
        http::{address, error::Failure, request_id::RequestId, team},
    },
    secret::SecretToken,
    services::accounts::Arrival,
};

/// Longest cookie by which a browser is known again, in characters; those that are set are shorter.
const DEVICE_CHARS_MAX: usize = 100;

/// The client of a request.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub caller: Option<Caller>,
    /// The address, for rate limits.
    pub ip: Option<IpAddr>,
    /// The address, for people.
    pub from: String,
    agent: String,
    /// The cookie by which the browser is known again.
    device: Option<String>,
    request_id: RequestId,
}

impl Visitor {
    /// The origin of a change by `who`, for the audit.
    pub fn origin(&self, who: &str, proof: CsrfVerified, context: &Context) -> Origin {
        Origin::new(who, proof.source(), &self.request_id.0, context.clock.now())
    }

    /// The session that the browser already has.
    pub fn present_session(&self) -> Option<Digest> {
        self.caller.as_ref().and_then(Caller::session)
    }

    /// The cookie by which the browser is known again; a new one if it has none.
    ///
    /// # Errors
    /// [`Failure::Secret`] if the operating system provides no random numbers.
    pub fn device(&self) -> Result<String, Failure> {
        match &self.device {
            Some(known) => Ok(known.clone()),
            None => Ok(SecretToken::new()?.as_str().to_owned()),
        }
    }

    /// This browser with a new session.
    pub fn arrival(&self, user: &User, token: &SecretToken, device: &str, context: &Context) -> Arrival {
        let browser = browser::name(&self.agent);
        let (alerts, now) = (&context.config.alerts, context.clock.now());
        let address = user.email.as_ref().filter(|_| alerts.mail.is_ok());
        let notice = address.map(|address| {
            let notification = account::new_sign_in(&context.config, &user.name, (&browser, &self.from), now);
            (Channel::Mail(address.to_string()), notification)
        });
        Arrival {
            session: self.session(&user.name, token, context),
            replaced: self.present_session(),
            device: Some(Digest::of(device)),
            notice,
        }
    }

    /// A session of this browser with a new token. The token of an earlier session is never reused, so that it cannot be
    /// planted (session fixation).
    pub fn session(&self, user: &UserName, token: &SecretToken, context: &Context) -> Session {
        let now = context.clock.now();
        let (from, agent) = (self.from.clone(), self.agent.clone());
        Session {
            digest: Digest::of(token.as_str()),
            user: user.clone(),
            started_at: now,
            seen_at: now,
            confirmed_at: now,
            is_external: false,
            from,
            agent,
        }
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Visitor {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let caller = authenticate::find(request).await.ok().flatten().cloned();
        let agent = request.headers().get_one("User-Agent").unwrap_or_default().to_owned();
        let context = team::context(request);
        let device = context.and_then(|context| cookies::DEVICE.value(request.cookies(), &context.config));
        let device = device.filter(|device| device.len() <= DEVICE_CHARS_MAX);
        let (ip, from, request_id) = (request.client_ip(), address::of(request), RequestId::of(request));
        Outcome::Success(Self { caller, ip, from, agent, device, request_id })
    }
}
