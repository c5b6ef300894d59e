//! Account page of the signed-in user: password, e-mail address and sessions.

mod second_factor;

use chrono_tz::Tz;
use rocket::{
    FromForm, Responder, Route, State, get,
    http::{CookieJar, Status},
    post,
    request::FlashMessage,
    response::{Flash, Redirect},
    routes,
};

use crate::{
    context::Context,
    domain::{
        audit::{Action, Origin},
        email::{Email, EmailError},
        format,
        user::{
            UserName,
            access::{AdminCommand, Digest, Session},
        },
    },
    routes::{
        auth::{
            cookies,
            csrf_form::{CsrfVerified, Posted},
            guards::Viewer,
            rate_limit::Throttled,
            state::{Attempt, AuthState, Checked},
            visitor::Visitor,
        },
        http::error::Failure,
        pages::accounts::{
            confirm::SensitiveRequest,
            new_password::{self, PasswordPair},
            sign_in, user_record,
        },
        render::{flash, reply::Reply},
    },
    secret::SecretToken,
    services::accounts::{self, AccessError},
    views::{
        FormKeys,
        auth::account::{self, AccountView, SessionView},
        components::alert::{FieldError, Problem},
        urls,
    },
};

pub fn routes() -> Vec<Route> {
    routes![
        show,
        password,
        end_sessions,
        set_email,
        second_factor::show,
        second_factor::set_up,
        second_factor::new_codes,
        second_factor::turn_off
    ]
}

pub(super) fn user_of(viewer: &Viewer) -> Result<UserName, Failure> {
    let none = || Failure::NotFound("There are no accounts: this server runs without sign-in.".to_owned());
    viewer.who().user().cloned().ok_or_else(none)
}

/// `GET /account`
#[get("/account")]
pub async fn show(
    viewer: Viewer,
    flash: Option<FlashMessage<'_>>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let (name, own) = (user_of(&viewer)?, viewer.who().session());
    let view = load(name, own, keys, None, context).await?;
    let message = flash.and_then(|flash| flash::message_in(&flash));
    Ok(Reply::page(account::page(&view).with_message(message)))
}

async fn load(
    name: UserName,
    own: Option<Digest>,
    keys: FormKeys,
    problem: Option<Problem>,
    context: &Context,
) -> Result<AccountView, Failure> {
    let zone = context.config.zone;
    let (user, sessions) = context.store.run(move |store| user_record::read(store, &name)).await?;
    let sessions = sessions.iter().map(|session| session_view(session, own, zone)).collect();
    Ok(AccountView {
        keys,
        has_password: user.password.is_some(),
        has_local_passwords: context.config.local_passwords,
        has_second_factor: user.second_factor.is_some(),
        email: user.email.map(String::from).unwrap_or_default(),
        name: user.name,
        role: user.role,
        sessions,
        problem,
    })
}

pub fn session_view(session: &Session, own: Option<Digest>, zone: Tz) -> SessionView {
    SessionView {
        id: session.digest.short(),
        started: session.started_at.with_timezone(&zone).naive_local(),
        seen: session.seen_at.with_timezone(&zone).naive_local(),
        from: session.from.clone(),
        agent: session.agent.clone(),
        is_own: Some(session.digest) == own,
    }
}

/// The fields of a new password.
#[derive(Debug, FromForm)]
pub struct PasswordFields {
    #[field(default = "")]
    current: String,
    #[field(default = "")]
    password: String,
    #[field(default = "")]
    again: String,
}

/// Response to the password form.
#[derive(Debug, Responder)]
pub enum PasswordResponse {
    Done(Flash<Redirect>),
    Page(Reply),
    RateLimited(Throttled<Reply>),
}

/// `POST /account/password`: also ends every other session of the user.
#[post("/account/password", data = "<fields>")]
pub async fn password(
    viewer: Viewer,
    fields: Posted<PasswordFields>,
    request: SensitiveRequest<'_>,
    jar: &CookieJar<'_>,
) -> Result<PasswordResponse, Failure> {
    let (proof, fields) = (fields.proof(), fields.0);
    let SensitiveRequest { visit, keys, auth, context } = request;
    let (name, own) = (user_of(&viewer)?, viewer.who().session());
    if !context.config.local_passwords {
        return Err(Failure::NotFound("Passwords are not used here.".to_owned()));
    }
    let pair = PasswordPair { password: &fields.password, again: &fields.again };
    let rerender = async |status, problem| {
        let view = load(name.clone(), own, keys.clone(), Some(problem), context).await?;
        Ok::<_, Failure>(Reply::page(account::page(&view)).status(status))
    };
    let origin = viewer.origin(proof, context);
    match check_current(&name, &fields.current, &visit, origin, auth, context).await? {
        Checked::Right => {}
        Checked::Wrong => {
            let message = "That is not your current password.".to_owned();
            let problem = Problem::Fields(vec![FieldError { name: "current".into(), message }]);
            return Ok(PasswordResponse::Page(rerender(Status::UnprocessableEntity, problem).await?));
        }
        Checked::Busy => return Err(Failure::Busy),
        Checked::Limited(limited) => {
            let problem = Problem::Other { sentence: sign_in::too_many(limited) };
            let reply = rerender(Status::TooManyRequests, problem).await?;
            return Ok(PasswordResponse::RateLimited(Throttled { reply, limited: Some(limited) }));
        }
    }
    let password = match new_password::choose(&pair, &name, auth).await? {
        Ok(password) => password,
        Err(errors) => {
            return Ok(PasswordResponse::Page(rerender(Status::UnprocessableEntity, Problem::Fields(errors)).await?));
        }
    };
    let command = AdminCommand::SetPassword { name: name.clone(), password, keep: own };
    execute(command, proof, &viewer, context).await?;
    rotate(&name, own, &visit, jar, context).await?;
    Ok(PasswordResponse::Done(flash::flash_redirect(
        "Your password was changed. All other browsers are signed out.",
        urls::ACCOUNT,
    )))
}

