//! Who comes in, and what they may do: sign-in, sessions, tokens, forms from elsewhere, limits.
//!
//! Rule of these tests: for each thing that lets somebody in, one test that it does, and more that nothing else does.

mod accounts_pages;
mod bodies;
mod crowd;
mod every_route;
mod fields;
mod forms;
mod hostile;
mod kept;
mod limits;
mod logged;
mod misuse;
mod offers;
mod payloads;
mod preface;
mod running;
mod sign_in;
pub mod site_map;
mod slow;
mod tokens;
mod unread;

use chrono::TimeDelta;
use rocket::http::{Cookie, Header, Method};
use tandem::{
    domain::user::{
        PasswordHash, Role, User, UserName,
        access::{AdminCommand, Digest, Purpose, Session},
    },
    secret,
    services::accounts,
    store::tables::accounts::{sessions, users},
};

use crate::support::{App, acceptance_data, origin, page::Page};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// The hash of everybody's password: made once, it takes its time.
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
            app.order(&AdminCommand::AddUser { name: name(of(role)), role, password: Some(hash()), link: None });
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

    /// A session of a user, begun elsewhere: its word.
    pub fn session_of(&self, text: &str) -> String {
        let word = secret::SecretToken::new().unwrap().as_str().to_owned();
        let (user, now) = (self.user(text).unwrap(), self.context.clock.now());
        let session = Session {
            digest: Digest::of(&word),
            user: user.name.clone(),
            started_at: now,
            seen_at: now,
            from: "192.0.2.7".to_owned(),
            agent: "Firefox/153 (Windows)".to_owned(),
        };
        let lifetime = self.context.config.access.lifetime;
        assert!(accounts::sign_in(self.store.blocking(), &user, &session, None, lifetime, &origin()).unwrap());
        word
    }

    /// A token for calls: its word.
    pub fn token(&self, role: Role, days: i64) -> String {
        let word = secret::SecretToken::new().unwrap().as_str().to_owned();
        let ends_at = Some(self.context.clock.now() + TimeDelta::days(days));
        let (label, purpose) = (format!("{role} program"), Purpose::Calls(role));
        self.order(&AdminCommand::MakeToken { digest: Digest::of(&word), label, purpose, ends_at });
        word
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

    /// As somebody who has the word of a session.
    pub fn ask_as(&self, word: &str, method: &str, address: &str, headers: &[(&str, &str)], body: &str) -> Page {
        let method: Method = method.parse().unwrap();
        let mut request = self.client().req(method, address.to_owned()).body(body);
        request = request.cookie(Cookie::new("tandem_session", word.to_owned()));
        for (name, value) in headers {
            request.add_header(Header::new((*name).to_owned(), (*value).to_owned()));
        }
        Page::of(request)
    }
}

/// The token of the forms of whoever has a word.
pub fn form_token(word: &str) -> String {
    hex::encode(Digest::of(&format!("tandem form {word}")).0)
}

pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
pub const JSON: (&str, &str) = ("Content-Type", "application/json");
