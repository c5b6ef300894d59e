//! One-time links: for the first admin, to choose a password, and to open the demo.

use rocket::{FromForm, Route, get, http::CookieJar, post, response::Redirect, routes};

use crate::{
    context::Context,
    domain::user::{
        UserError, UserName,
        access::{Digest, Link, LinkPurpose, Refusal},
    },
    routes::{
        auth::{Anonymous, Posted, cookies, state::AuthState, visitor::Visitor},
        http::{error::Failure, form_text::Text},
        pages::{accounts::new_password, sentence},
        render::{FormResponse, Refused, Reply},
    },
    secret::SecretToken,
    services::accounts::{self, Arrival, Choice},
    store::tables,
    views::{
        FormKeys,
        auth::sign_in::{self, WelcomeView},
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
    name: Text,
    password: Text,
    again: Text,
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
) -> Result<FormResponse, Failure> {
    let (proof, fields) = (fields.proof(), fields.0);
    let link = find(token, context).await?;
    let sets_password = matches!(link.purpose, LinkPurpose::Password(_) | LinkPurpose::Forgotten(_));
    if sets_password && !context.config.local_passwords {
        return Err(Failure::Access(Refusal::DeadLink));
    }
    let used = async {
        let chosen = choose(&link.purpose, &fields, auth).await?;
        let session_word = SecretToken::new()?;
        let (origin, lifetime) = (visit.origin("unknown user", proof, context), context.config.access.lifetime);
        let replaced = visit.present_session();
        let (given, shared) = (session_word.clone(), context.clone());
        let arrival = move |user: &UserName| Arrival { replaced, ..visit.session(user, &given, &shared).into() };
        let digest = link.digest;
        let used = move |store: &_| accounts::use_link(store, digest, &chosen, arrival, lifetime, &origin);
        let user = context.store.run(used).await.map_err(Failure::from)?;
        if user.second_factor.is_some() {
            return Ok(FormResponse::done(urls::SIGN_IN, "Your password was changed. Sign in with it."));
        }
        cookies::set_session(jar, session_word.as_str(), &context.config);
        Ok::<_, Refused>(FormResponse::Next(Redirect::to(urls::HOME)))
    };
    FormResponse::of(used.await, |problem| {
        let (token, purpose, name) = (token.to_owned(), link.purpose, fields.name.0);
        Ok(sign_in::welcome_page(&WelcomeView { keys, token, purpose, name, problem: Some(problem) }))
    })
}

/// The choice that a link needs.
async fn choose(purpose: &LinkPurpose, fields: &Fields, auth: &AuthState) -> Result<Choice, Refused> {
    let name: UserName = match purpose {
        LinkPurpose::SignIn(_) => return Ok(Choice { name: None, password: None }),
        LinkPurpose::Password(name) | LinkPurpose::Forgotten(name) => name.clone(),
        LinkPurpose::FirstAdmin => {
            fields.name.parse().map_err(|error: UserError| Refused::field("name", sentence(&error)))?
        }
    };
    let hash = new_password::choose(&fields.password, &fields.again, &name, auth).await?;
    Ok(Choice { name: Some(name), password: Some(hash) })
}
