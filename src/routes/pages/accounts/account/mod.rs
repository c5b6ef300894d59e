//! Account page of the signed-in user: password, e-mail address and sessions.

mod second_factor;

use chrono_tz::Tz;
use rocket::{FromForm, Route, get, http::CookieJar, post, routes};

use crate::{
    context::Context,
    domain::{
        audit::Action,
        email::{Email, EmailError},
        user::{
            UserName,
            access::{AdminCommand, Digest, Refusal, Session},
        },
    },
    routes::{
        auth::{Posted, Viewer, authenticate::AuthMethod, cookies, visitor::Visitor},
        http::{error::Failure, form_text::Text},
        pages::{
            accounts::{commands, confirm::SensitiveRequest, new_password, user_record},
            sentence,
        },
        render::{Flashed, FormResponse, Refused, Reply, flash},
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
    let (user, sessions) = context.store.run(move |store| user_record(store, &name)).await?;
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
    current: Text,
    password: Text,
    again: Text,
    /// For a user who has no password yet.
    confirm: Text,
}

/// `POST /account/password`: also ends every other session of the user.
#[post("/account/password", data = "<fields>")]
pub async fn password(
    viewer: Viewer,
    fields: Posted<PasswordFields>,
    request: SensitiveRequest<'_>,
    jar: &CookieJar<'_>,
) -> Result<FormResponse, Failure> {
    let (proof, fields, context) = (fields.proof(), fields.0, request.context);
    let (name, own) = (user_of(&viewer)?, viewer.who().session());
    if !context.config.local_passwords {
        return Err(Failure::NotFound("Passwords are not used here.".to_owned()));
    }
    let changed = async {
        let wanted = name.clone();
        let (user, _) = context.store.run(move |store| user_record(store, &wanted)).await?;
        if user.is_external() {
            return Err(Failure::Access(Refusal::NoPasswordHere(name.to_string())).into());
        }
        let confirmed = if user.password.is_some() {
            request.confirm_by_password(&user, &fields.current, viewer.origin(proof, context)).await?
        } else {
            request.confirm(Action::SetPassword, ("password", &fields.confirm), proof).await?
        };
        let password = new_password::choose(&fields.password, &fields.again, &name, request.auth).await?;
        let command = AdminCommand::SetPassword { name: name.clone(), password, keep: own };
        commands::execute(command, confirmed, viewer.who(), viewer.origin(proof, context), context).await?;
        rotate(&viewer, &name, &request.visit, jar, context).await?;
        Ok::<_, Refused>(FormResponse::done(
            urls::ACCOUNT,
            "Your password was changed. All other browsers are signed out.",
        ))
    };
    FormResponse::of_async(changed.await, async |problem| {
        let view = load(name, own, request.keys, Some(problem), context).await?;
        Ok(account::page(&view))
    })
    .await
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
    let token = SecretToken::new()?;
    let session = Session { is_external, ..visit.session(name, &token, context) };
    let lifetime = context.config.access.lifetime;
    context.store.run(move |store| accounts::rotate(store, own, &session, lifetime)).await?;
    cookies::set_session(jar, token.as_str(), &context.config);
    Ok(())
}

/// The fields of the e-mail address.
#[derive(Debug, FromForm)]
pub struct EmailFields {
    email: Text,
    confirm: Text,
}

/// `POST /account/email`: the address for messages about the account; a blank one removes it. A forgotten password is sent
/// there, so it needs a confirmed session.
#[post("/account/email", data = "<fields>")]
pub async fn set_email(
    viewer: Viewer,
    fields: Posted<EmailFields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let (proof, fields, context) = (fields.proof(), fields.0, request.context);
    let (name, own) = (user_of(&viewer)?, viewer.who().session());
    let saved = async {
        let email = parse_email(&fields.email)?;
        let confirmed = request.confirm(Action::ChangeUser, ("email", &fields.confirm), proof).await?;
        let command = AdminCommand::SetEmail { name: name.clone(), email };
        commands::execute(command, confirmed, viewer.who(), viewer.origin(proof, context), context).await?;
        Ok::<_, Refused>(FormResponse::done(urls::ACCOUNT, "Your e-mail address was saved."))
    };
    FormResponse::of_async(saved.await, async |problem| {
        let view = load(name, own, request.keys, Some(problem), context).await?;
        Ok(account::page(&AccountView { email: fields.email.0, ..view }))
    })
    .await
}

/// An address, or none for a blank field; otherwise the error of the field `email`.
pub(super) fn parse_email(text: &str) -> Result<Option<Email>, FieldError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let parsed = text.parse().map(Some);
    parsed.map_err(|error: EmailError| FieldError { name: "email".into(), message: sentence(&error) })
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
