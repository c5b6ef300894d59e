//! Imports and their plans, put into words for pages.

use crate::{
    context::Context,
    domain::{
        employee::{Employee, edit},
        event::{Event, Schedule},
        format,
        imports::{Import, Stage},
    },
    import::{Plan, is_release},
    views::{
        FormKeys,
        import::{ChangeView, ImportView, PreviewView, State},
    },
};

/// Most rows of each kind that a preview lists; the rest is counted.
const ROWS_MAX: usize = 200;

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
pub fn preview(token: &str, files: Vec<String>, plan: &Plan, keys: FormKeys, problem: Option<String>) -> PreviewView {
    let all = plan.events();
    let new = all.iter().filter(|(before, _)| before.is_none()).take(ROWS_MAX).map(|(_, after)| brought(after));
    let known = |released| {
        let wanted = all.iter().filter(move |(before, after)| is_release(before.as_ref(), after) == released);
        wanted.filter_map(|(before, after)| Some(changed(before.as_ref()?, after))).take(ROWS_MAX).collect()
    };
    let people = plan.employees().iter().take(ROWS_MAX);
    PreviewView {
        keys,
        token: token.to_owned(),
        fingerprint: plan.fingerprint(),
        files,
        new_count: plan.new_events(),
        changed_count: plan.changed_events(),
        released_count: plan.released_events(),
        unchanged_count: plan.unchanged(),
        people_count: plan.employees().len(),
        new: new.collect(),
        changed: known(false),
        released: known(true),
        people: people.map(|(before, after)| person(before.as_ref(), after)).collect(),
        holidays: plan
            .holidays()
            .iter()
            .map(|holiday| format!("{}: {}", format::date_short(holiday.date), holiday.name))
            .collect(),
        rejected: plan.rejected.iter().take(ROWS_MAX).map(ToString::to_string).collect(),
        rejected_count: plan.rejected.len(),
        missing: plan.missing().iter().take(ROWS_MAX).map(missing).collect(),
        missing_count: plan.missing().len(),
        findings: plan
            .findings
            .iter()
            .take(ROWS_MAX)
            .map(|finding| format!("{}: {}", finding.rule, finding.message))
            .collect(),
        findings_count: plan.findings.len(),
        notes: plan.notes.iter().take(ROWS_MAX).map(ToString::to_string).collect(),
        notes_count: plan.notes.len(),
        problem,
    }
}

fn missing(event: &Event) -> String {
    let held = event.schedule.as_ref();
    let held = held.map(|now| format!(", held by employee {} on {}", now.employee, format::moment(now.start)));
    format!("{} ({}){}", event.name, event.id, held.unwrap_or_default())
}

/// A new person, or the changes of a known one.
fn person(before: Option<&Employee>, after: &Employee) -> String {
    let who = format!("{} ({})", after.name, after.id);
    if before.is_none() {
        return format!("{who}, {}", after.title.label());
    }
    let said = |text: String| {
        if text.is_empty() { "nothing".to_owned() } else { text }
    };
    let facts = edit::facts(before, after).into_iter();
    let facts: Vec<_> =
        facts.map(|fact| format!("{} {} → {}", fact.name, said(fact.before), said(fact.after))).collect();
    if facts.is_empty() { format!("{who}: as the source has it") } else { format!("{who}: {}", facts.join("; ")) }
}

/// The fields that people know an event by, in words.
fn fields(event: &Event) -> Vec<(&'static str, String)> {
    let assigned = |now: &Schedule| format!("{}, employee {}", format::moment(now.start), now.employee);
    let due = |due: crate::domain::event::Due| {
        due.time.map_or_else(|| format::date_short(due.date), |time| format::moment(due.date.and_time(time)))
    };
    vec![
        ("name", event.name.clone()),
        ("type", event.event_type.label().to_owned()),
        ("store", format!("{} {}", event.location.number, event.location.name).trim().to_owned()),
        ("first day", event.first_day.map(format::date_short).unwrap_or_default()),
        ("due", event.due.map(due).unwrap_or_default()),
        ("time", format::duration(event.minutes)),
        ("scheduled", event.schedule.as_ref().map(assigned).unwrap_or_default()),
        ("source assigns", event.imported.as_ref().map(assigned).unwrap_or_default()),
    ]
}

fn brought(event: &Event) -> ChangeView {
    let told = ["type", "store", "due", "scheduled"];
    let fields = fields(event).into_iter().filter(|(name, value)| told.contains(name) && !value.is_empty());
    ChangeView {
        event: event.id.0,
        name: event.name.clone(),
        fields: fields.map(|(name, value)| (name, String::new(), value)).collect(),
    }
}

fn changed(before: &Event, after: &Event) -> ChangeView {
    let nothing = |text: String| {
        if text.is_empty() { "nothing".to_owned() } else { text }
    };
    let both = fields(before).into_iter().zip(fields(after)).filter(|(before, after)| before.1 != after.1);
    ChangeView {
        event: after.id.0,
        name: after.name.clone(),
        fields: both.map(|((name, before), (_, after))| (name, nothing(before), nothing(after))).collect(),
    }
}
