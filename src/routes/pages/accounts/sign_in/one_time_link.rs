//! One-time links: for the first admin, to choose a password, and to open the demo.

use rocket::{
    FromForm, Responder, Route, get,
    http::{CookieJar, Status},
    post,
    response::Redirect,
    routes,
};

use crate::{
    context::Context,
    domain::user::{
        UserName,
        access::{Digest, Link, LinkPurpose, Refusal},
    },
    routes::{
        auth::{cookies, csrf_form::Posted, guards::Anonymous, state::AuthState, visitor::Visitor},
        http::error::Failure,
        pages::accounts::new_password::{self, PasswordPair},
        render::{flash, reply::Reply},
    },
    secret::SecretToken,
    services::accounts::{self, AccessError, Arrival, Choice},
    store::tables,
    views::{
        FormKeys,
        auth::sign_in::{self, WelcomeView},
        components::alert::{FieldError, Problem},
        urls,
    },
};

pub fn routes() -> Vec<Route> {
    routes![show, submit]
}

/// `GET /welcome/<token>`: the form of the link. A GET does not use it up: chat programs fetch links for previews.
#[get("/welcome/<token>")]
pub async fn show(token: &str, _client: Anonymous, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    let link = find(token, context).await?;
    let (token, purpose) = (token.to_owned(), link.purpose);
    let view = WelcomeView { keys, token, purpose, name: String::new(), problem: None };
    Ok(Reply::page(sign_in::welcome_page(&view)))
}

async fn find(token: &str, context: &Context) -> Result<Link, Failure> {
    let (digest, now) = (Digest::of(token), context.clock.now());
    let link = context.read(move |tx| tables::accounts::links::good(tx, digest, now)).await?;
    link.ok_or(Failure::Access(Refusal::DeadLink))
}

#[derive(Debug, FromForm)]
pub struct Fields {
    #[field(default = "")]
    name: String,
    #[field(default = "")]
    password: String,
    #[field(default = "")]
    again: String,
}

#[derive(Debug, Responder)]
pub enum LinkResponse {
    SignedIn(Redirect),
    /// To the sign-in page.
    Elsewhere(flash::FlashRedirect),
    Page(Reply),
}

/// `POST /welcome/<token>`: uses the link and signs in.
#[post("/welcome/<token>", data = "<fields>")]
pub async fn submit(
    token: &str,
    fields: Posted<Fields>,
    visit: Visitor,
    keys: FormKeys,
    jar: &CookieJar<'_>,
    auth: &AuthState,
    context: &Context,
) -> Result<LinkResponse, Failure> {
    let (proof, fields) = (fields.proof(), fields.0);
    let link = find(token, context).await?;
    let sets_password = matches!(link.purpose, LinkPurpose::Password(_) | LinkPurpose::Forgotten(_));
    if sets_password && !context.config.local_passwords {
        return Err(Failure::Access(Refusal::DeadLink));
    }
    let rerender = |purpose: LinkPurpose, problem| {
        let (token, name) = (token.to_owned(), fields.name.clone());
        let view = WelcomeView { keys, token, purpose, name, problem: Some(problem) };
        Ok(LinkResponse::Page(Reply::page(sign_in::welcome_page(&view)).status(Status::UnprocessableEntity)))
    };
    let chosen = match choose(&link.purpose, &fields, auth).await? {
        Ok(chosen) => chosen,
        Err(errors) => return rerender(link.purpose, Problem::Fields(errors)),
    };
    let session_word = SecretToken::new().map_err(Failure::secret)?;
    let (origin, lifetime) = (visit.origin("unknown user", proof, context), context.config.access.lifetime);
    let replaced = visit.present_session();
    let (given, shared) = (session_word.clone(), context.clone());
    let arrival = move |user: &UserName| Arrival { replaced, ..visit.session(user, &given, &shared).into() };
    let used =
        context.store.run(move |store| accounts::use_link(store, link.digest, &chosen, arrival, lifetime, &origin));
    match used.await {
        Ok(user) if user.second_factor.is_some() => {
            let message = "Your password was changed. Sign in with it.";
            Ok(LinkResponse::Elsewhere(flash::flash_redirect(message, urls::SIGN_IN)))
        }
        Ok(_) => {
            cookies::set(jar, &session_word, &context.config);
            Ok(LinkResponse::SignedIn(Redirect::to(urls::HOME)))
        }
        Err(AccessError::Refused(refusal)) => Err(Failure::Access(refusal)),
        Err(AccessError::Store(error)) => Err(error.into()),
    }
}

/// The choice that a link needs, or the errors of the fields.
async fn choose(
    purpose: &LinkPurpose,
    fields: &Fields,
    auth: &AuthState,
) -> Result<Result<Choice, Vec<FieldError>>, Failure> {
    let name: UserName = match purpose {
        LinkPurpose::SignIn(_) => return Ok(Ok(Choice { name: None, password: None })),
        LinkPurpose::Password(name) | LinkPurpose::Forgotten(name) => name.clone(),
        LinkPurpose::FirstAdmin => match fields.name.parse() {
            Ok(name) => name,
            Err(error) => {
                let message = new_password::sentence(&error);
                return Ok(Err(vec![FieldError { name: "name".into(), message }]));
            }
        },
    };
    let pair = PasswordPair { password: &fields.password, again: &fields.again };
    let hash = match new_password::choose(&pair, &name, auth).await? {
        Ok(hash) => hash,
        Err(errors) => return Ok(Err(errors)),
    };
    Ok(Ok(Choice { name: Some(name), password: Some(hash) }))
}
