//! JSON lines as records: one object on each line, its values as the cells of a row, lists as JSON text.

use csv::StringRecord;
use serde_json::{Map, Value};

/// Whether a text is JSON lines rather than CSV.
pub fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// The names in the first object; none if it cannot be read.
pub fn names(text: &str) -> Vec<String> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let object: Map<String, Value> = serde_json::from_str(first).unwrap_or_default();
    object.into_iter().map(|(name, _)| name).collect()
}

/// Each line that holds something, with its number, as cells under `headings`.
pub fn records<'t>(
    text: &'t str,
    headings: Vec<&'static str>,
) -> impl Iterator<Item = (u64, Result<StringRecord, String>)> + 't {
    let filled = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    filled.map(move |(number, line)| (number, record(line, &headings)))
}

fn record(line: &str, headings: &[&str]) -> Result<StringRecord, String> {
    let object: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| format!("is no JSON object: {error}"))?;
    let cell = |heading: &&str| match object.get(*heading) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) if list.is_empty() => String::new(),
        Some(other) => other.to_string(),
    };
    Ok(headings.iter().map(cell).collect())
}
