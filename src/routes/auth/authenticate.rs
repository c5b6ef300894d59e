//! Authentication: the caller of a request, found once per request.

use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};
use rocket::{Request, http::Status};
use tracing::{error, warn};

use crate::{
    config::SignIn,
    context::Context,
    domain::user::{
        Role, UserName,
        access::{CONFIRMED_MINUTES, Digest, Purpose, Session},
    },
    routes::{
        auth::{
            cookies, csrf_origin,
            limiter::Client,
            rate_limit,
            state::{AuthState, form_token_of},
        },
        http::{
            error::{Failure, deny},
            team,
        },
    },
    secret,
    store::{
        StoreError,
        tables::accounts::{sessions, tokens},
    },
    views::{components::layout::Who, urls},
};

/// Path prefix of the API. API tokens are valid only there.
const API_PATH: &str = "/api/";
/// Name in the audit while sign-in is off.
const NO_SIGN_IN: &str = "local user (no sign-in)";

#[derive(Clone, Debug)]
pub struct Caller {
    pub name: String,
    pub role: Role,
    pub method: AuthMethod,
}

#[derive(Clone, Debug)]
pub enum AuthMethod {
    /// Sign-in is off.
    Open,
    Session {
        user: UserName,
        digest: Digest,
        /// When the user last gave their password or a code in this session.
        confirmed_at: DateTime<Utc>,
        /// Begun through a sign-in provider.
        is_external: bool,
        /// The role of the user requires a second factor, and they have none yet.
        needs_second_factor: bool,
    },
    Token(Digest),
}

impl Caller {
    pub fn user(&self) -> Option<&UserName> {
        if let AuthMethod::Session { user, .. } = &self.method { Some(user) } else { None }
    }

    pub fn session(&self) -> Option<Digest> {
        if let AuthMethod::Session { digest, .. } = self.method { Some(digest) } else { None }
    }

    /// The API token of the caller.
    pub fn token(&self) -> Option<Digest> {
        if let AuthMethod::Token(digest) = self.method { Some(digest) } else { None }
    }

    /// True if a sensitive action needs no password: it was given a short while ago, or there is none to give.
    pub fn is_confirmed(&self, now: DateTime<Utc>) -> bool {
        match self.method {
            AuthMethod::Session { confirmed_at, .. } => now < confirmed_at + TimeDelta::minutes(CONFIRMED_MINUTES),
            AuthMethod::Open | AuthMethod::Token(_) => true,
        }
    }

    /// The client that rate limits count by: a user or token, or an address while sign-in is off.
    fn client(&self, request: &Request<'_>) -> Client {
        match self.method {
            AuthMethod::Open => Client::at(request.client_ip()),
            AuthMethod::Session { .. } => Client::Known(self.name.clone()),
            // Two tokens may have the same label.
            AuthMethod::Token(digest) => Client::Token(digest),
        }
    }
}

/// Facts about the caller that pages and log lines show.
#[derive(Debug, Default)]
struct Shown {
    token: OnceLock<String>,
    role: OnceLock<Role>,
    who: OnceLock<Who>,
    name: OnceLock<String>,
    /// Set if a sensitive action needs the password of the user again.
    unconfirmed: OnceLock<()>,
}

fn shown<'r>(request: &'r Request<'_>) -> &'r Shown {
    request.local_cache(Shown::default)
}

/// The CSRF token of the forms in the answer.
pub fn form_token(request: &Request<'_>) -> String {
    let anonymous = || AuthState::of(request).map(AuthState::anonymous_form_token).unwrap_or_default();
    shown(request).token.get().cloned().unwrap_or_else(anonymous)
}

/// The role of the caller; the lowest one for an unknown caller.
pub fn role(request: &Request<'_>) -> Role {
    shown(request).role.get().copied().unwrap_or(Role::Viewer)
}

/// True if a sensitive action of this caller needs their password again.
pub fn is_unconfirmed(request: &Request<'_>) -> bool {
    shown(request).unconfirmed.get().is_some()
}

