//! The one way in which the body of a request is waited for: so long, and as no work of ours.

use std::time::Duration;

use rocket::{Request, tokio::time};

use crate::routes::{
    auth::{body_patience, error::AuthError},
    http::idle_connections,
};

/// Reads a body with `reading`.
///
/// # Errors
/// [`AuthError::Slow`] if it does not arrive in time.
pub async fn arrival<T>(request: &Request<'_>, reading: impl Future<Output = T>) -> Result<T, AuthError> {
    #[cfg(target_os = "linux")]
    let _arriving = idle_connections::Arriving::of(request);
    let timeouts: Duration = body_patience(request);
    time::timeout(timeouts, reading).await.map_err(|_| AuthError::Slow)
}
