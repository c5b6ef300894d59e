//! The one way in which the body of a request is waited for: so long, and as no work of ours.

use std::time::Duration;

use rocket::{Request, tokio::time};

use crate::routes::{
    auth::{body_patience, error::Denied},
    http::idle_connections,
};

/// Reads a body with `reading`.
///
/// # Errors
/// [`Denied::Slow`] if it does not arrive in time.
pub async fn arrival<T>(request: &Request<'_>, reading: impl Future<Output = T>) -> Result<T, Denied> {
    #[cfg(target_os = "linux")]
    let _arriving = idle_connections::Arriving::of(request);
    let patience: Duration = body_patience(request);
    time::timeout(patience, reading).await.map_err(|_| Denied::Slow)
}
