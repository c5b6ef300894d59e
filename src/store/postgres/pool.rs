//! The connections of a process, each used by one transaction at a time.

use std::{
    future::Future,
    mem,
    pin::pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
    task::{Context, Poll, Wake},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::unconstrained,
    time::timeout,
};
use tokio_postgres::Client;

use crate::store::{
    error::StoreError,
    postgres::{
        replica::Replica,
        session::{Session, Target},
        statements::Statements,
    },
};

/// Most connections of a process; long reads have their own.
const CONNECTIONS_MAX: usize = 16;
/// Longest wait for a connection, in seconds.
const WAIT_SECONDS_MAX: u64 = 10;
/// Longest wait for an answer of the server, in seconds: it may wait for a lock, or for its standby.
const ANSWER_SECONDS_MAX: u64 = 20;
/// After a connection that failed, others fail at once for this time, in milliseconds.
const RETRY_AFTER_MS: u64 = 250;
/// Threads that send and receive.
const THREADS: usize = 2;

/// Reads since the start.
#[derive(Default)]
pub(super) struct Counts {
    pub keys: AtomicU64,
    pub calls: AtomicU64,
    /// Answers that reads and writes have waited for, with those to their begin and commit.
    pub trips: AtomicU64,
}

pub(super) struct Pool {
    pub target: Target,
    /// None only while it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
    state: Mutex<State>,
    returned: Condvar,
    pub counts: Counts,
    pub replica: Replica,
}

#[derive(Default)]
struct State {
    idle: Vec<Session>,
    /// Connections in use.
    used: usize,
    /// When a connection failed last, and why.
    failed: Option<(Instant, String)>,
}

impl Pool {
    /// `cache_bytes` is what the copy of the store in memory may take.
    pub fn start(target: Target, cache_bytes: u64) -> Result<Self, StoreError> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(THREADS).thread_name("tandem-database").enable_all().build()?;
        Ok(Self {
            target,
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
            state: Mutex::default(),
            returned: Condvar::new(),
            counts: Counts::default(),
            replica: Replica::of(usize::try_from(cache_bytes).unwrap_or(usize::MAX)),
        })
    }

    /// Waits for a future on this thread, which may also be one that runs async code.
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        let _entered = self.handle.enter();
        let mut future = pin!(unconstrained(future));
        let waker = Arc::new(Unpark(thread::current())).into();
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(value) => return value,
                Poll::Pending => thread::park(),
            }
        }
    }

    /// An idle connection, or a new one.
    pub fn take(self: &Arc<Self>) -> Result<Place, StoreError> {
        let (mut state, until) = (self.state(), Instant::now() + Duration::from_secs(WAIT_SECONDS_MAX));
        loop {
            while let Some(session) = state.idle.pop() {
                if !session.client.is_closed() {
                    state.used += 1;
                    return Ok(Place { pool: Arc::clone(self), session: Some(session), pooled: true });
                }
            }
            if state.used < CONNECTIONS_MAX {
                break;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::Busy);
            }
            (state, _) = self.returned.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some((at, why)) = &state.failed
            && at.elapsed() < Duration::from_millis(RETRY_AFTER_MS)
        {
            return Err(StoreError::Unreachable(why.clone()));
        }
        state.used += 1;
        drop(state);
        let connected = self.wait(self.target.session());
        self.state().failed = match &connected {
            Err(StoreError::Unreachable(why)) => Some((Instant::now(), why.clone())),
            _ => None,
        };
        if connected.is_err() {
            self.gone(true);
        }
        Ok(Place { pool: Arc::clone(self), session: Some(connected?), pooled: true })
    }

    /// A new connection that is not counted.
    pub fn take_apart(self: &Arc<Self>) -> Result<Place, StoreError> {
        let session = self.wait(self.target.session())?;
        Ok(Place { pool: Arc::clone(self), session: Some(session), pooled: false })
    }

    /// Closes the idle connections: their server went away.
    pub fn forget_idle(&self) {
        drop(mem::take(&mut self.state().idle));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // A runtime that is dropped waits for its threads, which async code must not.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A connection in use. Dropped without [`give_back`](Self::give_back) or [`end`](Self::end), it is closed.
pub(super) struct Place {
    pool: Arc<Pool>,
    session: Option<Session>,
    pooled: bool,
}

impl Place {
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    fn session(&self) -> &Session {
        match &self.session {
            Some(session) => session,
            None => unreachable!("a connection is taken only by what consumes its place"),
        }
    }

    pub fn client(&self) -> &Client {
        &self.session().client
    }

    pub fn sql(&self) -> &Statements {
        &self.session().sql
    }

    /// Waits for an answer of the server.
    pub fn trip<T>(&self, answer: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, StoreError> {
        match self.trips(answer) {
            Some(answer) => answer.map_err(StoreError::from),
            None => Err(late()),
        }
    }

    /// Waits for several answers of the server. None if they take too long.
    pub fn trips<T>(&self, answers: impl Future<Output = T>) -> Option<T> {
        // Made inside, because a timeout needs the runtime.
        self.pool.wait(async { timeout(Duration::from_secs(ANSWER_SECONDS_MAX), answers).await }).ok()
    }

    /// Returns the connection, which is in no transaction.
    pub fn give_back(mut self) {
        if let Some(session) = self.session.take() {
            self.pool.put(session, self.pooled);
        }
    }

    /// Ends the transaction that the connection is in, and returns it. Nothing waits for that.
    pub fn end(mut self) {
        let Some(session) = self.session.take() else { return };
        let (pool, pooled) = (Arc::clone(&self.pool), self.pooled);
        self.pool.handle.spawn(async move {
            let ended = session.client.batch_execute("ROLLBACK");
            match timeout(Duration::from_secs(ANSWER_SECONDS_MAX), ended).await {
                Ok(Ok(())) => pool.put(session, pooled),
                _ => pool.gone(pooled),
            }
        });
    }
}

impl Pool {
    fn put(&self, session: Session, pooled: bool) {
        if pooled {
            let mut state = self.state();
            state.used -= 1;
            state.idle.push(session);
            self.returned.notify_one();
        }
    }

    fn gone(&self, pooled: bool) {
        if pooled {
            self.state().used -= 1;
            self.returned.notify_one();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What was returned counts for itself.
        if self.session.take().is_some() {
            self.pool.gone(self.pooled);
        }
    }
}

pub(super) fn late() -> StoreError {
    StoreError::Unreachable(format!("the database did not answer within {ANSWER_SECONDS_MAX} seconds"))
}
