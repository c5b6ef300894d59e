//! Formats dates, times and amounts for users. Pages, messages and logs share these formats.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

/// "October 15, 2025"
pub fn date(date: NaiveDate) -> String {
    date.format("%B %-d, %Y").to_string()
}

/// "Wednesday, October 15, 2025"
pub fn date_in_full(date: NaiveDate) -> String {
    date.format("%A, %B %-d, %Y").to_string()
}

/// "Wed, Oct 15, 2025"
pub fn date_short(date: NaiveDate) -> String {
    date.format("%a, %b %-d, %Y").to_string()
}

/// "Wed, Oct 15"; with its year if that is not the year of `near`.
pub fn date_near(date: NaiveDate, near: NaiveDate) -> String {
    if date.year() == near.year() { date.format("%a, %b %-d").to_string() } else { date_short(date) }
}

/// "Wed, Oct 15, 10:00 AM"; with its year if that is not the year of `near`.
pub fn moment_near(at: NaiveDateTime, near: NaiveDate) -> String {
    format!("{}, {}", date_near(at.date(), near), time(at.time()))
}

/// "10:00 AM"
pub fn time(time: NaiveTime) -> String {
    time.format("%-I:%M %p").to_string()
}

/// "10:00 AM to 4:30 PM"; "10:00 PM to 4:30 AM the next day"
pub fn time_span(from: NaiveDateTime, to: NaiveDateTime) -> String {
    let next = if from.date() == to.date() { "" } else { " the next day" };
    format!("{} to {}{next}", time(from.time()), time(to.time()))
}

/// "Wed, Oct 15, 2025 at 10:00 AM"
pub fn moment(at: NaiveDateTime) -> String {
    format!("{} at {}", date_short(at.date()), time(at.time()))
}

/// "on Wed, Oct 15, 2025", "from Wed, Oct 15, 2025 to Fri, Oct 17, 2025"
pub fn dates(first: NaiveDate, last: NaiveDate) -> String {
    if first == last {
        format!("on {}", date_short(first))
    } else {
        format!("from {} to {}", date_short(first), date_short(last))
    }
}

/// "Oct 12 – 18, 2025", "Nov 30 – Dec 6, 2025", "Dec 28, 2025 – Jan 3, 2026"
pub fn range(first: NaiveDate, last: NaiveDate) -> String {
    let (from, to) = match (first.year() == last.year(), first.month() == last.month()) {
        (true, true) => ("%b %-d", "%-d, %Y"),
        (true, false) => ("%b %-d", "%b %-d, %Y"),
        (false, _) => ("%b %-d, %Y", "%b %-d, %Y"),
    };
    format!("{} – {}", first.format(from), last.format(to))
}

/// Hours of minutes, rounded to a tenth: "26", "6.5".
pub fn hours(minutes: u32) -> String {
    let tenths = (minutes + 3) / 6;
    if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// The text with its first letter in upper case.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A letter in small form. That of İ is i: Unicode's has a second dot, which is shown beside the first.
pub fn small(letter: char) -> impl Iterator<Item = char> {
    if letter == 'İ' { 'i' } else { letter }.to_lowercase()
}

/// "Wednesday"
pub fn weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// Local time for programs: "2025-10-15T10:00:00".
pub fn iso_moment(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// "6 h 30 min"
pub fn duration(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// "1 event", "2 events"
pub fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// "1 person", "2 people"
pub fn people(number: impl Into<u64>) -> String {
    let number = number.into();
    if number == 1 { "1 person".to_owned() } else { format!("{number} people") }
}

/// Longest part of an invalid text that an error quotes, in characters.
const QUOTE_CHARS_MAX: usize = 40;

/// The start of an invalid text, for an error.
pub fn quote(text: &str) -> String {
    text.chars().take(QUOTE_CHARS_MAX).collect()
}

/// "a", "a and b", "a, b and c"
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// A sentence that begins with the event's name, unless it contains it already.
pub fn about(name: &str, sentence: &str) -> String {
    if sentence.contains(name) { sentence.to_owned() } else { format!("{name}: {sentence}") }
}

/// Tells if a character acts on what shows it: control characters and the marks that turn the direction of writing.
fn acts(c: char) -> bool {
    c.is_control() || matches!(c, '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

/// Tells if no text that a person enters may have a character. Line ends and tabs are allowed.
pub fn is_forbidden(c: char) -> bool {
    acts(c) && !matches!(c, '\n' | '\r' | '\t')
}

/// The first such character of a text.
pub fn forbidden_in(text: &str) -> Option<char> {
    text.chars().find(|c| is_forbidden(*c))
}

/// A text on one line, without anything that a terminal or a reader of logs would act upon: control characters (newlines
/// and escapes among them) and the marks that turn the direction of writing are shown as Rust writes them, `\u{1b}`.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Tells if a letter is written from right to left: Hebrew, Arabic and their neighbours.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// A name for a sentence that is plain text, as in a list of options. One with letters written from right to left is
/// isolated (U+2068, U+2069), as a `bdi` element isolates it in HTML: it turns nothing around it.
#[must_use]
pub fn isolated(name: &str) -> Cow<'_, str> {
    if name.contains(is_right_to_left) { Cow::Owned(format!("\u{2068}{name}\u{2069}")) } else { Cow::Borrowed(name) }
}

/// A name for the beginning of a text that a browser sends back. Marks that isolate are refused there, so one with letters
/// written from right to left ends with a mark of the other direction (U+200E).
#[must_use]
pub fn closed(name: &str) -> Cow<'_, str> {
    if name.contains(is_right_to_left) { Cow::Owned(format!("{name}\u{200e}")) } else { Cow::Borrowed(name) }
}
