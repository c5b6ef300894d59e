//! Administration of users and API tokens.

mod tokens;
mod user;

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use rocket::{FromForm, Responder, Route, get, http::Status, post, routes};

use crate::{
    context::Context,
    domain::{
        audit::Action,
        email::Email,
        format,
        user::{
            Role, User, UserError, UserName,
            access::{AdminCommand, Digest, Refusal, TOKEN_DAYS, Token},
        },
    },
    routes::{
        auth::{csrf_form::Posted, guards::Admin, rate_limit::Throttled},
        http::error::Failure,
        pages::accounts::{
            account, commands,
            confirm::{SensitiveRequest, Unconfirmed},
            new_password,
        },
        render::{
            flash::{self, Flashed},
            reply::Reply,
        },
    },
    secret::SecretToken,
    store::{
        Snapshot, StoreError,
        tables::{self, accounts::users},
    },
    views::{
        FormKeys,
        auth::{
            users as view,
            users::{FormValues, OnceView, Part, TokenView, UserView, UsersView},
        },
        components::alert::{FieldError, Problem},
        urls,
    },
};

pub fn routes() -> Vec<Route> {
    routes![
        list,
        add,
        user::show,
        user::set_role,
        user::set_active,
        user::set_email,
        user::give_link,
        user::reset_second_factor,
        user::end_sessions,
        tokens::make,
        tokens::end
    ]
}

#[get("/users")]
pub async fn list(_admin: Admin, flash: Flashed, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    let typed = FormValues { ends: default_end(context).to_string(), ..FormValues::default() };
    let view = load(keys, typed, None, context).await?;
    Ok(Reply::page(view::page(&view).with_message(flash.0)))
}

/// The last day of a token whose maker chooses none.
fn default_end(context: &Context) -> NaiveDate {
    let today = context.today();
    today.checked_add_days(Days::new(TOKEN_DAYS)).unwrap_or(today)
}

async fn load(
    keys: FormKeys,
    typed: FormValues,
    problem: Option<(Part, Problem)>,
    context: &Context,
) -> Result<UsersView, Failure> {
    let read = |tx: &Snapshot<'_>| Ok::<_, StoreError>((users::all(tx)?, tables::accounts::tokens::all(tx)?));
    let (users, tokens) = context.read(read).await?;
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
        has_second_factor: user.second_factor.is_some(),
        is_external: user.identity.is_some(),
        email: user.email.map(String::from).unwrap_or_default(),
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
    Done(flash::FlashRedirect),
    /// A secret that is shown once, or the form with errors.
    Page(Reply),
    /// The form of a session that is not confirmed.
    Unconfirmed(Throttled<Reply>),
}

#[derive(Debug, FromForm)]
pub struct UserFields {
    #[field(default = "")]
    name: String,
    #[field(default = "")]
    role: String,
    #[field(default = "")]
    email: String,
    #[field(default = "")]
    confirm: String,
}

/// `POST /users`: adds a user and shows the link to choose a password.
#[post("/users", data = "<fields>")]
pub async fn add(
    admin: Admin,
    fields: Posted<UserFields>,
    request: SensitiveRequest<'_>,
) -> Result<UsersResponse, Failure> {
    let (proof, fields, context) = (fields.proof(), fields.0, request.context);
    let typed = FormValues {
        name: fields.name.clone(),
        role: fields.role.clone(),
        email: fields.email.clone(),
        ends: default_end(context).to_string(),
        ..FormValues::default()
    };
    let (name, role, email) = match parse(&fields) {
        Ok(parsed) => parsed,
        Err(errors) => return rerender(&request, typed, (Part::User, Problem::Fields(errors))).await,
    };
    let given = ("user", fields.confirm.as_str());
    let confirmed = match request.confirm(Action::AddUser, given, proof).await? {
        Ok(confirmed) => confirmed,
        Err(unconfirmed) => return ask_again(&request, typed, Part::User, &unconfirmed).await,
    };
    let token = SecretToken::new().map_err(Failure::secret)?;
    let link = Some(Digest::of(token.as_str())).filter(|_| context.config.local_passwords);
    let command = AdminCommand::AddUser { name: name.clone(), role, password: None, link, email };
    match commands::execute(command, confirmed, admin.who(), admin.origin(proof, context), context).await {
        Ok(()) if link.is_none() => {
            let message = format!("{name} was added, and signs in through the provider.");
            Ok(UsersResponse::Done(flash::flash_redirect(&message, &urls::user(&name))))
        }
        Ok(()) => Ok(UsersResponse::Page(once(&link_view(&name, &token, context)))),
        Err(Failure::Access(refusal @ Refusal::NameTaken(_))) => {
            let error = FieldError { name: "name".into(), message: sentence(&refusal) };
            rerender(&request, typed, (Part::User, Problem::Fields(vec![error]))).await
        }
        Err(failure) => Err(failure),
    }
}

/// The values of the form, or the errors of its fields.
fn parse(fields: &UserFields) -> Result<(UserName, Role, Option<Email>), Vec<FieldError>> {
    let error = |name: &'static str, error: &UserError| FieldError {
        name: name.into(),
        message: new_password::sentence(error),
    };
    let name: Result<UserName, _> = fields.name.parse().map_err(|wrong| vec![error("name", &wrong)]);
    let role: Result<Role, _> = fields.role.parse().map_err(|wrong| vec![error("role", &wrong)]);
    let email = account::parse_email(&fields.email);
    match (name, role, email) {
        (Ok(name), Ok(role), Ok(email)) => Ok((name, role, email)),
        (name, role, email) => {
            let of_email = email.err().and_then(|problem| match problem {
                Problem::Fields(errors) => Some(errors),
                _ => None,
            });
            Err([name.err(), role.err(), of_email].into_iter().flatten().flatten().collect())
        }
    }
}

/// The form again, for the password that confirms the session.
async fn ask_again(
    request: &SensitiveRequest<'_>,
    typed: FormValues,
    part: Part,
    unconfirmed: &Unconfirmed,
) -> Result<UsersResponse, Failure> {
    let problem = Some((part, unconfirmed.problem.clone()));
    let view = load(request.keys.clone(), typed, problem, request.context).await?;
    Ok(UsersResponse::Unconfirmed(unconfirmed.reply(Reply::page(view::page(&view)))))
}

async fn rerender(
    request: &SensitiveRequest<'_>,
    typed: FormValues,
    problem: (Part, Problem),
) -> Result<UsersResponse, Failure> {
    let view = load(request.keys.clone(), typed, Some(problem), request.context).await?;
    Ok(UsersResponse::Page(Reply::page(view::page(&view)).status(Status::UnprocessableEntity)))
}

fn sentence(refusal: &Refusal) -> String {
    format!("{}.", format::capitalized(&refusal.to_string()))
}

fn link_view(name: &UserName, token: &SecretToken, context: &Context) -> OnceView {
    OnceView {
        title: format!("Link for {name}"),
        lead: "Give it to them in person or in a private message. It works once.".to_owned(),
        secret: format!("{}{}", context.config.alerts.public_url, urls::welcome(token.as_str())),
        back: urls::user(name),
    }
}

fn once(view: &OnceView) -> Reply {
    Reply::page(view::once_page(view))
}
