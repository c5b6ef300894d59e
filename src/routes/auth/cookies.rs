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

/// The name of the cookie.
pub fn name(config: &Config) -> &'static str {
    if config.access.is_tls() { NAME_TLS } else { NAME }
}

/// The session token of a request.
pub fn token(request: &Request<'_>, config: &Config) -> Option<String> {
    request.cookies().get(name(config)).map(|cookie| cookie.value().to_owned())
}

/// Sets the cookie.
pub fn set(jar: &CookieJar<'_>, token: &SecretToken, config: &Config) {
    let seconds = config.access.lifetime.whole.num_seconds();
    jar.add(cookie(token.as_str().to_owned(), config).max_age(Duration::seconds(seconds)));
}

/// Removes the cookie.
pub fn remove(jar: &CookieJar<'_>, config: &Config) {
    jar.remove(cookie(String::new(), config));
}

fn cookie(value: String, config: &Config) -> rocket::http::private::cookie::CookieBuilder<'static> {
    let cookie = Cookie::build((name(config), value)).path("/").http_only(true);
    cookie.same_site(SameSite::Lax).secure(config.access.is_tls())
}
