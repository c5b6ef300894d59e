//! Lists of an import that may be as long as its files: the first entries in memory, all of them in a report.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

/// Most entries of one list that are held in memory, in entries.
pub const LISTED_MAX: usize = 1_000;

/// Where every entry goes.
struct Report<T> {
    write: Box<dyn FnMut(&T) + Send>,
    /// Counts an entry as left out, if there is no room for it.
    leave_out: Box<dyn FnMut() -> bool + Send>,
}

/// The first entries of a list, and the count of all. Dereferences to the first entries.
#[derive(Clone)]
pub struct Listed<T> {
    first: Vec<T>,
    count: usize,
    report: Option<Arc<Mutex<Report<T>>>>,
}

impl<T> Listed<T> {
    /// A list whose every entry is given to `write`, too.
    pub fn reporting(write: impl FnMut(&T) + Send + 'static) -> Self {
        Self::reporting_while(write, || false)
    }

    /// Same, except entries for which `leave_out` returns true.
    pub fn reporting_while(
        write: impl FnMut(&T) + Send + 'static,
        leave_out: impl FnMut() -> bool + Send + 'static,
    ) -> Self {
        let report = Report { write: Box::new(write), leave_out: Box::new(leave_out) };
        Self { report: Some(Arc::new(Mutex::new(report))), ..Self::default() }
    }

    pub fn push(&mut self, entry: T) {
        self.push_with(|| entry);
    }

    /// Adds an entry, which is made only if it is held or reported.
    pub fn push_with(&mut self, make: impl FnOnce() -> T) {
        self.count += 1;
        let is_held = self.first.len() < LISTED_MAX;
        let mut report = self.report.as_ref().map(|report| report.lock().unwrap_or_else(PoisonError::into_inner));
        let is_reported = report.as_mut().is_some_and(|report| !(report.leave_out)());
        if !is_held && !is_reported {
            return;
        }
        let entry = make();
        if let Some(report) = report.as_mut().filter(|_| is_reported) {
            (report.write)(&entry);
        }
        if is_held {
            self.first.push(entry);
        }
    }

    /// All entries, those not in memory included.
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { first: Vec::new(), count: 0, report: None }
    }
}

impl<T> Deref for Listed<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.first
    }
}

impl<T> Extend<T> for Listed<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, entries: I) {
        entries.into_iter().for_each(|entry| self.push(entry));
    }
}

impl<T: PartialEq> PartialEq for Listed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.first == other.first
    }
}

impl<T: Eq> Eq for Listed<T> {}

impl<T: fmt::Debug> fmt::Debug for Listed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listed").field("first", &self.first).field("count", &self.count).finish_non_exhaustive()
    }
}
