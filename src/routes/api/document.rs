//! The document of the calls (`OpenAPI` 3.1), made from the types that are sent and the comments at the handlers.
//!
//! Rule of this file: every call mounted under `/api` is listed here; a test compares both.

use std::sync::LazyLock;

use rocket::{
    Request, get,
    http::{ContentType, Status},
    response::{self, Responder},
};
use utoipa::OpenApi;

use super::{audit, calendar, changes, employees, events, integrity, shapes, tagged};
use crate::routes::{download, guard::Viewer};

/// Everything that is called from outside.
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
        download::table,
        show,
    ),
    components(schemas(
        shapes::EventObject,
        shapes::ErrorAnswer,
        shapes::Changed,
    )),
    tags(
        (name = "Calendar", description = "What the pages show."),
        (name = "Lists", description = "Everything, page by page."),
        (name = "Changes", description = "Whole or not at all, a pair together, each with its audit entry."),
        (name = "Files", description = "For spreadsheets and other programs."),
    )
)]
pub struct Document;

/// The document, written once.
#[derive(Debug)]
pub struct Written;

impl<'r> Responder<'r, 'static> for Written {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        static TEXT: LazyLock<Option<String>> = LazyLock::new(|| Document::openapi().to_pretty_json().ok());
        let text = TEXT.as_ref().ok_or(Status::InternalServerError)?;
        tagged::respond(request, text.clone().into_bytes(), ContentType::JSON)
    }
}

/// This document
#[utoipa::path(get, path = "/api/openapi.json", tag = "Files", responses(
    (status = 200, body = Object, content_type = "application/json"),
    (status = 304, description = "As `If-None-Match` has it")))]
#[get("/openapi.json")]
pub fn show(_viewer: Viewer) -> Written {
    Written
}
