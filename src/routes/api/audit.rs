//! The audit, newest entry first.

use rocket::{State, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    context::Context,
    domain::calendar,
    export::objects::AuditEntry,
    routes::{
        api::{
            etag::Tagged,
            query::{self, Query},
            responses::ErrorAnswer,
            schemas,
        },
        auth::guards::Viewer,
        http::error::CallFailure,
        pages::activity::audit_view,
    },
    store::StoreError,
    views::activity,
};

/// Longest part of a name that is looked for, in characters.
const WHO_CHARS_MAX: usize = 200;

/// The parameters of the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read field by field, so that errors name them; this is for the document")]
pub struct AuditParams {
    /// Only what was about this event or changed it.
    #[param(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    event: Option<u64>,
    /// Part of a name, in any case.
    #[param(max_length = 200, pattern = r"\S")]
    who: Option<String>,
    action: Option<schemas::Action>,
    /// A local date.
    date: Option<schemas::Date>,
    /// Items on a page; a page may hold fewer although more follow.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
    cursor: Option<schemas::NumberCursor>,
}

/// A page of the audit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Audit {
    entries: Vec<AuditEntry>,
    /// Send it as `cursor` for the next page; null on the last one.
    next: Option<String>,
}

/// Who changed what, newest first
#[utoipa::path(get, path = "/api/audit", operation_id = "list_audit", tag = "Lists", params(AuditParams), responses(
    (status = 200, body = Audit), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer)))]
#[get("/audit")]
pub async fn list(mut query: Query, _viewer: Viewer, context: &State<Context>) -> Result<Tagged<Audit>, CallFailure> {
    let wanted = audit_view::Wanted {
        event: query.optional("event")?,
        who: query.optional_with("who", who)?.unwrap_or_default(),
        action: query.optional_with("action", |text| {
            let named = activity::ACTIONS.into_iter().find(|action| action.slug() == text);
            named.ok_or_else(|| "is no action".to_owned())
        })?,
        date: query.optional_with("date", |text| calendar::parse_date(text).map_err(|error| error.to_string()))?,
        zone: context.config.zone,
    };
    let (limit, before) = (query.limit()?, query.cursor(query::number)?);
    query.finish()?;
    let page = context.store.run(move |store| store.read(|view| audit_view::page(view, &wanted, before, limit))).await;
    let (entries, next) = page.map_err(|error: StoreError| error)?;
    let entries = entries.iter().map(AuditEntry::of).collect();
    Ok(Tagged(Audit { entries, next: next.map(|next| next.to_string()) }))
}

/// Part of a name, in any case.
fn who(text: &str) -> Result<String, String> {
    if text.chars().count() > WHO_CHARS_MAX {
        return Err(format!("has at most {WHO_CHARS_MAX} characters"));
    }
    Ok(text.to_lowercase())
}
