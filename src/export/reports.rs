//! A report as CSV: the table of the page. Hours are decimal.

use std::io::Write;

use crate::{
    domain::report::{Table, Value},
    export::{
        Format,
        table_writer::{Cell, Sheet},
    },
    store::StoreError,
};

pub fn csv(table: &Table, out: impl Write) -> Result<(), StoreError> {
    let named = matches!(table.rows.first().and_then(|row| row.cells.first()), Some(Value::Person { .. }));
    let labels = table.columns.iter().map(|column| heading(column.label));
    let headings: Vec<String> = named.then(|| "employee_id".to_owned()).into_iter().chain(labels).collect();
    let mut sheet = Sheet::begin(Format::Csv, headings.iter().map(String::as_str).collect(), out)?;
    for row in &table.rows {
        sheet.row(&row.cells.iter().flat_map(cells).collect::<Vec<_>>())?;
    }
    sheet.end()
}

/// "Week of" as `week_of`
fn heading(label: &str) -> String {
    label.to_lowercase().replace(' ', "_")
}

fn cells(value: &Value) -> Vec<Cell> {
    match value {
        Value::Person { id, name } => vec![Cell::text(id.as_str()), Cell::text(name)],
        Value::Text(text) => vec![Cell::text(text)],
        Value::Day(date) | Value::Week(date) => vec![Cell::Text(date.to_string())],
        Value::Minutes(minutes) => {
            vec![Cell::Text(format!("{}", (f64::from(*minutes) / 60.0 * 100.0).round() / 100.0))]
        }
        Value::Percent(percent) => vec![Cell::some(*percent, |percent| Cell::Number(u64::from(percent)))],
        Value::Count(count) => vec![Cell::Number(u64::from(*count))],
    }
}
