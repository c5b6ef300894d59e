//! Rows of the repair form: proposed or chosen remedies, applied in order on a dry run.

use std::collections::HashMap;

use rocket::FromForm;

use crate::{
    domain::{
        change::{
            ChangeKind, Policy,
            bulk::{EVENTS_MAX, Item},
            rejection::Rejection,
        },
        employee::candidates,
        event::{Event, EventType},
        ids::{EventId, Revision},
        integrity::{
            Check,
            repair::{Remedy, is_repairable, remedies},
        },
    },
    routes::pages::changes::{employee_picker, options},
    services::{bulk::DryRun, change::ChangeError},
    store::{
        ReadTx, StoreError,
        tables::{employees, events, findings},
    },
    views::{bulk::repair::Row, changes::employee_picker::Other},
};

/// The fields of a row, as sent.
#[derive(Clone, Debug, Default, FromForm)]
pub struct Fields {
    #[field(default = "")]
    take: String,
    #[field(default = "")]
    seen: String,
    #[field(default = "")]
    how: String,
    #[field(default = "")]
    employee: String,
    #[field(default = "")]
    other: String,
}

/// A row to draw; `fields` is none where a proposal is wanted.
#[derive(Clone, Debug)]
pub struct Input {
    check: Check,
    /// The event that the finding names.
    event: EventId,
    fields: Option<Fields>,
}

impl Input {
    pub fn fresh(check: Check, event: EventId) -> Self {
        Self { check, event, fields: None }
    }
}

/// The settings of the rows.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    pub policy: &'a Policy,
    pub override_reason: &'a str,
}

/// A finding that is true now, with both halves of its pair.
struct Case {
    message: String,
    supervisor: Event,
    remedies: Vec<Remedy>,
}

fn case(tx: &dyn ReadTx, input: &Input, policy: &Policy) -> Result<Option<Case>, StoreError> {
    let mut now = findings::of_event(tx, input.event)?.findings.into_iter();
    let Some(finding) = now.find(|one| (one.check, one.event) == (input.check, input.event)) else { return Ok(None) };
    let Some(partner) = finding.partner else { return Ok(None) };
    let Some(one) = events::get(tx, finding.event)? else { return Ok(None) };
    let Some(other) = events::get(tx, partner)? else { return Ok(None) };
    let (core, supervisor) = if one.event_type == EventType::Core { (one, other) } else { (other, one) };
    let remedies = remedies(input.check, &core, policy);
    Ok((!remedies.is_empty()).then_some(Case { message: finding.message, supervisor, remedies }))
}

/// The sent rows. Each names the Supervisor of a finding, which is looked up again.
pub fn sent(tx: &dyn ReadTx, rows: HashMap<u64, Fields>) -> Result<(Vec<Input>, bool), StoreError> {
    let mut inputs = Vec::new();
    let more = rows.len() > EVENTS_MAX;
    let all_employees = employees::all(tx)?;
    for (supervisor, mut fields) in rows.into_iter().take(EVENTS_MAX) {
        fields.employee = employee_picker::chosen(fields.employee, &fields.other, &all_employees);
        let supervisor = EventId(supervisor);
        let found = findings::of_event(tx, supervisor)?.findings;
        let about = |one: &&crate::domain::integrity::Finding| {
            is_repairable(one.check) && (one.event == supervisor || one.partner == Some(supervisor))
        };
        if let Some(finding) = found.iter().find(about) {
            inputs.push(Input { check: finding.check, event: finding.event, fields: Some(fields) });
        }
    }
    inputs.sort_by_key(|input| (input.check, input.event));
    Ok((inputs, more))
}

/// The rows, and whether a rule refuses one that is taken.
pub fn draw(tx: &dyn ReadTx, inputs: &[Input], sheet: &Sheet<'_>) -> Result<(Vec<Row>, bool), StoreError> {
    let reason = Some(sheet.override_reason).filter(|reason| !reason.is_empty());
    let mut dry_run = DryRun::new(tx, sheet.policy, reason);
    let (mut rows, mut needs_reason) = (Vec::new(), false);
    for input in inputs {
        let Some(case) = case(dry_run.tx(), input, sheet.policy)? else { continue };
        let mut row = propose(&mut dry_run, input, case)?;
        let item = if row.taken { item_of(&row) } else { None };
        match item {
            Some(item) => needs_reason |= say(ChangeError::split(dry_run.apply(&item))?, &mut row),
            None if row.taken => row.remarks.push((true, "Choose an employee, or clear the checkbox.".to_owned())),
            None => {}
        }
        rows.push(row);
    }
    Ok((rows, needs_reason))
}

fn say(played: Result<Vec<crate::domain::change::Warning>, Rejection>, row: &mut Row) -> bool {
    match played {
        Ok(warnings) => {
            row.remarks.extend(warnings.iter().map(|warning| (false, warning.message())));
            false
        }
        Err(Rejection::Refused { findings, .. }) => {
            row.remarks.extend(findings.into_iter().map(|finding| (finding.refuses, finding.message)));
            true
        }
        Err(other) => {
            row.remarks.push((true, other.reason()));
            false
        }
    }
}

/// A row as sent, or with the usual remedy and the best employee.
fn propose(dry_run: &mut DryRun<'_>, input: &Input, case: Case) -> Result<Row, StoreError> {
    let Case { message, supervisor, remedies } = case;
    let asked = input.fields.as_ref();
    let chosen = asked.and_then(|fields| remedies.iter().find(|one| one.slug() == fields.how));
    let chosen = chosen.or(remedies.first()).copied();
    let (mut listed, mut other) = (Vec::new(), Other::default());
    let mut employee = asked.map(|fields| fields.employee.clone()).unwrap_or_default();
    if let Some(Remedy::Schedule(start)) = chosen {
        let scene = dry_run.context(supervisor.clone(), start.date())?;
        listed = options::people(&scene, start, ChangeKind::Schedule);
        if asked.is_none() {
            let first = candidates::for_supervisor(&scene, &supervisor, start, &[]).map(|one| one.id.to_string());
            employee = first.or(listed.first().map(|one| one.id.clone())).unwrap_or_default();
        }
        (listed, other) = employee_picker::listed(listed, &employee, asked.map_or("", |fields| &fields.other));
    }
    Ok(Row {
        event: supervisor.id.0,
        revision: asked.and_then(|fields| fields.seen.parse().ok()).unwrap_or(supervisor.revision.0),
        name: supervisor.name,
        message,
        taken: asked.is_none_or(|fields| fields.take == "true"),
        remedies,
        chosen,
        people: listed,
        other,
        employee,
        remarks: Vec::new(),
    })
}

fn item_of(row: &Row) -> Option<Item> {
    let command = row.chosen?.command(row.employee.parse().ok())?;
    let seen = Some(Revision(row.revision));
    Some(Item { event: EventId(row.event), command, seen, confirm_other_date: false })
}

/// The items of the selected rows. None if one of them has no employee.
pub fn items(tx: &dyn ReadTx, inputs: &[Input], policy: &Policy) -> Result<Option<Vec<Item>>, StoreError> {
    let (mut items, mut as_it_is) = (Vec::new(), DryRun::new(tx, policy, None));
    for input in inputs.iter().filter(|input| input.fields.as_ref().is_some_and(|fields| fields.take == "true")) {
        let Some(case) = case(tx, input, policy)? else { continue };
        match item_of(&propose(&mut as_it_is, input, case)?) {
            Some(item) => items.push(item),
            None => return Ok(None),
        }
    }
    Ok(Some(items))
}
