//! CSRF-checked forms, the only forms that handlers take.
//!
//! [`Posted`] requires that the request comes from our own origin, that the form holds the token of its session, and that
//! the rate limit allows it. A handler that takes a plain `Form` fails `tests/tidy.rs`. Files arrive as
//! [`Uploaded`](crate::routes::pages::import::uploaded::Uploaded).

use std::{ops::Deref, sync::OnceLock};

use rocket::{
    Data, Request,
    data::{FromData, Outcome},
    form::{DataField, Form, FromForm, Options, ValueField},
    http::Status,
};

use crate::{
    domain::{audit::Source, change::bulk::EVENTS_MAX, format},
    routes::{
        auth::{authenticate, csrf_origin, json_body::JsonBody, limiter::Client, rate_limit},
        http::{
            body_timeout::arrival,
            error::{Failure, deny},
        },
    },
    secret,
    views::components::{
        form_tokens::{TOKEN_FIELD, is_secret},
        unsent,
    },
};

/// Most fields that are shown again when a form is refused before its handler sees it. No form has more: the longest has
/// up to six for each event of a bulk change.
pub const FIELDS_SAVED_MAX: usize = 6 * EVENTS_MAX + 50;

/// A form from one of our own pages.
#[derive(Debug)]
pub struct Posted<T>(pub T, CsrfVerified);

/// Proof that the user or program itself sent a change, and not a page of another site. Only checked requests have one, and
/// nothing is written without one.
#[derive(Clone, Copy, Debug)]
pub struct CsrfVerified(Source);

impl CsrfVerified {
    pub fn source(self) -> Source {
        self.0
    }

    /// Proof for a browser that comes back from the sign-in provider, if it brings the state that it was sent there with.
    pub(in crate::routes) fn by_state(given: &str, expected: &str) -> Option<Self> {
        secret::is_same(given, expected).then_some(Self(Source::Page))
    }
}

impl<T> Posted<T> {
    pub fn proof(&self) -> CsrfVerified {
        self.1
    }
}

impl<T> JsonBody<T> {
    /// For a request with a session, the guard of its role has checked the session's token.
    #[expect(clippy::unused_self, reason = "only a handler that has read the body has the proof")]
    pub fn proof(&self) -> CsrfVerified {
        CsrfVerified(Source::Call)
    }
}

impl<T> Deref for Posted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The fields of a form that was refused before its handler saw it, without its secrets.
#[derive(Debug)]
pub struct FormBody {
    pub fields: Vec<(String, String)>,
    /// The field that must be changed.
    pub wrong: Option<String>,
}

#[derive(Debug, Default)]
struct SavedForm(OnceLock<FormBody>);

impl FormBody {
    /// The fields, if the form of this request was refused so.
    pub fn of<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        request.local_cache(SavedForm::default).0.get()
    }
}

/// A form without fields of its own.
#[derive(Debug)]
pub struct Nothing;

#[rocket::async_trait]
impl<'r> FromForm<'r> for Nothing {
    type Context = ();

    fn init(_: Options) -> Self::Context {}

    fn push_value((): &mut Self::Context, _: ValueField<'r>) {}

    async fn push_data((): &mut Self::Context, _: DataField<'r, '_>) {}

    fn finalize((): Self::Context) -> rocket::form::Result<'r, Self> {
        Ok(Self)
    }
}

/// A form with its token beside its fields; `F` is the form, or what it is parsed into.
struct WithToken<F> {
    token: String,
    fields: Vec<(String, String)>,
    /// The first field with a character that no text may have, and the character.
    wrong: Option<(String, char)>,
    form: F,
}

