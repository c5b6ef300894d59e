//! The number of open issues, in memory.

use std::sync::PoisonError;

use chrono::NaiveDate;

use crate::store::{
    Store, StoreError,
    maintenance::repair,
    tables::{issues::Counts, meta},
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
        let counts = self.read(|tx| Counts::read(tx))?;
        *self.issues.lock().unwrap_or_else(PoisonError::into_inner) = counts;
        Ok(())
    }

    /// Adds the changes of a transaction that was applied.
    pub(super) fn add_issues(&self, changes: Counts) {
        self.issues.lock().unwrap_or_else(PoisonError::into_inner).merge(changes);
    }

    /// Number of open issues after the last change: with `pairing`, pairs that are apart; each rule that refuses an
    /// assignment from `today` on. Reads no table.
    pub fn open_issues(&self, today: NaiveDate, pairing: bool) -> u64 {
        self.issues.lock().unwrap_or_else(PoisonError::into_inner).open(today, pairing)
    }
}
