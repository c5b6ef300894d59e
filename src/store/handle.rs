//! The store as async code holds it: the one place where blocking work leaves the async threads.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tracing::Span;

use crate::store::{Store, error::StoreError};

/// Requests that wait for the store or work on it at the same time. More would each wait longer than anybody looks at an
/// empty page.
pub const REQUESTS_MAX: usize = 256;

/// A shared store.
#[derive(Clone, Debug)]
pub struct Handle {
    store: Arc<Store>,
    places: Arc<Semaphore>,
}

impl Handle {
    pub fn new(store: Store) -> Self {
        Self { store: Arc::new(store), places: Arc::new(Semaphore::new(REQUESTS_MAX)) }
    }

    /// The store itself, for code that may block.
    pub fn blocking(&self) -> &Store {
        &self.store
    }

    /// Does a request's work on the store.
    ///
    /// # Errors
    /// As [`work`](Self::work), and [`StoreError::Busy`] if [`REQUESTS_MAX`] others do; then nothing was begun.
    pub async fn run<T, E>(&self, work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return Err(StoreError::Busy.into()) };
        // Whoever asked may go away: the place is taken until the work ends.
        self.work(move |store| {
            let _place = place;
            work(store)
        })
        .await
    }

    /// Runs blocking work on the store away from the async threads, however much others do.
    ///
    /// # Errors
    /// What the work returns, and [`StoreError::CutOff`] if it panicked.
    pub async fn work<T, E>(&self, work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = Arc::clone(&self.store);
        let span = Span::current();
        match tokio::task::spawn_blocking(move || span.in_scope(|| work(&store))).await {
            Ok(result) => result,
            Err(error) => Err(StoreError::CutOff(error.to_string()).into()),
        }
    }
}
