//! What the checks find, now.

use rocket::{State, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    query::{self, Query},
    shapes::ErrorAnswer,
    tagged::Tagged,
    texts,
};
use crate::{
    context::Context,
    routes::{failure::CallFailure, guard::Viewer},
    store::{
        StoreError,
        check::{self, StoreReport},
    },
};

/// The parameters of the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read field by field, so that errors name them; this is for the document")]
pub struct IntegrityParams {
    /// Findings on a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
    cursor: Option<texts::NumberCursor>,
}

/// What was looked at, and a page of what was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Integrity {
    /// Nothing asks anybody to do anything.
    clean: bool,
    checked: Checked,
    findings: Vec<Found>,
    /// Where the store disagrees with itself.
    storage_problems: Vec<String>,
    /// Send it as `cursor` for the next page of findings; null on the last one.
    next: Option<String>,
}

/// How much was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checked {
    events: usize,
    pairs: usize,
    pairs_scheduled: usize,
    pairs_half: usize,
    pairs_unstaffed: usize,
    supervisors_alone: usize,
    cores_alone: usize,
    unclassified: usize,
    index_entries: usize,
    days: usize,
    audit_entries: u64,
}

/// One finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found {
    #[schema(example = "supervisor-unstaffed")]
    check: &'static str,
    event_id: u64,
    message: String,
    /// False for what is information only.
    problem: bool,
}

/// Whether pairs agree, and the store with itself
#[utoipa::path(get, path = "/api/integrity", operation_id = "show_integrity", tag = "Lists", params(IntegrityParams), responses(
    (status = 200, body = Integrity), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer)))]
#[get("/integrity")]
pub async fn list(
    mut query: Query,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Tagged<Integrity>, CallFailure> {
    let (limit, after) = (query.limit()?, query.cursor(query::number)?);
    query.finish()?;
    let report = context.store.run(check::run_in_slices).await;
    Ok(Tagged(page(report.map_err(|error: StoreError| error)?, after.unwrap_or(0), limit)))
}

fn page(report: StoreReport, after: usize, limit: usize) -> Integrity {
    let (clean, pairs) = (report.is_clean(), &report.pairs);
    let findings: Vec<_> = pairs
        .findings
        .iter()
        .skip(after)
        .take(limit)
        .map(|finding| Found {
            check: finding.check.slug(),
            event_id: finding.event.0,
            message: finding.message.clone(),
            problem: finding.check.is_problem(),
        })
        .collect();
    let end = after.saturating_add(findings.len());
    Integrity {
        clean,
        checked: Checked {
            events: pairs.events,
            pairs: pairs.pairs,
            pairs_scheduled: pairs.pairs_scheduled,
            pairs_half: pairs.pairs_half,
            pairs_unstaffed: pairs.pairs_unstaffed,
            supervisors_alone: pairs.supervisors_alone,
            cores_alone: pairs.cores_alone,
            unclassified: pairs.unclassified,
            index_entries: report.index_entries,
            days: report.days,
            audit_entries: report.audit_entries,
        },
        next: (end < pairs.findings.len() && !findings.is_empty()).then(|| end.to_string()),
        findings,
        storage_problems: report.storage_problems,
    }
}
