//! The API document (`OpenAPI` 3.1), made from the request and response types and the comments at the handlers.
//!
//! Invariant: every call mounted under `/api` is listed here; a test compares both. `common.rs` adds the parts that
//! every call shares.

use rocket::{get, http::ContentType};
use utoipa::OpenApi;

use crate::{
    config::Config,
    routes::{
        api::{
            audit, calendar, changes, common, download, employees, events, integrity, proposals, responses, roster,
            schemas,
        },
        auth::Viewer,
        http::{etag::TaggedBody, team::of_team},
    },
};

/// The calls and schemas of the API.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Tandem",
        description = "The same rules and transactions as the pages. Times are local wall-clock times of the configured zone, \
            dates `YYYY-MM-DD`, absent values null. Lists come in pages: send `next` as `cursor` for the next one. \
            Answers to reading calls carry an `ETag`; with `If-None-Match` an unchanged one is 304 without a body.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        calendar::month,
        calendar::day,
        roster::week,
        events::list,
        events::show,
        employees::list,
        audit::list,
        integrity::list,
        changes::schedule_event,
        changes::reschedule_event,
        changes::reschedule_supervisor,
        changes::unschedule_event,
        changes::change_employee,
        changes::trade,
        changes::undo,
        proposals::make,
        proposals::show,
        proposals::adjust,
        proposals::remove,
        proposals::accept,
        download::table,
        show,
    ),
    components(schemas(
        responses::EventObject,
        responses::ErrorAnswer,
        responses::Changed,
        schemas::Date,
        schemas::Employee,
        schemas::Action,
        schemas::Title,
        schemas::EventTypeName,
        schemas::ConditionName,
        schemas::EventsCursor,
        schemas::NumberCursor,
    )),
    tags(
        (name = "Calendar", description = "The data of the calendar pages."),
        (name = "Lists", description = "Everything, page by page."),
        (name = "Changes", description = "Whole or not at all, a pair together, each with its audit entry."),
        (name = "Proposals", description = "The auto-scheduler: proposed, changed, accepted as one change."),
        (name = "Files", description = "For spreadsheets and other programs."),
    )
)]
struct Api;

/// The document of a team. The authentication depends on its settings.
#[derive(Debug)]
pub struct Document {
    pub json: serde_json::Value,
    text: Vec<u8>,
}

of_team!(Document);

impl Document {
    /// # Errors
    /// If it cannot be serialized as JSON.
    pub fn of(config: &Config) -> Result<Self, serde_json::Error> {
        let mut api = Api::openapi();
        common::add(&mut api, config);
        let json = serde_json::to_value(&api)?;
        let text = api.to_pretty_json()?.into_bytes();
        Ok(Self { json, text })
    }
}

/// This document
#[utoipa::path(get, path = "/api/openapi.json", operation_id = "show_document", tag = "Files", responses(
    (status = 200, body = Object, content_type = "application/json"),
    (status = 304, description = "As `If-None-Match` has it")))]
#[get("/openapi.json")]
pub fn show(_viewer: Viewer, document: &Document) -> TaggedBody {
    TaggedBody(document.text.clone(), ContentType::JSON)
}
