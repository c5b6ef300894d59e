//! What the server does by itself.
//!
//! Rule of this room: a job asks the clock again every minute, so that a machine that slept, or whose clock was set,
//! does what is due. What a job does is a function of that time; only this file waits.

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

/// Longest time between two looks at the clock.
const LOOK_SECONDS: u64 = 60;
/// Longest time between two looks at the outbox.
const LETTERS_LOOK_SECONDS: u64 = 10;

/// Starts the jobs once the server listens; they end with it.
pub fn stage() -> impl Fairing {
    AdHoc::on_liftoff("jobs", |rocket| {
        Box::pin(async move {
            if let Some(context) = rocket.state::<Context>() {
                match Worker::start() {
                    Ok(worker) => {
                        tokio::spawn(nightly_backups(context.clone(), worker.clone(), rocket.shutdown()));
                        tokio::spawn(integrity_checks(context.clone(), worker, rocket.shutdown()));
                    }
                    Err(error) => error!(%error, "there is no thread for backups and integrity checks"),
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
                done = run => if let Err(error) = done { error!(%error, "the nightly backup was cut off") },
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
                // Somebody may have started one by hand.
                let _ = integrity::run_once(&job, &start);
            }
        });
        tokio::select! {
            () = &mut shutdown => return,
            done = run => if let Err(error) = done { error!(%error, "the integrity check was cut off") },
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
            done = run => if let Ok(Err(error)) = done { error!(%error, "staff notices cannot be written") },
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = sleep(Duration::from_secs(LOOK_SECONDS)) => {}
        }
    }
}

/// Delivers when the bell rings, and looks by itself for what is to be tried again.
async fn letters(context: Context, mut shutdown: Shutdown) {
    let notifier = Notifier::new(context.config.alerts.clone());
    loop {
        let (now, job) = (context.clock.now(), context.clone());
        let run = spawn_blocking(move || changes::run_once(&job, now));
        tokio::select! {
            () = &mut shutdown => return,
            done = run => if let Ok(Err(error)) = done { error!(%error, "letters for the webhook cannot be written") },
        }
        tokio::select! {
            () = &mut shutdown => return,
            done = outbox::run_once(&context, &notifier, context.clock.now()) => {
                if let Err(error) = done { error!(%error, "the outbox cannot be read or written") }
            }
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = context.watch.wake.notified() => {}
            () = sleep(Duration::from_secs(LETTERS_LOOK_SECONDS)) => {}
        }
    }
}
