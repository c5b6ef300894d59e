//! Limit of concurrent exports: a few in total and one per caller. Others wait.

use std::{
    collections::HashMap,
    fs::File,
    io::{ErrorKind, Write},
    sync::{Arc, Mutex as StdMutex, PoisonError, Weak},
};

use rocket::tokio::sync::{Mutex, Semaphore};

use crate::{
    context::Context,
    domain::audit::Action,
    export::{self, EXPORT_BYTES_MAX},
    routes::{
        auth::guards::{Reading, Viewer},
        http::{error::Failure, team::of_team},
    },
    services::files,
    store::{ReadTx, Store, StoreError},
};

/// Concurrent exports of all callers of all teams.
const EXPORTS_MAX: usize = 2;
/// Waiting exports of one caller; more are refused.
const WAITING_MAX: usize = 8;

/// Running and waiting exports of a team.
#[derive(Debug)]
pub struct Exporting {
    /// By caller. Unused ones are dropped at the next request.
    turns: StdMutex<HashMap<String, Weak<Mutex<()>>>>,
    places: Arc<Semaphore>,
}

impl Default for Exporting {
    fn default() -> Self {
        Self { turns: StdMutex::default(), places: Arc::new(Semaphore::new(EXPORTS_MAX)) }
    }
}

of_team!(Exporting);

impl Exporting {
    /// For another team: the exports of all teams share the places.
    #[must_use]
    pub fn of_another_team(&self) -> Self {
        Self { turns: StdMutex::default(), places: Arc::clone(&self.places) }
    }

    /// Makes an export when it is the caller's turn, and audits that it was taken.
    ///
    /// # Errors
    /// [`Failure`] if too many of the caller's wait, if it would be too large, or if the store cannot be read.
    pub async fn make(
        &self,
        viewer: &Viewer,
        name: String,
        context: &Context,
        write: impl FnOnce(&dyn ReadTx, &mut dyn Write) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<File, Failure> {
        let made = |store: &Store| match export::to_temporary(store, write) {
            Err(StoreError::Io(error)) if error.kind() == ErrorKind::FileTooLarge => Err(Failure::Malformed(format!(
                "The file would have more than {} GiB. Ask for less, or use `tandem export` on the server.",
                EXPORT_BYTES_MAX / (1024 * 1024 * 1024)
            ))),
            made => Ok(made?),
        };
        self.make_by(viewer.reading(context), name, context, made).await
    }

    /// The same for a file that is made in another way.
    pub async fn make_by(
        &self,
        Reading(origin): Reading,
        name: String,
        context: &Context,
        make: impl FnOnce(&Store) -> Result<File, Failure> + Send + 'static,
    ) -> Result<File, Failure> {
        let turn = self.turn_of(&origin.caller())?.lock_owned().await;
        // The semaphore is never closed.
        let place = Arc::clone(&self.places).acquire_owned().await;
        let made = context.store.run(move |store| {
            // The client may disconnect; the turn ends with the work.
            let _turn = (turn, place);
            let made = make(store)?;
            files::record(store, Action::Export, &name, &origin);
            Ok(made)
        });
        made.await
    }

    fn turn_of(&self, caller: &str) -> Result<Arc<Mutex<()>>, Failure> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = turns.get(caller).and_then(Weak::upgrade).unwrap_or_default();
        if Arc::strong_count(&turn) > WAITING_MAX + 1 {
            return Err(Failure::Taken(
                "Exports of yours are being made already, and more wait. Wait until they have come.".to_owned(),
            ));
        }
        turns.insert(caller.to_owned(), Arc::downgrade(&turn));
        Ok(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_waits_only_for_their_own_exports() {
        let exporting = Exporting::default();
        let turn = exporting.turn_of("ana").ok();
        let held = turn.as_ref().map(|turn| Arc::clone(turn).try_lock_owned());

        assert!(held.is_some_and(|held| held.is_ok_and(|_held| {
            let again = exporting.turn_of("ana").is_ok_and(|turn| turn.try_lock().is_err());
            again && exporting.turn_of("bea").is_ok_and(|turn| turn.try_lock().is_ok())
        })));
    }

    #[test]
    fn a_caller_with_too_many_waiting_exports_is_refused_until_one_is_done() {
        let exporting = Exporting::default();
        let mut turns: Vec<_> = (0..=WAITING_MAX).map_while(|_| exporting.turn_of("ana").ok()).collect();

        assert_eq!(turns.len(), WAITING_MAX + 1);
        assert!(matches!(exporting.turn_of("ana"), Err(Failure::Taken(_))));
        turns.pop();
        assert!(exporting.turn_of("ana").is_ok());
    }
}
