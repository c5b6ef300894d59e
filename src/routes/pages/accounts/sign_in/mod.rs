//! Sign-in and sign-out.

mod code;
pub(crate) mod forgotten;
pub(crate) mod one_time_link;
pub(crate) mod provider;

use rocket::{
    FromForm, Responder, Route, get,
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
        audit::Action,
        format,
        user::{User, UserName},
    },
    routes::{
        auth::{
            Anonymous, Nothing, Posted, Viewer,
            authenticate::AuthMethod,
            cookies,
            csrf_form::CsrfVerified,
            redirect_target,
            state::{Attempt, AuthState, Checked},
            visitor::Visitor,
        },
        http::{
            error::{Failure, Limited},
            form_text::Text,
        },
        pages::accounts::sign_in::provider::ProviderState,
        render::{Flashed, FormResponse, Refused, Reply},
    },
    secret::SecretToken,
    services::accounts,
    store::{StoreError, tables},
    views::{
        FormKeys,
        auth::sign_in::{self, CodeView, SignInView},
        components::alert::{FieldError, Problem},
        urls,
    },
};

/// Name in the audit for a failed sign-in.
pub(super) const UNKNOWN_USER: &str = "unknown user";

pub fn routes() -> Vec<Route> {
    routes![show, submit, code::submit, provider::begin, provider::finish]
}

pub fn sign_out_routes() -> Vec<Route> {
    routes![leave]
}

/// `GET /sign-in?next=`
#[get("/sign-in?<next>")]
#[expect(clippy::needless_pass_by_value, reason = "guards are given")]
pub fn show(
    next: Option<&str>,
    _client: Anonymous,
    visit: Visitor,
    flash: Flashed,
    keys: FormKeys,
    context: &Context,
) -> FormResponse {
    let next = redirect_target::own_path(next.unwrap_or_default());
    if visit.caller.is_some() {
        return FormResponse::Next(Redirect::to(next));
    }
    let view = SignInView { next, ..empty(keys, context) };
    FormResponse::Page(Reply::page(sign_in::page(&view).with_message(flash.0)))
}

pub(super) fn empty(keys: FormKeys, context: &Context) -> SignInView {
    SignInView {
        keys,
        name: String::new(),
        next: String::new(),
        sends_links: sends_links(context),
        has_passwords: context.config.local_passwords,
        provider: context.config.provider.as_ref().map(|provider| provider.label.clone()),
        problem: None,
    }
}

/// Whether a user who forgot their password gets a link by mail.
pub(super) fn sends_links(context: &Context) -> bool {
    let config = &context.config;
    config.access.sign_in == SignIn::Password && config.local_passwords && config.alerts.mail.is_ok()
}

#[derive(Debug, FromForm)]
pub struct Fields {
    name: Text,
    password: Text,
    next: Text,
}

#[post("/sign-in", data = "<fields>")]
pub async fn submit(
    fields: Posted<Fields>,
    visit: Visitor,
    keys: FormKeys,
    jar: &CookieJar<'_>,
    auth: &AuthState,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (proof, Fields { name: Text(name), password, next }) = (fields.proof(), fields.0);
    if context.config.access.sign_in == SignIn::None {
        return Ok(FormResponse::Next(Redirect::to(urls::HOME)));
    }
    let next = redirect_target::own_path(&next);
    let signed_in = async {
        if !context.config.local_passwords {
            return Err(Refused::sentence("Passwords are not used here. Sign in through the provider."));
        }
        let missing = missing(&name, &password);
        if !missing.is_empty() {
            return Err(missing.into());
        }
        let wrong = || Refused::sentence("Incorrect name or password.");
        let user = match check(&name, &password, proof, &visit, auth, context).await? {
            (Checked::Right, Some(user)) => user,
            (Checked::Right, None) | (Checked::Wrong, _) => return Err(wrong()),
            (Checked::Busy, _) => {
                let sentence = "Too many people are signing in. Try again in a moment.".to_owned();
                return Err(Refused::form(Problem::Other { sentence }, Status::ServiceUnavailable));
            }
            (Checked::Limited(exhausted), _) => return Err(limited(exhausted)),
        };
        if user.second_factor.is_some() {
            let (ticket, next) = (code::ticket(&user, context), next.clone());
            let view = CodeView { ticket, keys: keys.clone(), next, problem: None };
            return Ok(FormResponse::Page(Reply::page(sign_in::code_page(&view))));
        }
        let has_begun = begin(&user, &visit, proof, jar, context).await?;
        if has_begun { Ok(FormResponse::Next(Redirect::to(next.clone()))) } else { Err(wrong()) }
    };
    FormResponse::of(signed_in.await, |problem| {
        let view = SignInView { name, next, problem: Some(problem), ..empty(keys, context) };
        Ok(sign_in::page(&view))
    })
}

