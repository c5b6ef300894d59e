//! Sign-in and sign-out.

use std::sync::Arc;

use rocket::{
    FromForm, Responder, Route, State, get,
    http::{CookieJar, Header, Status},
    post,
    response::Redirect,
    routes,
};
use tracing::info;

use crate::{
    config::SignIn,
    context::Context,
    domain::{
        change::Action,
        format,
        user::{User, UserName},
    },
    routes::{
        auth::{
            cookies,
            csrf_form::{CsrfVerified, Nothing, Posted},
            guards::{Anonymous, Viewer},
            limiter::Limited,
            rate_limit::Throttled,
            redirect_target,
            state::{Attempt, AuthState, Checked},
            visitor::Visitor,
        },
        http::{error::Failure, reply::Reply},
    },
    secret::SecretToken,
    services::accounts,
    store::{StoreError, tables},
    views::{
        FormKeys,
        auth::sign_in::{self, SignInView},
        components::alert::{FieldError, Problem},
        urls,
    },
};

/// Name in the audit for a failed sign-in.
const UNKNOWN_USER: &str = "unknown user";

pub fn routes() -> Vec<Route> {
    routes![show, submit]
}

pub fn sign_out_routes() -> Vec<Route> {
    routes![leave]
}

/// `GET /sign-in?next=`
#[get("/sign-in?<next>")]
#[expect(clippy::needless_pass_by_value, reason = "guards are given")]
pub fn show(next: Option<&str>, _client: Anonymous, visit: Visitor, keys: FormKeys) -> SignInResponse {
    let next = redirect_target::own_path(next.unwrap_or_default());
    if visit.caller.is_some() {
        return SignInResponse::SignedIn(Redirect::to(next));
    }
    let view = SignInView { keys, name: String::new(), next, problem: None };
    SignInResponse::Page(Reply::page(sign_in::page(&view)))
}

/// Fields of the sign-in form.
#[derive(Debug, FromForm)]
pub struct Fields {
    #[field(default = "")]
    name: String,
    #[field(default = "")]
    password: String,
    #[field(default = "")]
    next: String,
}

/// Response to the sign-in form.
#[derive(Debug, Responder)]
pub enum SignInResponse {
    SignedIn(Redirect),
    /// The form with its input, except the password.
    Page(Reply),
    RateLimited(Throttled<Reply>),
}

/// `POST /sign-in`
#[post("/sign-in", data = "<fields>")]
pub async fn submit(
    fields: Posted<Fields>,
    visit: Visitor,
    keys: FormKeys,
    jar: &CookieJar<'_>,
    auth: &State<Arc<AuthState>>,
    context: &State<Context>,
) -> Result<SignInResponse, Failure> {
    let (proof, Fields { name, password, next }) = (fields.proof(), fields.0);
    if context.config.access.sign_in == SignIn::None {
        return Ok(SignInResponse::SignedIn(Redirect::to(urls::HOME)));
    }
    let next = redirect_target::own_path(&next);
    let rerender = |status, problem| {
        let view = SignInView { keys, name: name.clone(), next: next.clone(), problem: Some(problem) };
        Reply::page(sign_in::page(&view)).status(status)
    };
    let missing = missing(&name, &password);
    if !missing.is_empty() {
        return Ok(SignInResponse::Page(rerender(Status::UnprocessableEntity, Problem::Fields(missing))));
    }
    match enter(&name, &password, proof, &visit, jar, auth, context).await? {
        Checked::Right => Ok(SignInResponse::SignedIn(Redirect::to(next))),
        Checked::Wrong => {
            let sentence = "Incorrect name or password.".to_owned();
            Ok(SignInResponse::Page(rerender(Status::UnprocessableEntity, Problem::Other { sentence })))
        }
        Checked::Busy => {
            let sentence = "Too many people are signing in. Try again in a moment.".to_owned();
            Ok(SignInResponse::Page(rerender(Status::ServiceUnavailable, Problem::Other { sentence })))
        }
        Checked::Limited(limited) => {
            let reply = rerender(Status::TooManyRequests, Problem::Other { sentence: too_many(limited) });
            Ok(SignInResponse::RateLimited(Throttled { reply, limited }))
        }
    }
}

pub fn too_many(limited: Limited) -> String {
    let minutes = limited.wait_s.div_ceil(60);
    format!("Too many attempts. Try again in {}.", format::count(minutes, "minute"))
}

fn missing(name: &str, password: &str) -> Vec<FieldError> {
    let mut missing = Vec::new();
    if name.trim().is_empty() {
        missing.push(FieldError { name: "name".into(), message: "Enter your name.".to_owned() });
    }
    if password.is_empty() {
        missing.push(FieldError { name: "password".into(), message: "Enter your password.".to_owned() });
    }
    missing
}

/// Checks the password and starts a session. It takes as long for an unknown name.
async fn enter(
    given_name: &str,
    password: &str,
    proof: CsrfVerified,
    visit: &Visitor,
    jar: &CookieJar<'_>,
    auth: &AuthState,
    context: &Context,
) -> Result<Checked, Failure> {
    let name: Option<UserName> = given_name.parse().ok();
    let user = find(name.clone(), context).await?;
    let attempt = Attempt {
        action: Action::SignIn,
        name: given_name,
        user: user.as_ref(),
        password,
        ip: visit.ip,
        from: &visit.from,
        origin: visit.origin(UNKNOWN_USER, proof, context),
    };
    let checked = auth.check_password(attempt, context).await?;
    let Some(user) = user.filter(|_| checked == Checked::Right) else { return Ok(checked) };
    let (token, name) = (SecretToken::new().map_err(Failure::secret)?, user.name.to_string());
    let session = visit.session(&user.name, &token, context);
    let (origin, lifetime) = (visit.origin(&name, proof, context), context.config.access.lifetime);
    let replaced = visit.present_session();
    let begun = context.store.run(move |store| accounts::sign_in(store, &user, &session, replaced, lifetime, &origin));
    if !begun.await? {
        return Ok(Checked::Wrong);
    }
    info!(who = name, from = visit.from, "signed in");
    cookies::set(jar, &token, &context.config);
    Ok(Checked::Right)
}

async fn find(name: Option<UserName>, context: &Context) -> Result<Option<User>, StoreError> {
    let Some(name) = name else { return Ok(None) };
    context.store.run(move |store| store.read(|tx| tables::accounts::users::get(tx, &name))).await
}

/// Response to a sign-out. It clears the cache of the browser, so that the next user does not see cached pages.
#[derive(Debug, Responder)]
pub struct SignOutResponse {
    to: Redirect,
    clear_cache: Header<'static>,
}

/// `POST /sign-out`
#[post("/sign-out", data = "<form>")]
pub async fn leave(
    viewer: Viewer,
    form: Posted<Nothing>,
    jar: &CookieJar<'_>,
    context: &State<Context>,
) -> Result<SignOutResponse, Failure> {
    if let Some((user, digest)) = viewer.who().user().cloned().zip(viewer.who().session()) {
        let origin = viewer.origin(form.proof(), context);
        context.store.run(move |store| accounts::leave(store, digest, &user, &origin)).await?;
    }
    cookies::remove(jar, &context.config);
    Ok(SignOutResponse { to: Redirect::to(urls::SIGN_IN), clear_cache: Header::new("Clear-Site-Data", "\"cache\"") })
}
