//! The store for async code. Blocking work leaves the async threads only here.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tracing::Span;

use crate::store::{Store, error::StoreError};

/// Most requests that use or await the store at the same time. With more, each would wait longer than a user does.
pub const REQUESTS_MAX: usize = 256;

#[derive(Clone, Debug)]
pub struct Handle {
    store: Arc<Store>,
    places: Arc<Semaphore>,
    /// Threads that this store may take, if several teams share them.
    threads: Option<Arc<Semaphore>>,
}

impl Handle {
    pub fn new(store: Store) -> Self {
        Self { store: Arc::new(store), places: Arc::new(Semaphore::new(REQUESTS_MAX)), threads: None }
    }

    /// The same store with at most so many threads, so that others have some left when it hangs.
    #[must_use]
    pub fn with_threads(self, most: usize) -> Self {
        Self { threads: Some(Arc::new(Semaphore::new(most))), ..self }
    }

    /// The store, for code that may block.
    pub fn blocking(&self) -> &Store {
        &self.store
    }

    /// Runs the store work of a request.
    ///
    /// # Errors
    /// As [`work`](Self::work), and [`StoreError::Busy`] if [`REQUESTS_MAX`] requests are running; then nothing was
    /// begun.
    pub async fn run<T, E>(&self, work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return Err(StoreError::Busy.into()) };
        // The permit is held until the work ends, even if the client disconnects.
        self.work(move |store| {
            let _place = place;
            work(store)
        })
        .await
    }

    /// Runs blocking work on the store away from the async threads, without a limit of requests.
    ///
    /// # Errors
    /// Errors of the work, and [`StoreError::CutOff`] if it panicked.
    pub async fn work<T, E>(&self, work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let thread = match &self.threads {
            Some(threads) => Arc::clone(threads).acquire_owned().await.ok(),
            None => None,
        };
        let store = Arc::clone(&self.store);
        let span = Span::current();
        let work = move || {
            let _thread = thread;
            span.in_scope(|| work(&store))
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => Err(StoreError::CutOff(error.to_string()).into()),
        }
    }
}
