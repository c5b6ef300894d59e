//! Administration of users and API tokens.

mod tokens;
mod user;

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use rocket::{FromForm, Route, get, post, routes};

use crate::{
    context::Context,
    domain::{
        audit::Action,
        email::Email,
        user::{
            Role, User, UserError, UserName,
            access::{AdminCommand, Digest, Refusal, TOKEN_DAYS, Token},
        },
    },
    routes::{
        auth::{Admin, Posted},
        http::{error::Failure, form_text::Text},
        pages::{
            accounts::{account, commands, confirm::SensitiveRequest},
            sentence,
        },
        render::{Flashed, FormResponse, Refused, Reply},
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

#[derive(Debug, FromForm)]
pub struct UserFields {
    name: Text,
    role: Text,
    email: Text,
    confirm: Text,
}

/// `POST /users`: adds a user and shows the link to choose a password.
#[post("/users", data = "<fields>")]
pub async fn add(
    admin: Admin,
    fields: Posted<UserFields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let (proof, fields, context) = (fields.proof(), fields.0, request.context);
    let added = async {
        let (name, role, email) = parse(&fields)?;
        let confirmed = request.confirm(Action::AddUser, ("user", &fields.confirm), proof).await?;
        let token = SecretToken::new()?;
        let link = Some(Digest::of(token.as_str())).filter(|_| context.config.local_passwords);
        let command = AdminCommand::AddUser { name: name.clone(), role, password: None, link, email };
        let done = commands::execute(command, confirmed, admin.who(), admin.origin(proof, context), context).await;
        done.map_err(|failure| match failure {
            Failure::Access(refusal @ Refusal::NameTaken(_)) => Refused::field("name", sentence(&refusal)),
            failure => failure.into(),
        })?;
        if link.is_none() {
            let message = format!("{name} was added, and signs in through the provider.");
            return Ok::<_, Refused>(FormResponse::done(&urls::user(&name), &message));
        }
        Ok(FormResponse::Page(once(&link_view(&name, &token, context))))
    };
    let added = added.await;
    let UserFields { name: Text(name), role: Text(role), email: Text(email), .. } = fields;
    let ends = default_end(context).to_string();
    again(added, Part::User, FormValues { name, role, email, ends, ..FormValues::default() }, request).await
}

/// The values of the form, or the errors of its fields.
fn parse(fields: &UserFields) -> Result<(UserName, Role, Option<Email>), Vec<FieldError>> {
    let error = |name: &'static str, error: &UserError| FieldError { name: name.into(), message: sentence(error) };
    let name: Result<UserName, _> = fields.name.parse().map_err(|wrong| error("name", &wrong));
    let role: Result<Role, _> = fields.role.parse().map_err(|wrong| error("role", &wrong));
    match (name, role, account::parse_email(&fields.email)) {
        (Ok(name), Ok(role), Ok(email)) => Ok((name, role, email)),
        (name, role, email) => Err([name.err(), role.err(), email.err()].into_iter().flatten().collect()),
    }
}

/// What a form did; if it was refused, the page with what was typed.
async fn again(
    done: Result<FormResponse, Refused>,
    part: Part,
    typed: FormValues,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    FormResponse::of_async(done, async |problem| {
        let view = load(request.keys, typed, Some((part, problem)), request.context).await?;
        Ok(view::page(&view))
    })
    .await
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
