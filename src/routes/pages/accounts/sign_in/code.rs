//! The second step of a sign-in: a code of the second factor.
//!
//! The form carries a ticket: signed proof that the password was right, good for a few minutes. The server keeps nothing
//! between the two steps.

use chrono::TimeDelta;
use rocket::{
    FromForm,
    http::{CookieJar, Status},
    post,
    response::Redirect,
};

use crate::{
    context::Context,
    domain::{
        audit::Action,
        user::{User, UserName, access::Digest},
    },
    routes::{
        auth::{
            Posted, redirect_target,
            state::{Attempt, AuthState, Checked},
            visitor::Visitor,
        },
        http::{error::Failure, form_text::Text},
        pages::accounts::sign_in::{self, UNKNOWN_USER},
        render::{FormResponse, Refused},
    },
    secret,
    views::{
        FormKeys,
        auth::sign_in::{self as view, CodeView},
        components::alert::Problem,
        urls,
    },
};

/// Minutes for which the second step may be made.
const TICKET_MINUTES: i64 = 5;
/// Keeps tickets apart from other signed texts.
const TICKET: &str = "sign-in";

/// A ticket for a user whose password was right: who, until when, and which password.
pub fn ticket(user: &User, context: &Context) -> String {
    let ends_ms = (context.clock.now() + TimeDelta::minutes(TICKET_MINUTES)).timestamp_millis();
    secret::sign(context.team(), &format!("{TICKET} {} {ends_ms} {}", user.name, fingerprint(user)))
}

/// Changes with the password, so that a ticket of the old one is of no use.
fn fingerprint(user: &User) -> String {
    user.password.as_ref().map_or_else(String::new, |hash| Digest::of(&hash.0).short())
}

/// The user of a ticket, if it is good.
async fn user_of(ticket: &str, context: &Context) -> Result<Option<User>, Failure> {
    let parts: Vec<&str> = secret::signed(context.team(), ticket).unwrap_or_default().split(' ').collect();
    let [TICKET, name, ends_ms, password] = parts[..] else { return Ok(None) };
    let is_over = ends_ms.parse().map_or(true, |ends_ms: i64| context.clock.now().timestamp_millis() >= ends_ms);
    let Some(name) = name.parse::<UserName>().ok().filter(|_| !is_over) else { return Ok(None) };
    let user = sign_in::find(Some(name), context).await?;
    Ok(user.filter(|user| user.active && user.second_factor.is_some() && fingerprint(user) == password))
}

#[derive(Debug, FromForm)]
pub struct Fields {
    ticket: Text,
    code: Text,
    next: Text,
}

#[post("/sign-in/code", data = "<fields>")]
pub async fn submit(
    fields: Posted<Fields>,
    visit: Visitor,
    keys: FormKeys,
    jar: &CookieJar<'_>,
    auth: &AuthState,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (proof, Fields { ticket: Text(ticket), code, next }) = (fields.proof(), fields.0);
    let next = redirect_target::own_path(&next);
    let Some(user) = user_of(&ticket, context).await? else {
        let sentence = "That took too long. Enter your name and password again.".to_owned();
        let view =
            view::SignInView { next, problem: Some(Problem::Other { sentence }), ..sign_in::empty(keys, context) };
        return Ok(FormResponse::rerender(view::page(&view), Status::UnprocessableEntity));
    };
    let signed_in = async {
        if code.trim().is_empty() {
            return Err(Refused::field("code", "Enter a code."));
        }
        let attempt = Attempt {
            action: Action::SignIn,
            name: user.name.as_str(),
            user: Some(&user),
            given: &code,
            ip: visit.ip,
            from: &visit.from,
            origin: visit.origin(UNKNOWN_USER, proof, context),
        };
        match auth.check_code(attempt, context).await? {
            Checked::Right if sign_in::begin(&user, &visit, proof, jar, context).await? => Ok(next.clone()),
            Checked::Right => Ok(urls::sign_in(&next)),
            Checked::Wrong => {
                Err(Refused::field("code", "That code is wrong or was used. Enter the next one that your app shows."))
            }
            Checked::Busy => Err(Failure::Busy.into()),
            Checked::Limited(limited) => Err(sign_in::limited(limited)),
        }
    };
    let signed_in = signed_in.await.map(|next| FormResponse::Next(Redirect::to(next)));
    FormResponse::of(signed_in, |problem| Ok(view::code_page(&CodeView { keys, ticket, next, problem: Some(problem) })))
}
