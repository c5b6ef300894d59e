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
