//! Every route, requested by every caller as a page, a fragment and a call, and with every content type. The site map says
//! who may do what; a route that is not in it is not mounted.

use tandem::{
    domain::user::{
        Role, UserName,
        access::{AdminCommand, Digest, Purpose},
    },
    routes::site_map::Access,
};

use super::{
    FORM, JSON, form_token, of,
    site_map::{ENTRIES, Entry},
};
use crate::support::{App, Bytes, page::Page};

const UPLOAD: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=edge");

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    SignedOut,
    User(Role),
    Token(Role),
    /// With the session of an admin that ended by itself.
    ExpiredSession,
    /// With the session of an admin who was disabled.
    DisabledUser,
    /// With an admin's token that ended by itself.
    ExpiredToken,
    /// With an admin's token that was taken away.
    RevokedToken,
    /// With the secret of a calendar feed.
    FeedToken,
}

/// Callers with a session or token that gives no right.
const FORMER: [Who; 5] = [Who::ExpiredSession, Who::DisabledUser, Who::ExpiredToken, Who::RevokedToken, Who::FeedToken];
/// Longer than a session may be unused, and than a token of one day is good.
const IDLE_SECONDS: i64 = 25 * 60 * 60;

/// How.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Page,
    Fragment,
}

fn callers() -> impl Iterator<Item = Who> {
    let users = Role::ALL.into_iter().map(Who::User);
    [Who::SignedOut].into_iter().chain(users).chain(Role::ALL.into_iter().map(Who::Token)).chain(FORMER)
}

/// The application, and the secrets of [`FORMER`].
fn with_former_callers() -> (App, [String; 5]) {
    let app = App::with_users();
    let (expired_session, expired_token) = (app.session_of("ada"), app.token(Role::Admin, 1));
    let app = app.later(IDLE_SECONDS);
    let dora: UserName = "dora".parse().unwrap();
    let (name, role, password) = (dora.clone(), Role::Admin, None);
    app.order(&AdminCommand::AddUser { name, role, password, link: None, email: None });
    let disabled_user = app.session_of("dora");
    app.order(&AdminCommand::SetActive { name: dora, active: false, seen: None });
    let revoked_token = app.token(Role::Admin, 1);
    app.order(&AdminCommand::EndToken { token: Digest::of(&revoked_token).short() });
    let feed_token = "the secret of a calendar feed".to_owned();
    app.order(&AdminCommand::MakeToken {
        digest: Digest::of(&feed_token),
        label: "feed".to_owned(),
        purpose: Purpose::Feed(None),
        ends_at: None,
    });
    (app, [expired_session, disabled_user, expired_token, revoked_token, feed_token])
}

/// An address that a route takes.
pub fn filled(route: &str) -> String {
    let path = route.split('?').next().unwrap();
    let filled = path.split('/').map(|part| match part {
        "<event>" => "1001",
        "<change_kind>" => "employee",
        "<date>" => "2025-10-15",
        "<year>" => "2025",
        "<month>" => "10",
        "<name>" => "no-such-user",
        "<file>" => "events.csv",
        part if part.starts_with('<') => "1",
        part => part,
    });
    filled.collect::<Vec<_>>().join("/")
}

fn is_call(route: &str) -> bool {
    route.starts_with("/api/")
}

/// The form that sends files.
fn is_upload(method: &str, route: &str) -> bool {
    (method, route) == ("POST", "/import")
}

/// The role that a route needs; none for routes without a role.
fn needed(access: Access) -> Option<Role> {
    match access {
        Access::Viewer => Some(Role::Viewer),
        Access::Scheduler => Some(Role::Scheduler),
        Access::Admin => Some(Role::Admin),
        Access::Anyone | Access::CommandLine | Access::SameMachine | Access::Never => None,
    }
}

impl App {
    /// What is stored, but for tokens, whose last use is noted.
    fn bytes_but_tokens(&self) -> Bytes {
        self.bytes().into_iter().filter(|((table, _), _)| table.name() != "tokens").collect()
    }
}

pub struct Asker<'a> {
    app: &'a App,
    /// The token of each role.
    tokens: [String; 3],
    /// The secrets of [`FORMER`].
    former: [String; 5],
}

impl<'a> Asker<'a> {
    pub fn of(app: &'a App) -> Self {
        Self::with_former(app, std::array::from_fn(|_| String::new()))
    }

    fn with_former(app: &'a App, former: [String; 5]) -> Self {
        Self { app, tokens: Role::ALL.map(|role| app.token(role, 1)), former }
    }
}

