//! A write: under the gate, which the one row of a table is, and again if its transaction was lost.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tracing::warn;

use crate::store::{
    self,
    change_feed::News,
    error::StoreError,
    postgres::{
        Postgres,
        begin::GATE_SECONDS_MAX,
        commit::{Commit, Ended},
        news,
        read::Reading,
    },
    transaction::{Prepared, Snapshot, Writes},
};

/// Most times that a closure runs because its transaction was lost.
const TRIES_MAX: u32 = 4;
/// Writes of a process between two times that old news is removed.
const FORGET_EACH: u64 = 256;

/// What became of one run of the closure.
enum Run<T> {
    Done(T, News, bool),
    Again(StoreError),
}

impl Postgres {
    /// Applies the writes that `prepare` returns, all or none, and returns once they are committed. `prepare` may run
    /// again. `applied` is passed what the last run returned beside its writes, and the version if anything changed.
    ///
    /// Without writes, what was read is committed: the gate is locked only by what comes after a commit.
    pub fn write<T, U, E: From<StoreError>>(
        &self,
        mut prepare: impl FnMut(&Snapshot<'_>) -> Result<Prepared<T>, E>,
        applied: impl FnOnce(T, Option<u64>) -> U,
    ) -> Result<(U, News), E> {
        let _turn = self.turn.take(Duration::from_secs(GATE_SECONDS_MAX))?;
        let mut tries = 1;
        loop {
            match self.run(&mut prepare)? {
                Run::Done(rest, news, changed) => {
                    self.saw(news.version);
                    return Ok((applied(rest, changed.then_some(news.version)), news));
                }
                Run::Again(error) if tries < TRIES_MAX => warn!(%error, tries, "a change is made again"),
                Run::Again(error) => return Err(error.into()),
            }
            tries += 1;
        }
    }

    fn run<T, E: From<StoreError>>(
        &self,
        prepare: &mut impl FnMut(&Snapshot<'_>) -> Result<Prepared<T>, E>,
    ) -> Result<Run<T>, E> {
        let (reading, format) = match Reading::begin_write(&self.pool) {
            Err(StoreError::Conflict) => return Ok(Run::Again(StoreError::Conflict)),
            begun => begun?,
        };
        if format > store::FORMAT_VERSION {
            reading.end();
            return Err(StoreError::Newer { found: format }.into());
        }
        let before = Snapshot::new(&reading, reading.version);
        if self.fail_points.repeats_writes {
            drop(prepare(&before));
        }
        let prepared = prepare(&before);
        if reading.is_broken() {
            let why = "the connection to the database was lost while a change was made".to_owned();
            return Ok(Run::Again(StoreError::Unreachable(why)));
        }
        let Prepared { writes, days, format: new_format, rest } = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                reading.end();
                return Err(error);
            }
        };
        if writes.is_empty() {
            let version = reading.version;
            reading.end();
            return Ok(Run::Done(rest, News { version, days }, false));
        }
        if let Err(error) = self.fail_as_armed(&writes) {
            reading.end();
            return Err(error.into());
        }
        let version = reading.version + 1;
        let format = new_format.unwrap_or(format);
        let (nonce, days_text) = (self.nonce(), news::text_of(&days));
        let began = Instant::now();
        let doubts = &self.doubts;
        let ended = Commit { writes: &writes, version, format, nonce: &nonce, days: &days_text, doubts }.make(reading);
        Ok(match ended? {
            Ended::Committed => {
                self.metrics.commit(began.elapsed());
                self.commits.fetch_add(1, Ordering::Relaxed);
                if version % FORGET_EACH == 0 {
                    news::forget(&self.pool, version);
                }
                Run::Done(rest, News { version, days }, true)
            }
            Ended::Lost(error) => Run::Again(error),
        })
    }

    /// The name of a write, by which it is found if its commit is in doubt.
    fn nonce(&self) -> Vec<u8> {
        [self.server, self.writes.fetch_add(1, Ordering::Relaxed).to_be_bytes()].concat()
    }

    fn fail_as_armed(&self, writes: &Writes) -> Result<(), StoreError> {
        writes.iter().try_for_each(|_| self.fail_points.fail_if_armed())?;
        self.fail_points.strike_sync()
    }
}
