//! One thread for the jobs that read the entire store, one after the other.
//!
//! Two jobs at once would need the memory of both. It is always the same thread because the system's allocator keeps
//! freed memory per thread: the next job reuses it.

use std::{
    io,
    sync::mpsc::{Sender, channel},
    thread,
};

use tokio::sync::oneshot;
use tracing::Span;

type Work = Box<dyn FnOnce() + Send>;

/// Sends work to the thread.
#[derive(Clone, Debug)]
pub struct Worker(Sender<Work>);

/// The work panicked, or the thread has ended.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the job was not completed")]
pub struct CutOff;

impl Worker {
    /// Starts the thread. It ends when the last sender is dropped.
    pub fn start() -> io::Result<Self> {
        let (sender, receiver) = channel::<Work>();
        let work = move || {
            for work in receiver {
                // The panic hook logs the panic; the caller gets [`CutOff`].
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            }
        };
        thread::Builder::new().name("jobs".to_owned()).spawn(work)?;
        Ok(Self(sender))
    }

    /// Runs the work after all earlier work. It runs to its end even if the caller stops waiting.
    ///
    /// # Errors
    /// [`CutOff`] if it panicked.
    pub async fn run(&self, work: impl FnOnce() + Send + 'static) -> Result<(), CutOff> {
        let (done, wait) = oneshot::channel();
        let span = Span::current();
        let work = move || {
            span.in_scope(work);
            // Fails only if the caller stopped waiting.
            let _ = done.send(());
        };
        self.0.send(Box::new(work)).map_err(|_| CutOff)?;
        wait.await.map_err(|_| CutOff)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn work_runs_in_order_on_one_thread_and_continues_after_a_panic() -> io::Result<()> {
        let worker = Worker::start()?;
        let finished = Arc::new(Mutex::new(Vec::new()));
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        for turn in 0..3 {
            let finished = Arc::clone(&finished);
            let done = runtime.block_on(worker.run(move || {
                if let Ok(mut finished) = finished.lock() {
                    finished.push((turn, thread::current().id()));
                }
                assert_ne!(turn, 1, "a job that fails");
            }));
            assert_eq!(done.is_ok(), turn != 1);
        }
        let finished = finished.lock().map(|finished| finished.clone()).unwrap_or_default();
        assert_eq!(finished.iter().map(|(turn, _)| *turn).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(finished.iter().all(|(_, thread)| *thread == finished[0].1));
        Ok(())
    }
}
