//! State shared by handlers and jobs: a [`Context`] for each team of the process.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, NaiveDate, Utc};
use tokio::sync::Notify;
use tracing::{Span, error_span};

use crate::{
    clock::Clock,
    config::Config,
    store::{Handle, Snapshot, Store, StoreError, Tx, tables::findings},
};

/// The settings, the clock, the store and the state of jobs.
#[derive(Clone, Debug)]
pub struct Context {
    pub config: Arc<Config>,
    pub clock: Clock,
    pub store: Handle,
    pub backups: LastBackup,
    pub watch: Watch,
    /// Start of this process.
    pub started: DateTime<Utc>,
}

/// State shared by the jobs of this process.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Held while a check runs: two checks never run at once.
    pub turn: Arc<Mutex<()>>,
    /// Time of the last failed daily check.
    failed: Arc<Mutex<Option<DateTime<Utc>>>>,
    /// Problems of the store found by the last check, for the header of every page.
    problems: Arc<AtomicU64>,
    /// Notified when a message is put into the outbox.
    pub wake: Arc<Notify>,
}

impl Watch {
    pub fn problems(&self) -> u64 {
        self.problems.load(Ordering::Relaxed)
    }

    pub fn failed(&self) -> Option<DateTime<Utc>> {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_failed(&self, failed: Option<DateTime<Utc>>) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed;
    }
}

impl Context {
    /// The state of a process that starts.
    pub fn new(config: Config, clock: Clock, store: Handle) -> Self {
        let (config, backups, watch) = (Arc::new(config), LastBackup::default(), Watch::default());
        let context = Self { config, clock, store, backups, watch, started: clock.now() };
        context.count_problems();
        context
    }

    /// The name of the team; empty if the process has one team without a name.
    pub fn team(&self) -> &str {
        self.config.team_name()
    }

    /// Names the team in log lines, if it has a name.
    pub fn span(&self) -> Span {
        span(&self.config)
    }

    /// The local date.
    pub fn today(&self) -> NaiveDate {
        self.clock.today(self.config.zone)
    }

    /// Number of issues to fix, for the header of every page.
    pub fn issues(&self) -> u64 {
        self.store.blocking().open_issues(self.today(), self.config.policy.pairing) + self.watch.problems()
    }

    /// Counts what only checks find, after a check and after a merge.
    pub fn count_problems(&self) {
        // An error here is reported by the next check.
        let problems = self.store.blocking().read(|tx| findings::problems_apart(tx)).unwrap_or_default();
        self.watch.problems.store(problems, Ordering::Relaxed);
    }

    /// Runs work of a request on the store and this context, away from the async threads.
    pub async fn run<T, E>(&self, work: impl FnOnce(&Store, &Self) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let context = self.clone();
        self.store.run(move |store| work(store, &context)).await
    }

    pub async fn read<T, E>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.store.run(move |store| store.read(read)).await
    }

    pub async fn write<T, E>(&self, write: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.store.run(move |store| store.write(write)).await
    }
}

/// Names the team in log lines, if it has a name.
pub fn span(config: &Config) -> Span {
    match &config.team {
        Some(team) => error_span!("team", team = team.name),
        None => Span::none(),
    }
}

/// The teams of a process: one that has every host name, or several that have one each.
#[derive(Clone, Debug)]
pub struct Teams {
    /// Settings of the process: timeouts, connections.
    pub process: Arc<Config>,
    all: Arc<[Context]>,
}

impl Teams {
    pub fn new(process: Config, all: Vec<Context>) -> Self {
        Self { process: Arc::new(process), all: all.into() }
    }

    pub fn all(&self) -> &[Context] {
        &self.all
    }

    /// The index of the team with this host name. It is given without a port; case and the dot of the root make no difference.
    pub fn at(&self, host: Option<&str>) -> Option<usize> {
        let host = host.map(|host| host.strip_suffix('.').unwrap_or(host));
        self.all.iter().position(|context| match &context.config.team {
            Some(team) => host.is_some_and(|host| host.eq_ignore_ascii_case(&team.host)),
            None => true,
        })
    }
}

impl From<Context> for Teams {
    fn from(only: Context) -> Self {
        Self { process: Arc::clone(&only.config), all: [only].into() }
    }
}

/// A state that each team has of its own, in the order of the teams.
#[derive(Debug)]
pub struct PerTeam<T>(Vec<T>);

impl<T> PerTeam<T> {
    pub fn new(teams: &Teams, make: impl FnMut(&Context) -> T) -> Self {
        Self(teams.all().iter().map(make).collect())
    }

    /// # Errors
    /// The first error of `make`.
    pub fn try_new<E>(teams: &Teams, make: impl FnMut(&Context) -> Result<T, E>) -> Result<Self, E> {
        teams.all().iter().map(make).collect::<Result<_, _>>().map(Self)
    }

    pub fn all(&self) -> &[T] {
        &self.0
    }
}

/// Result of the last nightly backup of this process.
#[derive(Clone, Debug, Default)]
pub struct LastBackup(Arc<Mutex<Option<BackupReport>>>);

/// Result of a nightly backup.
#[derive(Clone, Debug)]
pub struct BackupReport {
    pub at: DateTime<Utc>,
    /// The backup, or the reason for the failure as a sentence.
    pub outcome: Result<BackupMade, String>,
}

/// A backup that was verified by restoring it.
#[derive(Clone, Debug)]
pub struct BackupMade {
    pub file: PathBuf,
    pub bytes: u64,
    pub events: u64,
}

impl LastBackup {
    pub fn get(&self) -> Option<BackupReport> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set(&self, report: BackupReport) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }
}
