//! What the last check found.
//!
//! Rule of this file: reading checks nothing. Only where no check ran yet, one is made for whoever asks.

use rocket::{State, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    context::Context,
    domain::integrity::finding_state::{self, FindingKey, OpenFinding, Run},
    routes::{
        api::{
            etag::Tagged,
            query::{self, Query},
            responses::ErrorAnswer,
            schemas,
        },
        auth::guards::Viewer,
        http::error::CallFailure,
    },
    store::{
        Store, StoreError,
        maintenance::check::{self, StoreReport},
        tables::{findings, runs},
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
    cursor: Option<schemas::NumberCursor>,
}

/// What was looked at, and a page of what was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Integrity {
    /// When it was looked at, in UTC: every day, and when somebody asks for it on the page Integrity. Null if no check was
    /// kept yet: then one was made for this answer.
    #[schema(example = "2025-10-15T06:00:00Z")]
    checked_at: Option<String>,
    /// Nothing asked anybody to do anything.
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
    events: u64,
    pairs: u64,
    pairs_scheduled: u64,
    pairs_half: u64,
    pairs_unstaffed: u64,
    supervisors_alone: u64,
    cores_alone: u64,
    unclassified: u64,
    index_entries: u64,
    days: u64,
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

/// Whether pairs agreed, and the store with itself, at the last check
#[utoipa::path(get, path = "/api/integrity", operation_id = "show_integrity", tag = "Lists", params(IntegrityParams),
    responses((status = 200, body = Integrity), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer)))]
#[get("/integrity")]
pub async fn list(
    mut query: Query,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Tagged<Integrity>, CallFailure> {
    let (limit, after) = (query.limit()?, query.cursor(query::number)?);
    query.finish()?;
    let whole = context.store.run(whole).await.map_err(|error: StoreError| error)?;
    Ok(Tagged(page(whole, after.unwrap_or(0), limit)))
}

/// Everything that is known, on one page.
fn whole(store: &Store) -> Result<Integrity, StoreError> {
    let kept = store.read(|view| {
        let Some(run) = runs::latest(view, 1)?.pop() else { return Ok::<_, StoreError>(None) };
        Ok(Some(of_run(&run, findings::all(view)?)))
    })?;
    match kept {
        Some(whole) => Ok(whole),
        None => check::run_in_slices(store).map(of_report),
    }
}

fn of_run(run: &Run, standing: Vec<OpenFinding>) -> Integrity {
    let (mut findings, mut storage_problems) = (Vec::new(), Vec::new());
    for OpenFinding { subject, message, .. } in standing {
        match subject {
            FindingKey::Storage(_) => storage_problems.push(message),
            FindingKey::Event(check, event) => {
                findings.push(Found { check: check.slug(), event_id: event.0, message, problem: check.is_problem() });
            }
        }
    }
    Integrity {
        checked_at: Some(run.start.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        clean: run.problems() == 0 && run.failed.is_none(),
        checked: run.checked.into(),
        findings,
        storage_problems,
        next: None,
    }
}

fn of_report(report: StoreReport) -> Integrity {
    let clean = report.is_clean();
    let found = report.pairs.findings.iter().map(|finding| Found {
        check: finding.check.slug(),
        event_id: finding.event.0,
        message: finding.message.clone(),
        problem: finding.check.is_problem(),
    });
    Integrity {
        checked_at: None,
        clean,
        findings: found.collect(),
        checked: finding_state::Checked {
            index_entries: report.index_entries as u64,
            days: report.days as u64,
            audit_entries: report.audit_entries,
            ..finding_state::Checked::from(&report.pairs)
        }
        .into(),
        storage_problems: report.storage_problems,
        next: None,
    }
}

impl From<finding_state::Checked> for Checked {
    fn from(checked: finding_state::Checked) -> Self {
        Self {
            events: checked.events,
            pairs: checked.pairs,
            pairs_scheduled: checked.pairs_scheduled,
            pairs_half: checked.pairs_half,
            pairs_unstaffed: checked.pairs_unstaffed,
            supervisors_alone: checked.supervisors_alone,
            cores_alone: checked.cores_alone,
            unclassified: checked.unclassified,
            index_entries: checked.index_entries,
            days: checked.days,
            audit_entries: checked.audit_entries,
        }
    }
}

fn page(mut whole: Integrity, after: usize, limit: usize) -> Integrity {
    let count = whole.findings.len();
    let end = after.saturating_add(limit).min(count);
    whole.findings.truncate(end);
    whole.findings.drain(..after.min(end));
    whole.next = (end < count && !whole.findings.is_empty()).then(|| end.to_string());
    whole
}
