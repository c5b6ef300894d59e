//! Administration of users and API tokens.

use chrono::{Days, NaiveDateTime};
use chrono_tz::Tz;
use rocket::{
    FromForm, Responder, Route, State, get,
    http::Status,
    post,
    request::FlashMessage,
    response::{Flash, Redirect},
    routes,
};

use crate::{
    context::Context,
    domain::{
        calendar, format,
        ids::Revision,
        user::{
            Role, User, UserError, UserName,
            access::{AdminCommand, Digest, Purpose, Refusal, Token},
        },
    },
    routes::{
        auth::{
            account,
            csrf_form::{CsrfVerified, Nothing, Posted},
            guards::Admin,
            new_password,
        },
        http::{error::Failure, reply::Reply},
        pages::changes::change_response,
    },
    secret::SecretToken,
    services::accounts::{self, AccessError},
    store::{
        StoreError,
        tables::accounts::{tokens, users},
    },
    views::{
        FormKeys,
        auth::{
            users as view,
            users::{FormValues, OnceView, Part, TokenView, UserPageView, UserView, UsersView},
        },
        components::alert::{FieldError, Problem},
        urls,
    },
};

pub fn routes() -> Vec<Route> {
    routes![list, add, show, set_role, set_active, give_link, end_sessions, make_token, end_token]
}

/// `GET /users`
#[get("/users")]
pub async fn list(
    _admin: Admin,
    flash: Option<FlashMessage<'_>>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let view = load(keys, FormValues::default(), None, context).await?;
    let message = flash.and_then(|flash| change_response::message_in(&flash));
    Ok(Reply::page(view::page(&view).with_message(message)))
}

async fn load(
    keys: FormKeys,
    typed: FormValues,
    problem: Option<(Part, Problem)>,
    context: &Context,
) -> Result<UsersView, Failure> {
    let read = context.store.run(|store| store.read(|view| Ok((users::all(view)?, tokens::all(view)?)))).await;
    let (users, tokens) = read.map_err(|error: StoreError| error)?;
    let (zone, now) = (context.config.zone, context.clock.now());
    let tokens = tokens.into_iter().map(|token| {
        let is_over = !token.is_good(now);
        token_view(token, is_over, zone)
    });
    let users = users.into_iter().map(|user| user_view(user, zone)).collect();
    Ok(UsersView { keys, users, tokens: tokens.collect(), typed, problem })
}

fn user_view(user: User, zone: Tz) -> UserView {
    UserView {
        role: user.role,
        active: user.active,
        has_password: user.password.is_some(),
        last_sign_in: user.last_sign_in.map(|at| at.with_timezone(&zone).naive_local()),
        revision: user.revision,
        name: user.name,
    }
}

fn token_view(token: Token, is_over: bool, zone: Tz) -> TokenView {
    let local = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).naive_local();
    TokenView {
        id: token.digest.short(),
        purpose: token.purpose.describe(),
        made: local(token.made_at),
        ends: token.ends_at.map(local),
        is_over,
        used: token.used_at.map(local),
        label: token.label,
        made_by: token.made_by,
    }
}

/// Response to a form of this page.
#[derive(Debug, Responder)]
pub enum UsersResponse {
    Done(Flash<Redirect>),
    /// A secret that is shown once, or the form with errors.
    Page(Reply),
}

/// A new user.
#[derive(Debug, FromForm)]
pub struct UserFields {
    #[field(default = "")]
    name: String,
    #[field(default = "")]
    role: String,
}

/// `POST /users`: adds a user and shows the link to choose a password.
#[post("/users", data = "<fields>")]
pub async fn add(
    admin: Admin,
    fields: Posted<UserFields>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<UsersResponse, Failure> {
    let (proof, UserFields { name, role }) = (fields.proof(), fields.0);
    let typed = FormValues { name: name.clone(), role: role.clone(), ..FormValues::default() };
    let parsed: (Result<UserName, UserError>, Result<Role, UserError>) = (name.parse(), role.parse());
    let (name, role) = match parsed {
        (Ok(name), Ok(role)) => (name, role),
        (name, role) => {
            let error = |field: &'static str, error: Option<UserError>| {
                error.map(|error| FieldError { name: field.into(), message: new_password::sentence(&error) })
            };
            let errors = [error("name", name.err()), error("role", role.err())].into_iter().flatten().collect();
            return rerender(keys, typed, (Part::User, Problem::Fields(errors)), context).await;
        }
    };
    let word = SecretToken::new().map_err(Failure::secret)?;
    let link = Some(Digest::of(word.as_str()));
    let command = AdminCommand::AddUser { name: name.clone(), role, password: None, link };
    match execute(command, proof, &admin, context).await {
        Ok(()) => Ok(UsersResponse::Page(once(&link_view(&name, &word, context)))),
        Err(Failure::Access(refusal @ Refusal::NameTaken(_))) => {
            let error = FieldError { name: "name".into(), message: sentence(&refusal) };
            rerender(keys, typed, (Part::User, Problem::Fields(vec![error])), context).await
        }
        Err(failure) => Err(failure),
    }
}

