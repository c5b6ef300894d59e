//! Headers that every answer carries.

use rocket::{
    Response,
    fairing::{AdHoc, Fairing},
    http::Status,
};

use crate::context::Context;

/// Nothing inline, nothing foreign, in no frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Attaches the headers. Pages are private and kept by no cache unless they say so themselves, as assets do.
pub fn stage() -> impl Fairing {
    AdHoc::on_response("headers", |request, response| {
        Box::pin(async move {
            set(response);
            let context = request.rocket().state::<Context>();
            let is_tls = context.is_some_and(|context| context.config.access.is_tls());
            if is_tls {
                response.set_raw_header("Strict-Transport-Security", HSTS);
            }
            guard_cookies(response, is_tls);
        })
    })
}

/// How long browsers insist on TLS once they have met it, in seconds: a year.
const HSTS: &str = "max-age=31536000";

/// When whoever met a server in trouble may try again, in seconds.
const RETRY_S: &str = "5";

fn set(response: &mut Response<'_>) {
    response.set_raw_header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    response.set_raw_header("X-Content-Type-Options", "nosniff");
    response.set_raw_header("X-Frame-Options", "DENY");
    response.set_raw_header("Referrer-Policy", "same-origin");
    response.set_raw_header("Cross-Origin-Opener-Policy", "same-origin");
    response.set_raw_header("Cross-Origin-Resource-Policy", "same-origin");
    if response.status() == Status::ServiceUnavailable && response.headers().get_one("Retry-After").is_none() {
        response.set_raw_header("Retry-After", RETRY_S);
    }
    if response.headers().get_one("Cache-Control").is_none() {
        response.set_raw_header("Cache-Control", "no-store");
    }
}

/// No cookie is for scripts, and through TLS each is for TLS alone, whoever set it: Rocket's own for messages is neither.
fn guard_cookies(response: &mut Response<'_>, is_tls: bool) {
    let cookies: Vec<String> = response.headers().get("Set-Cookie").map(str::to_owned).collect();
    response.remove_header("Set-Cookie");
    let wanted: &[&str] = if is_tls { &["; HttpOnly", "; Secure"] } else { &["; HttpOnly"] };
    for mut cookie in cookies {
        for part in wanted {
            if !cookie.contains(part) {
                cookie.push_str(part);
            }
        }
        response.adjoin_raw_header("Set-Cookie", cookie);
    }
}
