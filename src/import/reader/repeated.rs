//! Rows that stand in a table more than once.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::import::{
    Note,
    table::{Left, Row},
};

/// The rows of one table so far.
#[derive(Debug, Default)]
pub struct Seen(HashMap<u64, u64>);

impl Seen {
    /// Skips a row that is the same as one before in every cell.
    ///
    /// # Errors
    /// [`Left::Skipped`] with a note.
    pub fn check<'t>(&mut self, row: &Row<'_>) -> Result<(), Left<'t>> {
        let mut hasher = DefaultHasher::new();
        row.cells().for_each(|cell| cell.hash(&mut hasher));
        let place = row.place();
        match self.0.entry(hasher.finish()) {
            Entry::Vacant(entry) => {
                entry.insert(place.line);
                Ok(())
            }
            Entry::Occupied(first) => {
                let message = format!("says the same as line {}; it is taken once", first.get());
                Err(Left::Skipped(Note { place, message }, None))
            }
        }
    }
}