/// The signed-in user, for the header of a page.
pub fn who<'r>(request: &'r Request<'_>) -> Option<&'r Who> {
    shown(request).who.get()
}

/// Name of the caller in the audit; none for an unknown caller.
pub fn name<'r>(request: &'r Request<'_>) -> Option<&'r str> {
    shown(request).name.get().map(String::as_str)
}

struct Found(Result<Option<Caller>, Failure>);

/// The caller of a request; none if signed out.
///
/// # Errors
/// [`Failure::Internal`] if the store cannot be read, [`Failure::Overloaded`] if too many requests use it,
/// [`Failure::WrongHost`] if the request is for another server.
pub async fn find<'r>(request: &'r Request<'_>) -> Result<Option<&'r Caller>, Failure> {
    let found = request
        .local_cache_async(async {
            let found = look(request).await;
            if let Ok(Some(caller)) = &found {
                // Set once a request, here.
                let _ = shown(request).role.set(caller.role);
                let _ = shown(request).name.set(caller.name.clone());
                let now = team::context(request).map(|context| context.clock.now());
                if now.is_some_and(|now| !caller.is_confirmed(now)) {
                    let _ = shown(request).unconfirmed.set(());
                }
                if let AuthMethod::Session { user, .. } = &caller.method {
                    let _ = shown(request).who.set(Who { name: user.to_string(), role: caller.role });
                }
            }
            Found(found)
        })
        .await;
    found.0.as_ref().map(Option::as_ref).map_err(Clone::clone)
}

async fn look(request: &Request<'_>) -> Result<Option<Caller>, Failure> {
    let Some(context) = team::context(request) else { return Err(Failure::Internal) };
    if context.config.access.sign_in == SignIn::None {
        csrf_origin::check_host(request)?;
        return Ok(Some(Caller { name: NO_SIGN_IN.to_owned(), role: Role::Admin, method: AuthMethod::Open }));
    }
    let found = match bearer(request) {
        Some(token) => by_token(token, context).await,
        None => by_session(request, context).await,
    };
    found.map_err(|error| {
        if !matches!(error, StoreError::Busy) {
            error!(%error, "the caller of a request cannot be read");
        }
        error.into()
    })
}

/// The API token of a request, if its path accepts one.
fn bearer<'r>(request: &'r Request<'_>) -> Option<&'r str> {
    let given = request.headers().get_one("Authorization")?.strip_prefix("Bearer ")?;
    is_call(request).then_some(given.trim())
}

async fn by_token(given: &str, context: &Context) -> Result<Option<Caller>, StoreError> {
    let (digest, now) = (Digest::of(given), context.clock.now());
    let token = context.read(move |tx| tokens::good(tx, digest, now)).await?;
    let Some(token) = token else { return Ok(None) };
    if tokens::is_unnoted(&token, now) {
        log_unsaved_use(context.write(move |tx| tokens::note(tx, digest, now)).await);
    }
    Ok(match token.purpose {
        Purpose::Calls(scope) => {
            let (name, method) = (format!("token {}", token.label), AuthMethod::Token(digest));
            Some(Caller { name, role: scope.role(), method })
        }
        Purpose::Feed(_) => None,
    })
}

async fn by_session(request: &Request<'_>, context: &Context) -> Result<Option<Caller>, StoreError> {
    let Some(token) = cookies::SESSION.value(request.cookies(), &context.config) else { return Ok(None) };
    let (digest, now, lifetime) = (Digest::of(&token), context.clock.now(), context.config.access.lifetime);
    let found = context.read(move |tx| sessions::whose(tx, digest, lifetime, now)).await?;
    let Some((session, user)) = found else { return Ok(None) };
    if sessions::is_unnoted(&session, now) {
        log_unsaved_use(context.write(move |tx| sessions::note(tx, digest, now)).await);
    }
    // Set once a request, here.
    let _ = shown(request).token.set(form_token_of(&token));
    let name = user.name.to_string();
    // The second factor of users of a sign-in provider is the provider's matter.
    let needs_second_factor = user.second_factor.is_none()
        && !session.is_external
        && context.config.access.second_factor.is_required(user.role);
    let (user, role) = (user.name, user.role);
    let Session { confirmed_at, is_external, .. } = session;
    let method = AuthMethod::Session { user, digest, confirmed_at, is_external, needs_second_factor };
    Ok(Some(Caller { name, role, method }))
}

