//! What sources say, read without a store.
//!
//! Rule of these tests: text goes in as a user's file would, and answers are compared with the sentences people read.

mod database;
mod doubtful;
mod employees;
mod generated;
mod legacy;
mod look_alikes;
mod mutated;
mod no_news;
mod odd_files;
mod overlaps;
mod resaved;
mod sequences;
mod split_pairs;
mod spreadsheets;
mod table;
mod values;
mod visits;
mod workbooks;

use tandem::import::{Incoming, Note, Rejected};

/// A file of the repository's test data, under its own path.
fn data(path: &str) -> (String, Vec<u8>) {
    let file = format!("{}/tests/data/{path}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&file).unwrap();
    (file, bytes)
}

fn rejections(incoming: &Incoming) -> Vec<String> {
    incoming.rejected.iter().map(Rejected::to_string).collect()
}

fn notes(incoming: &Incoming) -> Vec<String> {
    incoming.notes.iter().map(Note::to_string).collect()
}
