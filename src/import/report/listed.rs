//! Lists of an import that may be as long as its files: the first entries in memory, all of them in a report.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

/// Most entries of one list that are held in memory, in entries.
pub const LISTED_MAX: usize = 1_000;

type Report<T> = Arc<Mutex<dyn FnMut(&T) + Send>>;

/// The first entries of a list, and the count of all. Dereferences to the first entries.
#[derive(Clone)]
pub struct Listed<T> {
    first: Vec<T>,
    count: usize,
    report: Option<Report<T>>,
}

impl<T> Listed<T> {
    /// A list whose every entry is given to `report`, too.
    pub fn reporting(report: impl FnMut(&T) + Send + 'static) -> Self {
        Self { report: Some(Arc::new(Mutex::new(report))), ..Self::default() }
    }

    pub fn push(&mut self, entry: T) {
        if let Some(report) = &self.report {
            report.lock().unwrap_or_else(PoisonError::into_inner)(&entry);
        }
        self.count += 1;
        if self.first.len() < LISTED_MAX {
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
