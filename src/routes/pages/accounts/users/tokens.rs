//! API tokens: made with a scope and an end, revoked.

use chrono::{DateTime, Days, NaiveDateTime, Utc};
use rocket::{FromForm, post};

use crate::{
    context::Context,
    domain::{
        audit::Action,
        calendar,
        user::{
            Scope,
            access::{AdminCommand, Digest, Purpose, Refusal},
        },
    },
    routes::{
        auth::{
            csrf_form::{Nothing, Posted},
            guards::Admin,
        },
        http::error::Failure,
        pages::accounts::{
            commands,
            confirm::SensitiveRequest,
            new_password,
            users::{UsersResponse, ask_again, default_end, once, rerender, sentence},
        },
        render::flash,
    },
    secret::SecretToken,
    views::{
        auth::users::{FormValues, OnceView, Part},
        components::alert::{FieldError, Problem},
        urls,
    },
};

#[derive(Debug, FromForm)]
pub struct TokenFields {
    #[field(default = "")]
    label: String,
    #[field(default = "")]
    scope: String,
    /// The last day; blank for the default.
    #[field(default = "")]
    ends: String,
    #[field(default = "")]
    confirm: String,
}

#[post("/users/tokens", data = "<fields>")]
pub async fn make(
    admin: Admin,
    fields: Posted<TokenFields>,
    request: SensitiveRequest<'_>,
) -> Result<UsersResponse, Failure> {
    let (proof, fields, context) = (fields.proof(), fields.0, request.context);
    let typed = FormValues {
        label: fields.label.clone(),
        scope: fields.scope.clone(),
        ends: fields.ends.clone(),
        ..FormValues::default()
    };
    let error =
        |name: &'static str, message| (Part::Token, Problem::Fields(vec![FieldError { name: name.into(), message }]));
    let ends_at = match ends_at(&fields.ends, context) {
        Ok(ends_at) => ends_at,
        Err(message) => return rerender(&request, typed, error("ends", message)).await,
    };
    let scope: Scope = match fields.scope.parse() {
        Ok(scope) => scope,
        Err(wrong) => return rerender(&request, typed, error("scope", new_password::sentence(&wrong))).await,
    };
    let given = ("token", fields.confirm.as_str());
    let confirmed = match request.confirm(Action::MakeToken, given, proof).await? {
        Ok(confirmed) => confirmed,
        Err(unconfirmed) => return ask_again(&request, typed, Part::Token, &unconfirmed).await,
    };
    let (token, label) = (SecretToken::new().map_err(Failure::secret)?, fields.label);
    let (digest, purpose) = (Digest::of(token.as_str()), Purpose::Calls(scope));
    let command = AdminCommand::MakeToken { digest, label: label.clone(), purpose, ends_at: Some(ends_at) };
    match commands::execute(command, confirmed, admin.who(), admin.origin(proof, context), context).await {
        Ok(()) => Ok(UsersResponse::Page(once(&OnceView {
            title: format!("Token {}", label.trim()),
            lead: "Programs send it with every API request: Authorization: Bearer, then the token.".to_owned(),
            secret: token.as_str().to_owned(),
            back: urls::USERS.to_owned(),
        }))),
        Err(Failure::Access(refusal @ (Refusal::Label | Refusal::Ended))) => {
            let field = if refusal == Refusal::Label { "label" } else { "ends" };
            rerender(&request, typed, error(field, sentence(&refusal))).await
        }
        Err(failure) => Err(failure),
    }
}

/// The end of a day in the time zone; of the default day if none is given.
fn ends_at(text: &str, context: &Context) -> Result<DateTime<Utc>, String> {
    let (day, zone) = match text.trim() {
        "" => (default_end(context), context.config.zone),
        text => (calendar::parse_date(text).map_err(|error| format!("{error}."))?, context.config.zone),
    };
    let midnight: Option<NaiveDateTime> = day.checked_add_days(Days::new(1)).and_then(|next| next.and_hms_opt(0, 0, 0));
    // Where clocks skip midnight, the day ends an hour later.
    let local = midnight.and_then(|at| {
        at.and_local_timezone(zone)
            .earliest()
            .or((at + chrono::TimeDelta::hours(1)).and_local_timezone(zone).earliest())
    });
    local.map(|at| at.to_utc()).ok_or_else(|| "There is no such date.".to_owned())
}

#[post("/users/tokens/<id>/end", data = "<form>")]
pub async fn end(
    id: &str,
    admin: Admin,
    form: Posted<Nothing>,
    context: &Context,
) -> Result<flash::FlashRedirect, Failure> {
    commands::end_token(id.to_owned(), admin.who(), admin.origin(form.proof(), context), context).await?;
    Ok(flash::flash_redirect("The token was revoked.", urls::USERS))
}
