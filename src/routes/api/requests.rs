//! What changes take, for the document. A test compares these fields with those that the calls read.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::routes::api::schemas;

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
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
        event_id: u64,
        employee_id: schemas::Employee,
        start_datetime: schemas::Start,
        /// The revision you saw; 409 if the event has changed since.
        #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
        revision: Option<u32>,
        override_reason: Option<schemas::Reason>,
        /// A Supervisor may leave its CORE's date.
        confirm_other_date: Option<bool>,
    }
);

asked!(
    /// A date alone keeps the time of day.
    RescheduleEvent {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
        schedule_id: u64,
        new_date: schemas::Moment,
        new_employee_id: Option<schemas::Employee>,
        #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
        revision: Option<u32>,
        override_reason: Option<schemas::Reason>,
        confirm_other_date: Option<bool>,
    }
);

asked!(
    /// The schedule is the Supervisor's own.
    RescheduleSupervisor {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
        schedule_id: u64,
        new_date: schemas::Moment,
        #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
        revision: Option<u32>,
        override_reason: Option<schemas::Reason>,
        confirm_other_date: Option<bool>,
    }
);

asked!(
    /// The schedule is removed.
    UnscheduleEvent {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
        schedule_id: u64,
        #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
        revision: Option<u32>,
    }
);

asked!(
    /// The start stays.
    ChangeEmployee {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
        schedule_id: u64,
        new_employee_id: schemas::Employee,
        #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
        revision: Option<u32>,
        override_reason: Option<schemas::Reason>,
    }
);

asked!(
    /// Both schedules are COREs'.
    Trade {
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
        schedule_id: u64,
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
        other_schedule_id: u64,
        #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
        revision: Option<u32>,
        override_reason: Option<schemas::Reason>,
    }
);

/// An empty object.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}