#[rocket::async_trait]
impl<'r, T: FromForm<'r>> FromForm<'r> for WithToken<T>
where
    T::Context: Send,
{
    type Context = WithToken<T::Context>;

    fn init(options: Options) -> Self::Context {
        WithToken { token: String::new(), fields: Vec::new(), wrong: None, form: T::init(options) }
    }

    fn push_value(reading: &mut Self::Context, field: ValueField<'r>) {
        if field.name == TOKEN_FIELD {
            field.value.clone_into(&mut reading.token);
            return;
        }
        if reading.wrong.is_none() {
            reading.wrong = format::forbidden_in(field.value).map(|found| (field.name.source().to_string(), found));
        }
        if reading.fields.len() < FIELDS_SAVED_MAX && !is_secret(field.name.source().as_str()) {
            reading.fields.push((field.name.source().to_string(), field.value.to_owned()));
        }
        T::push_value(&mut reading.form, field);
    }

    async fn push_data(reading: &mut Self::Context, field: DataField<'r, '_>) {
        T::push_data(&mut reading.form, field).await;
    }

    fn push_error(reading: &mut Self::Context, error: rocket::form::Error<'r>) {
        T::push_error(&mut reading.form, error);
    }

    fn finalize(reading: Self::Context) -> rocket::form::Result<'r, Self> {
        let WithToken { token, fields, wrong, form } = reading;
        Ok(Self { token, fields, wrong, form: T::finalize(form)? })
    }
}

#[rocket::async_trait]
impl<'r, T: FromForm<'r>> FromData<'r> for Posted<T>
where
    T::Context: Send,
{
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match read(request, data).await {
            Ok(form) => Outcome::Success(Self(form, CsrfVerified(Source::Page))),
            Err(status) => Outcome::Error((status, ())),
        }
    }
}

/// Reads and checks a form, or refuses it with a status.
async fn read<'r, T: FromForm<'r>>(request: &'r Request<'_>, data: Data<'r>) -> Result<T, Status>
where
    T::Context: Send,
{
    let refused = |failure| deny(request, failure).0;
    csrf_origin::check(request).map_err(refused)?;
    let caller = authenticate::find(request).await.map_err(refused)?;
    // Rocket has one limit for multipart parts of all routes, so multipart bodies are read by `Uploaded` only.
    if !request.content_type().is_some_and(|sent| sent.is_form()) {
        return Err(Status::UnsupportedMediaType);
    }
    let read = arrival(request, Form::<WithToken<T>>::from_data(request, data)).await.map_err(refused)?;
    let WithToken { token, fields, wrong, form } = match read {
        Outcome::Success(form) => form.into_inner(),
        Outcome::Error((status, _)) => return Err(status),
        Outcome::Forward((_, _)) => return Err(Status::UnsupportedMediaType),
    };
    let checked = if secret::is_same(&token, &authenticate::form_token(request)) {
        match caller {
            Some(caller) => authenticate::count(request, caller),
            None => rate_limit::count(request, &Client::at(request.client_ip()), true),
        }
    } else {
        Err(Failure::WrongToken)
    };
    if let Err(failure) = checked {
        if caller.is_some() {
            save(request, FormBody { fields, wrong: None });
        }
        return Err(refused(failure));
    }
    if let Some((name, found)) = wrong.filter(|_| caller.is_some()) {
        let failure = Failure::Malformed(forbidden(&unsent::label(&name), found));
        let wrong = Some(name).filter(|name| !is_secret(name));
        save(request, FormBody { fields: without_forbidden(fields), wrong });
        return Err(refused(failure));
    }
    Ok(form)
}

/// Keeps the fields for the page that shows the refusal.
fn save(request: &Request<'_>, body: FormBody) {
    // A request has one form.
    let _ = request.local_cache(SavedForm::default).0.set(body);
}

/// The sentence about a character that no text may have.
pub fn forbidden(field: &str, found: char) -> String {
    format!("{field} contains a control character (U+{:04X}), which no text may have.", u32::from(found))
}

/// The fields with the forbidden characters taken out, to be sent again.
fn without_forbidden(fields: Vec<(String, String)>) -> Vec<(String, String)> {
    let clean = |value: String| value.chars().filter(|c| !format::is_forbidden(*c)).collect();
    fields.into_iter().map(|(name, value)| (name, clean(value))).collect()
}
