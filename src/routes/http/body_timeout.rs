//! Timeout for the body of a request.

use rocket::{Request, tokio::time};

#[cfg(target_os = "linux")]
use crate::routes::http::idle_connections::Arriving;
use crate::routes::http::{error::Failure, timeout};

/// Reads a body with `reading`. Meanwhile the connection counts as waiting for its client.
///
/// # Errors
/// [`Failure::Slow`] if the body does not arrive in time.
pub async fn arrival<T>(request: &Request<'_>, reading: impl Future<Output = T>) -> Result<T, Failure> {
    #[cfg(target_os = "linux")]
    let _arriving = Arriving::of(request);
    time::timeout(timeout::body(request), reading).await.map_err(|_| Failure::Slow)
}
