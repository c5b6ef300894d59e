//! Addresses of clients.

use std::net::IpAddr;

use rocket::Request;

/// The address of the client, or "unknown".
pub fn of(request: &Request<'_>) -> String {
    request.client_ip().map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
}

/// The network that counts as one address: an IPv6 client owns a /64.
pub fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(ip) if ip.to_ipv4_mapped().is_none() => IpAddr::V6((u128::from(ip) & !u128::from(u64::MAX)).into()),
        IpAddr::V4(_) | IpAddr::V6(_) => ip.to_canonical(),
    }
}
