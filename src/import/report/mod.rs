//! The report of an import as CSV: every rejected row, every note, what was found about events, and every change.

pub mod kept;
pub mod listed;

use std::{
    fs::File,
    io::{self, BufWriter, IntoInnerError},
    sync::{Arc, Mutex, PoisonError},
};

use csv::Writer;

use crate::{
    domain::{audit, csv_escape::safe_cell},
    import::{Found, Incoming, Note, Rejected, listed::Listed},
    store::disk_space::Sparing,
};

const HEADINGS: [&str; 6] = ["kind", "file", "line", "column", "message", "event"];
/// Largest report, in bytes. What is too much for it is counted in its last line.
pub const REPORT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// The file of a report; it leaves the disk space that changes need.
type Out = BufWriter<Sparing<File>>;

/// A report being written. Its clones write to the same file; the first error is returned at the end.
#[derive(Clone, Debug)]
pub struct Report(Arc<Mutex<Option<csv::Result<Lines>>>>);

#[derive(Debug)]
struct Lines {
    writer: Writer<Out>,
    bytes: usize,
    left_out: u64,
}

/// One line, with cells as they are shown.
#[derive(Clone, Copy, Debug, Default)]
struct Line<'a> {
    kind: &'a str,
    file: &'a str,
    row: u64,
    column: &'a str,
    message: &'a str,
    event: Option<u64>,
}

impl Report {
    /// Writes the headings.
    pub fn begin(out: Sparing<File>) -> io::Result<Self> {
        let mut writer = Writer::from_writer(BufWriter::new(out));
        writer.write_record(HEADINGS).map_err(io::Error::other)?;
        let lines = Lines { writer, bytes: 0, left_out: 0 };
        Ok(Self(Arc::new(Mutex::new(Some(Ok(lines))))))
    }

    /// An import that reports everything that is said about it.
    pub fn incoming(&self) -> Incoming {
        let about_events = |kind: &'static str| {
            let (report, full) = (self.clone(), self.clone());
            let write = move |note: &audit::Note| {
                let audit::Note { rule, message, event } = note;
                report.write(Line { kind, column: rule, message, event: event.map(|id| id.0), ..Line::default() });
            };
            Listed::reporting_while(write, move || full.leave_out())
        };
        let (rejected, notes) = (self.clone(), self.clone());
        let changes = self.clone();
        let found = Found {
            findings: about_events("finding"),
            splits: about_events("split pair"),
            changes: Listed::reporting(move |audit::Note { rule, message, event }: &audit::Note| {
                changes.write(Line { kind: rule, message, event: event.map(|id| id.0), ..Line::default() });
            }),
        };
        Incoming {
            rejected: Listed::reporting(move |row: &Rejected| {
                let Rejected { place, column, reason } = row;
                let column = column.as_deref().unwrap_or_default();
                let (file, row) = (place.file.as_str(), place.line);
                rejected.write(Line { kind: "rejected", file, row, column, message: reason, event: None });
            }),
            notes: Listed::reporting(move |Note { place, message }: &Note| {
                let (file, row) = (place.file.as_str(), place.line);
                notes.write(Line { kind: "note", file, row, message, ..Line::default() });
            }),
            found,
            ..Incoming::default()
        }
    }

    fn write(&self, line: Line<'_>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Ok(lines)) = held.as_mut() else { return };
        if let Err(error) = lines.write(line) {
            *held = Some(Err(error));
        }
    }

    /// Counts a line as left out, if one was before.
    fn leave_out(&self) -> bool {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(Ok(lines)) if lines.left_out == 0 => false,
            Some(Ok(lines)) => {
                lines.left_out += 1;
                true
            }
            // It failed, or is finished.
            _ => true,
        }
    }

    /// The file with everything in it.
    pub fn finish(&self) -> io::Result<File> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut lines = held.ok_or_else(|| io::Error::other("the report is finished"))?.map_err(into_io)?;
        if lines.left_out > 0 {
            let megabytes = REPORT_BYTES_MAX / (1024 * 1024);
            let message = format!("{} more lines are left out: a report has at most {megabytes} MB", lines.left_out);
            lines.bytes = 0;
            lines.write(Line { kind: "note", message: &message, ..Line::default() }).map_err(into_io)?;
        }
        let out = lines.writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        Ok(out.into_inner().map_err(IntoInnerError::into_error)?.into_inner())
    }
}

impl Lines {
    fn write(&mut self, Line { kind, file, row, column, message, event }: Line<'_>) -> csv::Result<()> {
        let line = if row == 0 { String::new() } else { row.to_string() };
        let event = event.map(|event| event.to_string()).unwrap_or_default();
        let cells = [kind, file, &line, column, message, &event].map(safe_cell);
        // Each with its quotes and a comma; quotes within cells are not counted twice.
        let bytes: usize = cells.iter().map(|cell| cell.len() + 3).sum();
        if self.bytes + bytes > REPORT_BYTES_MAX {
            self.left_out += 1;
            return Ok(());
        }
        self.bytes += bytes;
        self.writer.write_record(&cells)
    }
}

fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
