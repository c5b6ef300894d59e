//! The report of an import as CSV: every rejected row and every note.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use csv::Writer;

use crate::{domain::csv_escape::safe_cell, import::Place};

const HEADINGS: [&str; 5] = ["kind", "file", "line", "column", "message"];

/// A report being written. Its clones write to the same file; the first error is returned at the end.
#[derive(Debug)]
pub struct Report<W: Write>(Arc<Mutex<Option<csv::Result<Writer<W>>>>>);

impl<W: Write> Clone for Report<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Write> Report<W> {
    /// Writes the headings.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn begin(out: W) -> io::Result<Self> {
        let mut writer = Writer::from_writer(out);
        writer.write_record(HEADINGS).map_err(io::Error::other)?;
        Ok(Self(Arc::new(Mutex::new(Some(Ok(writer))))))
    }

    pub fn line(&self, kind: &str, place: &Place, column: Option<&str>, message: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Ok(writer)) = held.as_mut() else { return };
        let line = if place.line == 0 { String::new() } else { place.line.to_string() };
        let cells = [kind, &place.file, &line, column.unwrap_or_default(), message].map(safe_cell);
        if let Err(error) = writer.write_record(&cells) {
            *held = Some(Err(error));
        }
    }

    /// The file with everything in it.
    ///
    /// # Errors
    /// If a line could not be written, for example because the report would be too large.
    pub fn finish(self) -> io::Result<W> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = held.ok_or_else(|| io::Error::other("the report is finished"))?.map_err(into_io)?;
        writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }
}

fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