/// Replaces the session of this browser by one with a new token.
async fn rotate(
    name: &UserName,
    own: Option<Digest>,
    visit: &Visitor,
    jar: &CookieJar<'_>,
    context: &Context,
) -> Result<(), Failure> {
    let Some(own) = own else { return Ok(()) };
    let token = SecretToken::new().map_err(Failure::secret)?;
    let (session, lifetime) = (visit.session(name, &token, context), context.config.access.lifetime);
    context.store.run(move |store| accounts::rotate(store, own, &session, lifetime)).await?;
    cookies::set(jar, &token, &context.config);
    Ok(())
}

/// Requires the current password, so that an unattended browser cannot be used to lock out its owner. A user without a
/// password needs none.
async fn check_current(
    name: &UserName,
    current: &str,
    visit: &Visitor,
    origin: Origin,
    auth: &AuthState,
    context: &Context,
) -> Result<Checked, Failure> {
    let wanted = name.clone();
    let (user, _) = context.store.run(move |store| user_record::read(store, &wanted)).await?;
    if user.password.is_none() {
        return Ok(Checked::Right);
    }
    let attempt = Attempt {
        action: Action::SetPassword,
        name: name.as_str(),
        user: Some(&user),
        given: current,
        ip: visit.ip,
        from: &visit.from,
        origin,
    };
    Ok(auth.check_password(attempt, context).await?)
}

/// The fields of the e-mail address.
#[derive(Debug, FromForm)]
pub struct EmailFields {
    #[field(default = "")]
    email: String,
    #[field(default = "")]
    confirm: String,
}

/// `POST /account/email`: the address for messages about the account; a blank one removes it. A forgotten password is sent
/// there, so it needs a confirmed session.
#[post("/account/email", data = "<fields>")]
pub async fn set_email(
    viewer: Viewer,
    fields: Posted<EmailFields>,
    request: SensitiveRequest<'_>,
) -> Result<PasswordResponse, Failure> {
    let (proof, fields) = (fields.proof(), fields.0);
    let (name, own) = (user_of(&viewer)?, viewer.who().session());
    let rerender = async |problem| {
        let view = load(name.clone(), own, request.keys.clone(), Some(problem), request.context).await?;
        let page = account::page(&AccountView { email: fields.email.clone(), ..view });
        Ok::<_, Failure>(Reply::page(page).status(Status::UnprocessableEntity))
    };
    let email = match parse_email(&fields.email) {
        Ok(email) => email,
        Err(problem) => return Ok(PasswordResponse::Page(rerender(problem).await?)),
    };
    let given = ("email", fields.confirm.as_str());
    if let Err(unconfirmed) = request.confirm(Action::ChangeUser, given, proof).await? {
        let reply = rerender(unconfirmed.problem.clone()).await?;
        return Ok(PasswordResponse::RateLimited(unconfirmed.reply(reply)));
    }
    execute(AdminCommand::SetEmail { name: name.clone(), email }, proof, &viewer, request.context).await?;
    Ok(PasswordResponse::Done(flash::flash_redirect("Your e-mail address was saved.", urls::ACCOUNT)))
}

/// An address, or none for a blank field; otherwise the error of the field `email`.
pub(super) fn parse_email(text: &str) -> Result<Option<Email>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: EmailError| {
        let message = format!("{}.", format::capitalized(&error.to_string()));
        Problem::Fields(vec![FieldError { name: "email".into(), message }])
    })
}

/// The session to end; none ends all others.
#[derive(Debug, FromForm)]
pub struct SessionFields {
    pub session: Option<String>,
}

/// `POST /account/sessions`
#[post("/account/sessions", data = "<fields>")]
pub async fn end_sessions(
    viewer: Viewer,
    fields: Posted<SessionFields>,
    context: &State<Context>,
) -> Result<Flash<Redirect>, Failure> {
    let (name, keep) = (user_of(&viewer)?, viewer.who().session());
    let (proof, session) = (fields.proof(), fields.0.session);
    execute(AdminCommand::EndSessions { name, session, keep }, proof, &viewer, context).await?;
    Ok(flash::flash_redirect("Session ended.", urls::ACCOUNT))
}

pub(super) async fn execute(
    command: AdminCommand,
    proof: CsrfVerified,
    viewer: &Viewer,
    context: &Context,
) -> Result<(), Failure> {
    let (by, origin) = (viewer.who().user().cloned(), viewer.origin(proof, context));
    let done = context.store.run(move |store| accounts::execute(store, &command, by.as_ref(), &origin)).await;
    done.map_err(|error: AccessError| error.into())
}
