//! Every route, asked by everybody, as a page, a fragment and a call. The site map says what each may do.

use tandem::{domain::user::Role, routes::site_map::Access};

use super::{
    FORM, JSON, form_token, of,
    site_map::{ENTRIES, Entry},
};
use crate::support::{App, page::Page};

const UPLOAD: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=edge");

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Nobody,
    User(Role),
    Token(Role),
}

/// How.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Page,
    Fragment,
}

fn everybody() -> impl Iterator<Item = Who> {
    let users = Role::ALL.into_iter().map(Who::User);
    [Who::Nobody].into_iter().chain(users).chain(Role::ALL.into_iter().map(Who::Token))
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
        "<name>" => "nobody-here",
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

/// The role that may use a door; none where everybody or nobody may.
fn needed(access: Access) -> Option<Role> {
    match access {
        Access::Viewer => Some(Role::Viewer),
        Access::Scheduler => Some(Role::Scheduler),
        Access::Admin => Some(Role::Admin),
        Access::Anyone | Access::CommandLine | Access::SameMachine | Access::Never => None,
    }
}

pub struct Asker<'a> {
    app: &'a App,
    /// The token of each role.
    tokens: [String; 3],
}

impl<'a> Asker<'a> {
    pub fn of(app: &'a App) -> Self {
        Self { app, tokens: Role::ALL.map(|role| app.token(role, 1)) }
    }
}

impl Asker<'_> {
    /// Asks as somebody whose forms and calls are in order.
    pub fn ask(&self, who: Who, how: How, method: &str, route: &str) -> Page {
        let word = match who {
            Who::User(role) => Some(self.app.session_of(of(role))),
            Who::Nobody | Who::Token(_) => None,
        };
        let secret = self.app.store.blocking().secret().unwrap();
        let token = form_token(word.as_deref().unwrap_or(&secret));
        self.ask_with(who, how, method, route, word.as_deref(), &token, &[])
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
        let bearer = match who {
            Who::Token(role) => Some(format!("Bearer {}", self.tokens[role as usize])),
            Who::Nobody | Who::User(_) => None,
        };
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

/// What came of it, as far as doors are concerned.
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

#[test]
fn everybody_gets_through_every_door_that_is_theirs_and_no_other() {
    let app = App::with_users();
    let asker = Asker::of(&app);
    let mut wrong = Vec::new();
    for Entry { method, path: route, access, .. } in ENTRIES.iter() {
        for who in everybody() {
            for how in [How::Page, How::Fragment] {
                let answer = asker.ask(who, how, method, route);
                let role = match who {
                    Who::User(role) => Some(role),
                    Who::Token(role) if is_call(route) => Some(role),
                    Who::Nobody | Who::Token(_) => None,
                };
                let wanted = match (access, needed(*access), role) {
                    (Access::CommandLine, _, _) => {
                        assert_eq!(answer.status, 404, "{method} {route} as {who:?}");
                        continue;
                    }
                    // Signing out leads to the sign-in page.
                    _ if route.starts_with("/sign-out") && role.is_some() => "signed out",
                    (_, None, _) => "let in",
                    (_, Some(_), None) => "signed out",
                    (_, Some(needed), Some(role)) if role >= needed => "let in",
                    (_, Some(_), Some(_)) => "forbidden",
                };
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
fn tx_08_no_write_is_made_without_its_token_or_from_elsewhere() {
    let app = App::with_users();
    let asker = Asker::of(&app);
    let writes = ENTRIES.iter().filter(|entry| entry.method != "GET" && entry.access != Access::CommandLine);
    for Entry { method, path: route, access, .. } in writes {
        for who in everybody() {
            let word = match who {
                Who::User(role) => Some(app.session_of(of(role))),
                Who::Nobody | Who::Token(_) => None,
            };
            let secret = app.store.blocking().secret().unwrap();
            let token = form_token(word.as_deref().unwrap_or(&secret));
            let stale = form_token("the word of a session that ended");
            let before = app.bytes();
            let tries: [(&str, &[(&str, &str)]); 5] = [
                ("", &[]),
                (&stale, &[]),
                (&token, &[("Host", "tandem.example"), ("Origin", "https://evil.example")]),
                (&token, &[("Host", "tandem.example"), ("Origin", "null")]),
                (&token, &[("Sec-Fetch-Site", "cross-site")]),
            ];
            for (number, (token, headers)) in tries.into_iter().enumerate() {
                // A token is no cookie: nobody's browser sends it by itself, so it needs no other.
                if number < 2 && is_call(route) && !matches!(who, Who::User(_)) {
                    continue;
                }
                let answer = asker.ask_with(who, How::Page, method, route, word.as_deref(), token, headers);
                let what = format!("{method} {route} ({access:?}) as {who:?}, try {number}: {}", answer.status);
                assert!(matches!(verdict(&answer), "forbidden" | "signed out"), "{what}");
                assert!(answer.status == 403 || !matches!(who, Who::User(_)), "{what}");
            }
            let unchanged = |bytes: &crate::support::Bytes| {
                let kept = bytes.iter().filter(|((table, _), _)| table.name() != "tokens");
                kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Vec<_>>()
            };
            assert!(unchanged(&app.bytes()) == unchanged(&before), "{method} {route} as {who:?} changed something");
        }
    }
}
