//! Forms sent after the session has ended: kept on the server until the user has signed in again.
//!
//! Invariant: a kept form is shown only to the browser that sent it, which holds a random cookie, and is forgotten after
//! [`KEPT_MINUTES`]. Its secrets are not kept.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use rocket::{
    Data, Request, Response, Route,
    data::ToByteUnit,
    get,
    http::{CookieJar, RawStr},
    response::Redirect,
    route::Outcome,
    routes,
    time::Duration,
};

use crate::{
    context::Context,
    domain::user::access::Digest,
    routes::{
        auth::{Viewer, authenticate, cookies, csrf_form::FIELDS_SAVED_MAX, csrf_origin, limiter::Client, rate_limit},
        http::{
            body_timeout::arrival,
            error::{Failure, deny},
            team::{self, of_team},
        },
        render::{FormResponse, Reply, error_page::leave_to},
    },
    secret::SecretToken,
    views::{
        FormKeys,
        components::{
            form_tokens::{TOKEN_FIELD, is_secret},
            unsent::{self, UnsentForm},
        },
        urls,
    },
};

/// Most forms that a process keeps at once, shared out among its teams. The oldest of the client that has the most goes
/// first, so that no client pushes out the forms of others.
const FORMS_MAX: usize = 200;
/// Most forms of a team, however many teams there are.
const FORMS_OF_TEAM_MIN: usize = 4;
/// Largest form that is kept, in bytes: as large as a form may be.
const FORM_BYTES_MAX: u64 = 64 * 1024;
/// Minutes after which a form is forgotten.
const KEPT_MINUTES: i64 = 60;

/// The kept forms of a team.
#[derive(Debug)]
pub struct UnsentForms {
    forms: Mutex<VecDeque<Kept>>,
    most: usize,
}

#[derive(Clone, Debug)]
struct Kept {
    client: Client,
    /// Of the cookie's value.
    digest: Digest,
    action: String,
    fields: Vec<(String, String)>,
    until: DateTime<Utc>,
}

of_team!(UnsentForms);

impl UnsentForms {
    /// For one of so many teams.
    pub fn new(teams: usize) -> Self {
        Self { forms: Mutex::default(), most: (FORMS_MAX / teams.max(1)).max(FORMS_OF_TEAM_MIN) }
    }

    fn keep(&self, form: Kept, now: DateTime<Utc>) {
        let mut forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        forms.retain(|one| one.until > now);
        if forms.len() >= self.most {
            let mut counts: HashMap<&Client, usize> = HashMap::new();
            for one in forms.iter().chain([&form]) {
                *counts.entry(&one.client).or_default() += 1;
            }
            let most = counts.values().max().copied();
            if let Some(oldest) = forms.iter().position(|one| counts.get(&one.client).copied() == most) {
                forms.remove(oldest);
            }
        }
        forms.push_back(form);
    }

    fn find(&self, digest: Digest, now: DateTime<Utc>) -> Option<Kept> {
        let forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        forms.iter().find(|one| one.digest == digest && one.until > now).cloned()
    }
}

pub fn routes() -> Vec<Route> {
    routes![show]
}

/// `GET /unsent`: the form that this browser sent while it was signed out, or the way home.
#[get("/unsent")]
#[expect(clippy::needless_pass_by_value, reason = "guards arrive by value")]
pub fn show(
    _viewer: Viewer,
    keys: FormKeys,
    jar: &CookieJar<'_>,
    forms: &UnsentForms,
    context: &Context,
) -> FormResponse {
    let cookie = cookies::UNSENT.value(jar, &context.config).map(|token| Digest::of(&token));
    let kept = cookie.and_then(|digest| forms.find(digest, context.clock.now()));
    let Some(Kept { action, fields, .. }) = kept else { return FormResponse::Next(Redirect::to(urls::HOME)) };
    let sentence =
        "You were signed out before this was saved. Your entries are still here: check them, then send them again.";
    let form = UnsentForm {
        sentences: &[sentence.to_owned()],
        action: &action,
        fields: &fields,
        wrong: None,
        button: "Send again",
    };
    FormResponse::Page(Reply::page(unsent::page(&form, &keys)))
}