impl Asker<'_> {
    /// Sends a valid form or call as the given caller.
    pub fn ask(&self, who: Who, how: How, method: &str, route: &str) -> Page {
        let (word, token) = self.session(who);
        self.ask_with(who, how, method, route, word.as_deref(), &token, &[])
    }

    /// The session of a caller, if they have one, and the token of their forms.
    fn session(&self, who: Who) -> (Option<String>, String) {
        let word = match who {
            Who::User(role) => Some(self.app.session_of(of(role))),
            Who::ExpiredSession | Who::DisabledUser => Some(self.secret(who)),
            Who::SignedOut | Who::Token(_) | Who::ExpiredToken | Who::RevokedToken | Who::FeedToken => None,
        };
        let is_signed_in = matches!(who, Who::User(_));
        let secret = self.app.store.blocking().secret().unwrap();
        let token = form_token(word.as_deref().filter(|_| is_signed_in).unwrap_or(&secret));
        (word, token)
    }

    fn secret(&self, who: Who) -> String {
        let place = FORMER.iter().position(|one| *one == who).unwrap();
        self.former[place].clone()
    }

    fn bearer(&self, who: Who) -> Option<String> {
        let token = match who {
            Who::Token(role) => self.tokens[role as usize].clone(),
            Who::ExpiredToken | Who::RevokedToken | Who::FeedToken => self.secret(who),
            Who::SignedOut | Who::User(_) | Who::ExpiredSession | Who::DisabledUser => return None,
        };
        Some(format!("Bearer {token}"))
    }

    #[expect(clippy::too_many_arguments, reason = "each is one side of the table")]
    fn ask_with(
        &self,
        who: Who,
        how: How,
        method: &str,
        route: &str,
        word: Option<&str>,
        token: &str,
        more: &[(&str, &str)],
    ) -> Page {
        let bearer = self.bearer(who);
        let mut headers = more.to_vec();
        headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        if how == How::Fragment {
            headers.push(("HX-Request", "true"));
        }
        headers.push(match (is_call(route), is_upload(method, route)) {
            (true, _) => JSON,
            (false, true) => UPLOAD,
            (false, false) => FORM,
        });
        if is_call(route) && !token.is_empty() {
            headers.push(("X-CSRF-Token", token));
        }
        let body = match (is_call(route), is_upload(method, route)) {
            (true, _) => "{}".to_owned(),
            (false, true) => {
                format!("--edge\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--edge--\r\n")
            }
            (false, false) => format!("csrf={token}"),
        };
        let (address, body) = (filled(route), if method == "GET" { String::new() } else { body });
        match word {
            Some(word) => self.app.ask_as(word, method, &address, &headers, &body),
            None => self.app.ask(method, &address, &headers, &body),
        }
    }
}

/// The outcome, as far as access is concerned.
fn verdict(answer: &Page) -> &'static str {
    let to_sign_in = |place: Option<&str>| place.is_some_and(|place| place.starts_with("/sign-in"));
    match answer.status {
        401 => "signed out",
        200 if to_sign_in(answer.header("HX-Redirect")) => "signed out",
        303 if to_sign_in(answer.location.as_deref()) => "signed out",
        403 => "forbidden",
        _ => "let in",
    }
}

/// What is right for a caller of a route.
fn right(access: Access, who: Who, route: &str) -> &'static str {
    let role = match who {
        Who::User(role) => Some(role),
        Who::Token(role) if is_call(route) => Some(role),
        _ => None,
    };
    match (needed(access), role) {
        (None, _) => "let in",
        (Some(_), None) => "signed out",
        (Some(needed), Some(role)) if role >= needed => "let in",
        (Some(_), Some(_)) => "forbidden",
    }
}

