//! The cookies of this server.

use rocket::{
    http::{Cookie, CookieJar, SameSite},
    time::Duration,
};

use crate::config::Config;

/// A cookie, by the name that it has without TLS. With TLS the name begins with `__Host-`: then browsers accept the cookie
/// only over TLS and send it to the same host only.
#[derive(Clone, Copy, Debug)]
pub struct Name(&'static str);

/// Its value is the session token.
pub const SESSION: Name = Name("tandem_session");
/// The cookie by which a browser is known again, so that only a sign-in with a new one is reported.
pub const DEVICE: Name = Name("tandem_device");
/// A sign-in that was begun at the provider.
pub const PENDING: Name = Name("tandem_provider");
/// A form that was sent after the session ended.
pub const UNSENT: Name = Name("tandem_unsent");

const DEVICE_DAYS: i64 = 365;

impl Name {
    /// The name that browsers see.
    pub fn shown(self, config: &Config) -> String {
        let prefix = if config.access.is_tls() { "__Host-" } else { "" };
        format!("{prefix}{}", self.0)
    }

    pub fn value(self, jar: &CookieJar<'_>, config: &Config) -> Option<String> {
        jar.get(&self.shown(config)).map(|cookie| cookie.value().to_owned())
    }

    pub fn set(self, jar: &CookieJar<'_>, value: String, age: Duration, config: &Config) {
        let mut cookie = self.cookie(value, config);
        cookie.set_max_age(age);
        jar.add(cookie);
    }

    pub fn remove(self, jar: &CookieJar<'_>, config: &Config) {
        jar.remove(self.cookie(String::new(), config));
    }

    fn cookie(self, value: String, config: &Config) -> Cookie<'static> {
        let cookie = Cookie::build((self.shown(config), value)).path("/").http_only(true);
        cookie.same_site(SameSite::Lax).secure(config.access.is_tls()).build()
    }
}

/// Begins a session in the browser.
pub fn set_session(jar: &CookieJar<'_>, token: &str, config: &Config) {
    let age = Duration::seconds(config.access.lifetime.whole.num_seconds());
    SESSION.set(jar, token.to_owned(), age, config);
}

pub fn set_device(jar: &CookieJar<'_>, value: String, config: &Config) {
    DEVICE.set(jar, value, Duration::days(DEVICE_DAYS), config);
}
