//! Imports and their plans, put into words for pages.

use std::collections::HashSet;

use crate::{
    context::Context,
    domain::{
        audit,
        event::Event,
        format,
        ids::EventId,
        imports::{Import, Stage, UndoBlocked},
        integrity::{Check, repair::is_repairable},
    },
    import::{
        Plan,
        changes::{self, Names},
        listed::Listed,
        report::kept,
        rotation,
    },
    routes::{http::error::Failure, pages::import::Running},
    store::{
        ReadTx, StoreError,
        tables::{audit as audit_entries, imports},
    },
    views::{
        FormKeys,
        import::{ChangeView, DoneView, ImportView, Line, PreviewView, Section, State},
    },
};

/// Most rows of each kind that a preview lists; the rest is counted.
const ROWS_MAX: usize = 200;
/// Most lines of a kept report that the page of its import looks at.
const SAID_MAX: usize = 1_000;

const REJECTED: &str = "Rejected rows";
const NOTES: &str = "To note";
const MISSING: &str = "Not in the files any more";
const FINDINGS: &str = "What the rules say about assignments that it brings";

/// An import in words; `running` if this process is at it.
pub fn import(import: Import, running: bool, context: &Context) -> ImportView {
    let now = context.clock.now();
    let state = match (import.stage, running) {
        (Stage::Begun, true) => State::Running,
        (Stage::Leaving, true) => State::Leaving,
        (Stage::Begun | Stage::Leaving, false) => State::CutOff,
        (Stage::Done, _) => State::Done,
        (Stage::TakenBack, _) => State::TakenBack,
    };
    ImportView {
        at: import.at.with_timezone(&context.config.zone).naive_local(),
        state,
        check_undo: !running && import.check_undo(context.config.undo_minutes, now).is_ok(),
        import,
    }
}

/// What a plan would do, in words.
pub fn preview(
    view: &dyn ReadTx,
    token: &str,
    files: Vec<String>,
    plan: &mut Plan,
    keys: FormKeys,
    problem: Option<String>,
) -> Result<PreviewView, StoreError> {
    let (names, splits) = (changes::names(view, plan)?, plan.splits_of_release(view)?);
    let plan = &*plan;
    let all = |wanted: &'static str| {
        let of_kind = plan.events().iter().filter(move |one| changes::kind(one) == wanted);
        of_kind.take(ROWS_MAX).map(|(before, after)| change(before.as_deref(), after, &names)).collect()
    };
    let said = plan.rejected.len() + plan.notes.len() + plan.found.splits.len() + plan.found.findings.len();
    Ok(PreviewView {
        keys,
        token: token.to_owned(),
        fingerprint: plan.fingerprint(),
        files,
        new_count: plan.new_events(),
        changed_count: plan.changed_events(),
        released_count: plan.released_events(),
        unchanged_count: plan.unchanged(),
        people_count: plan.employees().len(),
        others_count: plan.holidays().len() + plan.rotation().len(),
        rejected_count: plan.rejected.len(),
        missing_count: plan.missing().len(),
        named_again_count: plan.named_again_count(),
        has_report: said + plan.found.changes.len() > 0,
        new: all(changes::NEW),
        changed: all(changes::CHANGED),
        released: all(changes::RELEASED),
        sections: sections(plan, &splits, &names),
        problem,
    })
}

/// What is said about a plan, by kind.
fn sections(plan: &Plan, splits: &[audit::Note], names: &Names) -> Vec<Section> {
    let new: HashSet<EventId> =
        plan.events().iter().filter(|(before, _)| before.is_none()).map(|(_, after)| after.id).collect();
    let found = |title, notes: &Listed<audit::Note>| {
        // An event that is not stored yet has no page.
        let lines = notes
            .iter()
            .map(|note| Line { event: note.event.filter(|id| !new.contains(id)).map(|id| id.0), ..line(note) });
        section(title, true, lines, notes.len())
    };
    let missing = plan.missing().iter().map(|event| Line {
        text: format!("{} ({}){}", event.name, event.id, changes::held(event, names)),
        event: Some(event.id.0),
    });
    let people = plan.employees().iter().map(|(before, after)| changes::person(before.as_ref(), after).into());
    let holidays = plan.holidays().iter();
    let holidays = holidays.map(|one| format!("{}: {}", format::date_short(one.date), one.name).into());
    let turns = plan.rotation().iter().map(|one| rotation::words(one, |id| format!("employee {id}")).into());
    vec![
        section(REJECTED, true, plan.rejected.iter().map(|row| row.to_string().into()), plan.rejected.len()),
        section(MISSING, true, missing, plan.missing().len()),
        section("Pairs that releasing them splits", true, splits.iter().map(line), splits.len()),
        found("Pairs that it splits", &plan.found.splits),
        found(FINDINGS, &plan.found.findings),
        section(NOTES, false, plan.notes.iter().map(|note| note.to_string().into()), plan.notes.len()),
        section("People new or changed", false, people, plan.employees().len()),
        section("New holidays", false, holidays, plan.holidays().len()),
        section("New entries of the rotation", false, turns, plan.rotation().len()),
    ]
}