async fn rerender(
    keys: FormKeys,
    typed: FormValues,
    problem: (Part, Problem),
    context: &Context,
) -> Result<UsersResponse, Failure> {
    let view = load(keys, typed, Some(problem), context).await?;
    Ok(UsersResponse::Page(Reply::page(view::page(&view)).status(Status::UnprocessableEntity)))
}

fn sentence(refusal: &Refusal) -> String {
    format!("{}.", format::capitalized(&refusal.to_string()))
}

fn link_view(name: &UserName, word: &SecretToken, context: &Context) -> OnceView {
    OnceView {
        title: format!("Link for {name}"),
        lead: "Give it to them in person or in a private message. It works once.".to_owned(),
        word: format!("{}{}", context.config.alerts.public_url, urls::welcome(word.as_str())),
        back: urls::user(name),
    }
}

fn once(view: &OnceView) -> Reply {
    Reply::page(view::once_page(view))
}

/// A user name in a path; 404 if it is not a valid name.
fn named(text: &str) -> Result<UserName, Failure> {
    text.parse().map_err(|_| Failure::NotFound("There is no such user.".to_owned()))
}

/// `GET /users/<name>`
#[get("/users/<name>")]
pub async fn show(
    name: &str,
    admin: Admin,
    flash: Option<FlashMessage<'_>>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let view = load_user(named(name)?, admin.who().session(), keys, None, context).await?;
    let message = flash.and_then(|flash| change_response::message_in(&flash));
    Ok(Reply::page(view::user_page(&view).with_message(message)))
}

async fn load_user(
    name: UserName,
    own: Option<Digest>,
    keys: FormKeys,
    problem: Option<Problem>,
    context: &Context,
) -> Result<UserPageView, Failure> {
    let zone = context.config.zone;
    let (user, sessions) = context.store.run(move |store| account::read(store, &name)).await?;
    let sessions = sessions.iter().map(|session| account::session_view(session, own, zone)).collect();
    Ok(UserPageView { keys, user: user_view(user, zone), sessions, problem })
}

/// A change of a user with the expected revision.
#[derive(Debug, FromForm)]
pub struct ChangeFields {
    #[field(default = "")]
    revision: String,
    #[field(default = "")]
    role: String,
    #[field(default = "")]
    active: String,
}

