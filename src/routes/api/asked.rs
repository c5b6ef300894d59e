//! What changes take, for the document. A test compares these fields with those that the calls read.

use serde::Deserialize;
use utoipa::ToSchema;

/// Fields that are read one by one, so that an error names them.
macro_rules! asked {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "read field by field, so that errors name them; this is for the document")]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }
    };
}

asked!(
    /// Times are local; with an offset they are converted to the configured zone.
    ScheduleEvent {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64, example = 1004)]
        event_id: u64,
        #[schema(pattern = "^[A-Za-z0-9._-]{1,40}$", example = "103")]
        employee_id: String,
        #[schema(example = "2025-10-16T10:30")]
        start_datetime: String,
        /// The revision you saw; 409 if the event has changed since.
        revision: Option<u32>,
        /// Passes over the rules that refuse, and is kept in the audit.
        override_reason: Option<String>,
        /// A Supervisor may leave its CORE's date.
        confirm_other_date: Option<bool>,
    }
);

asked!(
    /// A date alone keeps the time of day.
    RescheduleEvent {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64, example = 2001)]
        schedule_id: u64,
        #[schema(example = "2025-10-20")]
        new_date: String,
        #[schema(pattern = "^[A-Za-z0-9._-]{1,40}$", example = "103")]
        new_employee_id: Option<String>,
        revision: Option<u32>,
        override_reason: Option<String>,
        confirm_other_date: Option<bool>,
    }
);

asked!(
    /// The schedule is the Supervisor's own.
    RescheduleSupervisor {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64, example = 2002)]
        schedule_id: u64,
        #[schema(example = "2025-10-15T14:00")]
        new_date: String,
        revision: Option<u32>,
        override_reason: Option<String>,
        confirm_other_date: Option<bool>,
    }
);

asked!(
    /// The schedule is removed.
    UnscheduleEvent {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64, example = 2003)]
        schedule_id: u64,
        revision: Option<u32>,
    }
);

asked!(
    /// The start stays.
    ChangeEmployee {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64, example = 2001)]
        schedule_id: u64,
        #[schema(pattern = "^[A-Za-z0-9._-]{1,40}$", example = "103")]
        new_employee_id: String,
        revision: Option<u32>,
        override_reason: Option<String>,
    }
);

asked!(
    /// Both schedules are COREs'.
    Trade {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64, example = 2001)]
        schedule_id: u64,
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64, example = 2003)]
        other_schedule_id: u64,
        revision: Option<u32>,
        override_reason: Option<String>,
    }
);

/// An empty object.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}
