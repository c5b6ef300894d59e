//! The store as async code holds it: the one place where blocking work leaves the async threads.

use std::sync::Arc;

use tracing::Span;

use super::{Store, error::StoreError};

/// A shared store.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Store>);

impl Handle {
    pub fn new(store: Store) -> Self {
        Self(Arc::new(store))
    }

    /// The store itself, for code that may block.
    pub fn blocking(&self) -> &Store {
        &self.0
    }

    /// Runs blocking work on the store away from the async threads.
    ///
    /// # Errors
    /// What the work returns, and [`StoreError::CutOff`] if it panicked.
    pub async fn run<T, E>(&self, work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = Arc::clone(&self.0);
        let span = Span::current();
        match tokio::task::spawn_blocking(move || span.in_scope(|| work(&store))).await {
            Ok(result) => result,
            Err(error) => Err(StoreError::CutOff(error.to_string()).into()),
        }
    }
}
