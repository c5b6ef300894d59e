//! The one cookie that lets somebody in: a word, and nothing else.

use rocket::{
    Request,
    http::{Cookie, CookieJar, SameSite},
    time::Duration,
};

use crate::{config::Config, secret::SecretToken};

const NAME: &str = "tandem_session";
/// A browser sets such a cookie for the very host that sent it through TLS, and for no other.
const NAME_TLS: &str = "__Host-tandem_session";

/// What it is called.
pub fn name(config: &Config) -> &'static str {
    if config.access.is_tls() { NAME_TLS } else { NAME }
}

/// The word that a request carries.
pub fn word(request: &Request<'_>, config: &Config) -> Option<String> {
    request.cookies().get(name(config)).map(|cookie| cookie.value().to_owned())
}

/// Gives a browser its word.
pub fn give(jar: &CookieJar<'_>, word: &SecretToken, config: &Config) {
    let seconds = config.access.lifetime.whole.num_seconds();
    jar.add(cookie(word.as_str().to_owned(), config).max_age(Duration::seconds(seconds)));
}

/// Takes it away.
pub fn take(jar: &CookieJar<'_>, config: &Config) {
    jar.remove(cookie(String::new(), config));
}

fn cookie(value: String, config: &Config) -> rocket::http::private::cookie::CookieBuilder<'static> {
    let cookie = Cookie::build((name(config), value)).path("/").http_only(true);
    cookie.same_site(SameSite::Lax).secure(config.access.is_tls())
}