#[test]
fn each_caller_reaches_exactly_the_routes_of_its_rights() {
    let (app, former) = with_former_callers();
    let asker = Asker::with_former(&app, former);
    let mut wrong = Vec::new();
    for Entry { method, path: route, access, .. } in ENTRIES.iter() {
        for who in callers() {
            for how in [How::Page, How::Fragment] {
                let answer = asker.ask(who, how, method, route);
                if *access == Access::CommandLine {
                    assert_eq!(answer.status, 404, "{method} {route} as {who:?}");
                    continue;
                }
                // Signing out leads to the sign-in page.
                let wanted = if route.starts_with("/sign-out") { "signed out" } else { right(*access, who, route) };
                if verdict(&answer) != wanted {
                    wrong.push(format!(
                        "{method} {route} as {who:?}, {how:?}: {} ({})",
                        verdict(&answer),
                        answer.status
                    ));
                }
                if answer.status == 401 {
                    assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer realm=\"tandem\""), "{method} {route}");
                }
                assert!(answer.status < 500, "{method} {route} as {who:?}, {how:?}: {}", answer.status);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// TX-08: every write, by every role, without its token or from elsewhere.
#[test]
fn tx_08_no_write_is_made_without_its_token_or_from_another_origin() {
    let (app, former) = with_former_callers();
    let asker = Asker::with_former(&app, former);
    let writes = ENTRIES.iter().filter(|entry| entry.method != "GET" && entry.access != Access::CommandLine);
    for Entry { method, path: route, access, .. } in writes {
        for who in callers() {
            let (word, token) = asker.session(who);
            let stale = form_token("the word of a session that ended");
            let before = app.bytes_but_tokens();
            let tries: [(&str, &[(&str, &str)]); 5] = [
                ("", &[]),
                (&stale, &[]),
                (&token, &[("Host", "tandem.example"), ("Origin", "https://evil.example")]),
                (&token, &[("Host", "tandem.example"), ("Origin", "null")]),
                (&token, &[("Sec-Fetch-Site", "cross-site")]),
            ];
            for (number, (token, headers)) in tries.into_iter().enumerate() {
                // A bearer token needs no form token: browsers never send it by themselves.
                if number < 2 && is_call(route) && !matches!(who, Who::User(_)) {
                    continue;
                }
                let answer = asker.ask_with(who, How::Page, method, route, word.as_deref(), token, headers);
                let what = format!("{method} {route} ({access:?}) as {who:?}, try {number}: {}", answer.status);
                assert!(matches!(verdict(&answer), "forbidden" | "signed out"), "{what}");
                assert!(answer.status == 403 || !matches!(who, Who::User(_)), "{what}");
            }
            assert!(app.bytes_but_tokens() == before, "{method} {route} as {who:?} changed something");
        }
    }
}

/// Content types, each with a body of that type that has no field but the form token.
fn bodies(token: &str) -> [(&'static str, String); 8] {
    let part = "--edge\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n";
    let form = format!("csrf={token}");
    [
        (FORM.1, form.clone()),
        ("application/x-www-form-urlencoded; charset=utf-8", form.clone()),
        (UPLOAD.1, format!("{part}{token}\r\n--edge--\r\n")),
        (JSON.1, "{}".to_owned()),
        ("application/merge-patch+json", "{}".to_owned()),
        ("text/plain", form.clone()),
        ("text/html", form.clone()),
        ("", form),
    ]
}

/// A content type opens no route to a caller, and a body of a type that the route does not take changes nothing.
#[test]
fn every_write_admits_the_same_callers_with_every_content_type() {
    let (app, former) = with_former_callers();
    let asker = Asker::with_former(&app, former);
    let sessions: Vec<_> = callers().map(|who| (who, asker.session(who))).collect();
    let before = app.bytes_but_tokens();
    let mut wrong = Vec::new();
    let writes = ENTRIES.iter().filter(|entry| entry.method != "GET" && entry.access != Access::CommandLine);
    for Entry { method, path: route, access, .. } in writes {
        for (who, (word, token)) in &sessions {
            for (content_type, body) in bodies(token) {
                let is_taken = match (is_call(route), is_upload(method, route)) {
                    (true, _) => content_type.contains("json"),
                    (false, true) => content_type == UPLOAD.1,
                    (false, false) => content_type.starts_with(FORM.1),
                };
                let right = right(*access, *who, route);
                // What a route takes from those who may use it is the matter of other tests.
                if is_taken && right == "let in" {
                    continue;
                }
                let bearer = asker.bearer(*who);
                let mut headers = vec![("X-CSRF-Token", token.as_str())];
                headers.extend((!content_type.is_empty()).then_some(("Content-Type", content_type)));
                headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));

                let answer = match word {
                    Some(word) => app.ask_as(word, method, &filled(route), &headers, &body),
                    None => app.ask(method, &filled(route), &headers, &body),
                };

                let is_right = verdict(&answer) == right && (right != "let in" || matches!(answer.status, 400..=422));
                if !is_right {
                    wrong.push(format!("{method} {route} as {who:?}, {content_type:?}: {} not {right}", answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(app.bytes_but_tokens() == before, "something was changed");
}

/// Other ways to write a path, which take the same route.
fn spellings(path: &str) -> [String; 3] {
    let first = path.as_bytes()[1];
    [format!("/{path}"), format!("/%{first:02x}{}", &path[2..]), format!("//%{first:02X}{}", &path[2..])]
}

#[test]
fn a_write_needs_its_token_however_its_path_is_written() {
    let app = App::with_users();
    let word = app.session_of(of(Role::Admin));
    let before = app.bytes();
    let mut wrong = Vec::new();
    let writes = ENTRIES.iter().filter(|entry| entry.method != "GET" && entry.access != Access::CommandLine);
    for Entry { method, path: route, .. } in writes {
        for path in spellings(&filled(route)) {
            let (content_type, body) = match (is_call(route), is_upload(method, route)) {
                (true, _) => (JSON, "{}"),
                (false, true) => (UPLOAD, "--edge--\r\n"),
                (false, false) => (FORM, ""),
            };
            let answer = app.ask_as(&word, method, &path, &[content_type], body);
            if answer.status != 403 {
                wrong.push(format!("{method} {path}: {}", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(app.bytes() == before, "something was changed");
}

#[test]
fn a_form_that_is_shown_again_leads_to_this_server() {
    let app = App::with_users();
    let page = app.ask_as(&app.session_of("sam"), "POST", "//events/1010/reschedule", &[FORM], "date=2025-10-20");
    let form = page.status(403).form("/events/1010/reschedule");
    assert_eq!(form.value("date"), "2025-10-20");
}
