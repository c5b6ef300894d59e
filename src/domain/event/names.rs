//! Parses an event name, once, on import: its type, number and program.
//!
//! Everything else (moves, badges, the integrity check) uses the parsed values. The table in
//! `tests/domain/event/names.rs` is the specification.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

use crate::domain::{
    alike,
    event::EventType,
    ids::{EventNumber, ProgramId},
};

/// Shortest part of SUPERVISOR that still names the type, in characters: names may be truncated.
const SUPERVISOR_LETTERS_MIN: usize = "SUPER".len();

/// Result of parsing a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub event_type: EventType,
    pub number: Option<EventNumber>,
    pub program: Option<ProgramId>,
}

/// Parses a name. A type in a column of its own has priority.
pub fn read(name: &str, given: Option<EventType>) -> Reading {
    let folded = alike::folded(name);
    let name = alike::plain_value(&folded).trim_start_matches('#').trim();
    Reading { event_type: given.unwrap_or_else(|| type_in_name(name)), number: number(name), program: program(name) }
}

/// The type in the source's type column: `Juicer Production` is Juicer. None if it is unknown.
pub fn type_in_column(text: &str) -> Option<EventType> {
    let words = tokens(text);
    type_among(&words, &WORDS).or_else(|| type_among(&words, &[(EventType::Other, &["OTHER"])]))
}

/// Exactly six digits at the start, then a dash. People write a blank before a dash, or none.
fn number(name: &str) -> Option<EventNumber> {
    let digits = name.get(..6)?;
    let opens = digits.bytes().all(|byte| byte.is_ascii_digit()) && name[6..].trim_start().starts_with('-');
    if opens { digits.parse().ok().map(EventNumber) } else { None }
}

/// The last 10 to 14 digits in brackets.
fn program(name: &str) -> Option<ProgramId> {
    static BRACKETED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\(([0-9]{10,14})\)"));
    BRACKETED.captures_iter(name).last()?.get(1)?.as_str().parse().ok().map(ProgramId)
}

fn type_in_name(name: &str) -> EventType {
    if let Some((body, last)) = export_form(name) {
        return type_in_last_segment(last).or_else(|| type_in_body(body)).unwrap_or(EventType::Other);
    }
    if let Some(found) = type_in_second_segment(name) {
        return found;
    }
    if let Some(body) = export_form_cut_short(name) {
        return type_in_body(body).unwrap_or(EventType::Other);
    }
    type_anywhere(name).unwrap_or(EventType::Other)
}

/// `612202-LKD-AF-Red & Green Grapes (250822530262)  - V2-CORE`: the body, and what follows the bracketed id.
fn export_form(name: &str) -> Option<(&str, &str)> {
    static EXPORT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)^(.*)\([0-9]{10,14}\)\s+-\s*(\S.*)$"));
    let parts = EXPORT.captures(name)?;
    Some((parts.get(1)?.as_str(), parts.get(2)?.as_str()))
}

/// The export form, truncated before its last segment. CORE is not searched in its body: products have that name.
fn export_form_cut_short(name: &str) -> Option<&str> {
    static CUT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)^(.*)\((?:[0-9]{0,14}|[0-9]{10,14}\)[\s-]*)$"));
    CUT.captures(name)?.get(1).map(|body| body.as_str())
}

#[expect(clippy::expect_used, reason = "the patterns are constants of this file, and each is used by its tests")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of this file")
}

/// Words that name a type. CORE comes last: it is the only one that products use.
const WORDS: [(EventType, &[&str]); 5] = [
    (EventType::Supervisor, &["SUPERVISOR"]),
    (EventType::Juicer, &["JUICER"]),
    (EventType::Freeosk, &["FREEOSK", "FSK"]),
    (EventType::Digitals, &["DIGITAL", "DIGITALS"]),
    (EventType::Core, &["CORE"]),
];

/// A whole word has priority over a truncated one: `Super` may be an ordinary word.
fn type_in_last_segment(segment: &str) -> Option<EventType> {
    let segment = without_core_power(segment);
    let words = tokens(&segment);
    let cut_short = || words.iter().any(|word| is_supervisor_cut_short(word)).then_some(EventType::Supervisor);
    type_among(&words, &WORDS).or_else(cut_short)
}

/// The body of an export name contains the product's own words, so it never makes a CORE or a Supervisor.
fn type_in_body(body: &str) -> Option<EventType> {
    type_among(&tokens(body), &WORDS[1..4])
}

/// `606001-CORE-Super Pretzel`: the segment after the number is exactly one of the words.
fn type_in_second_segment(name: &str) -> Option<EventType> {
    let (_, rest) = name.split_once('-')?;
    let (segment, ends_name) = rest.split_once('-').map_or((rest, true), |(segment, _)| (segment, false));
    let segment = segment.trim();
    if ends_name && is_supervisor_cut_short(segment) {
        return Some(EventType::Supervisor);
    }
    type_among(&[segment], &WORDS)
}

/// A segment that is exactly one of the words, a last segment that is a truncated SUPERVISOR, or whole words
/// anywhere.
fn type_anywhere(name: &str) -> Option<EventType> {
    let segments: Vec<_> = name.split('-').map(str::trim).collect();
    let cut_short = || segments.last().is_some_and(|last| is_supervisor_cut_short(last));
    type_among(&segments, &WORDS)
        .or_else(|| cut_short().then_some(EventType::Supervisor))
        .or_else(|| type_among(&tokens(&without_core_power(name)), &WORDS))
}

/// The text without the product name `Core Power`, which names no type.
fn without_core_power(text: &str) -> Cow<'_, str> {
    static PRODUCT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bcore\s+power\b"));
    PRODUCT.replace_all(text, "")
}

/// The first type of `table` named by one of the words, in any case.
fn type_among(words: &[&str], table: &[(EventType, &[&str])]) -> Option<EventType> {
    let says = |wanted: &str| words.iter().any(|word| word.eq_ignore_ascii_case(wanted));
    table.iter().find(|(_, names)| names.iter().any(|name| says(name))).map(|(event_type, _)| *event_type)
}

fn is_supervisor_cut_short(word: &str) -> bool {
    word.len() >= SUPERVISOR_LETTERS_MIN
        && "SUPERVISOR".get(..word.len()).is_some_and(|cut| cut.eq_ignore_ascii_case(word))
}

fn tokens(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}
