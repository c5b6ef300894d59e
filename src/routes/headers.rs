//! Headers that every answer carries.

use rocket::{
    Response,
    fairing::{AdHoc, Fairing},
};

/// Nothing inline, nothing foreign, in no frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Attaches the headers. Pages are private and never kept by a cache; assets say otherwise themselves.
pub fn stage() -> impl Fairing {
    AdHoc::on_response("headers", |_, response| Box::pin(async move { set(response) }))
}

fn set(response: &mut Response<'_>) {
    response.set_raw_header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    response.set_raw_header("X-Content-Type-Options", "nosniff");
    response.set_raw_header("X-Frame-Options", "DENY");
    response.set_raw_header("Referrer-Policy", "same-origin");
    if response.headers().get_one("Cache-Control").is_none() {
        response.set_raw_header("Cache-Control", "no-store");
    }
}
