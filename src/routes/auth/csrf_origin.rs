//! Checks the origin of requests that change data.
//!
//! Browsers send `Origin` and `Sec-Fetch-Site` with every form. Other programs send neither, and cross-site requests do not
//! come from them.

use rocket::Request;

use crate::{
    config::PublicUrl,
    routes::http::{error::Failure, team},
};

/// Refuses a request that a page of another site sent.
pub fn check(request: &Request<'_>) -> Result<(), Failure> {
    let header = |name| request.headers().get_one(name);
    let public = team::context(request).and_then(|context| context.config.access.public_url.as_ref());
    if is_own(header("Sec-Fetch-Site"), header("Origin"), header("Referer"), header("Host"), public) {
        Ok(())
    } else {
        Err(Failure::ForeignOrigin)
    }
}

fn is_own(
    site: Option<&str>,
    origin: Option<&str>,
    referer: Option<&str>,
    host: Option<&str>,
    public: Option<&PublicUrl>,
) -> bool {
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    // `Origin` if it is present, otherwise the origin of the `Referer`.
    let named = origin.or_else(|| referer.map(origin_of));
    named.is_none_or(|named| {
        let named = named.to_lowercase();
        let at_host = named.split_once("://").map(|(_, host)| host);
        public.is_some_and(|url| url.origin == named)
            || at_host.zip(host).is_some_and(|(named, host)| named == host.to_lowercase())
    })
}

/// The origin of a URL: `https://a.example` for `https://a.example/b`.
fn origin_of(address: &str) -> &str {
    let host_at = address.find("://").map_or(0, |at| at + 3);
    let end = address[host_at..].find('/').map_or(address.len(), |at| host_at + at);
    &address[..end]
}

/// Refuses a request for another host while sign-in is off: with DNS rebinding, a page of another site would count as our
/// own.
pub fn check_host(request: &Request<'_>) -> Result<(), Failure> {
    if request.headers().get("Host").all(is_loopback) { Ok(()) } else { Err(Failure::WrongHost) }
}

fn is_loopback(host: &str) -> bool {
    let host = host.to_lowercase();
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, port)) if port.is_empty() || port.starts_with(':') => name,
        Some(_) => return false,
        None => host.split(':').next().unwrap_or(&host),
    };
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: Option<&str> = Some("127.0.0.1:8000");

    #[test]
    fn requests_of_our_own_pages_are_accepted() {
        assert!(is_own(Some("same-origin"), Some("http://127.0.0.1:8000"), None, HOST, None));
        assert!(is_own(None, Some("http://127.0.0.1:8000"), None, HOST, None));
        assert!(is_own(None, None, Some("http://127.0.0.1:8000/calendar"), HOST, None));
    }

    #[test]
    fn requests_without_an_origin_are_accepted() {
        assert!(is_own(None, None, None, HOST, None));
        assert!(is_own(None, None, None, None, None));
    }

    #[test]
    fn requests_of_other_sites_are_refused() {
        assert!(!is_own(None, Some("https://evil.example"), None, HOST, None));
        assert!(!is_own(None, Some("null"), None, HOST, None));
        assert!(!is_own(None, Some("http://127.0.0.1:8001"), None, HOST, None));
        assert!(!is_own(None, None, Some("https://evil.example/127.0.0.1:8000"), HOST, None));
        assert!(!is_own(None, Some("http://127.0.0.1:8000.evil.example"), None, HOST, None));
        assert!(!is_own(Some("cross-site"), None, None, HOST, None));
        assert!(!is_own(Some("same-site"), Some("http://127.0.0.1:8000"), None, HOST, None));
        assert!(!is_own(None, Some("http://127.0.0.1:8000"), None, None, None));
    }

    #[test]
    fn behind_a_proxy_the_public_url_counts() {
        let public = PublicUrl { origin: "https://tandem.example".to_owned(), is_tls: true };

        assert!(is_own(None, Some("https://tandem.example"), None, Some("backend:8000"), Some(&public)));
        assert!(!is_own(None, Some("http://tandem.example"), None, Some("backend:8000"), Some(&public)));
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "127.8.8.8", "a.localhost:1"] {
            assert!(is_loopback(host), "{host}");
        }
        let others = [
            "evil.example",
            "localhost.evil.example:8000",
            "10.0.0.1",
            "[::2]",
            "[::1].evil.example",
            "[::1",
            "127.0.0.1.evil.example",
            "",
        ];
        for host in others {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
