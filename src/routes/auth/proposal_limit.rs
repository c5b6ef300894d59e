//! Limit of proposals that are searched for at once: a few in total and one per caller. Others are refused.
//!
//! A search holds a thread of the store until it ends, also if its client has left.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rocket::tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    domain::audit::Origin,
    routes::http::{error::Failure, team::of_team},
};

/// Searches of all callers of all teams.
const SEARCHES_MAX: usize = 2;

/// The callers of a team whose searches run.
#[derive(Clone, Debug)]
pub struct Proposing {
    callers: Arc<Mutex<HashSet<String>>>,
    /// Searches of this team; several teams leave each other a place.
    most: usize,
    places: Arc<Semaphore>,
}

of_team!(Proposing);

impl Default for Proposing {
    fn default() -> Self {
        Self { callers: Arc::default(), most: SEARCHES_MAX, places: Arc::new(Semaphore::new(SEARCHES_MAX)) }
    }
}

/// One search; others may begin when it is dropped.
#[derive(Debug)]
pub struct Turn {
    caller: String,
    proposing: Proposing,
    _place: OwnedSemaphorePermit,
}

impl Proposing {
    /// For one of so many teams, which share the places.
    #[must_use]
    pub fn of_team(&self, teams: usize) -> Self {
        let most = if teams > 1 { SEARCHES_MAX - 1 } else { SEARCHES_MAX };
        Self { callers: Arc::default(), most, places: Arc::clone(&self.places) }
    }

    fn running(&self) -> MutexGuard<'_, HashSet<String>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a search.
    ///
    /// # Errors
    /// [`Failure::AtOnce`] if the caller has one already, or if there are too many.
    pub fn begin(&self, origin: &Origin) -> Result<Turn, Failure> {
        let (caller, mut running) = (origin.caller().into_owned(), self.running());
        if running.contains(&caller) {
            return Err(Failure::AtOnce("Your last proposal is still being made. Wait until it has come."));
        }
        let place = Arc::clone(&self.places).try_acquire_owned().ok().filter(|_| running.len() < self.most);
        let others = || Failure::AtOnce("Others are having proposals made. Try again in a moment.");
        let place = place.ok_or_else(others)?;
        running.insert(caller.clone());
        Ok(Turn { caller, proposing: self.clone(), _place: place })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.proposing.running().remove(&self.caller);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::audit::Source;

    fn of(who: &str) -> Origin {
        Origin::new(who, Source::Page, "test", DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_team_leaves_the_others_a_search() {
        let proposing = Proposing::default();
        let (north, south) = (proposing.of_team(2), proposing.of_team(2));
        let search = north.begin(&of("ana"));

        assert!(search.is_ok());
        assert!(matches!(north.begin(&of("ben")), Err(Failure::AtOnce(_))));
        assert!(south.begin(&of("ben")).is_ok());
    }
}
