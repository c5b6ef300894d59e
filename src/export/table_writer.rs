//! Writes a table as CSV with a line of headings, or as JSON lines with the headings as names.

use std::io::{self, Write};

use serde_json::{Map, Value};

use crate::{
    export::{Format, safe_cell},
    store::StoreError,
};

/// A cell. None is an empty cell in CSV, and null in JSON.
#[derive(Clone, Debug)]
pub enum Cell {
    None,
    Text(String),
    Number(u64),
    Flag(bool),
    /// A list. CSV holds its JSON text, or nothing if it is empty.
    List(Vec<Value>),
}

impl Cell {
    /// A text that may be empty.
    pub fn text(text: &str) -> Self {
        if text.is_empty() { Self::None } else { Self::Text(text.to_owned()) }
    }

    pub fn some<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::None, cell)
    }

    fn in_csv(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Text(text) => safe_cell(text),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(list) if list.is_empty() => String::new(),
            Self::List(list) => Value::from(list.as_slice()).to_string(),
        }
    }

    fn in_json(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Text(text) => Value::from(text.as_str()),
            Self::Number(number) => Value::from(*number),
            Self::Flag(flag) => Value::from(*flag),
            Self::List(list) => Value::from(list.as_slice()),
        }
    }
}

/// The columns of a table: the heading of each, and its cell in a row.
pub type Columns<T> = [(&'static str, fn(&T) -> Cell)];

/// Writer of one table.
pub enum Sheet<'h, W: Write> {
    Csv(Box<csv::Writer<W>>),
    JsonLines { headings: Vec<&'h str>, out: W },
}

impl<'h, W: Write> Sheet<'h, W> {
    pub fn begin(format: Format, headings: Vec<&'h str>, out: W) -> Result<Self, StoreError> {
        match format {
            Format::Csv => {
                let mut out = csv::Writer::from_writer(out);
                out.write_record(headings).map_err(failed)?;
                Ok(Self::Csv(Box::new(out)))
            }
            Format::JsonLines => Ok(Self::JsonLines { headings, out }),
        }
    }

    /// Writes a row: a cell for each heading.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), StoreError> {
        match self {
            Self::Csv(out) => out.write_record(cells.iter().map(Cell::in_csv)).map_err(failed),
            Self::JsonLines { headings, out } => {
                let named = headings.iter().zip(cells).map(|(heading, cell)| ((*heading).to_owned(), cell.in_json()));
                serde_json::to_writer(&mut *out, &named.collect::<Map<_, _>>()).map_err(io::Error::from)?;
                Ok(out.write_all(b"\n")?)
            }
        }
    }

    pub fn end(self) -> Result<(), StoreError> {
        match self {
            Self::Csv(mut out) => Ok(out.flush()?),
            Self::JsonLines { mut out, .. } => Ok(out.flush()?),
        }
    }
}

/// A file that could not be written.
pub fn failed(error: csv::Error) -> StoreError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => StoreError::CutOff(format!("a row could not be written: {other:?}")),
    }
}
