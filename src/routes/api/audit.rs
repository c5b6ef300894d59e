//! The audit entries as a list, newest first.

use std::collections::BTreeSet;

use rocket::get;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    context::Context,
    domain::{alike::search_key, ids::EventId, visibility},
    export::objects::AuditEntry,
    routes::{
        api::{
            query::{Limit, Query},
            responses::ErrorAnswer,
            schemas,
        },
        auth::Viewer,
        http::{
            decode::{self, Parsed},
            error::CallFailure,
            etag::Tagged,
        },
    },
    store::queries::audit_list,
};

/// Longest part of a name in a search, in characters.
const WHO_CHARS_MAX: usize = 200;

/// Query parameters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditParams {
    /// Only entries about this event.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    event: Option<Parsed<EventId>>,
    /// Part of a name, in any case.
    #[param(value_type = Option<String>, max_length = 200, pattern = r"\S")]
    #[serde(default, deserialize_with = "who")]
    who: String,
    action: Option<schemas::Action>,
    /// A local date.
    date: Option<schemas::Date>,
    /// The first and the last local date of a range.
    from: Option<schemas::Date>,
    to: Option<schemas::Date>,
    /// Only entries that concern this employee: their assignments or their record.
    employee: Option<schemas::Employee>,
    /// Items on a page; a page may hold fewer although more follow.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500, default = 100)]
    #[serde(default)]
    limit: Limit,
    cursor: Option<schemas::NumberCursor>,
}

/// A page of the audit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Audit {
    entries: Vec<AuditEntry>,
    /// Send it as `cursor` for the next page; null on the last one.
    next: Option<String>,
}

/// Audit entries, newest first
#[utoipa::path(get, path = "/api/audit", operation_id = "list_audit", tag = "Lists", params(AuditParams), responses(
    (status = 200, body = Audit), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer)))]
#[get("/audit")]
pub async fn list(
    query: Result<Query<AuditParams>, CallFailure>,
    viewer: Viewer,
    context: &Context,
) -> Result<Tagged<Audit>, CallFailure> {
    let Query(query) = query?;
    let date = query.date.map(|date| date.0);
    let wanted = audit_list::Wanted {
        events: query.event.map(|event| BTreeSet::from([event.0])),
        people: query.employee.map(|employee| BTreeSet::from([employee.0])),
        who: query.who,
        action: query.action.map(|action| action.0),
        first: query.from.map(|date| date.0).or(date),
        last: query.to.map(|date| date.0).or(date),
        zone: context.config.zone,
    };
    let (limit, before) = (query.limit.0, query.cursor.map(|cursor| cursor.0));
    let (entries, next) = context.read(move |tx| audit_list::page(tx, &wanted, before, limit)).await?;
    let role = viewer.who().role;
    let entries = entries.into_iter().map(|entry| AuditEntry::of(&visibility::entry_for(role, entry))).collect();
    Ok(Tagged(Audit { entries, next: next.map(|next| next.to_string()) }))
}

/// Reads a part of a name, as a search key.
fn who<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    decode::parse(deserializer, |text| {
        if text.chars().count() > WHO_CHARS_MAX {
            return Err(format!("has at most {WHO_CHARS_MAX} characters"));
        }
        Ok(search_key(text))
    })
}
