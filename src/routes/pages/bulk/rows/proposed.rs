//! The rows of a bulk form that is opened, each with a proposal.

use std::collections::BTreeMap;

use crate::{
    domain::{
        change::bulk::{Given, Item},
        event::Event,
        ids::{EmployeeId, EventId},
        integrity::repair::Remedy,
    },
    routes::pages::{
        bulk::rows::{FormValues, Input, Sheet, at, repair},
        changes::change_form,
    },
    services::{
        bulk::{self, DryRun, Proposed},
        change::ChangeError,
    },
    store::{ReadTx, StoreError, tables::events},
    views::bulk::{Kind, Repair},
};

/// The rows with their proposals.
pub fn fresh(tx: &dyn ReadTx, ids: &[EventId], sheet: &Sheet<'_>) -> Result<Vec<Input>, StoreError> {
    let (mut inputs, mut wanted) = (Vec::new(), Vec::new());
    for event in ids.iter().copied() {
        let Some(now) = events::get(tx, event)? else { continue };
        let repair = if sheet.kind == Kind::Repair { repair(tx, event, "", sheet)? } else { None };
        let start = match (&repair, &now.schedule, sheet.kind) {
            (Some(Repair { chosen: Remedy::Schedule(_), .. }), ..)
            | (None, None, Kind::Schedule)
            | (None, Some(_), Kind::Reassign) => {
                wanted.push(event);
                None
            }
            (None, _, Kind::Repair) => continue,
            (_, now, _) => now.as_ref().map(|now| now.start),
        };
        let typed = FormValues { taken: repair.is_some(), ..start.map(at).unwrap_or_default() };
        inputs.push(Input { event, typed, note: None, seen: None, anyway: false, repair });
    }
    let mut dry_run = DryRun::new(tx, &sheet.config.policy, Given::default());
    wanted.extend(refused_moves(&mut dry_run, &mut inputs)?);
    let tx = dry_run.tx();
    let mut proposed = bulk::propose(tx, &wanted, sheet.today, sheet.config)?;
    for input in &mut inputs {
        match proposed.remove(&input.event) {
            Some(Proposed::Place { employee, start }) => {
                input.typed = FormValues { taken: true, employee: employee.to_string(), ..at(start) };
                input.note = None;
            }
            // The reason against its own employee is known.
            Some(Proposed::Nothing { .. }) if input.note.is_some() => input.typed.taken = false,
            Some(Proposed::Nothing { message, start }) => {
                let usual = |event: &Event| change_form::usual_start(tx, event, sheet.today, sheet.config);
                let event = if start.is_none() { events::get(tx, input.event)? } else { None };
                let start = start.or(event.as_ref().map(usual).transpose()?);
                (input.typed, input.note) = (start.map(at).unwrap_or_default(), Some(message));
            }
            None => {}
        }
    }
    Ok(inputs)
}

/// The events that a rule does not let move with their employee. The dry run makes all other moves, and releases these, so
/// that someone else can be proposed.
fn refused_moves(dry_run: &mut DryRun<'_>, inputs: &mut [Input]) -> Result<Vec<EventId>, StoreError> {
    let mut refused = Vec::new();
    for input in inputs {
        let Some(chosen @ Remedy::Move(_)) = input.repair.as_ref().map(|repair| repair.chosen) else { continue };
        let item = |remedy: Remedy| {
            let command = remedy.command(None)?;
            Some(Item { event: input.event, command, seen: None, confirm_other_date: false })
        };
        let Some((move_it, release)) = item(chosen).zip(item(Remedy::Release)) else { continue };
        if let Err(rejection) = ChangeError::split(dry_run.apply(&move_it))? {
            input.note = Some(rejection.reason());
            if ChangeError::split(dry_run.apply(&release))?.is_ok() {
                refused.push(input.event);
            }
        }
    }
    Ok(refused)
}

/// Proposes these people instead, if they are enough: as many events have one as before.
pub fn give(inputs: &mut [Input], people: &BTreeMap<EventId, EmployeeId>) {
    if people.len() < inputs.iter().filter(|input| input.typed.taken).count() {
        return;
    }
    for input in inputs {
        let given = people.get(&input.event);
        input.typed.taken = given.is_some();
        input.typed.employee = given.map(EmployeeId::to_string).unwrap_or_default();
        input.note = input.note.take().filter(|_| given.is_none());
    }
}
