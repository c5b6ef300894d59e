//! Background jobs.
//!
//! Invariant: a job reads the clock every minute, so that it also runs on time after the machine slept or its clock
//! was set. A job is a function of the time; only this file waits. Each team has its own jobs, so one that fails stops no
//! other; backups and checks of all teams are made one after the other.

pub mod account_mail;
pub mod backup;
pub mod changes;
pub mod integrity;
pub mod notices;
pub mod outbox;
pub mod schedule;
mod worker;

use std::time::Duration;

use rocket::{
    Orbit, Rocket,
    fairing::{AdHoc, Fairing},
    tokio::{
        self,
        task::{JoinHandle, spawn_blocking},
        time::{sleep, timeout},
    },
};
use tracing::{Instrument, Span, error};

use crate::{
    context::{Context, PerTeam, Teams},
    jobs::{account_mail::AccountMail, worker::Worker},
    notify::Notifier,
};

/// Longest time between two readings of the clock.
const LOOK_SECONDS: u64 = 60;
/// Longest time between two runs of the outbox.
const OUTBOX_LOOK_SECONDS: u64 = 10;

/// How long another server waits for one that does a job and has stopped, in seconds.
const BACKUP_LEASE_SECONDS: u32 = 30 * 60;
const INTEGRITY_LEASE_SECONDS: u32 = 30 * 60;

/// Starts the jobs once the server listens. They end on shutdown.
pub fn stage() -> impl Fairing {
    AdHoc::on_liftoff("jobs", |rocket| {
        Box::pin(async move {
            // Managed with the routes that send such mail.
            let (Some(teams), Some(mail)) = (rocket.state::<Teams>(), rocket.state::<PerTeam<AccountMail>>()) else {
                return;
            };
            let worker = Worker::start();
            if let Err(error) = &worker {
                error!(%error, "cannot start the thread for backups and integrity checks");
            }
            for (context, mail) in teams.all().iter().zip(mail.all()) {
                begin(rocket, context, worker.as_ref().ok(), mail);
            }
        })
    })
}

/// Starts the jobs of a team.
fn begin(rocket: &Rocket<Orbit>, context: &Context, worker: Option<&Worker>, mail: &AccountMail) {
    let minute = || sleep(Duration::from_secs(LOOK_SECONDS));
    if let Some(worker) = worker {
        let (job, thread) = (context.clone(), worker.clone());
        repeat(rocket, context, move || nightly_backup(job.clone(), thread.clone()), minute);
        let (job, thread) = (context.clone(), worker.clone());
        repeat(rocket, context, move || integrity_check(job.clone(), thread.clone()), minute);
    }
    let job = context.clone();
    repeat(rocket, context, move || staff_notices(job.clone()), minute);
    let (job, watch, mail) = (context.clone(), context.watch.clone(), mail.clone());
    let notifier = Notifier::new(context.config.alerts.clone());
    let pause = move || {
        let watch = watch.clone();
        async move { drop(timeout(Duration::from_secs(OUTBOX_LOOK_SECONDS), watch.wake.notified()).await) }
    };
    repeat(rocket, context, move || deliveries(job.clone(), mail.clone(), notifier.clone()), pause);
}

/// Runs a job and a pause in turn, until shutdown. Its log lines name the team.
fn repeat<Run, Pause>(
    rocket: &Rocket<Orbit>,
    context: &Context,
    run: impl Fn() -> Run + Send + Sync + 'static,
    pause: impl Fn() -> Pause + Send + Sync + 'static,
) where
    Run: Future<Output = ()> + Send,
    Pause: Future<Output = ()> + Send,
{
    let mut shutdown = rocket.shutdown();
    let turns = async move {
        loop {
            let turn = async {
                run().await;
                pause().await;
            };
            tokio::select! {
                () = &mut shutdown => return,
                () = turn => {}
            }
        }
    };
    tokio::spawn(turns.instrument(context.span()));
}

async fn nightly_backup(context: Context, worker: Worker) {
    let run = move || {
        // The thread may have been busy with other teams.
        let now = context.clock.now();
        if backup::is_due(&context, now) && has_lease(&context, "backup", BACKUP_LEASE_SECONDS) {
            drop(backup::run_once(&context, now));
        }
    };
    if let Err(error) = worker.run(run).await {
        error!(%error, "the nightly backup was not completed");
    }
}

async fn integrity_check(context: Context, worker: Worker) {
    let run = move || {
        // Another server may have found problems, or solved them.
        context.count_problems();
        let due = || integrity::due(&context, context.clock.now());
        // Asked again with the lease: another server may just have made the run.
        if due().is_some()
            && has_lease(&context, "integrity", INTEGRITY_LEASE_SECONDS)
            && let Some(start) = due()
        {
            // Fails only if a check that was started by hand is running.
            let _ = integrity::run_once(&context, &start);
        }
    };
    if let Err(error) = worker.run(run).await {
        error!(%error, "the integrity check was not completed");
    }
}

/// Tells if this server may do a job that one of several servers does.
fn has_lease(context: &Context, job: &str, seconds: u32) -> bool {
    context.store.blocking().lease(job, seconds).unwrap_or_else(|error| {
        error!(%error, job, "cannot tell if another server does a job");
        false
    })
}

/// Runs work that blocks, in the span of the caller.
fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let span = Span::current();
    spawn_blocking(move || span.in_scope(work))
}

async fn staff_notices(context: Context) {
    let now = context.clock.now();
    if let Ok(Err(error)) = blocking(move || notices::run_once(&context, now)).await {
        error!(%error, "cannot write staff notices");
    }
}

/// Writes and delivers messages.
async fn deliveries(context: Context, mail: AccountMail, notifier: Notifier) {
    mail.run_once(&notifier, context.clock.now()).await;
    let (now, job) = (context.clock.now(), context.clone());
    if let Ok(Err(error)) = blocking(move || changes::run_once(&job, now)).await {
        error!(%error, "cannot write webhook messages");
    }
    if let Err(error) = outbox::run_once(&context, &notifier, context.clock.now()).await {
        error!(%error, "cannot read or write the outbox");
    }
}
