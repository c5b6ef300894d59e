//! Who sends a request: found once, and remembered for as long as the request lasts.

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
    routes::auth::{self, AuthState, cookies, csrf_origin, error::AuthError, rate_limit, token_of},
    store::{
        StoreError,
        tables::accounts::{sessions, tokens},
    },
    views::layout::Who,
};

/// Where calls are: tokens are good there and nowhere else.
const CALLS: &str = "/api/";
/// How the audit names somebody who did not sign in.
const NOBODY: &str = "somebody (no sign-in)";

/// Somebody who asks, as far as the server knows them.
#[derive(Clone, Debug)]
pub struct Caller {
    /// As the audit names them.
    pub name: String,
    pub role: Role,
    pub method: AuthMethod,
}

/// How somebody came in.
#[derive(Clone, Debug)]
pub enum AuthMethod {
    /// There is no sign-in.
    Open,
    Session {
        user: UserName,
        digest: Digest,
    },
    Token,
}

impl Caller {
    /// The user, for whom there is one.
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
}

/// What pages show of whoever asks.
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

/// The token of the forms on the page that a request answers with.
pub fn form_token(request: &Request<'_>) -> String {
    let anonymous = || AuthState::of(request).map(|auth| token_of(&auth.secret)).unwrap_or_default();
    shown(request).token.get().cloned().unwrap_or_else(anonymous)
}

/// What whoever asks may do, as far as that was found; least for somebody who is not known.
pub fn role(request: &Request<'_>) -> Role {
    shown(request).role.get().copied().unwrap_or(Role::Viewer)
}

/// Who is signed in, for the header of a page.
pub fn who<'r>(request: &'r Request<'_>) -> Option<&'r Who> {
    shown(request).who.get()
}

/// Who asks, as the audit names them; none while that is not known.
pub fn name<'r>(request: &'r Request<'_>) -> Option<&'r str> {
    shown(request).name.get().map(String::as_str)
}

struct Found(Result<Option<Caller>, AuthError>);

/// Who sends a request; none if nobody is signed in.
///
/// # Errors
/// [`AuthError::Fault`] if the store cannot tell, [`AuthError::Overloaded`] if too many ask it, [`AuthError::Host`] if the request is for another server.
pub async fn find<'r>(request: &'r Request<'_>) -> Result<Option<&'r Caller>, AuthError> {
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

async fn look(request: &Request<'_>) -> Result<Option<Caller>, AuthError> {
    let Some(context) = request.rocket().state::<Context>() else { return Err(AuthError::Fault) };
    if context.config.access.sign_in == SignIn::None {
        csrf_origin::check_host(request)?;
        return Ok(Some(Caller { name: NOBODY.to_owned(), role: Role::Admin, method: AuthMethod::Open }));
    }
    let found = match bearer(request) {
        Some(word) => by_token(word, context).await,
        None => by_session(request, context).await,
    };
    found.map_err(|error| match error {
        StoreError::Busy => AuthError::Overloaded,
        error => {
            error!(%error, "who asks cannot be told");
            AuthError::Fault
        }
    })
}

/// The word of an API token, where one is good.
fn bearer<'r>(request: &'r Request<'_>) -> Option<&'r str> {
    let given = request.headers().get_one("Authorization")?.strip_prefix("Bearer ")?;
    request.uri().path().starts_with(CALLS).then_some(given.trim())
}

async fn by_token(word: &str, context: &Context) -> Result<Option<Caller>, StoreError> {
    let (digest, now) = (Digest::of(word), context.clock.now());
    let token = context.store.run(move |store| store.read(|view| tokens::good(view, digest, now))).await?;
    let Some(token) = token else { return Ok(None) };
    if tokens::is_unnoted(&token, now) {
        note(context.store.run(move |store| store.write(|tx| tokens::note(tx, digest, now))).await);
    }
    Ok(match token.purpose {
        Purpose::Calls(role) => {
            Some(Caller { name: format!("token {}", token.label), role, method: AuthMethod::Token })
        }
        Purpose::Feed(_) => None,
    })
}

async fn by_session(request: &Request<'_>, context: &Context) -> Result<Option<Caller>, StoreError> {
    let Some(word) = cookies::word(request, &context.config) else { return Ok(None) };
    let (digest, now, lifetime) = (Digest::of(&word), context.clock.now(), context.config.access.lifetime);
    let found = context.store.run(move |store| store.read(|view| sessions::whose(view, digest, lifetime, now))).await?;
    let Some((session, user)) = found else { return Ok(None) };
    if sessions::is_unnoted(&session, now) {
        note(context.store.run(move |store| store.write(|tx| sessions::note(tx, digest, now))).await);
    }
    // Set once a request, here.
    let _ = shown(request).token.set(token_of(&word));
    let name = user.name.to_string();
    Ok(Some(Caller { name, role: user.role, method: AuthMethod::Session { user: user.name, digest } }))
}

/// That a session or token is used is worth a note, not a refusal.
fn note(noted: Result<(), StoreError>) {
    if let Err(error) = noted {
        warn!(%error, "the use of a session or token could not be noted");
    }
}

/// The address that a request came from, as far as it is known.
pub fn address(request: &Request<'_>) -> String {
    request.client_ip().map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
}

/// Whether a request changes something.
pub fn writes(request: &Request<'_>) -> bool {
    use rocket::http::Method::{Get, Head, Options};
    !matches!(request.method(), Get | Head | Options)
}

/// Whether a request is a call.
pub fn is_call(request: &Request<'_>) -> bool {
    request.uri().path().starts_with(CALLS)
}

/// What a right that is asked for leads to.
pub async fn authorize(request: &Request<'_>, needed: Role) -> Result<Caller, (Status, AuthError)> {
    let admitted = authorize_once(request, needed).await;
    admitted.map_err(|denied| {
        auth::error::remember(request, denied.clone());
        (denied.status(), denied)
    })
}

async fn authorize_once(request: &Request<'_>, needed: Role) -> Result<Caller, AuthError> {
    let Some(caller) = find(request).await? else { return Err(AuthError::SignedOut) };
    if writes(request) {
        csrf_origin::check(request)?;
        check_call(request, caller)?;
    }
    if caller.role < needed {
        let (name, has) = (caller.name.clone(), caller.role);
        return Err(AuthError::Role { name, has, needed });
    }
    if !writes(request) || is_call(request) {
        rate_limit::count(request, caller)?;
    }
    Ok(caller.clone())
}

/// A call that changes something from a session needs the session's token. A form is checked by `Posted`.
fn check_call(request: &Request<'_>, caller: &Caller) -> Result<(), AuthError> {
    match caller.method {
        AuthMethod::Session { .. } if is_call(request) => {
            let given = request.headers().get_one("X-CSRF-Token").unwrap_or_default();
            if crate::secret::is_same(given, &form_token(request)) { Ok(()) } else { Err(AuthError::Token) }
        }
        AuthMethod::Session { .. } | AuthMethod::Open | AuthMethod::Token => Ok(()),
    }
}
