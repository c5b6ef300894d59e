//! One thread for the jobs that go through the whole store, one after the other.
//!
//! Two at once would need memory for two. And it is always the same thread, because the system's allocator keeps what a thread
//! gave back for that thread: what one job needed is there for the next.

use std::{
    io,
    sync::mpsc::{Sender, channel},
    thread,
};

use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// Where such work is left.
#[derive(Clone, Debug)]
pub struct Worker(Sender<Work>);

/// The work panicked, or there is nobody to do it.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the job did not come to its end")]
pub struct CutOff;

impl Worker {
    /// Begins the thread; it ends when nobody can leave work any more.
    ///
    /// # Errors
    /// If the system has no thread.
    pub fn start() -> io::Result<Self> {
        let (sender, left) = channel::<Work>();
        let work = move || {
            for work in left {
                // The panic is told; whoever waits hears that nothing comes.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            }
        };
        thread::Builder::new().name("jobs".to_owned()).spawn(work)?;
        Ok(Self(sender))
    }

    /// Does the work when what was left before is done. It is done to its end, also if nobody waits any more.
    ///
    /// # Errors
    /// [`CutOff`] if it panicked.
    pub async fn run(&self, work: impl FnOnce() + Send + 'static) -> Result<(), CutOff> {
        let (done, wait) = oneshot::channel();
        let work = move || {
            work();
            // Fails only if nobody waits.
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
    fn work_is_done_in_turn_on_one_thread_and_goes_on_after_a_panic() -> io::Result<()> {
        let worker = Worker::start()?;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        for turn in 0..3 {
            let seen = Arc::clone(&seen);
            let done = runtime.block_on(worker.run(move || {
                if let Ok(mut seen) = seen.lock() {
                    seen.push((turn, thread::current().id()));
                }
                assert_ne!(turn, 1, "a job that fails");
            }));
            assert_eq!(done.is_ok(), turn != 1);
        }
        let seen = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
        assert_eq!(seen.iter().map(|(turn, _)| *turn).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(seen.iter().all(|(_, thread)| *thread == seen[0].1));
        Ok(())
    }
}
