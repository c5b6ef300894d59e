//! Headers that every answer carries.

use rocket::{
    Response,
    fairing::{AdHoc, Fairing},
};

use crate::context::Context;

/// Nothing inline, nothing foreign, in no frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Attaches the headers. Pages are private and never kept by a cache; assets say otherwise themselves.
pub fn stage() -> impl Fairing {
    AdHoc::on_response("headers", |request, response| {
        Box::pin(async move {
            set(response);
            let context = request.rocket().state::<Context>();
            if context.is_some_and(|context| context.config.doors.is_tls()) {
                insist_on_tls(response);
            }
        })
    })
}

/// How long browsers insist on TLS once they have met it, in seconds: a year.
const HSTS: &str = "max-age=31536000";

fn set(response: &mut Response<'_>) {
    response.set_raw_header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    response.set_raw_header("X-Content-Type-Options", "nosniff");
    response.set_raw_header("X-Frame-Options", "DENY");
    response.set_raw_header("Referrer-Policy", "same-origin");
    response.set_raw_header("Cross-Origin-Opener-Policy", "same-origin");
    response.set_raw_header("Cross-Origin-Resource-Policy", "same-origin");
    if response.headers().get_one("Cache-Control").is_none() {
        response.set_raw_header("Cache-Control", "no-store");
    }
}

/// Every cookie is for TLS alone, whoever set it.
fn insist_on_tls(response: &mut Response<'_>) {
    response.set_raw_header("Strict-Transport-Security", HSTS);
    let cookies: Vec<String> = response.headers().get("Set-Cookie").map(str::to_owned).collect();
    response.remove_header("Set-Cookie");
    for cookie in cookies {
        let secure = if cookie.contains("; Secure") { cookie } else { format!("{cookie}; Secure") };
        response.adjoin_raw_header("Set-Cookie", secure);
    }
}
