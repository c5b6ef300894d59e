//! Exports as files for other programs, written row by row: memory does not grow with the file.
//!
//! Invariants: a spreadsheet cell never starts a formula, and exported events, schedule and employees can be imported again
//! without loss.

pub mod audit;
pub mod feed;
pub mod objects;
pub mod reports;
mod table_writer;
mod tables;

use std::{
    fs::File,
    io::{BufWriter, IntoInnerError, Seek, Write},
};

use chrono_tz::Tz;

pub use crate::domain::csv_escape::safe_cell;
use crate::{
    domain::{user::Role, visibility},
    store::{
        Flow, ReadTx, Store, StoreError,
        tables::{audit as entries, employees, events, rotations},
    },
};

/// A table that can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Events,
    Schedule,
    Employees,
    Rotation,
    Audit,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Events, Self::Schedule, Self::Employees, Self::Rotation, Self::Audit];

    /// The name in addresses, file names and on the command line.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Schedule => "schedule",
            Self::Employees => "employees",
            Self::Rotation => "rotation",
            Self::Audit => "audit",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For spreadsheets: a line of headings, then a line for each row.
    Csv,
    /// For programs: a JSON object on each line.
    JsonLines,
}

impl Format {
    pub const ALL: [Self; 2] = [Self::Csv, Self::JsonLines];

    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

/// The exported table, and the role of its reader.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub kind: Kind,
    pub format: Format,
    /// Of the audit's local column.
    pub zone: Tz,
    /// Fields that this role may not read are left out.
    pub role: Role,
}

/// Writes all of one kind. Times are local; the audit also tells UTC.
pub fn write(view: &dyn ReadTx, request: Request, out: impl Write) -> Result<(), StoreError> {
    let Request { kind, format, zone, role } = request;
    match kind {
        Kind::Events => {
            let mut sheet = table_writer::Sheet::begin(format, &tables::EVENTS, out)?;
            events::each(view, |event| sheet.row(&tables::event(&event)).map(|()| Flow::Continue))?;
            sheet.end()
        }
        Kind::Schedule => {
            let mut sheet = table_writer::Sheet::begin(format, &tables::SCHEDULE, out)?;
            events::each(view, |event| {
                if let Some(now) = &event.schedule {
                    let employee = employees::get(view, &now.employee)?;
                    sheet.row(&tables::schedule(&event, now, employee.as_ref()))?;
                }
                Ok(Flow::Continue)
            })?;
            sheet.end()
        }
        Kind::Employees => {
            let mut sheet = table_writer::Sheet::begin(format, &tables::EMPLOYEES, out)?;
            for employee in employees::all(view)? {
                sheet.row(&tables::employee(&visibility::employee_for(role, employee)))?;
            }
            sheet.end()
        }
        Kind::Rotation => {
            let mut sheet = table_writer::Sheet::begin(format, &tables::ROTATION, out)?;
            for entry in rotations::all(view)?.entries() {
                let person = entry.person.as_ref().map(|id| employees::get(view, id)).transpose()?.flatten();
                sheet.row(&tables::rotation(&entry, person.as_ref()))?;
            }
            sheet.end()
        }
        Kind::Audit => match format {
            Format::Csv => audit::csv(view, |_| true, zone, role, out),
            Format::JsonLines => json_lines(view, role, out),
        },
    }
}

fn json_lines(view: &dyn ReadTx, role: Role, mut out: impl Write) -> Result<(), StoreError> {
    entries::each(view, |entry| {
        serde_json::to_writer(&mut out, &objects::AuditEntry::of(&visibility::entry_for(role, entry)))
            .map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
        Ok(Flow::Continue)
    })?;
    Ok(out.flush()?)
}

/// Largest export for a browser or an API client, in bytes.
pub const EXPORT_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Writes a table into an unnamed temporary file and rewinds it. The file shows the store as of one moment, while others
/// change it and however slowly the file is read.
///
/// # Errors
/// [`StoreError`], of [`FileTooLarge`](std::io::ErrorKind::FileTooLarge) if there is more than [`EXPORT_BYTES_MAX`].
pub fn to_temporary(
    store: &Store,
    write: impl FnOnce(&dyn ReadTx, &mut dyn Write) -> Result<(), StoreError>,
) -> Result<File, StoreError> {
    let mut out = BufWriter::new(store.temporary_file()?.at_most(EXPORT_BYTES_MAX));
    write(&store.moment(), &mut out)?;
    let mut file = out.into_inner().map_err(IntoInnerError::into_error)?.into_inner();
    file.rewind()?;
    Ok(file)
}