/// The refusal of a sign-in after too many attempts.
fn limited(limited: Limited) -> Refused {
    Refused::limited(Problem::Other { sentence: too_many(limited) }, limited)
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

/// Checks the password. It takes as long for an unknown name.
async fn check(
    given_name: &str,
    password: &str,
    proof: CsrfVerified,
    visit: &Visitor,
    auth: &AuthState,
    context: &Context,
) -> Result<(Checked, Option<User>), Failure> {
    let name: Option<UserName> = given_name.parse().ok();
    let user = find(name.clone(), context).await?;
    let attempt = Attempt {
        action: Action::SignIn,
        name: given_name,
        user: user.as_ref(),
        given: password,
        ip: visit.ip,
        from: &visit.from,
        origin: visit.origin(UNKNOWN_USER, proof, context),
    };
    Ok((auth.check_password(attempt, context).await?, user))
}

/// Begins a session for a user whose password and code were right. Returns false if the user was changed or disabled
/// meanwhile.
pub(super) async fn begin(
    user: &User,
    visit: &Visitor,
    proof: CsrfVerified,
    jar: &CookieJar<'_>,
    context: &Context,
) -> Result<bool, Failure> {
    let user = user.clone();
    let (token, name) = (SecretToken::new()?, user.name.to_string());
    let device = visit.device()?;
    let arrival = visit.arrival(&user, &token, &device, context);
    let (origin, lifetime) = (visit.origin(&name, proof, context), context.config.access.lifetime);
    let begun = context.store.run(move |store| accounts::sign_in(store, &user, &arrival, lifetime, &origin));
    if !begun.await? {
        return Ok(false);
    }
    info!(who = name, from = visit.from, "signed in");
    cookies::set_session(jar, token.as_str(), &context.config);
    cookies::set_device(jar, device, &context.config);
    // There may be a notice about a new browser.
    context.watch.wake.notify_one();
    Ok(true)
}

pub(super) async fn find(name: Option<UserName>, context: &Context) -> Result<Option<User>, StoreError> {
    let Some(name) = name else { return Ok(None) };
    context.read(move |tx| tables::accounts::users::get(tx, &name)).await
}

/// Response to a sign-out. It clears the cache of the browser, so that the next user does not see cached pages.
#[derive(Debug, Responder)]
pub enum SignOutResponse {
    Here(Redirect, Header<'static>),
    /// A page that leads on to the provider, where the user signs out as well. A redirect would be refused: forms may lead
    /// only to this server.
    Provider(Reply, Header<'static>, Header<'static>),
}

#[post("/sign-out", data = "<form>")]
pub async fn leave(
    viewer: Viewer,
    form: Posted<Nothing>,
    jar: &CookieJar<'_>,
    provider: &ProviderState,
    context: &Context,
) -> Result<SignOutResponse, Failure> {
    if let Some((user, digest)) = viewer.who().user().cloned().zip(viewer.who().session()) {
        let origin = viewer.origin(form.proof(), context);
        context.store.run(move |store| accounts::leave(store, digest, &user, &origin)).await?;
    }
    cookies::SESSION.remove(jar, &context.config);
    cookies::UNSENT.remove(jar, &context.config);
    let clear_cache = Header::new("Clear-Site-Data", "\"cache\"");
    let is_external = matches!(viewer.who().method, AuthMethod::Session { is_external: true, .. });
    let url = if is_external { provider.logout(context).await } else { None };
    Ok(match (url, &context.config.provider) {
        (Some(url), Some(settings)) => {
            let page = sign_in::signed_out_page(&url, &settings.label);
            SignOutResponse::Provider(Reply::page(page), clear_cache, Header::new("Refresh", format!("0; url={url}")))
        }
        _ => SignOutResponse::Here(Redirect::to(urls::SIGN_IN), clear_cache),
    })
}
