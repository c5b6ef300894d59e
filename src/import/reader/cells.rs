//! Single cells, read the same way by every reader.
//!
//! Rule of this file: whatever is wrong with a cell becomes a rejection of its row that says what is allowed.

use std::{borrow::Cow, fmt::Display, str::FromStr};

use chrono::{NaiveDateTime, NaiveTime};

use crate::{
    domain::{
        alike::{is_blank, plain_value},
        calendar::{YEAR_MAX, YEAR_MIN},
        employee::JobTitle,
        event::{Due, Event, Location, MINUTES_MAX, NAME_CHARS_MAX, names::Reading},
        format,
        ids::{EventId, Revision},
    },
    import::{
        EventFact, Rejected,
        table::Row,
        values::{self, NotWhole, When},
    },
};

/// Longest piece of a wrong cell that a reason repeats, in characters.
const QUOTE_CHARS_MAX: usize = 40;
/// Minutes of an hour, for sources that count in hours.
const HOUR_MINUTES: f64 = 60.0;

/// What is wrong with `4.177`.
const POINT: &str = "may be a fraction or have a point between its thousands: write the number without the point";
/// What is wrong with `6,500` hours.
const COMMA: &str = "may be a fraction or have a comma between its thousands: write the number without the comma";
/// What stands in the place of a person, in lower case, where there is none.
const NO_ONE: [&str; 9] =
    ["open", "tbd", "tba", "unassigned", "unstaffed", "unscheduled", "vacant", "no one", "no rep"];

pub type Cell<T> = Result<T, Rejected>;

/// The start of a wrong cell, in quotes.
#[must_use]
pub fn quote(text: &str) -> String {
    let start: String = text.chars().take(QUOTE_CHARS_MAX).collect();
    if start.len() < text.len() { format!("\"{start}…\"") } else { format!("\"{start}\"") }
}

/// The facts whose cells are empty, or whose columns are not there.
pub fn open<F: Copy>(row: &Row<'_>, facts: &[(&str, F)]) -> Vec<F> {
    facts.iter().filter(|(heading, _)| row.get(heading).is_empty()).map(|(_, fact)| *fact).collect()
}

/// The headings of what every source may say of an event, and how it writes the length.
#[derive(Debug)]
pub struct EventColumns {
    pub store_number: &'static str,
    pub store_name: &'static str,
    pub first_day: &'static str,
    pub due: &'static str,
    pub minutes: &'static str,
    pub length: fn(&Row<'_>, &str) -> Cell<Option<u32>>,
}

impl EventColumns {
    /// The facts whose cells are empty. An empty one says nothing.
    pub fn open(&self, row: &Row<'_>) -> Vec<EventFact> {
        let facts = [
            (self.store_number, EventFact::StoreNumber),
            (self.store_name, EventFact::StoreName),
            (self.first_day, EventFact::FirstDay),
            (self.due, EventFact::Due),
            (self.minutes, EventFact::Minutes),
        ];
        open(row, &facts)
    }

