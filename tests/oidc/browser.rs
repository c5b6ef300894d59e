//! A browser without scripts: keeps cookies and follows redirects.

use std::collections::BTreeMap;

use ureq::{Agent, http::Response};

/// Most redirects that are followed.
const REDIRECTS_MAX: usize = 15;

/// A page as it came.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address at which the redirects ended.
    pub url: String,
    /// The addresses on the way there.
    pub hops: Vec<String>,
    pub status: u16,
    pub refresh: Option<String>,
    pub body: String,
}

impl Page {
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "{text:?} is not at {}: {}", self.url, self.body);
        self
    }

    #[track_caller]
    pub fn status(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}: {}", self.url, self.body);
        self
    }
}

pub struct Browser {
    agent: Agent,
    /// By origin and name.
    pub cookies: BTreeMap<(String, String), String>,
}

/// `http://127.0.0.1:8000`
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    &url[..url[start..].find('/').map_or(url.len(), |at| start + at)]
}

impl Browser {
    pub fn new() -> Self {
        let config = Agent::config_builder().proxy(None).max_redirects(0).http_status_as_error(false).build();
        Self { agent: config.new_agent(), cookies: BTreeMap::new() }
    }

    pub fn open(&mut self, url: &str) -> Page {
        self.follow(url, None)
    }

    /// Sends a form.
    pub fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let encoded =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.follow(url, Some(pairs.join("&")))
    }

    /// The CSRF token of the first form of a page.
    pub fn token(&mut self, url: &str) -> String {
        let page = self.open(url);
        let (_, after) = page.body.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("no form at {url}"));
        after.split('"').next().unwrap().to_owned()
    }

    fn follow(&mut self, url: &str, mut body: Option<String>) -> Page {
        let (mut url, mut hops) = (url.to_owned(), Vec::new());
        for _ in 0..REDIRECTS_MAX {
            let mut answer = self.send(&url, body.take());
            let header =
                |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
            let (status, location, refresh) = (answer.status().as_u16(), header("location"), header("refresh"));
            let Some(location) = location.filter(|_| (300..400).contains(&status)) else {
                let body = answer.body_mut().read_to_string().unwrap();
                return Page { url, hops, status, refresh, body };
            };
            hops.push(url.clone());
            url = if location.starts_with('/') { format!("{}{location}", origin(&url)) } else { location };
        }
        panic!("too many redirects: {hops:#?}");
    }

    fn send(&mut self, url: &str, body: Option<String>) -> Response<ureq::Body> {
        let site = origin(url).to_owned();
        let own = self.cookies.iter().filter(|((of, _), _)| *of == site);
        let cookies: Vec<_> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let answer = match body {
            Some(body) => {
                let request = self.agent.post(url).header("Cookie", &cookies).header("Origin", &site);
                request.header("Content-Type", "application/x-www-form-urlencoded").send(body)
            }
            None => self.agent.get(url).header("Cookie", &cookies).call(),
        };
        let answer = answer.unwrap_or_else(|error| panic!("{url}: {error}"));
        for cookie in answer.headers().get_all("set-cookie") {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap_or_default();
            let key = (site.clone(), name.to_owned());
            if value.is_empty() || attributes.contains("Max-Age=0") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
        answer
    }
}