/// `POST /users/<name>/role`
#[post("/users/<name>/role", data = "<fields>")]
pub async fn set_role(
    name: &str,
    admin: Admin,
    fields: Posted<ChangeFields>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<UsersResponse, Failure> {
    let (name, proof, fields) = (named(name)?, fields.proof(), fields.0);
    let role = fields.role.parse().map_err(|error: UserError| Failure::Malformed(new_password::sentence(&error)))?;
    let command = AdminCommand::SetRole { name: name.clone(), role, seen: revision(&fields)? };
    change(command, proof, (name, format!("The role is now {role}.")), &admin, keys, context).await
}

/// `POST /users/<name>/active`: disables a user at once, or enables them.
#[post("/users/<name>/active", data = "<fields>")]
pub async fn set_active(
    name: &str,
    admin: Admin,
    fields: Posted<ChangeFields>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<UsersResponse, Failure> {
    let (name, proof, fields) = (named(name)?, fields.proof(), fields.0);
    let active = fields.active == "true";
    let message = if active { "The user can sign in again." } else { "The user is disabled." };
    let command = AdminCommand::SetActive { name: name.clone(), active, seen: revision(&fields)? };
    change(command, proof, (name, message.to_owned()), &admin, keys, context).await
}

fn revision(fields: &ChangeFields) -> Result<Option<Revision>, Failure> {
    let revision = fields.revision.parse().map(|number| Some(Revision(number)));
    revision.map_err(|_| Failure::Malformed("The form is incomplete. Open it again.".to_owned()))
}

async fn change(
    command: AdminCommand,
    proof: CsrfVerified,
    (name, message): (UserName, String),
    admin: &Admin,
    keys: FormKeys,
    context: &Context,
) -> Result<UsersResponse, Failure> {
    match execute(command, proof, admin, context).await {
        Ok(()) => Ok(UsersResponse::Done(change_response::flash_redirect(&message, &urls::user(&name)))),
        Err(Failure::Access(refusal @ (Refusal::LastAdmin(_) | Refusal::Stale(_)))) => {
            let problem = Some(Problem::Other { sentence: sentence(&refusal) });
            let view = load_user(name, admin.who().session(), keys, problem, context).await?;
            let status = Failure::Access(refusal).status();
            Ok(UsersResponse::Page(Reply::page(view::user_page(&view)).status(status)))
        }
        Err(failure) => Err(failure),
    }
}

/// `POST /users/<name>/link`: makes a link to choose a password and revokes the earlier one.
#[post("/users/<name>/link", data = "<form>")]
pub async fn give_link(
    name: &str,
    admin: Admin,
    form: Posted<Nothing>,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let (name, word) = (named(name)?, SecretToken::new().map_err(Failure::secret)?);
    let link = Digest::of(word.as_str());
    execute(AdminCommand::GiveLink { name: name.clone(), link }, form.proof(), &admin, context).await?;
    Ok(once(&link_view(&name, &word, context)))
}

/// `POST /users/<name>/sessions`: ends one session of the user, or all.
#[post("/users/<name>/sessions", data = "<fields>")]
pub async fn end_sessions(
    name: &str,
    admin: Admin,
    fields: Posted<account::SessionFields>,
    context: &State<Context>,
) -> Result<Flash<Redirect>, Failure> {
    let (name, keep) = (named(name)?, admin.who().session());
    let (proof, session) = (fields.proof(), fields.0.session);
    execute(AdminCommand::EndSessions { name: name.clone(), session, keep }, proof, &admin, context).await?;
    Ok(change_response::flash_redirect("Session ended.", &urls::user(&name)))
}

/// A new token.
#[derive(Debug, FromForm)]
pub struct TokenFields {
    #[field(default = "")]
    label: String,
    #[field(default = "")]
    role: String,
    #[field(default = "")]
    ends: String,
}

/// `POST /users/tokens`
#[post("/users/tokens", data = "<fields>")]
pub async fn make_token(
    admin: Admin,
    fields: Posted<TokenFields>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<UsersResponse, Failure> {
    let (proof, fields) = (fields.proof(), fields.0);
    let (label, role) = (fields.label.clone(), fields.role.clone());
    let typed =
        FormValues { label: label.clone(), role: role.clone(), ends: fields.ends.clone(), ..FormValues::default() };
    let error =
        |name: &'static str, message| (Part::Token, Problem::Fields(vec![FieldError { name: name.into(), message }]));
    let ends_at = match ends_at(&fields.ends, context.config.zone) {
        Ok(ends_at) => ends_at,
        Err(message) => return rerender(keys, typed, error("ends", message), context).await,
    };
    let role: Role = match role.parse() {
        Ok(role) => role,
        Err(wrong) => return rerender(keys, typed, error("role", new_password::sentence(&wrong)), context).await,
    };
    let word = SecretToken::new().map_err(Failure::secret)?;
    let digest = Digest::of(word.as_str());
    let command = AdminCommand::MakeToken { digest, label: label.clone(), purpose: Purpose::Calls(role), ends_at };
    match execute(command, proof, &admin, context).await {
        Ok(()) => Ok(UsersResponse::Page(once(&OnceView {
            title: format!("Token {}", label.trim()),
            lead: "Programs send it with every API request: Authorization: Bearer, then the token.".to_owned(),
            word: word.as_str().to_owned(),
            back: urls::USERS.to_owned(),
        }))),
        Err(Failure::Access(refusal @ (Refusal::Label | Refusal::Ended))) => {
            let field = if refusal == Refusal::Label { "label" } else { "ends" };
            rerender(keys, typed, error(field, sentence(&refusal)), context).await
        }
        Err(failure) => Err(failure),
    }
}

/// The end of a day in the time zone.
fn ends_at(text: &str, zone: Tz) -> Result<Option<chrono::DateTime<chrono::Utc>>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let day = calendar::parse_date(text.trim()).map_err(|error| format!("{error}."))?;
    let midnight: Option<NaiveDateTime> = day.checked_add_days(Days::new(1)).and_then(|next| next.and_hms_opt(0, 0, 0));
    // Where clocks skip midnight, the day ends an hour later.
    let local = midnight.and_then(|at| {
        at.and_local_timezone(zone)
            .earliest()
            .or((at + chrono::TimeDelta::hours(1)).and_local_timezone(zone).earliest())
    });
    local.map(|at| Some(at.to_utc())).ok_or_else(|| "There is no such date.".to_owned())
}

/// `POST /users/tokens/<id>/end`
#[post("/users/tokens/<id>/end", data = "<form>")]
pub async fn end_token(
    id: &str,
    admin: Admin,
    form: Posted<Nothing>,
    context: &State<Context>,
) -> Result<Flash<Redirect>, Failure> {
    execute(AdminCommand::EndToken { token: id.to_owned() }, form.proof(), &admin, context).await?;
    Ok(change_response::flash_redirect("The token was revoked.", urls::USERS))
}

async fn execute(command: AdminCommand, proof: CsrfVerified, admin: &Admin, context: &Context) -> Result<(), Failure> {
    let (by, origin) = (admin.who().user().cloned(), admin.origin(proof, context));
    let done = context.store.run(move |store| accounts::execute(store, &command, by.as_ref(), &origin)).await;
    done.map_err(|error: AccessError| error.into())
}
