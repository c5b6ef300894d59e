//! Allowed methods of a path, for 405 responses.

use rocket::{
    Request,
    http::{Method, Status},
};

/// The allowed methods of a path, like `GET, HEAD`, if the request failed with `status` because it has another. None if no
/// route has the path, or if a route has the path and the method of the request.
///
/// Rocket reports a method that it does not know as GET, before routing.
pub fn others(request: &Request<'_>, status: Status) -> Option<String> {
    let is_unknown = status == Status::BadRequest && request.route().is_none();
    if status != Status::NotFound && !is_unknown {
        return None;
    }
    let path = request.uri().path();
    let here = |route: &&rocket::Route| matches_route(route.uri.path(), path.as_str());
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

/// True if the path matches the route: `/a/1/c` matches `/a/<b>/c`.
fn matches_route(route: &str, path: &str) -> bool {
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
    use super::matches_route;

    #[test]
    fn a_path_matches_a_route_segment_by_segment() {
        assert!(matches_route("/api/events", "/api/events"));
        assert!(matches_route("/api/events/<event>", "/api/events/1001"));
        assert!(!matches_route("/api/events/<event>", "/api/events"));
        assert!(!matches_route("/api/events/<event>", "/api/events/"));
        assert!(!matches_route("/api/events/<event>", "/api/events/1001/more"));
        assert!(!matches_route("/api/events", "/api/event"));
    }
}
