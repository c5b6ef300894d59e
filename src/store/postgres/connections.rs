//! The connections of a process to a database, shared by the stores that it has there.

use std::{
    collections::BTreeMap,
    future::Future,
    mem,
    pin::pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::unconstrained,
};

use crate::store::{
    error::StoreError,
    postgres::{
        follow,
        news::Follower,
        session::{Session, Target},
    },
};

/// Most connections of a process to a database; for a moment, one more for each store that has none. Long reads have their
/// own, and so has the question for news.
const CONNECTIONS_MAX: usize = 32;
/// Most of them in use for one store.
const STORE_CONNECTIONS_MAX: usize = 16;
/// Longest wait for a connection, in seconds.
const WAIT_SECONDS_MAX: u64 = 10;
/// After a connection that failed, others fail at once for this time, in milliseconds.
const RETRY_AFTER_MS: u64 = 250;
/// Threads that send and receive.
const THREADS: usize = 2;

pub(super) struct Connections {
    pub target: Target,
    /// None only while it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
    state: Mutex<State>,
    returned: Condvar,
    forgotten: AtomicU64,
    /// Those who want the news of a store, and if a thread asks for it.
    followers: Mutex<Vec<Follower>>,
    is_followed: AtomicBool,
}

#[derive(Default)]
struct State {
    idle: Vec<Session>,
    /// Connections in use, by schema.
    used: BTreeMap<String, usize>,
    /// When a connection failed last, and why.
    failed: Option<(Instant, String)>,
}

impl State {
    /// An idle connection; better one with the statements of the schema.
    fn idle_for(&mut self, schema: &str) -> Option<Session> {
        self.idle.retain(|session| !session.client.is_closed());
        let prepared = self.idle.iter().rposition(|session| session.has(schema));
        prepared.map(|at| self.idle.remove(at)).or_else(|| self.idle.pop())
    }

    fn is_full_for(&self, schema: &str) -> bool {
        self.used.get(schema).is_some_and(|theirs| *theirs >= STORE_CONNECTIONS_MAX)
    }

    fn count(&mut self, schema: &str) {
        *self.used.entry(schema.to_owned()).or_default() += 1;
    }

    fn uncount(&mut self, schema: &str) {
        if let Some(theirs) = self.used.get_mut(schema) {
            *theirs -= 1;
            if *theirs == 0 {
                self.used.remove(schema);
            }
        }
    }
}

impl Connections {
    /// Those of this process to the database of an address.
    pub fn to(url: &str, target: &Target) -> Result<Arc<Self>, StoreError> {
        static SHARED: Mutex<BTreeMap<String, Weak<Connections>>> = Mutex::new(BTreeMap::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connections) = shared.get(url).and_then(Weak::upgrade) {
            return Ok(connections);
        }
        shared.retain(|_, connections| connections.strong_count() > 0);
        let connections = Arc::new(Self::start(target.clone())?);
        shared.insert(url.to_owned(), Arc::downgrade(&connections));
        Ok(connections)
    }

    fn start(target: Target) -> Result<Self, StoreError> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(THREADS).thread_name("tandem-database").enable_all().build()?;
        Ok(Self {
            target,
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
            state: Mutex::default(),
            returned: Condvar::new(),
            forgotten: AtomicU64::new(0),
            followers: Mutex::default(),
            is_followed: AtomicBool::new(false),
        })
    }

    pub fn handle(&self) -> &Handle {
        &self.handle
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

    /// An idle connection, or a new one, counted for a schema until it is [put back](Self::put) or [gone](Self::gone).
    pub fn take(&self, schema: &str) -> Result<Session, StoreError> {
        let (mut state, until) = (self.state(), Instant::now() + Duration::from_secs(WAIT_SECONDS_MAX));
        loop {
            if !state.is_full_for(schema) {
                if let Some(session) = state.idle_for(schema) {
                    state.count(schema);
                    return Ok(session);
                }
                if state.used.values().sum::<usize>() < CONNECTIONS_MAX || !state.used.contains_key(schema) {
                    break;
                }
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
        state.count(schema);
        drop(state);
        let connected = self.open();
        self.state().failed = match &connected {
            Err(StoreError::Unreachable(why)) => Some((Instant::now(), why.clone())),
            _ => None,
        };
        if connected.is_err() {
            self.gone(schema);
        }
        connected
    }

    /// A new connection that is not counted.
    pub fn open(&self) -> Result<Session, StoreError> {
        self.wait(self.target.connect()).map(Session::new)
    }

    /// Closes the idle connections: their server went away.
    pub fn forget_idle(&self) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        drop(mem::take(&mut self.state().idle));
    }

    /// How often [`forget_idle`](Self::forget_idle) was called.
    pub fn times_forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Acquire)
    }

    pub fn put(&self, schema: &str, session: Session) {
        let mut state = self.state();
        state.uncount(schema);
        if state.idle.len() + state.used.values().sum::<usize>() < CONNECTIONS_MAX {
            state.idle.push(session);
        }
        // All wait: for any connection, or for one of their store.
        self.returned.notify_all();
    }

    pub fn gone(&self, schema: &str) {
        self.state().uncount(schema);
        self.returned.notify_all();
    }

    /// Asks for the news of one more store.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn follow(self: &Arc<Self>, follower: Follower) -> Result<(), StoreError> {
        if !self.is_followed.swap(true, Ordering::AcqRel)
            && let Err(error) = follow::start(Arc::downgrade(self))
        {
            self.is_followed.store(false, Ordering::Release);
            return Err(error);
        }
        self.followers().push(follower);
        Ok(())
    }

    pub fn followers(&self) -> MutexGuard<'_, Vec<Follower>> {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connections {
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
