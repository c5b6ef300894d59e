//! A forgotten password: the form, which sends a link by mail.

use rocket::{FromForm, Route, get, http::Status, post, routes};

use crate::{
    context::Context,
    domain::user::access::Digest,
    jobs::account_mail::AccountMail,
    notify::account,
    routes::{
        auth::{Anonymous, Posted, state::AuthState, visitor::Visitor},
        http::{error::Failure, form_text::Text, team::of_team},
        pages::accounts::sign_in::{self, UNKNOWN_USER},
        render::{FormResponse, Refused, Reply},
    },
    secret::SecretToken,
    services::accounts,
    views::{
        FormKeys,
        auth::sign_in::{self as view, ForgottenView, Progress},
        urls,
    },
};

/// Longest name or address that is looked up, in characters.
const GIVEN_CHARS_MAX: usize = 300;

of_team!(AccountMail);

pub fn routes() -> Vec<Route> {
    routes![show, submit]
}

#[get("/forgot-password")]
pub fn show(_client: Anonymous, keys: FormKeys, context: &Context) -> Reply {
    let progress = if sign_in::sends_links(context) { Progress::Ask(None) } else { Progress::Unavailable };
    Reply::page(view::forgotten_page(&ForgottenView { keys, given: String::new(), progress }))
}

#[derive(Debug, FromForm)]
pub struct Fields {
    /// The name or the e-mail address.
    name: Text,
}

/// `POST /forgot-password`: the answer is the same whether or not there is such a user.
#[post("/forgot-password", data = "<fields>")]
pub async fn submit(
    fields: Posted<Fields>,
    visit: Visitor,
    keys: FormKeys,
    auth: &AuthState,
    mail: &AccountMail,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (proof, given) = (fields.proof(), fields.0.name.0);
    let page = |progress| view::forgotten_page(&ForgottenView { keys: keys.clone(), given: given.clone(), progress });
    let again = |refused| FormResponse::of(Err(refused), |problem| Ok(page(Progress::Ask(Some(problem)))));
    if !sign_in::sends_links(context) {
        return Ok(FormResponse::rerender(page(Progress::Unavailable), Status::UnprocessableEntity));
    }
    if given.trim().is_empty() {
        return again(Refused::field("name", "Enter your name or your e-mail address."));
    }
    if let Err(limited) = auth.count_attempt("forgotten", visit.ip, &given) {
        return again(sign_in::limited(limited));
    }
    let token = SecretToken::new()?;
    let (link, from, origin) =
        (Digest::of(token.as_str()), visit.from.clone(), visit.origin(UNKNOWN_USER, proof, context));
    let wanted: String = given.chars().take(GIVEN_CHARS_MAX).collect();
    // A user is mailed as often by their name as by their address. Who asks is told nothing of that limit: it would tell which
    // name and address belong together.
    let given_name = wanted.clone();
    let meant = context.store.run(move |store| accounts::recipient(store, &given_name)).await?;
    let has_too_many = meant.is_some_and(|(user, _)| !auth.may_mail(&user));
    let found =
        context.store.run(move |store| accounts::forgotten(store, &wanted, has_too_many, link, &from, &origin)).await?;
    if let Some((name, email)) = found {
        let address = format!("{}{}", context.config.alerts.public_url, urls::welcome(token.as_str()));
        mail.add(email.to_string(), account::forgotten(&name, address), context.clock.now());
        context.watch.wake.notify_one();
    }
    Ok(FormResponse::Page(Reply::page(page(Progress::Sent))))
}
