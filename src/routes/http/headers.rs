//! Security and cache headers of every response.

use rocket::{
    Response,
    fairing::{AdHoc, Fairing},
    http::Status,
};

use crate::routes::http::team;

/// No inline code, no resources of other sites, no frames.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the headers. Responses without a `Cache-Control` of their own are not cached.
pub fn stage() -> impl Fairing {
    AdHoc::on_response("headers", |request, response| {
        Box::pin(async move {
            set(response);
            let context = team::context(request);
            let is_tls = context.is_some_and(|context| context.config.access.is_tls());
            if is_tls {
                response.set_raw_header("Strict-Transport-Security", HSTS);
            }
            guard_cookies(response, is_tls);
        })
    })
}

/// Browsers require TLS for a year after the first response, in seconds.
const HSTS: &str = "max-age=31536000";

/// `Retry-After` of a 503 response, and of a 429 response without one, in seconds.
const RETRY_S: &str = "5";

fn set(response: &mut Response<'_>) {
    response.set_raw_header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    response.set_raw_header("X-Content-Type-Options", "nosniff");
    response.set_raw_header("X-Frame-Options", "DENY");
    response.set_raw_header("Referrer-Policy", "same-origin");
    response.set_raw_header("Cross-Origin-Opener-Policy", "same-origin");
    response.set_raw_header("Cross-Origin-Resource-Policy", "same-origin");
    let waits = matches!(response.status(), Status::ServiceUnavailable | Status::TooManyRequests);
    if waits && response.headers().get_one("Retry-After").is_none() {
        response.set_raw_header("Retry-After", RETRY_S);
    }
    if response.headers().get_one("Cache-Control").is_none() {
        response.set_raw_header("Cache-Control", "no-store");
    }
}

/// Makes every cookie `HttpOnly`, and `Secure` with TLS. Rocket's cookie for flash messages is neither.
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
