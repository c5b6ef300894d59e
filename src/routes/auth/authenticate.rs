//! Authentication: the caller of a request, found once per request.

use std::sync::OnceLock;

use rocket::{Request, http::Status};
use tracing::{error, warn};

use crate::{
    config::SignIn,
    context::Context,
    domain::user::{
        Role, UserName,
        access::{Digest, Purpose},
    },
    routes::{
        auth::{
            cookies, csrf_origin,
            limiter::Client,
            rate_limit,
            state::{AuthState, form_token_of},
        },
        http::error::{Failure, deny},
    },
    secret,
    store::{
        StoreError,
        tables::accounts::{sessions, tokens},
    },
    views::layout::Who,
};

/// Path prefix of the API. API tokens are valid only there.
const API_PATH: &str = "/api/";
/// Name in the audit while sign-in is off.
const NO_SIGN_IN: &str = "local user (no sign-in)";

/// The authenticated caller of a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Name in the audit.
    pub name: String,
    pub role: Role,
    pub method: AuthMethod,
}

/// Authentication method of a request.
#[derive(Clone, Debug)]
pub enum AuthMethod {
    /// Sign-in is off.
    Open,
    Session {
        user: UserName,
        digest: Digest,
    },
    Token,
}

impl Caller {
    /// The user of a session.
    pub fn user(&self) -> Option<&UserName> {
        match &self.method {
            AuthMethod::Session { user, .. } => Some(user),
            AuthMethod::Open | AuthMethod::Token => None,
        }
    }

    pub fn session(&self) -> Option<Digest> {
        match self.method {
            AuthMethod::Session { digest, .. } => Some(digest),
            AuthMethod::Open | AuthMethod::Token => None,
        }
    }

    /// The client that rate limits count by: a user or token, or an address while sign-in is off.
    fn client(&self, request: &Request<'_>) -> Client {
        match self.method {
            AuthMethod::Open => Client::at(request.client_ip()),
            AuthMethod::Session { .. } | AuthMethod::Token => Client::Known(self.name.clone()),
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
}

fn shown<'r>(request: &'r Request<'_>) -> &'r Shown {
    request.local_cache(Shown::default)
}

/// The CSRF token of the forms in the answer.
pub fn form_token(request: &Request<'_>) -> String {
    let anonymous = || AuthState::of(request).map(|auth| auth.anonymous_form_token()).unwrap_or_default();
    shown(request).token.get().cloned().unwrap_or_else(anonymous)
}

/// The role of the caller; the lowest one for an unknown caller.
pub fn role(request: &Request<'_>) -> Role {
    shown(request).role.get().copied().unwrap_or(Role::Viewer)
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
    let Some(context) = request.rocket().state::<Context>() else { return Err(Failure::Internal) };
    if context.config.access.sign_in == SignIn::None {
        csrf_origin::check_host(request)?;
        return Ok(Some(Caller { name: NO_SIGN_IN.to_owned(), role: Role::Admin, method: AuthMethod::Open }));
    }
    let found = match bearer(request) {
        Some(token) => by_token(token, context).await,
        None => by_session(request, context).await,
    };
    found.map_err(|error| match error {
        StoreError::Busy => Failure::Overloaded,
        error => {
            error!(%error, "the caller of a request cannot be read");
            Failure::Internal
        }
    })
}

/// The API token of a request, if its path accepts one.
fn bearer<'r>(request: &'r Request<'_>) -> Option<&'r str> {
    let given = request.headers().get_one("Authorization")?.strip_prefix("Bearer ")?;
    request.uri().path().starts_with(API_PATH).then_some(given.trim())
}

async fn by_token(given: &str, context: &Context) -> Result<Option<Caller>, StoreError> {
    let (digest, now) = (Digest::of(given), context.clock.now());
    let token = context.store.run(move |store| store.read(|tx| tokens::good(tx, digest, now))).await?;
    let Some(token) = token else { return Ok(None) };
    if tokens::is_unnoted(&token, now) {
        log_unsaved_use(context.store.run(move |store| store.write(|tx| tokens::note(tx, digest, now))).await);
    }
    Ok(match token.purpose {
        Purpose::Calls(role) => {
            Some(Caller { name: format!("token {}", token.label), role, method: AuthMethod::Token })
        }
        Purpose::Feed(_) => None,
    })
}

async fn by_session(request: &Request<'_>, context: &Context) -> Result<Option<Caller>, StoreError> {
    let Some(token) = cookies::token(request, &context.config) else { return Ok(None) };
    let (digest, now, lifetime) = (Digest::of(&token), context.clock.now(), context.config.access.lifetime);
    let found = context.store.run(move |store| store.read(|tx| sessions::whose(tx, digest, lifetime, now))).await?;
    let Some((session, user)) = found else { return Ok(None) };
    if sessions::is_unnoted(&session, now) {
        log_unsaved_use(context.store.run(move |store| store.write(|tx| sessions::note(tx, digest, now))).await);
    }
    // Set once a request, here.
    let _ = shown(request).token.set(form_token_of(&token));
    let name = user.name.to_string();
    Ok(Some(Caller { name, role: user.role, method: AuthMethod::Session { user: user.name, digest } }))
}

/// Logs a failed update of the last use of a session or token. The request goes on.
fn log_unsaved_use(saved: Result<(), StoreError>) {
    if let Err(error) = saved {
        warn!(%error, "the last use of a session or token could not be saved");
    }
}

/// The address of the client, or "unknown".
pub fn address(request: &Request<'_>) -> String {
    request.client_ip().map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
}

/// True for a request that changes data.
pub fn writes(request: &Request<'_>) -> bool {
    use rocket::http::Method::{Get, Head, Options};
    !matches!(request.method(), Get | Head | Options)
}

/// True for an API request.
pub fn is_call(request: &Request<'_>) -> bool {
    request.uri().path().starts_with(API_PATH)
}

/// Counts a request of a caller against its rate limit.
pub fn count(request: &Request<'_>, caller: &Caller) -> Result<(), Failure> {
    rate_limit::count(request, &caller.client(request), writes(request))
}

/// The caller, if they have at least the needed role.
///
/// # Errors
/// The status and the error of a denied request. The error is recorded for the catcher.
pub async fn authorize(request: &Request<'_>, needed: Role) -> Result<Caller, (Status, Failure)> {
    check_role(request, needed).await.map_err(|failure| deny(request, failure))
}

async fn check_role(request: &Request<'_>, needed: Role) -> Result<Caller, Failure> {
    let Some(caller) = find(request).await? else { return Err(Failure::SignedOut) };
    if writes(request) {
        csrf_origin::check(request)?;
        check_api_token(request, caller)?;
    }
    if caller.role < needed {
        let (name, has) = (caller.name.clone(), caller.role);
        return Err(Failure::Forbidden { name, has, needed });
    }
    if !writes(request) || is_call(request) {
        count(request, caller)?;
    }
    Ok(caller.clone())
}

/// An API request that changes data needs the form token of its session. The token of a form is checked by `Posted`.
fn check_api_token(request: &Request<'_>, caller: &Caller) -> Result<(), Failure> {
    match caller.method {
        AuthMethod::Session { .. } if is_call(request) => {
            let given = request.headers().get_one("X-CSRF-Token").unwrap_or_default();
            if secret::is_same(given, &form_token(request)) { Ok(()) } else { Err(Failure::WrongToken) }
        }
        AuthMethod::Session { .. } | AuthMethod::Open | AuthMethod::Token => Ok(()),
    }
}
