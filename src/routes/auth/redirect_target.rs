//! Redirect target after sign-in: only paths of this server.

use rocket::http::uri::Origin;

use crate::views::urls;

/// Longest target, in bytes.
const BYTES_MAX: usize = 2_000;

/// The given target if it is a path of this server, otherwise the calendar.
pub fn own_path(given: &str) -> String {
    // Browsers read two slashes or backslashes as the start of a host name.
    let is_path = given.starts_with('/') && !given[1..].starts_with(['/', '\\']);
    let is_plain = given.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') && given.len() <= BYTES_MAX;
    let leads_back = given.starts_with(urls::SIGN_IN) || given.starts_with(urls::SIGN_OUT);
    if is_path && is_plain && !leads_back && Origin::parse(given).is_ok() {
        given.to_owned()
    } else {
        urls::HOME.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;
    use crate::views::urls::HOME;

    #[test]
    fn paths_of_this_server_are_accepted() {
        for path in ["/", "/calendar/2025/10", "/activity?who=ana&action=", "/events/1001/reschedule?from=2025-10-15"] {
            assert_eq!(own_path(path), path);
        }
    }

    #[test]
    fn other_targets_lead_to_the_calendar() {
        let foreign = [
            "",
            "calendar",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: a=b",
            "/a b",
            "/\t/evil.example",
            "/\u{e9}",
            "/sign-in?next=/",
            "/sign-out",
        ];
        for path in foreign {
            assert_eq!(own_path(path), HOME, "{path:?}");
        }
        assert_eq!(own_path(&format!("/{}", "a".repeat(3_000))), HOME);
    }
}
