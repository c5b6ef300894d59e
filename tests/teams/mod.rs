//! Several teams in one process: what one knows is of no use at the other.

mod apart;
mod command_line;
mod hosts;
mod jobs;
mod settings;

use std::sync::Arc;

use rocket::{
    figment::Figment,
    http::{Cookie, Header, uri::Host},
    local::blocking::{Client, LocalRequest},
};
use tandem::{
    app,
    config::Team,
    context::{Context, Teams},
};

use crate::{
    auth::{FORM, JSON, form_token},
    support::{App, page::Page},
};

pub const NORTH: &str = "north.example.com";
pub const SOUTH: &str = "south.example.com";

/// One server with two teams, which begin with the same users and events. `north` and `south` have their stores.
pub struct Two {
    pub north: App,
    pub south: App,
    pub client: Client,
}

/// A team's context under a name.
fn named(app: &App, name: &str) -> Context {
    let mut config = (*app.context.config).clone();
    config.team = Some(Team { name: name.to_owned(), host: format!("{name}.example.com") });
    Context { config: Arc::new(config), ..app.context.clone() }
}

impl Two {
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// With these settings for both.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        let (north, south) = (App::with_users_and(settings), App::with_users_and(settings));
        let teams = vec![named(&north, "north"), named(&south, "south")];
        let process = (*north.context.config).clone();
        let settings = rocket::Config {
            log_level: rocket::config::LogLevel::Off,
            ip_header: None,
            ..rocket::Config::debug_default()
        };
        let client = Client::untracked(app::build(Figment::from(settings), Teams::new(process, teams))).unwrap();
        Self { north, south, client }
    }

    /// A request to a host name, as browsers write it.
    pub fn request<'c>(&'c self, host: &str, method: &str, address: &str) -> LocalRequest<'c> {
        let mut request = self.client.req(method.parse::<rocket::http::Method>().unwrap(), address.to_owned());
        request.inner_mut().set_host(Host::parse_owned(host.to_owned()).unwrap());
        request.header(Header::new("Host", host.to_owned()))
    }

    pub fn get(&self, host: &str, address: &str) -> Page {
        Page::of(self.request(host, "GET", address))
    }

    /// A page for a session.
    pub fn get_as(&self, session: &str, host: &str, address: &str) -> Page {
        Page::of(self.request(host, "GET", address).cookie(Cookie::new("tandem_session", session.to_owned())))
    }

    /// A form of a session, with the token of its forms.
    pub fn post_as(&self, session: &str, host: &str, address: &str, fields: &str) -> Page {
        let request = self.request(host, "POST", address).cookie(Cookie::new("tandem_session", session.to_owned()));
        let body = format!("{fields}&csrf={}", form_token(session));
        Page::of(request.header(Header::new(FORM.0, FORM.1)).body(body))
    }

    /// A call with a token.
    pub fn call(&self, token: &str, host: &str, address: &str, body: &str, headers: &[(&'static str, &str)]) -> Page {
        let request = self.request(host, if body.is_empty() { "GET" } else { "POST" }, address);
        let request = request.header(Header::new("Authorization", format!("Bearer {token}")));
        let mut request = request.header(Header::new(JSON.0, JSON.1)).body(body);
        for (name, value) in headers {
            request.add_header(Header::new(*name, (*value).to_owned()));
        }
        Page::of(request)
    }
}
