//! Request bodies of the calls that change events.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Number;
use utoipa::ToSchema;

use crate::{
    domain::ids::{EventId, Revision, ScheduleId},
    routes::{
        api::schemas,
        http::decode::{self, Parsed},
    },
};

/// Times are local; with an offset they are converted to the configured zone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleEvent {
    #[schema(value_type = u64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    pub event_id: Parsed<EventId>,
    pub employee_id: schemas::Employee,
    pub start_datetime: schemas::Start,
    /// The revision you saw; 409 if the event has changed since.
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 4_294_967_295_u32)]
    #[serde(default, deserialize_with = "revision")]
    pub revision: Option<Revision>,
    pub override_reason: Option<schemas::Reason>,
    /// A Supervisor may leave its CORE's date.
    pub confirm_other_date: Option<bool>,
}

/// A date alone keeps the time of day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RescheduleEvent {
    #[schema(value_type = u64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    pub schedule_id: Parsed<ScheduleId>,
    pub new_date: schemas::Moment,
    pub new_employee_id: Option<schemas::Employee>,
    /// Another employee for the Supervisor that follows.
    pub supervisor_employee_id: Option<schemas::Employee>,
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 4_294_967_295_u32)]
    #[serde(default, deserialize_with = "revision")]
    pub revision: Option<Revision>,
    pub override_reason: Option<schemas::Reason>,
    pub confirm_other_date: Option<bool>,
}

/// The schedule is the Supervisor's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RescheduleSupervisor {
    #[schema(value_type = u64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    pub schedule_id: Parsed<ScheduleId>,
    pub new_date: schemas::Moment,
    pub new_employee_id: Option<schemas::Employee>,
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 4_294_967_295_u32)]
    #[serde(default, deserialize_with = "revision")]
    pub revision: Option<Revision>,
    pub override_reason: Option<schemas::Reason>,
    pub confirm_other_date: Option<bool>,
}

/// The schedule is removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnscheduleEvent {
    #[schema(value_type = u64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    pub schedule_id: Parsed<ScheduleId>,
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 4_294_967_295_u32)]
    #[serde(default, deserialize_with = "revision")]
    pub revision: Option<Revision>,
}

/// The start stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmployee {
    #[schema(value_type = u64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    pub schedule_id: Parsed<ScheduleId>,
    pub new_employee_id: schemas::Employee,
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 4_294_967_295_u32)]
    #[serde(default, deserialize_with = "revision")]
    pub revision: Option<Revision>,
    pub override_reason: Option<schemas::Reason>,
}

/// Both schedules are COREs'.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trade {
    #[schema(value_type = u64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    pub schedule_id: Parsed<ScheduleId>,
    #[schema(value_type = u64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    pub other_schedule_id: Parsed<ScheduleId>,
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 4_294_967_295_u32)]
    #[serde(default, deserialize_with = "revision")]
    pub revision: Option<Revision>,
    pub override_reason: Option<schemas::Reason>,
}

/// An empty object.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Reads a revision, which must be a JSON number.
fn revision<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Revision>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    let revision = decode::digits(&number).parse().map(Revision);
    revision.map(Some).map_err(|_| D::Error::custom("must be the whole number that the event carried"))
}