/// Logs a failed update of the last use of a session or token. The request goes on.
fn log_unsaved_use(saved: Result<(), StoreError>) {
    if let Err(error) = saved {
        warn!(%error, "the last use of a session or token could not be saved");
    }
}

/// True for a request that changes data.
pub fn writes(request: &Request<'_>) -> bool {
    use rocket::http::Method::{Get, Head, Options};
    !matches!(request.method(), Get | Head | Options)
}

pub fn is_call(request: &Request<'_>) -> bool {
    route_path(request).starts_with(API_PATH)
}

/// The path of the route that a request takes, or of the request if no route has its path. The request may write the path
/// in other ways: `/%61pi/trade` takes the route `/api/trade`.
fn route_path<'r>(request: &'r Request<'_>) -> &'r str {
    request.route().map_or_else(|| request.uri().path().as_str(), |route| route.uri.path())
}

/// Counts a request of a caller against its rate limit.
pub fn count(request: &Request<'_>, caller: &Caller) -> Result<(), Failure> {
    rate_limit::count(request, &caller.client(request), writes(request))
}

/// Counts a request that reached no handler, unless a guard has counted it.
pub async fn count_uncounted(request: &Request<'_>) -> Result<(), Failure> {
    let client = match find(request).await {
        Ok(Some(caller)) => caller.client(request),
        Ok(None) | Err(_) => Client::at(request.client_ip()),
    };
    rate_limit::count_uncounted(request, &client)
}

/// The caller, if they have at least the needed role.
///
/// # Errors
/// The status and the error of a denied request. The error is recorded for the catcher.
pub async fn authorize(request: &Request<'_>, needed: Role) -> Result<Caller, (Status, Failure)> {
    check_role(request, needed).await.map_err(|failure| deny(request, failure))
}

async fn check_role(request: &Request<'_>, needed: Role) -> Result<Caller, Failure> {
    let Some(caller) = find(request).await? else {
        rate_limit::count_signed_out(request)?;
        return Err(Failure::SignedOut);
    };
    // A form is counted when it is read, so that what was typed is kept.
    if !writes(request) || is_call(request) {
        count(request, caller)?;
    }
    if writes(request) {
        csrf_origin::check(request)?;
        check_api_token(request, caller)?;
    }
    if let AuthMethod::Session { needs_second_factor: true, .. } = caller.method
        && !is_open_without_second_factor(route_path(request))
    {
        return Err(Failure::NoSecondFactor);
    }
    if caller.role < needed {
        let (name, has, is_token) = (caller.name.clone(), caller.role, matches!(caller.method, AuthMethod::Token(_)));
        return Err(Failure::Forbidden { name, has, needed, is_token });
    }
    Ok(caller.clone())
}

/// The pages for a user who must set up a second factor first.
fn is_open_without_second_factor(path: &str) -> bool {
    path.starts_with(urls::SECOND_FACTOR) || path == urls::SIGN_OUT
}

/// An API request that changes data needs the form token of its session. The token of a form is checked by `Posted`.
fn check_api_token(request: &Request<'_>, caller: &Caller) -> Result<(), Failure> {
    match caller.method {
        AuthMethod::Session { .. } if is_call(request) => {
            let given = request.headers().get_one("X-CSRF-Token").unwrap_or_default();
            if secret::is_same(given, &form_token(request)) { Ok(()) } else { Err(Failure::WrongToken) }
        }
        AuthMethod::Session { .. } | AuthMethod::Open | AuthMethod::Token(_) => Ok(()),
    }
}
