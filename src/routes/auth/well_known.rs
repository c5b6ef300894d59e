//! Addresses that every site has: where to report a vulnerability (RFC 9116), and where to change a password
//! (W3C, "A Well-Known URL for Changing Passwords").

use chrono::{Days, NaiveTime};
use rocket::{Route, get, response::Redirect, routes};

use crate::{
    context::Context,
    routes::{auth::guards::Anonymous, http::error::Failure},
    views::urls,
};

/// Days after which a reader should fetch the file again.
const EXPIRES_DAYS: u64 = 90;

pub fn routes() -> Vec<Route> {
    routes![security, change_password]
}

/// `GET /.well-known/security.txt`: 404 while no contact is set.
#[get("/.well-known/security.txt")]
pub fn security(_client: Anonymous, context: &Context) -> Result<String, Failure> {
    let access = &context.config.access;
    let Some(contact) = &access.security_contact else {
        return Err(Failure::NotFound("No contact for vulnerabilities is set.".to_owned()));
    };
    let today = context.clock.now().date_naive();
    let expires = today.checked_add_days(Days::new(EXPIRES_DAYS)).unwrap_or(today).and_time(NaiveTime::MIN).and_utc();
    let canonical = |origin| format!("Canonical: {origin}/.well-known/security.txt\n");
    let canonical = access.public_url.as_ref().map_or_else(String::new, |url| canonical(&url.origin));
    Ok(format!("Contact: {contact}\nExpires: {}\nPreferred-Languages: en\n{canonical}", expires.to_rfc3339()))
}

#[get("/.well-known/change-password")]
pub fn change_password(_client: Anonymous) -> Redirect {
    Redirect::to(urls::ACCOUNT)
}
