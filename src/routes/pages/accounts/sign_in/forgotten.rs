//! A forgotten password: the form, which sends a link by mail.

use rocket::{FromForm, Responder, Route, get, http::Status, post, routes};

use crate::{
    context::Context,
    domain::user::access::Digest,
    jobs::account_mail::AccountMail,
    notify::account,
    routes::{
        auth::{csrf_form::Posted, guards::Anonymous, rate_limit::Throttled, state::AuthState, visitor::Visitor},
        http::{error::Failure, team::of_team},
        pages::accounts::sign_in::{self, UNKNOWN_USER},
        render::reply::Reply,
    },
    secret::SecretToken,
    services::accounts,
    views::{
        FormKeys,
        auth::sign_in::{self as view, ForgottenView, Progress},
        components::alert::{FieldError, Problem},
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
    #[field(default = "")]
    name: String,
}

#[derive(Debug, Responder)]
pub enum ForgottenResponse {
    Page(Reply),
    RateLimited(Throttled<Reply>),
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
) -> Result<ForgottenResponse, Failure> {
    let (proof, given) = (fields.proof(), fields.0.name);
    let page = |progress, status| {
        let view = ForgottenView { keys: keys.clone(), given: given.clone(), progress };
        Reply::page(view::forgotten_page(&view)).status(status)
    };
    if !sign_in::sends_links(context) {
        return Ok(ForgottenResponse::Page(page(Progress::Unavailable, Status::UnprocessableEntity)));
    }
    if given.trim().is_empty() {
        let error = FieldError { name: "name".into(), message: "Enter your name or your e-mail address.".to_owned() };
        let progress = Progress::Ask(Some(Problem::Fields(vec![error])));
        return Ok(ForgottenResponse::Page(page(progress, Status::UnprocessableEntity)));
    }
    if let Err(limited) = auth.count_attempt("forgotten", visit.ip, &given) {
        let problem = Problem::Other { sentence: sign_in::too_many(limited) };
        let reply = page(Progress::Ask(Some(problem)), Status::TooManyRequests);
        return Ok(ForgottenResponse::RateLimited(Throttled { reply, limited: Some(limited) }));
    }
    let token = SecretToken::new().map_err(Failure::secret)?;
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
    Ok(ForgottenResponse::Page(page(Progress::Sent, Status::Ok)))
}
