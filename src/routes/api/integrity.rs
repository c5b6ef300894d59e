//! The findings of the last integrity check. A check runs for this request only if none ran before.

use rocket::{State, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    context::Context,
    domain::integrity::{
        StoreReport,
        finding_state::{self, FindingKey, OpenFinding, Run},
    },
    routes::{
        api::{
            query::{Limit, Query},
            responses::ErrorAnswer,
            schemas,
        },
        auth::guards::Viewer,
        http::{error::CallFailure, etag::Tagged},
    },
    store::{
        Store, StoreError,
        maintenance::check,
        tables::{findings, runs},
    },
};

/// Query parameters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IntegrityParams {
    /// Findings on a page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500, default = 100)]
    #[serde(default)]
    limit: Limit,
    cursor: Option<schemas::NumberCursor>,
}

/// The extent of the last check, and a page of its findings.
#[derive(Debug, Serialize, ToSchema)]
pub struct Integrity {
    /// Time of the check, in UTC. A check runs every day, and on request from the page Integrity. Null if no check was
    /// stored yet: then one was made for this response.
    #[schema(example = "2025-10-15T06:00:00Z")]
    checked_at: Option<String>,
    /// The check found no problem of pairs or of the store. Findings of rules about people are listed, and do not count.
    clean: bool,
    checked: Checked,
    findings: Vec<Found>,
    /// Employees and stores that are recorded or written in several ways; all of them, on every page.
    look_alikes: Vec<FoundAlike>,
    /// Inconsistencies of the store.
    storage_problems: Vec<String>,
    /// Send it as `cursor` for the next page of findings; null on the last one.
    next: Option<String>,
}

/// Number of records checked.
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

/// One employee or store that is recorded or written in several ways.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundAlike {
    #[schema(example = "alike-employees")]
    check: &'static str,
    message: String,
    /// False for what is information only.
    problem: bool,
}

/// Findings of the last check of the pairs and the store
#[utoipa::path(get, path = "/api/integrity", operation_id = "show_integrity", tag = "Lists", params(IntegrityParams),
    responses((status = 200, body = Integrity), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer)))]
#[get("/integrity")]
pub async fn list(
    query: Result<Query<IntegrityParams>, CallFailure>,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Tagged<Integrity>, CallFailure> {
    let Query(query) = query?;
    let after = query.cursor.map_or(0, |cursor| usize::try_from(cursor.0).unwrap_or(usize::MAX));
    let whole = context.store.run(whole).await.map_err(|error: StoreError| error)?;
    Ok(Tagged(page(whole, after, query.limit.0)))
}

/// All findings, on one page.
fn whole(store: &Store) -> Result<Integrity, StoreError> {
    let last = store.read(|tx| {
        let Some(run) = runs::latest(tx, 1)?.pop() else { return Ok::<_, StoreError>(None) };
        Ok(Some(of_run(&run, findings::all(tx)?)))
    })?;
    match last {
        Some(whole) => Ok(whole),
        None => check::run_in_slices(store).map(of_report),
    }
}

fn of_run(run: &Run, open: Vec<OpenFinding>) -> Integrity {
    let (mut findings, mut look_alikes, mut storage_problems) = (Vec::new(), Vec::new(), Vec::new());
    for OpenFinding { subject, message, .. } in open {
        match subject {
            FindingKey::Storage(_) => storage_problems.push(message),
            FindingKey::Alike(check, _) => {
                look_alikes.push(FoundAlike { check: check.slug(), message, problem: check.is_problem() });
            }
            FindingKey::Event(check, event) => {
                findings.push(Found {
                    check: check.slug(),
                    event_id: event.0,
                    message,
                    problem: check.is_inconsistency(),
                });
            }
        }
    }
    Integrity {
        checked_at: Some(run.start.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        clean: run.is_clean(),
        checked: run.checked.into(),
        findings,
        look_alikes,
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
        problem: finding.check.is_inconsistency(),
    });
    let look_alikes = report.pairs.look_alikes.iter().map(|one| FoundAlike {
        check: one.check.slug(),
        message: one.message.clone(),
        problem: one.check.is_problem(),
    });
    Integrity {
        checked_at: None,
        clean,
        findings: found.collect(),
        look_alikes: look_alikes.collect(),
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
