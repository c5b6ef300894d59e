//! API tokens: made with a scope and an end, revoked.

use chrono::{DateTime, Days, NaiveDateTime, Utc};
use rocket::{FromForm, post};

use crate::{
    context::Context,
    domain::{
        audit::Action,
        user::{
            Scope, UserError,
            access::{AdminCommand, Digest, Purpose, Refusal},
        },
    },
    routes::{
        auth::{Admin, Nothing, Posted},
        http::{error::Failure, form_text::Text},
        pages::{
            accounts::{
                commands,
                confirm::SensitiveRequest,
                users::{again, default_end, once},
            },
            sentence, typed_date,
        },
        render::{FormResponse, Refused, flash},
    },
    secret::SecretToken,
    views::{
        auth::users::{FormValues, OnceView, Part},
        urls,
    },
};

#[derive(Debug, FromForm)]
pub struct TokenFields {
    label: Text,
    scope: Text,
    /// The last day; blank for the default.
    ends: Text,
    confirm: Text,
}

#[post("/users/tokens", data = "<fields>")]
pub async fn make(
    admin: Admin,
    fields: Posted<TokenFields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let (proof, fields, context) = (fields.proof(), fields.0, request.context);
    let made = async {
        let ends_at = ends_at(&fields.ends, context).map_err(|message| Refused::field("ends", message))?;
        let scope: Result<Scope, UserError> = fields.scope.parse();
        let scope = scope.map_err(|wrong| Refused::field("scope", sentence(&wrong)))?;
        let confirmed = request.confirm(Action::MakeToken, ("token", &fields.confirm), proof).await?;
        let (token, label) = (SecretToken::new()?, fields.label.0.clone());
        let (digest, purpose) = (Digest::of(token.as_str()), Purpose::Calls(scope));
        let command = AdminCommand::MakeToken { digest, label, purpose, ends_at: Some(ends_at) };
        let done = commands::execute(command, confirmed, admin.who(), admin.origin(proof, context), context).await;
        done.map_err(|failure| match failure {
            Failure::Access(refusal @ Refusal::Label) => Refused::field("label", sentence(&refusal)),
            Failure::Access(refusal @ Refusal::Ended) => Refused::field("ends", sentence(&refusal)),
            failure => failure.into(),
        })?;
        Ok::<_, Refused>(FormResponse::Page(once(&OnceView {
            title: format!("Token {}", fields.label.trim()),
            lead: "Programs send it with every API request: Authorization: Bearer, then the token.".to_owned(),
            secret: token.as_str().to_owned(),
            back: urls::USERS.to_owned(),
        })))
    };
    let made = made.await;
    let TokenFields { label: Text(label), scope: Text(scope), ends: Text(ends), .. } = fields;
    again(made, Part::Token, FormValues { label, scope, ends, ..FormValues::default() }, request).await
}

/// The end of a day in the time zone; of the default day if none is given.
fn ends_at(text: &str, context: &Context) -> Result<DateTime<Utc>, String> {
    let zone = context.config.zone;
    let day = if text.trim().is_empty() { default_end(context) } else { typed_date(text, "")? };
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