fn section(title: &'static str, open: bool, lines: impl Iterator<Item = Line>, count: usize) -> Section {
    Section { title, open, lines: lines.take(ROWS_MAX).collect(), count }
}

/// A finding of a rule, or a split pair, in words.
fn line(note: &audit::Note) -> Line {
    Line { text: format!("{}: {}", note.rule, note.message), event: note.event.map(|id| id.0) }
}

/// An import, with what was found about it.
///
/// # Errors
/// If there is no such import.
pub async fn done(id: u64, running: &Running, context: &Context) -> Result<DoneView, Failure> {
    let (data_dir, now) = (context.config.data_dir.clone(), context.clock.now());
    let read = context.store.run(move |store| {
        let found = store.read(|tx| match imports::get(tx, id)? {
            Some(import) => Ok(Some((notes(tx, &import)?, import))),
            None => Ok::<_, StoreError>(None),
        })?;
        let report = kept::open(&data_dir, id, now)?;
        let has_report = report.is_some();
        let said = report.map_or(Ok(Vec::new()), |report| kept::first_lines(report, SAID_MAX))?;
        Ok::<_, StoreError>(found.map(|(notes, import)| (import, notes, said, has_report)))
    });
    let Some((stored, notes, said, has_report)) = read.await? else {
        return Err(Failure::NotFound(UndoBlocked::Unknown.to_string()));
    };
    let rejected_count = usize::try_from(stored.rejected).unwrap_or(usize::MAX);
    let undone = stored.stage == Stage::TakenBack;
    let listed = |title, is_wanted: &dyn Fn(&str) -> bool| {
        let wanted: Vec<_> = notes.iter().filter(|note| !undone && is_wanted(&note.rule)).collect();
        section(title, true, wanted.iter().map(|note| line(note)), wanted.len())
    };
    let change = |title, kind: &str| {
        let lines = notes.iter().filter(|note| note.rule == kind);
        let lines: Vec<_> = lines.map(|note| Line { text: note.message.clone(), ..line(note) }).collect();
        let count = lines.len();
        section(title, true, lines.into_iter(), count)
    };
    let (rejected, said): (Vec<_>, Vec<_>) = said.into_iter().partition(|(is_rejected, _)| *is_rejected);
    let said_of = |lines: Vec<(bool, String)>| lines.into_iter().map(|(_, text)| Line::from(text));
    let said_count = said.len();
    Ok(DoneView {
        import: import(stored, running.is(id), context),
        splits: listed("Pairs that it split", &is_split),
        sections: vec![
            listed("Pairs that it took apart", &|rule| is_of_pair(rule) && !is_split(rule)),
            listed(FINDINGS, &|rule| Check::of_rule(rule).is_some()),
            section(REJECTED, true, said_of(rejected), rejected_count),
            change("Released events", changes::RELEASED),
            change(MISSING, changes::MISSING),
            change("Changed events", changes::CHANGED),
            change("People new or changed", changes::PERSON),
            section(NOTES, false, said_of(said), said_count),
        ],
        report_days: has_report.then_some(kept::KEPT_DAYS),
    })
}

/// What the audit names about an import.
fn notes(tx: &dyn ReadTx, import: &Import) -> Result<Vec<audit::Note>, StoreError> {
    let mut notes = Vec::new();
    for sequence in import.entry..import.entry.saturating_add(import.entries) {
        notes.extend(audit_entries::get(tx, sequence)?.into_iter().flat_map(|entry| entry.notes));
    }
    Ok(notes)
}

fn is_of_pair(rule: &str) -> bool {
    Check::ALL.iter().any(|check| check.rule().is_none() && check.slug() == rule)
}

fn is_split(rule: &str) -> bool {
    Check::ALL.iter().any(|check| is_repairable(*check) && check.slug() == rule)
}

fn change(before: Option<&Event>, after: &Event, names: &Names) -> ChangeView {
    let fields = changes::changed_fields(before, after, names);
    ChangeView { event: after.id.0, name: after.name.clone(), fields }
}
