//! Which methods an address takes, for whoever used another one.

use rocket::{Request, http::Method};

/// The methods of the address of a request that no route took: `GET, HEAD`. None if the address leads nowhere at all,
/// or takes the request's own method and the trouble is another.
///
/// A method that the server has never heard of arrives here as GET, before any route was asked.
pub fn others(request: &Request<'_>, is_unknown: bool) -> Option<String> {
    let path = request.uri().path();
    let here = |route: &&rocket::Route| leads_here(route.uri.path(), path.as_str());
    let mut names: Vec<_> = Vec::new();
    for route in request.rocket().routes().filter(here) {
        if route.method == request.method() && !is_unknown {
            return None;
        }
        names.push(route.method.as_str());
        if route.method == Method::Get {
            names.push(Method::Head.as_str());
        }
    }
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Whether `/a/<b>/c` has the address `/a/1/c`.
fn leads_here(route: &str, path: &str) -> bool {
    let (mut parts, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (parts.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if part == given || (part.starts_with('<') && !given.is_empty()) => {}
            (_, _) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::leads_here;

    #[test]
    fn an_address_fits_its_route_part_by_part() {
        assert!(leads_here("/api/events", "/api/events"));
        assert!(leads_here("/api/events/<event>", "/api/events/1001"));
        assert!(!leads_here("/api/events/<event>", "/api/events"));
        assert!(!leads_here("/api/events/<event>", "/api/events/"));
        assert!(!leads_here("/api/events/<event>", "/api/events/1001/more"));
        assert!(!leads_here("/api/events", "/api/event"));
    }
}
