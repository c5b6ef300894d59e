//! Text fields of the API: each with its parser, and its pattern in the API document.
//!
//! A pattern matches exactly the texts that the parser accepts; a test compares them.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

use crate::{
    domain::{
        audit::{self, REASON_CHARS_MAX},
        calendar,
        employee::JobTitle,
        event::{Condition, EventType},
        format,
        ids::{EMPLOYEE_ID_CHARS_MAX, EmployeeId, EventId},
    },
    routes::http::decode,
};

/// A day of the calendar, with the right number of days in each month of each year.
macro_rules! day {
    () => {
        concat!(
            "(?:(?:19[7-9][0-9]|2[01][0-9][0-9]|2200)-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])",
            "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))",
            "|(?:19(?:7[26]|8[048]|9[26])|20(?:[02468][048]|[13579][26])|21(?:0[48]|[2468][048]|[13579][26]))-02-29)"
        )
    };
}

/// A time of day; seconds are read and dropped.
macro_rules! time {
    () => {
        r"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
    };
}

/// A day and time with its offset. The days at the ends of the calendar are left out: in the zone they may lie outside.
macro_rules! with_offset {
    () => {
        concat!(
            "(?:197[1-9]|19[89][0-9]|2[01][0-9][0-9])-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])",
            time!(),
            "(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
        )
    };
}

pub const DAY: &str = concat!("^", day!(), "$");
pub const MOMENT: &str = concat!("^(?:", day!(), "(?:", time!(), ")?|", with_offset!(), ")$");
pub const START: &str = concat!("^(?:", day!(), time!(), "|", with_offset!(), ")$");
pub const EMPLOYEE: &str = r"^[\p{L}\p{N}._-]{1,40}$";
pub const EVENTS_CURSOR: &str = concat!("^(?:", day!(), r"\.)?[1-9][0-9]{0,15}$");
/// Texts without the characters that [`format::is_forbidden`] names.
pub const TEXT: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$";
pub const NUMBER_CURSOR: &str = "^(?:0|[1-9][0-9]{0,14})$";

const _: () = assert!(EMPLOYEE_ID_CHARS_MAX == 40, "as the pattern has it");

/// Declares a text field: its type, its name and schema in the document, and its parser.
macro_rules! text {
    ($name:ident($value:ty), $title:literal, $about:literal, $schema:expr, $parse:expr) => {
        #[doc = $about]
        #[derive(Debug)]
        pub struct $name(pub $value);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                decode::parse(deserializer, $parse).map(Self)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let schema: ObjectBuilder = $schema;
                schema.schema_type(Type::String).description(Some($about)).build().into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                $title.into()
            }
        }
    };
}

fn fitting(pattern: &str, example: &str) -> ObjectBuilder {
    ObjectBuilder::new().pattern(Some(pattern)).examples([example])
}

fn one_of<const N: usize>(words: [&'static str; N]) -> ObjectBuilder {
    ObjectBuilder::new().enum_values(Some(words))
}

text!(Date(NaiveDate), "Date", "A day: `2025-10-15`.", fitting(DAY, "2025-10-15"), calendar::parse_date);
text!(
    Moment(String),
    "Moment",
    "A day, or a day and a time: `2025-10-20`, `2025-10-20T10:30`. Times are local; with an offset, `2025-10-20T10:30-04:00`, \
     they are converted to the configured zone.",
    fitting(MOMENT, "2025-10-20"),
    str::parse
);
text!(
    Start(String),
    "Start",
    "A day and a time: `2025-10-16T10:30`. Times are local; with an offset they are converted to the configured zone.",
    fitting(START, "2025-10-16T10:30"),
    str::parse
);
text!(
    Employee(EmployeeId),
    "EmployeeId",
    "The employee's id in the source: letters and digits of any script, dots, dashes and underscores.",
    fitting(EMPLOYEE, "103"),
    str::parse
);
text!(Store(String), "StoreNumber", "The number of a store.", fitting(TEXT, "4101"), str::parse);
text!(
    Reason(Option<String>),
    "OverrideReason",
    "Overrides the rules that refuse, and is stored in the audit.",
    ObjectBuilder::new().max_length(Some(REASON_CHARS_MAX)).pattern(Some(TEXT)),
    reason
);
text!(
    Action(audit::Action),
    "Action",
    "The kind of change, as entries have it.",
    one_of(audit::Action::ALL.map(audit::Action::slug)),
    action
);
text!(
    EventsCursor((Option<NaiveDate>, EventId)),
    "EventsCursor",
    "The `next` of the page before.",
    ObjectBuilder::new().pattern(Some(EVENTS_CURSOR)),
    events_cursor
);
text!(
    NumberCursor(u64),
    "NumberCursor",
    "The `next` of the page before.",
    ObjectBuilder::new().pattern(Some(NUMBER_CURSOR)),
    number
);
text!(Title(JobTitle), "JobTitle", "A job title, in full.", one_of(JobTitle::ALL.map(JobTitle::label)), title);
text!(EventTypeName(String), "EventType", "A type of event.", one_of(EventType::ALL.map(EventType::slug)), str::parse);
text!(
    ConditionName(String),
    "Condition",
    "Scheduled or unstaffed.",
    one_of(Condition::ALL.map(Condition::slug)),
    str::parse
);

/// A blank reason counts as missing.
fn reason(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.chars().count() > REASON_CHARS_MAX {
        return Err(format!("has at most {REASON_CHARS_MAX} characters"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn action(text: &str) -> Result<audit::Action, String> {
    named(text, &audit::Action::ALL, audit::Action::slug)
}

fn title(text: &str) -> Result<JobTitle, String> {
    JobTitle::named(text).map_or_else(|| named(text, &JobTitle::ALL, JobTitle::label), Ok)
}

fn named<T: Copy>(text: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    let allowed = || format::list(&all.iter().map(|one| name(*one).to_owned()).collect::<Vec<_>>());
    all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| format!("is unknown; allowed are {}", allowed()))
}

const WRONG_CURSOR: &str = "must be what the page before gave as next";

/// Digits alone.
fn number(text: &str) -> Result<u64, &'static str> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or(WRONG_CURSOR)
}

/// The last event of the page before: `1001`, or in a list with dates `2025-10-15.1001`.
fn events_cursor(text: &str) -> Result<(Option<NaiveDate>, EventId), &'static str> {
    let (date, id) = text.split_once('.').map_or((None, text), |(date, id)| (Some(date), id));
    let date = date.map(calendar::parse_date).transpose().map_err(|_| WRONG_CURSOR)?;
    let id = number(id)?;
    if id == 0 { Err(WRONG_CURSOR) } else { Ok((date, EventId(id))) }
}