/// Keeps the form of a request whose user is signed out, and leads to the sign-in page.
///
/// # Errors
/// The data of any other request, unread.
pub async fn keep<'r>(request: &'r Request<'_>, data: Data<'r>) -> Result<Outcome<'r>, Data<'r>> {
    let is_form = request.content_type().is_some_and(|sent| sent.is_form());
    let is_ours = is_form && authenticate::writes(request) && csrf_origin::check(request).is_ok();
    if !is_ours || !matches!(authenticate::find(request).await, Ok(None)) {
        return Err(data);
    }
    Ok(match keep_form(request, data).await {
        Ok(response) => Outcome::Success(response),
        Err(failure) => Outcome::Error(deny(request, failure).0),
    })
}

async fn keep_form<'r>(request: &'r Request<'_>, data: Data<'r>) -> Result<Response<'r>, Failure> {
    let client = Client::at(request.client_ip());
    rate_limit::count(request, &client, true)?;
    let body = arrival(request, data.open(FORM_BYTES_MAX.bytes()).into_string()).await?;
    let body = body.ok().filter(rocket::data::Capped::is_complete).ok_or(Failure::SignedOut)?.into_inner();
    let mut fields: Vec<_> = body.split('&').filter(|pair| !pair.is_empty()).map(decoded).collect();
    fields.retain(|(name, _)| name != TOKEN_FIELD && !is_secret(name));
    if fields.len() > FIELDS_SAVED_MAX || fields.is_empty() {
        return Err(Failure::SignedOut);
    }
    let state = team::context(request).zip(team::state::<UnsentForms>(request));
    let (context, forms) = state.ok_or(Failure::Internal)?;
    let (token, now) = (SecretToken::new()?, context.clock.now());
    let action = request.uri().path().to_string();
    let until = now + TimeDelta::minutes(KEPT_MINUTES);
    forms.keep(Kept { client, digest: Digest::of(token.as_str()), action, fields, until }, now);
    let age = Duration::minutes(KEPT_MINUTES);
    cookies::UNSENT.set(request.cookies(), token.as_str().to_owned(), age, &context.config);
    leave_to(urls::sign_in(urls::UNSENT), request).map_err(|_| Failure::Internal)
}

/// Name and value of a form's pair.
fn decoded(pair: &str) -> (String, String) {
    let (name, value) = RawStr::new(pair).split_at_byte(b'=');
    (name.url_decode_lossy().into_owned(), value.url_decode_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Client, DateTime, Digest, FORMS_MAX, KEPT_MINUTES, Kept, TimeDelta, UnsentForms, Utc};

    fn keep(forms: &UnsentForms, token: &str, now: DateTime<Utc>) {
        keep_of(forms, "192.0.2.1", token, now);
    }

    fn keep_of(forms: &UnsentForms, address: &str, token: &str, now: DateTime<Utc>) {
        let (client, until) = (Client::at(address.parse().ok()), now + TimeDelta::minutes(KEPT_MINUTES));
        let (digest, action) = (Digest::of(token), "/".to_owned());
        forms.keep(Kept { client, digest, action, fields: Vec::new(), until }, now);
    }

    #[test]
    fn a_form_is_found_by_its_own_cookie_for_an_hour_only() {
        let (forms, now) = (UnsentForms::new(1), DateTime::UNIX_EPOCH);
        keep(&forms, "one", now);
        assert!(forms.find(Digest::of("one"), now).is_some());
        assert!(forms.find(Digest::of("other"), now).is_none());
        assert!(forms.find(Digest::of("one"), now + TimeDelta::minutes(KEPT_MINUTES)).is_none());
    }

    #[test]
    fn the_oldest_form_goes_when_there_are_too_many() {
        let (forms, now) = (UnsentForms::new(1), DateTime::UNIX_EPOCH);
        for number in 0..=FORMS_MAX {
            keep(&forms, &number.to_string(), now);
        }
        assert!(forms.find(Digest::of("0"), now).is_none() && forms.find(Digest::of("1"), now).is_some());
    }

    #[test]
    fn many_teams_keep_few_forms_each() {
        let (forms, now) = (UnsentForms::new(FORMS_MAX), DateTime::UNIX_EPOCH);
        for number in 0..10 {
            keep(&forms, &number.to_string(), now);
        }
        assert!(forms.find(Digest::of("5"), now).is_none() && forms.find(Digest::of("6"), now).is_some());
    }

    #[test]
    fn a_client_that_sends_many_pushes_out_its_own() {
        let (forms, now) = (UnsentForms::new(1), DateTime::UNIX_EPOCH);
        keep_of(&forms, "192.0.2.1", "of another", now);
        for number in 0..3 * FORMS_MAX {
            keep_of(&forms, "192.0.2.2", &number.to_string(), now);
        }
        assert!(forms.find(Digest::of("of another"), now).is_some());
    }
}
