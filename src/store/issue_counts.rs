//! Numbers for the header of every page, in memory: open issues, and unscheduled events.
//!
//! Only this process changes an embedded store, so it adds what each write changes. Of a shared store the numbers belong
//! to a version, and a read of a later one computes them again.

use std::sync::{PoisonError, atomic::Ordering};

use chrono::NaiveDate;

use crate::store::{
    Store, StoreError,
    maintenance::repair,
    tables::{days, issues::Counts, meta},
    transaction::Snapshot,
};

impl Store {
    /// Computes all issues again if they depend on another setting than before.
    pub(super) fn compute_issues(&self, short_work_minutes: u32) -> Result<(), StoreError> {
        if !self.read(|tx| meta::are_issues_computed(tx, short_work_minutes))? {
            self.write(|tx| meta::set_short_work_minutes(tx, short_work_minutes, false))?;
            repair::issues(self)?;
            self.write(|tx| meta::set_short_work_minutes(tx, short_work_minutes, true))?;
        }
        self.count_issues()
    }

    /// Counts the open issues, after their entries were rebuilt.
    pub(crate) fn count_issues(&self) -> Result<(), StoreError> {
        if self.engine.embedded().is_none() {
            *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = 0;
            return self.read(|_| Ok(()));
        }
        let counts = self.read(|tx| Counts::read(tx))?;
        *self.issues.lock().unwrap_or_else(PoisonError::into_inner) = counts;
        Ok(())
    }

    /// Counts a transaction that was applied. `version` is that of a shared store, if it changed: the numbers are those of
    /// this version only if they were those of the one before.
    pub(super) fn count(&self, unscheduled: u64, changes: Counts, version: Option<u64>) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if self.engine.embedded().is_none() {
            match version.filter(|version| *version == *counted + 1) {
                Some(version) => *counted = version,
                None => return,
            }
        }
        self.unscheduled.store(unscheduled, Ordering::Relaxed);
        self.issues.lock().unwrap_or_else(PoisonError::into_inner).merge(changes);
    }

    /// Computes the numbers again if other servers have changed the store since. Others wait for that.
    pub(super) fn keep_up(&self, tx: &Snapshot<'_>) -> Result<(), StoreError> {
        if self.engine.embedded().is_some() {
            return Ok(());
        }
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if *counted < tx.version() {
            let (unscheduled, issues) = (days::unscheduled(tx)?, Counts::read(tx)?);
            self.unscheduled.store(unscheduled, Ordering::Relaxed);
            *self.issues.lock().unwrap_or_else(PoisonError::into_inner) = issues;
            *counted = tx.version();
        }
        Ok(())
    }

    /// Number of open issues after the last change: with `pairing`, pairs that are apart; each rule that refuses an
    /// assignment from `today` on. Reads no table.
    pub fn open_issues(&self, today: NaiveDate, pairing: bool) -> u64 {
        self.issues.lock().unwrap_or_else(PoisonError::into_inner).open(today, pairing)
    }
}
