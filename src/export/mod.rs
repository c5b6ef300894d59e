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
    export::table_writer::{Columns, Sheet},
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
            table(format, tables::EVENTS, out, |row| events::each(view, |event| row(&event).map(|()| Flow::Continue)))
        }
        Kind::Schedule => table(format, tables::SCHEDULE, out, |row| {
            events::each(view, |event| {
                if let Some(now) = &event.schedule {
                    let employee = employees::get(view, &now.employee)?;
                    row(&(event, employee))?;
                }
                Ok(Flow::Continue)
            })
        }),
        Kind::Employees => table(format, tables::EMPLOYEES, out, |row| {
            let mut all = employees::all(view)?.into_iter();
            all.try_for_each(|employee| row(&visibility::employee_for(role, employee)))
        }),
        Kind::Rotation => table(format, tables::ROTATION, out, |row| {
            rotations::all(view)?.entries().try_for_each(|entry| {
                let person = entry.person.as_ref().map(|id| employees::get(view, id)).transpose()?.flatten();
                row(&(entry, person))
            })
        }),
        Kind::Audit => match format {
            Format::Csv => audit::csv(view, |_| true, zone, role, out),
            Format::JsonLines => json_lines(view, role, out),
        },
    }
}

/// Writes a table; `each` passes its rows one by one.
fn table<T>(
    format: Format,
    columns: &Columns<T>,
    out: impl Write,
    each: impl FnOnce(&mut dyn FnMut(&T) -> Result<(), StoreError>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut sheet = Sheet::begin(format, columns.iter().map(|(heading, _)| *heading).collect(), out)?;
    each(&mut |row| sheet.row(&columns.iter().map(|(_, cell)| cell(row)).collect::<Vec<_>>()))?;
    sheet.end()
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
