//! The findings of the integrity check: those about events as they stand, the others from the last check. A check runs for
//! this request only if none ran before.

use chrono::NaiveDate;
use rocket::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    context::Context,
    domain::{
        ids::EventId,
        integrity::{
            Check, Report, StoreReport,
            finding_state::{self, FindingKey, OpenFinding, Run},
        },
    },
    routes::{
        api::{
            query::{Limit, Query},
            responses::ErrorAnswer,
            schemas,
        },
        auth::Viewer,
        http::{error::CallFailure, etag::Tagged},
    },
    store::{
        Snapshot, Store, StoreError,
        maintenance::check,
        tables::{
            events, findings,
            issues::{self, Evaluator},
            runs,
        },
    },
    views::integrity::Kind,
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

/// The extent of the last check, and a page of the findings.
#[derive(Debug, Serialize, ToSchema)]
pub struct Integrity {
    /// Time of the check, in UTC. A check runs every day, and on request from the page Integrity. Null if no check was
    /// stored yet: then one was made for this response.
    #[schema(example = "2025-10-15T06:00:00Z")]
    checked_at: Option<String>,
    /// There is no problem of pairs, and the last check found none of the store. Findings of rules about people are listed, and
    /// do not count.
    clean: bool,
    checked: Checked,
    /// About events, as they are now; those that are information only as the last check found them.
    findings: Vec<Found>,
    /// From the last check: employees and stores that are recorded or written in several ways; all of them, on every page.
    look_alikes: Vec<FoundAlike>,
    /// From the last check: inconsistencies of the store.
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

/// Findings about events as they stand; those about the store and about look-alikes from the last check
#[utoipa::path(get, path = "/api/integrity", operation_id = "show_integrity", tag = "Lists", params(IntegrityParams),
    responses((status = 200, body = Integrity), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer)))]