    /// An event without an assignment, at its first revision.
    pub fn event(&self, row: &Row<'_>, id: EventId, name: String, reading: Reading) -> Cell<Event> {
        let Reading { event_type, number, program } = reading;
        Ok(Event {
            id,
            revision: Revision::default(),
            name,
            event_type,
            number,
            program,
            location: Location { number: store_number(row, self.store_number)?, name: text(row, self.store_name)? },
            first_day: when(row, self.first_day)?.map(|when| when.date),
            due: when(row, self.due)?.map(|when| Due { date: when.date, time: when.time }),
            minutes: (self.length)(row, self.minutes)?.unwrap_or(event_type.default_minutes()),
            schedule: None,
            imported: None,
        })
    }
}

/// A cell that may not be empty.
pub fn filled<'r>(row: &'r Row<'_>, heading: &str) -> Cell<&'r str> {
    let text = row.get(heading);
    if text.is_empty() { Err(row.reject(Some(heading), "is empty; every row needs it")) } else { Ok(text) }
}

/// Anything that reads itself and explains why it cannot: ids.
pub fn parsed<T>(row: &Row<'_>, heading: &str) -> Cell<T>
where
    T: FromStr<Err: Display>,
{
    let text = filled(row, heading)?;
    text.parse().map_err(|error: T::Err| row.reject(Some(heading), with_quote(text, &error.to_string())))
}

/// A text that may be empty: of bounded length and without control characters, otherwise kept as it is.
pub fn text(row: &Row<'_>, heading: &str) -> Cell<String> {
    let text = row.get(heading);
    let length = text.chars().count();
    if length > NAME_CHARS_MAX {
        let reason = format!("has {length} characters; at most {NAME_CHARS_MAX} are allowed");
        return Err(row.reject(Some(heading), reason));
    }
    match text.chars().find(|c| c.is_control()) {
        Some(control) => {
            let reason = format!(
                "holds the control character U+{:04X}; letters, digits, signs and spaces are allowed",
                u32::from(control)
            );
            Err(row.reject(Some(heading), reason))
        }
        None => Ok(text.to_owned()),
    }
}

/// A text that may not be empty.
pub fn name(row: &Row<'_>, heading: &str) -> Cell<String> {
    filled(row, heading)?;
    text(row, heading)
}

/// Whether a cell that is to name a person is empty or says that there is none.
#[must_use]
pub fn names_no_one(row: &Row<'_>, heading: &str) -> bool {
    let text = row.get(heading);
    text.is_empty() || NO_ONE.contains(&&*text.to_lowercase())
}

/// A person's name: spaces that only align columns are collapsed.
pub fn person(row: &Row<'_>, heading: &str) -> Cell<String> {
    Ok(name(row, heading)?.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// An id: digits as spreadsheets write them, too.
pub fn id<T>(row: &Row<'_>, heading: &str) -> Cell<T>
where
    T: FromStr<Err: Display>,
{
    filled(row, heading)?;
    let text = identifier(row, heading, row.number(heading))?;
    text.parse().map_err(|error: T::Err| row.reject(Some(heading), with_quote(&text, &error.to_string())))
}

/// The reason against a cell, with the cell in front if it does not name it.
fn with_quote(text: &str, reason: &str) -> String {
    if reason.starts_with('"') { reason.to_owned() } else { format!("{}: {reason}", quote(text)) }
}

/// The number of a store; empty where the cell is.
pub fn store_number(row: &Row<'_>, heading: &str) -> Cell<String> {
    text(row, heading)?;
    Ok(identifier(row, heading, row.number(heading))?.into_owned())
}

/// What a cell means that identifies something: digits without the fraction `.0` and without grouping, a text without
/// the formula or apostrophe that keep a spreadsheet from reading it as a number.
fn identifier<'t>(row: &Row<'_>, heading: &str, text: &'t str) -> Cell<Cow<'t, str>> {
    let value = plain_value(text);
    if values::is_shortened(value) {
        let reason = format!(
            "{} is not the whole number: a spreadsheet shortened this number and lost its last digits; format the \
             column as a number without decimals in the original, and save it again",
            quote(text)
        );
        return Err(row.reject(Some(heading), reason));
    }
    let is_odd = |sign: char| matches!(sign, '.' | ',' | '\'' | '’') || is_blank(sign);
    let bare = value.strip_prefix('#').unwrap_or(value).trim();
    if !row.is_ours() && values::has_doubtful_point(bare) {
        return Err(row.reject(Some(heading), format!("{} {POINT}", quote(text))));
    }
    match values::whole(bare) {
        Ok(number) if bare.contains(is_odd) => Ok(Cow::Owned(number.to_string())),
        _ => Ok(Cow::Borrowed(bare)),
    }
}

/// A whole number; None where the cell is empty.
pub fn whole(row: &Row<'_>, heading: &str) -> Cell<Option<u32>> {
    if row.get(heading).is_empty() {
        return Ok(None);
    }
    match values::whole(row.number(heading)).map(u32::try_from) {
        Ok(Ok(number)) => Ok(Some(number)),
        Err(NotWhole::Point) => Err(row.reject(Some(heading), format!("{} {POINT}", quote(row.get(heading))))),
        _ => Err(row.reject(Some(heading), format!("{} is not a whole number", quote(row.get(heading))))),
    }
}

/// Whole minutes; None where the cell is empty.
pub fn minutes(row: &Row<'_>, heading: &str) -> Cell<Option<u32>> {
    if row.get(heading).is_empty() {
        return Ok(None);
    }
    let wrong = |reason: &str| Err(row.reject(Some(heading), format!("{} {reason}", quote(row.get(heading)))));
    match values::whole(row.number(heading)).map(u32::try_from) {
        Ok(Ok(minutes)) if (1..=MINUTES_MAX).contains(&minutes) => Ok(Some(minutes)),
        Err(NotWhole::Point) => wrong(POINT),
        _ => wrong(&format!("is not a whole number of minutes from 1 to {MINUTES_MAX}")),
    }
}

/// Hours as whole minutes, rounded: `0.08` is 5, and so is `0:05`. None where the cell is empty.
pub fn hours(row: &Row<'_>, heading: &str) -> Cell<Option<u32>> {
    let text = row.get(heading);
    if text.is_empty() {
        return Ok(None);
    }
    if values::has_doubtful_comma(row.number(heading)) {
        return Err(row.reject(Some(heading), format!("{} {COMMA}", quote(text))));
    }
    let hours = values::clock_hours(text).or_else(|| values::decimal(row.number(heading)));
    let minutes = hours.map(|hours| (hours * HOUR_MINUTES).round());
    if let Some(minutes) = minutes.filter(|minutes| (1.0..=f64::from(MINUTES_MAX)).contains(minutes)) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and within 1 to 1440")]
        return Ok(Some(minutes as u32));
    }
    let hours_max = MINUTES_MAX / 60;
    let reason =
        format!("{} is not a number of hours: write 0.02 to {hours_max}, for example 6.5 or 6:30", quote(text));
    Err(row.reject(Some(heading), reason))
}

/// The yes or no that a text means, also as spreadsheets write it in other languages.
#[must_use]
pub fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" | "yes" | "y" | "wahr" | "vrai" | "verdadero" | "vero" | "verdadeiro" | "waar" => Some(true),
        "false" | "f" | "0" | "no" | "n" | "falsch" | "faux" | "falso" | "onwaar" => Some(false),
        _ => None,
    }
}

/// A person's job title.
pub fn title(row: &Row<'_>, heading: &str) -> Cell<JobTitle> {
    let text = filled(row, heading)?;
    JobTitle::named(text).ok_or_else(|| {
        let allowed = JobTitle::ALL.map(|title| title.label().to_owned());
        let reason = format!("{} is no job title; allowed are {}", quote(text), format::list(&allowed));
        row.reject(Some(heading), reason)
    })
}

/// Whether a person works here; they do where the cell is empty.
pub fn is_active(row: &Row<'_>, heading: &str) -> Cell<bool> {
    let text = row.get(heading);
    if text.is_empty() {
        return Ok(true);
    }
    flag(text).ok_or_else(|| {
        let reason = format!("{} is neither yes nor no; allowed are true, false, 1, 0, yes and no", quote(text));
        row.reject(Some(heading), reason)
    })
}

/// A date, or a date and a time of day; None where the cell is empty.
pub fn when(row: &Row<'_>, heading: &str) -> Cell<Option<When>> {
    let text = row.moment(heading);
    if text.is_empty() {
        return Ok(None);
    }
    if row.is_doubtful_date(heading, &text) {
        let reason = format!(
            "{} may be meant with its day before its month or behind it: other dates of this file can only be read the other \
             way round; save the file with dates like 2025-09-23",
            quote(&text)
        );
        return Err(row.reject(Some(heading), reason));
    }
    values::when(&text).map(Some).ok_or_else(|| {
        let reason = format!(
            "{} is not a date{}: write MM/DD/YYYY or YYYY-MM-DD, with the time of day behind it, between {YEAR_MIN} \
             and {YEAR_MAX}, for example 09/23/2025 9:15 AM",
            quote(&text),
            values::not_a_date(&text)
        );
        row.reject(Some(heading), reason)
    })
}

/// A date with a time of day, in a cell that may not be empty.
pub fn moment(row: &Row<'_>, heading: &str) -> Cell<NaiveDateTime> {
    filled(row, heading)?;
    // A spreadsheet's number without a fraction is midnight: the retailer has visits then.
    let midnight = values::is_serial(&row.moment(heading)).then_some(NaiveTime::MIN);
    let moment = when(row, heading)?.and_then(|when| Some(when.date.and_time(when.time.or(midnight)?)));
    moment.ok_or_else(|| {
        let reason = format!(
            "{} has no time of day: write it behind the date, as in 09/23/2025 9:15 AM",
            quote(row.get(heading))
        );
        row.reject(Some(heading), reason)
    })
}
