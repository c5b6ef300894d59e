//! Authentication and authorization: sign-in, sessions, tokens, cross-site forms, limits.
//!
//! Rule of these tests: each credential has one test that it is accepted, and more that anything else is refused.

mod accounts_pages;
mod bodies;
mod browser_cache;
pub mod command_line;
pub mod every_route;
mod fields;
mod forms;
mod hostile;
mod http_2;
pub mod limits;
mod links_by_role;
mod misuse;
mod overload;
mod payloads;
mod request_log;
mod saved_forms;
mod sign_in;
pub mod site_map;
mod slow_clients;
mod tokens;
mod unread_answers;

use chrono::TimeDelta;
use rocket::http::{Cookie, Header, Method};
use tandem::{
    domain::user::{
        PasswordHash, Role, Scope, User, UserName,
        access::{AdminCommand, Digest, Purpose, Session},
    },
    secret,
    services::accounts,
    store::tables::accounts::{sessions, users},
};

use crate::support::{App, acceptance_data, origin, page::Page};

/// The password of every user.
pub const PASSWORD: &str = "correct horse battery";

/// The hash of that password, computed once because it is slow.
fn hash() -> PasswordHash {
    use std::sync::LazyLock;
    static HASH: LazyLock<PasswordHash> = LazyLock::new(|| secret::hash(PASSWORD).unwrap());
    HASH.clone()
}

/// The name of a role's user.
pub fn of(role: Role) -> &'static str {
    match role {
        Role::Viewer => "vera",
        Role::Scheduler => "sam",
        Role::Admin => "ada",
    }
}

fn name(text: &str) -> UserName {
    text.parse().unwrap()
}

impl App {
    /// With sign-in, a user of each role, and the old application's events.
    pub fn with_users() -> Self {
        Self::with_users_and(&[])
    }

    pub fn with_users_and(settings: &[(&str, &str)]) -> Self {
        let settings: Vec<_> = [("sign_in", "password")].into_iter().chain(settings.iter().copied()).collect();
        let app = Self::with(&settings, Some(acceptance_data()));
        for role in Role::ALL {
            app.order(&AdminCommand::AddUser {
                name: name(of(role)),
                role,
                password: Some(hash()),
                link: None,
                email: None,
            });
        }
        app
    }

    pub fn order(&self, order: &AdminCommand) {
        accounts::execute(self.store.blocking(), order, None, &origin()).unwrap();
    }

    pub fn user(&self, text: &str) -> Option<User> {
        self.read(|view| users::get(view, &name(text)))
    }

    pub fn sessions_of(&self, text: &str) -> Vec<Session> {
        self.read(|view| sessions::of_user(view, &name(text)))
    }

    /// A session of a user, begun elsewhere. Returns its token.
    pub fn session_of(&self, text: &str) -> String {
        let token = secret::SecretToken::new().unwrap().as_str().to_owned();
        let (user, now) = (self.user(text).unwrap(), self.context.clock.now());
        let session = Session {
            digest: Digest::of(&token),
            user: user.name.clone(),
            started_at: now,
            seen_at: now,
            confirmed_at: now,
            is_external: false,
            from: "192.0.2.7".to_owned(),
            agent: "Firefox/153 (Windows)".to_owned(),
        };
        let lifetime = self.context.config.access.lifetime;
        assert!(accounts::sign_in(self.store.blocking(), &user, &session.into(), lifetime, &origin()).unwrap());
        token
    }

    /// Creates a token for API calls.
    pub fn token(&self, role: Role, days: i64) -> String {
        let token = secret::SecretToken::new().unwrap().as_str().to_owned();
        let ends_at = Some(self.context.clock.now() + TimeDelta::days(days));
        let (label, purpose) = (format!("{role} program"), Purpose::Calls(Scope::of(role)));
        self.order(&AdminCommand::MakeToken { digest: Digest::of(&token), label, purpose, ends_at });
        token
    }

    /// Signs in by the form, as a browser does that keeps its cookies.
    pub fn sign_in(&self, name: &str, password: &str) -> Page {
        self.post("/sign-in", &[("name", name), ("password", password)])
    }

    /// Any request, with these headers.
    pub fn ask(&self, method: &str, address: &str, headers: &[(&str, &str)], body: &str) -> Page {
        let method: Method = method.parse().unwrap();
        let mut request = self.client().req(method, address.to_owned()).body(body);
        for (name, value) in headers {
            request.add_header(Header::new((*name).to_owned(), (*value).to_owned()));
        }
        Page::of(request)
    }

    /// Sends a request with the token of a session.
    pub fn ask_as(&self, token: &str, method: &str, address: &str, headers: &[(&str, &str)], body: &str) -> Page {
        let method: Method = method.parse().unwrap();
        let mut request = self.client().req(method, address.to_owned()).body(body);
        request = request.cookie(Cookie::new("tandem_session", token.to_owned()));
        for (name, value) in headers {
            request.add_header(Header::new((*name).to_owned(), (*value).to_owned()));
        }
        Page::of(request)
    }
}

/// The form token of a session.
pub fn form_token(token: &str) -> String {
    hex::encode(Digest::of(&format!("tandem form {token}")).0)
}

pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
pub const JSON: (&str, &str) = ("Content-Type", "application/json");