#[get("/integrity")]
pub async fn list(
    query: Result<Query<IntegrityParams>, CallFailure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Tagged<Integrity>, CallFailure> {
    let Query(query) = query?;
    let after = query.cursor.map_or(0, |cursor| usize::try_from(cursor.0).unwrap_or(usize::MAX));
    let (today, pairing) = (context.today(), context.config.policy.pairing);
    let page = move |store: &Store| {
        let checked = last_check(store)?;
        store.read(|tx| page(tx, checked, &Wanted { today, pairing, after, limit: query.limit.0 }))
    };
    Ok(Tagged(context.store.run(page).await.map_err(|error: StoreError| error)?))
}

/// What only a check finds.
struct LastCheck {
    checked_at: Option<String>,
    /// It was complete, and found nothing wrong with the store or with employees.
    clean: bool,
    checked: Checked,
    /// Information about events.
    infos: Vec<(Check, EventId, String)>,
    look_alikes: Vec<FoundAlike>,
    storage_problems: Vec<String>,
}

/// The last check; one that is made now if none was stored yet.
fn last_check(store: &Store) -> Result<LastCheck, StoreError> {
    let last = store.read(|tx| {
        let Some(run) = runs::latest(tx, 1)?.pop() else { return Ok::<_, StoreError>(None) };
        Ok(Some(of_run(&run, findings::all(tx)?)))
    })?;
    match last {
        Some(last) => Ok(last),
        None => check::run_in_slices(store).map(of_report),
    }
}

fn of_run(run: &Run, open: Vec<OpenFinding>) -> LastCheck {
    let (mut infos, mut look_alikes, mut storage_problems) = (Vec::new(), Vec::new(), Vec::new());
    for OpenFinding { subject, message, .. } in open {
        match subject {
            FindingKey::Storage(_) => storage_problems.push(message),
            FindingKey::Alike(check, _) => {
                look_alikes.push(FoundAlike { check: check.slug(), message, problem: check.is_problem() });
            }
            FindingKey::Event(check, event) if !is_live(check) => infos.push((check, event, message)),
            FindingKey::Event(..) => {}
        }
    }
    LastCheck {
        checked_at: Some(run.start.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        clean: run.failed.is_none() && storage_problems.is_empty() && !look_alikes.iter().any(|one| one.problem),
        checked: run.checked.into(),
        infos,
        look_alikes,
        storage_problems,
    }
}

fn of_report(report: StoreReport) -> LastCheck {
    let clean = report.storage_problems.is_empty() && report.pairs.alike_problems().next().is_none();
    let checked = finding_state::Checked {
        index_entries: report.index_entries as u64,
        days: report.days as u64,
        audit_entries: report.audit_entries,
        ..finding_state::Checked::from(&report.pairs)
    };
    let infos = report.pairs.findings.into_iter().filter(|one| !is_live(one.check));
    let look_alikes = report.pairs.look_alikes.into_iter().map(|one| FoundAlike {
        check: one.check.slug(),
        message: one.message,
        problem: one.check.is_problem(),
    });
    LastCheck {
        checked_at: None,
        clean,
        checked: checked.into(),
        infos: infos.map(|one| (one.check, one.event, one.message)).collect(),
        look_alikes: look_alikes.collect(),
        storage_problems: report.storage_problems,
    }
}

/// Tells if findings of a check are kept up to date by every change.
fn is_live(check: Check) -> bool {
    Kind::Check(check).is_live()
}

/// A page of the findings, as of a day.
struct Wanted {
    today: NaiveDate,
    pairing: bool,
    after: usize,
    limit: usize,
}

/// The findings that are true now, by check and event, behind them the information of the last check. Only those of the
/// page are put into words.
fn page(tx: &Snapshot<'_>, last: LastCheck, wanted: &Wanted) -> Result<Integrity, StoreError> {
    let LastCheck { checked_at, clean, checked, infos, look_alikes, storage_problems } = last;
    let mut live: Vec<(Check, EventId)> =
        issues::all_pairs(tx)?.iter().filter(|_| wanted.pairing).map(|row| (row.check, row.event)).collect();
    let clean = clean && live.is_empty();
    for row in issues::all_rules(tx)?.iter().filter(|row| row.date >= wanted.today) {
        let open =
            Check::ALL.into_iter().filter(|check| check.rule().is_some_and(|rule| row.issues.open.contains(rule)));
        live.extend(open.map(|check| (check, row.event)));
    }
    let live = live.into_iter().map(|(check, event)| (check, event, None));
    let infos = infos.into_iter().map(|(check, event, message)| (check, event, Some(message)));
    let mut all: Vec<_> = live.chain(infos).collect();
    all.sort_by_key(|(check, event, _)| (*check, *event));
    let (count, end) = (all.len(), wanted.after.saturating_add(wanted.limit).min(all.len()));
    let (mut findings, mut evaluator) = (Vec::new(), Evaluator::for_pages(tx)?);
    for (check, event, info) in all.into_iter().take(end).skip(wanted.after) {
        let message = match info {
            Some(message) => message,
            None => message_of(tx, &mut evaluator, check, event)?,
        };
        findings.push(Found { check: check.slug(), event_id: event.0, message, problem: check.is_inconsistency() });
    }
    let next = (end < count && !findings.is_empty()).then(|| end.to_string());
    Ok(Integrity { checked_at, clean, checked, findings, look_alikes, storage_problems, next })
}

/// The sentence of a finding about an event as it stands.
fn message_of(
    tx: &Snapshot<'_>,
    evaluator: &mut Evaluator<'_>,
    check: Check,
    id: EventId,
) -> Result<String, StoreError> {
    let report = if check.rule().is_none() {
        findings::of_event(tx, id)?
    } else {
        let mut report = Report::default();
        if let Some(event) = events::get(tx, id)? {
            report.add_rules(&event, &evaluator.all_findings(&event)?);
        }
        report
    };
    let found = report.findings.into_iter().find(|one| (one.check, one.event) == (check, id));
    Ok(found.map(|one| one.message).unwrap_or_default())
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
