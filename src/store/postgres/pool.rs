//! Connections as a store uses them: each by one transaction at a time, with the statements of its schema.

use std::{
    future::Future,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use tokio::time::timeout;
use tokio_postgres::Client;

use crate::store::{
    error::StoreError,
    options::Database,
    postgres::{
        connections::Connections,
        replica::Replica,
        session::{Session, Target},
        statements::Statements,
    },
};

/// Longest wait for an answer of the server, in seconds: it may wait for a lock, or for its standby.
const ANSWER_SECONDS_MAX: u64 = 20;

/// Reads since the start.
#[derive(Default)]
pub(super) struct Counts {
    pub keys: AtomicU64,
    pub calls: AtomicU64,
    /// Answers that reads and writes have waited for, with those to their begin and commit.
    pub trips: AtomicU64,
}

/// What a store has of the connections of the process, and its copy in memory.
pub(super) struct Pool {
    pub connections: Arc<Connections>,
    pub target: Target,
    pub counts: Counts,
    pub replica: Replica,
}

impl Pool {
    /// `cache_bytes` is what the copy of the store in memory may take.
    pub fn start(database: &Database, cache_bytes: u64) -> Result<Self, StoreError> {
        let target = Target::parse(database)?;
        Ok(Self {
            connections: Connections::to(&database.url, &target)?,
            target,
            counts: Counts::default(),
            replica: Replica::of(usize::try_from(cache_bytes).unwrap_or(usize::MAX)),
        })
    }

    /// Waits for a future on this thread, which may also be one that runs async code.
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.connections.wait(future)
    }

    /// An idle connection, or a new one.
    pub fn take(self: &Arc<Self>) -> Result<Place, StoreError> {
        let session = self.connections.take(self.target.schema())?;
        self.place(session, true)
    }

    /// A new connection that is not counted.
    pub fn take_apart(self: &Arc<Self>) -> Result<Place, StoreError> {
        self.place(self.connections.open()?, false)
    }

    fn place(self: &Arc<Self>, session: Session, pooled: bool) -> Result<Place, StoreError> {
        // Dropped if its statements cannot be prepared.
        let mut place = Place { pool: Arc::clone(self), session: Some(session), sql: None, pooled };
        if let Some(session) = &mut place.session {
            place.sql = Some(self.wait(session.statements(&self.target))?);
        }
        Ok(place)
    }

    /// Closes the idle connections: their server went away.
    pub fn forget_idle(&self) {
        self.connections.forget_idle();
    }

    fn put(&self, session: Session, pooled: bool) {
        if pooled {
            self.connections.put(self.target.schema(), session);
        }
    }

    fn gone(&self, pooled: bool) {
        if pooled {
            self.connections.gone(self.target.schema());
        }
    }
}

/// A connection in use. Dropped without [`give_back`](Self::give_back) or [`end`](Self::end), it is closed.
pub(super) struct Place {
    pool: Arc<Pool>,
    session: Option<Session>,
    sql: Option<Arc<Statements>>,
    pooled: bool,
}

impl Place {
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    pub fn client(&self) -> &Client {
        match &self.session {
            Some(session) => &session.client,
            None => unreachable!("a connection is taken only by what consumes its place"),
        }
    }

    pub fn sql(&self) -> &Statements {
        match &self.sql {
            Some(sql) => sql,
            None => unreachable!("a place has its statements once it is made"),
        }
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
        self.pool.connections.handle().spawn(async move {
            let ended = session.client.batch_execute("ROLLBACK");
            match timeout(Duration::from_secs(ANSWER_SECONDS_MAX), ended).await {
                Ok(Ok(())) => pool.put(session, pooled),
                _ => pool.gone(pooled),
            }
        });
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
