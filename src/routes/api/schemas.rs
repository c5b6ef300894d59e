//! What texts in calls look like, for the document: patterns that say exactly what `domain` reads.
//!
//! Rule of this file: a text that fits is read, and one that does not is refused. A test asks the parsers.

use std::borrow::Cow;

use serde::Deserialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

use crate::{
    domain::{
        audit::REASON_CHARS_MAX,
        change,
        employee::JobTitle,
        event::{Condition, EventType},
        ids::EMPLOYEE_ID_CHARS_MAX,
    },
    views::activity,
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
macro_rules! abroad {
    () => {
        concat!(
            "(?:197[1-9]|19[89][0-9]|2[01][0-9][0-9])-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])",
            time!(),
            "(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
        )
    };
}

pub const DAY: &str = concat!("^", day!(), "$");
pub const MOMENT: &str = concat!("^(?:", day!(), "(?:", time!(), ")?|", abroad!(), ")$");
pub const START: &str = concat!("^(?:", day!(), time!(), "|", abroad!(), ")$");
pub const EMPLOYEE: &str = r"^[\p{L}\p{N}._-]{1,40}$";
pub const EVENTS_CURSOR: &str = concat!("^(?:", day!(), r"\.)?[1-9][0-9]{0,15}$");
pub const NUMBER_CURSOR: &str = "^(?:0|[1-9][0-9]{0,14})$";

const _: () = assert!(EMPLOYEE_ID_CHARS_MAX == 40, "as the pattern has it");

/// A text with a name in the document.
macro_rules! text {
    ($name:ident, $title:literal, $about:literal, $schema:expr) => {
        #[doc = $about]
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "for the document")]
        pub struct $name(String);

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

text!(Date, "Date", "A day: `2025-10-15`.", fitting(DAY, "2025-10-15"));
text!(
    Moment,
    "Moment",
    "A day, or a day and a time: `2025-10-20`, `2025-10-20T10:30`. Times are local; with an offset, `2025-10-20T10:30-04:00`, \
     they are converted to the configured zone.",
    fitting(MOMENT, "2025-10-20")
);
text!(
    Start,
    "Start",
    "A day and a time: `2025-10-16T10:30`. Times are local; with an offset they are converted to the configured zone.",
    fitting(START, "2025-10-16T10:30")
);
text!(
    Employee,
    "EmployeeId",
    "Who somebody is to the source: letters and digits of any script, dots, dashes and underscores.",
    fitting(EMPLOYEE, "103")
);
text!(
    Reason,
    "OverrideReason",
    "Passes over the rules that refuse, and is kept in the audit.",
    ObjectBuilder::new().max_length(Some(REASON_CHARS_MAX))
);
text!(Action, "Action", "The kind of change, as entries have it.", one_of(activity::ACTIONS.map(change::Action::slug)));
text!(
    EventsCursor,
    "EventsCursor",
    "The `next` of the page before.",
    ObjectBuilder::new().pattern(Some(EVENTS_CURSOR))
);
text!(
    NumberCursor,
    "NumberCursor",
    "The `next` of the page before.",
    ObjectBuilder::new().pattern(Some(NUMBER_CURSOR))
);
text!(Title, "JobTitle", "A job title, in full.", one_of(JobTitle::ALL.map(JobTitle::label)));
text!(EventTypeName, "EventType", "A type of event.", one_of(EventType::ALL.map(EventType::slug)));
text!(ConditionName, "Condition", "Whether somebody holds it.", one_of(Condition::ALL.map(Condition::slug)));
