//! The audit as CSV: one row for each event that an entry changed, or one row for an entry that changed none.

use std::io::Write;

use chrono_tz::Tz;

use crate::{
    domain::{
        audit::{Entry, Fact, State, Step},
        format,
        user::Role,
        visibility,
    },
    export::{safe_cell, table_writer::failed},
    store::{Flow, ReadTx, StoreError, tables::audit},
};

const HEADINGS: [&str; 17] = [
    "change",
    "at_utc",
    "at_local",
    "who",
    "from",
    "action",
    "outcome",
    "event_id",
    "before_start",
    "before_employee",
    "after_start",
    "after_employee",
    "reason",
    "undoes",
    "request_id",
    "about",
    "facts",
];

/// Writes the entries that `wanted` picks, oldest first, as `role` may read them.
pub fn csv(
    view: &dyn ReadTx,
    wanted: impl Fn(&Entry) -> bool,
    zone: Tz,
    role: Role,
    out: impl Write,
) -> Result<(), StoreError> {
    let mut file = csv::Writer::from_writer(out);
    file.write_record(HEADINGS).map_err(failed)?;
    audit::each(view, |entry| {
        if wanted(&entry) {
            let entry = visibility::entry_for(role, entry);
            rows(&entry, zone).iter().try_for_each(|row| file.write_record(row)).map_err(failed)?;
        }
        Ok(Flow::Continue)
    })?;
    Ok(file.flush()?)
}

fn rows(entry: &Entry, zone: Tz) -> Vec<Vec<String>> {
    if entry.steps.is_empty() {
        vec![row(entry, None, zone)]
    } else {
        entry.steps.iter().map(|step| row(entry, Some(step), zone)).collect()
    }
}

fn row(entry: &Entry, step: Option<&Step>, zone: Tz) -> Vec<String> {
    let event = step.map(|step| step.event).or(entry.subject).map(|id| id.to_string()).unwrap_or_default();
    let [before_start, before_employee] = state(step.map(|step| &step.before));
    let [after_start, after_employee] = state(step.map(|step| &step.after));
    vec![
        entry.sequence.to_string(),
        entry.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        entry.at.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S").to_string(),
        safe_cell(&entry.who),
        entry.source.slug().to_owned(),
        entry.action.slug().to_owned(),
        entry.outcome.slug().to_owned(),
        event,
        before_start,
        before_employee,
        after_start,
        after_employee,
        safe_cell(&entry.told_reason().unwrap_or_default()),
        entry.undoes.map(|sequence| sequence.to_string()).unwrap_or_default(),
        safe_cell(&entry.request_id),
        entry
            .about
            .as_ref()
            .map(|about| safe_cell(&format!("{} {}", about.topic.slug(), about.id)))
            .unwrap_or_default(),
        safe_cell(&facts(entry)),
    ]
}

/// "title: Event Specialist -> Club Supervisor; e-mail:  -> jane@example.com"
fn facts(entry: &Entry) -> String {
    let say = |fact: &Fact| format!("{}: {} -> {}", fact.name, fact.before, fact.after);
    entry.facts.iter().map(say).collect::<Vec<_>>().join("; ")
}

fn state(state: Option<&State>) -> [String; 2] {
    let now = state.and_then(|state| state.schedule.as_ref());
    now.map(|now| [format::iso_moment(now.start), safe_cell(now.employee.as_str())]).unwrap_or_default()
}
