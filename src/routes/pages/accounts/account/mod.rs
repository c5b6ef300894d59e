//! Account page of the signed-in user: password, e-mail address and sessions.

mod second_factor;

use chrono_tz::Tz;
use rocket::{
    FromForm, Responder, Route, get,
    http::{CookieJar, Status},
    post, routes,
};

use crate::{
    context::Context,
    domain::{
        audit::Action,
        email::{Email, EmailError},
        format,
        user::{
            UserName,
            access::{AdminCommand, Digest, Refusal, Session},
        },
    },
    routes::{
        auth::{
            authenticate::AuthMethod, cookies, csrf_form::Posted, guards::Viewer, rate_limit::Throttled,
            visitor::Visitor,
        },
        http::error::Failure,
        pages::accounts::{
            commands,
            confirm::SensitiveRequest,
            new_password::{self, PasswordPair},
            user_record,
        },
        render::{
            flash::{self, Flashed},
            reply::Reply,
        },
    },
    secret::SecretToken,
    services::accounts,
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

#[get("/account")]
pub async fn show(viewer: Viewer, flash: Flashed, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    let (name, own) = (user_of(&viewer)?, viewer.who().session());
    let view = load(name, own, keys, None, context).await?;
    Ok(Reply::page(account::page(&view).with_message(flash.0)))
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
        may_have_password: context.config.local_passwords && !user.is_external(),
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

#[derive(Debug, FromForm)]
pub struct PasswordFields {
    #[field(default = "")]
    current: String,
    #[field(default = "")]
    password: String,
    #[field(default = "")]
    again: String,
    /// For a user who has no password yet.
    #[field(default = "")]
    confirm: String,
}

#[derive(Debug, Responder)]
pub enum PasswordResponse {
    Done(flash::FlashRedirect),
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
    let (proof, fields, context) = (fields.proof(), fields.0, request.context);
    let (name, own) = (user_of(&viewer)?, viewer.who().session());
    if !context.config.local_passwords {
        return Err(Failure::NotFound("Passwords are not used here.".to_owned()));
    }
    let wanted = name.clone();
    let (user, _) = context.store.run(move |store| user_record::read(store, &wanted)).await?;
    if user.is_external() {
        return Err(Failure::Access(Refusal::NoPasswordHere(name.to_string())));
    }
    let rerender = async |status, problem| {
        let view = load(name.clone(), own, request.keys.clone(), Some(problem), context).await?;
        Ok::<_, Failure>(Reply::page(account::page(&view)).status(status))
    };
    let checked = if user.password.is_some() {
        request.confirm_by_password(&user, &fields.current, viewer.origin(proof, context)).await?
    } else {
        request.confirm(Action::SetPassword, ("password", &fields.confirm), proof).await?
    };
    let confirmed = match checked {
        Ok(confirmed) => confirmed,
        Err(unconfirmed) => {
            let reply = rerender(Status::UnprocessableEntity, unconfirmed.problem.clone()).await?;
            return Ok(PasswordResponse::RateLimited(unconfirmed.reply(reply)));
        }
    };
    let pair = PasswordPair { password: &fields.password, again: &fields.again };
    let password = match new_password::choose(&pair, &name, request.auth).await? {
        Ok(password) => password,
        Err(errors) => {
            return Ok(PasswordResponse::Page(rerender(Status::UnprocessableEntity, Problem::Fields(errors)).await?));
        }
    };
    let command = AdminCommand::SetPassword { name: name.clone(), password, keep: own };
    commands::execute(command, confirmed, viewer.who(), viewer.origin(proof, context), context).await?;
    rotate(&viewer, &name, &request.visit, jar, context).await?;
    Ok(PasswordResponse::Done(flash::flash_redirect(
        "Your password was changed. All other browsers are signed out.",
        urls::ACCOUNT,
    )))
}

/// Replaces the session of this browser by one with a new token.
async fn rotate(
    viewer: &Viewer,
    name: &UserName,
    visit: &Visitor,
    jar: &CookieJar<'_>,
    context: &Context,
) -> Result<(), Failure> {
    let AuthMethod::Session { digest: own, is_external, .. } = viewer.who().method else { return Ok(()) };
    let token = SecretToken::new().map_err(Failure::secret)?;
    let session = Session { is_external, ..visit.session(name, &token, context) };
    let lifetime = context.config.access.lifetime;
    context.store.run(move |store| accounts::rotate(store, own, &session, lifetime)).await?;
    cookies::set(jar, &token, &context.config);
    Ok(())
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
    let confirmed = match request.confirm(Action::ChangeUser, given, proof).await? {
        Ok(confirmed) => confirmed,
        Err(unconfirmed) => {
            let reply = rerender(unconfirmed.problem.clone()).await?;
            return Ok(PasswordResponse::RateLimited(unconfirmed.reply(reply)));
        }
    };
    let (command, origin) =
        (AdminCommand::SetEmail { name: name.clone(), email }, viewer.origin(proof, request.context));
    commands::execute(command, confirmed, viewer.who(), origin, request.context).await?;
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

#[post("/account/sessions", data = "<fields>")]
pub async fn end_sessions(
    viewer: Viewer,
    fields: Posted<SessionFields>,
    context: &Context,
) -> Result<flash::FlashRedirect, Failure> {
    let (name, origin) = (user_of(&viewer)?, viewer.origin(fields.proof(), context));
    commands::end_sessions(name, fields.0.session, viewer.who(), origin, context).await?;
    Ok(flash::flash_redirect("Session ended.", urls::ACCOUNT))
}
