//! Background jobs.
//!
//! Invariant: a job reads the clock every minute, so that it also runs on time after the machine slept or its clock
//! was set. A job is a function of the time; only this file waits.

pub mod backup;
pub mod changes;
pub mod integrity;
pub mod notices;
pub mod outbox;
pub mod schedule;
mod worker;

use std::time::Duration;

use rocket::{
    Shutdown,
    fairing::{AdHoc, Fairing},
    tokio::{self, task::spawn_blocking, time::sleep},
};
use tracing::error;

use crate::{context::Context, jobs::worker::Worker, notify::Notifier};

/// Longest time between two readings of the clock.
const LOOK_SECONDS: u64 = 60;
/// Longest time between two runs of the outbox.
const LETTERS_LOOK_SECONDS: u64 = 10;

/// Starts the jobs once the server listens. They end on shutdown.
pub fn stage() -> impl Fairing {
    AdHoc::on_liftoff("jobs", |rocket| {
        Box::pin(async move {
            if let Some(context) = rocket.state::<Context>() {
                match Worker::start() {
                    Ok(worker) => {
                        tokio::spawn(nightly_backups(context.clone(), worker.clone(), rocket.shutdown()));
                        tokio::spawn(integrity_checks(context.clone(), worker, rocket.shutdown()));
                    }
                    Err(error) => error!(%error, "cannot start the thread for backups and integrity checks"),
                }
                tokio::spawn(staff_notices(context.clone(), rocket.shutdown()));
                tokio::spawn(letters(context.clone(), rocket.shutdown()));
            }
        })
    })
}

async fn nightly_backups(context: Context, worker: Worker, mut shutdown: Shutdown) {
    loop {
        let now = context.clock.now();
        if backup::is_due(&context, now) {
            let context = context.clone();
            let run = worker.run(move || drop(backup::run_once(&context, now)));
            tokio::select! {
                () = &mut shutdown => return,
                done = run => if let Err(error) = done { error!(%error, "the nightly backup was not completed") },
            }
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = sleep(Duration::from_secs(LOOK_SECONDS)) => {}
        }
    }
}

async fn integrity_checks(context: Context, worker: Worker, mut shutdown: Shutdown) {
    loop {
        let job = context.clone();
        let run = worker.run(move || {
            if let Some(start) = integrity::due(&job, job.clock.now()) {
                // Fails only if a check that was started by hand is running.
                let _ = integrity::run_once(&job, &start);
            }
        });
        tokio::select! {
            () = &mut shutdown => return,
            done = run => if let Err(error) = done { error!(%error, "the integrity check was not completed") },
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = sleep(Duration::from_secs(LOOK_SECONDS)) => {}
        }
    }
}

async fn staff_notices(context: Context, mut shutdown: Shutdown) {
    loop {
        let (now, job) = (context.clock.now(), context.clone());
        let run = spawn_blocking(move || notices::run_once(&job, now));
        tokio::select! {
            () = &mut shutdown => return,
            done = run => if let Ok(Err(error)) = done { error!(%error, "cannot write staff notices") },
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = sleep(Duration::from_secs(LOOK_SECONDS)) => {}
        }
    }
}

/// Delivers on a wake-up signal, and at intervals to repeat failed deliveries.
async fn letters(context: Context, mut shutdown: Shutdown) {
    let notifier = Notifier::new(context.config.alerts.clone());
    loop {
        let (now, job) = (context.clock.now(), context.clone());
        let run = spawn_blocking(move || changes::run_once(&job, now));
        tokio::select! {
            () = &mut shutdown => return,
            done = run => if let Ok(Err(error)) = done { error!(%error, "cannot write webhook messages") },
        }
        tokio::select! {
            () = &mut shutdown => return,
            done = outbox::run_once(&context, &notifier, context.clock.now()) => {
                if let Err(error) = done { error!(%error, "cannot read or write the outbox") }
            }
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = context.watch.wake.notified() => {}
            () = sleep(Duration::from_secs(LETTERS_LOOK_SECONDS)) => {}
        }
    }
}
