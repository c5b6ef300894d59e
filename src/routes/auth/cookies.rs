//! The session cookie. Its value is the session token.

use rocket::{
    Request,
    http::{Cookie, CookieJar, SameSite},
    time::Duration,
};

use crate::{config::Config, secret::SecretToken};

const NAME: &str = "tandem_session";
/// With this prefix, browsers accept the cookie only over TLS and send it to the same host only.
const NAME_TLS: &str = "__Host-tandem_session";

/// The cookie by which a browser is known again, so that only a sign-in with a new one is reported.
const DEVICE: &str = "tandem_device";
const DEVICE_TLS: &str = "__Host-tandem_device";
const DEVICE_DAYS: i64 = 365;
/// Longest value that is read, in characters; those that are set are shorter.
const DEVICE_CHARS_MAX: usize = 100;

/// The value of the cookie by which a browser is known again.
pub fn device(request: &Request<'_>, config: &Config) -> Option<String> {
    let cookie = request.cookies().get(device_name(config))?;
    (cookie.value().len() <= DEVICE_CHARS_MAX).then(|| cookie.value().to_owned())
}

pub fn set_device(jar: &CookieJar<'_>, value: String, config: &Config) {
    jar.add(build(device_name(config), value, config).max_age(Duration::days(DEVICE_DAYS)));
}

fn device_name(config: &Config) -> &'static str {
    if config.access.is_tls() { DEVICE_TLS } else { DEVICE }
}

/// The cookie of a sign-in that was begun at the provider.
const PENDING: &str = "tandem_provider";
const PENDING_TLS: &str = "__Host-tandem_provider";
const PENDING_MINUTES: i64 = 10;

fn pending_name(config: &Config) -> &'static str {
    if config.access.is_tls() { PENDING_TLS } else { PENDING }
}

/// The value of the cookie of a sign-in that was begun at the provider.
pub fn pending(jar: &CookieJar<'_>, config: &Config) -> Option<String> {
    jar.get(pending_name(config)).map(|cookie| cookie.value().to_owned())
}

pub fn set_pending(jar: &CookieJar<'_>, value: String, config: &Config) {
    jar.add(build(pending_name(config), value, config).max_age(Duration::minutes(PENDING_MINUTES)));
}

pub fn remove_pending(jar: &CookieJar<'_>, config: &Config) {
    jar.remove(build(pending_name(config), String::new(), config));
}

/// The cookie of a form that was sent after the session ended.
const UNSENT: &str = "tandem_unsent";
const UNSENT_TLS: &str = "__Host-tandem_unsent";

fn unsent_name(config: &Config) -> &'static str {
    if config.access.is_tls() { UNSENT_TLS } else { UNSENT }
}

/// The value of the cookie of a form that was sent after the session ended.
pub fn unsent(jar: &CookieJar<'_>, config: &Config) -> Option<String> {
    jar.get(unsent_name(config)).map(|cookie| cookie.value().to_owned())
}

pub fn set_unsent(jar: &CookieJar<'_>, token: &SecretToken, minutes: i64, config: &Config) {
    jar.add(build(unsent_name(config), token.as_str().to_owned(), config).max_age(Duration::minutes(minutes)));
}

pub fn remove_unsent(jar: &CookieJar<'_>, config: &Config) {
    jar.remove(build(unsent_name(config), String::new(), config));
}

pub fn name(config: &Config) -> &'static str {
    if config.access.is_tls() { NAME_TLS } else { NAME }
}

pub fn token(request: &Request<'_>, config: &Config) -> Option<String> {
    request.cookies().get(name(config)).map(|cookie| cookie.value().to_owned())
}

pub fn set(jar: &CookieJar<'_>, token: &SecretToken, config: &Config) {
    let seconds = config.access.lifetime.whole.num_seconds();
    jar.add(cookie(token.as_str().to_owned(), config).max_age(Duration::seconds(seconds)));
}

pub fn remove(jar: &CookieJar<'_>, config: &Config) {
    jar.remove(cookie(String::new(), config));
}

fn cookie(value: String, config: &Config) -> rocket::http::private::cookie::CookieBuilder<'static> {
    build(name(config), value, config)
}

fn build(name: &'static str, value: String, config: &Config) -> rocket::http::private::cookie::CookieBuilder<'static> {
    let cookie = Cookie::build((name, value)).path("/").http_only(true);
    cookie.same_site(SameSite::Lax).secure(config.access.is_tls())
}
