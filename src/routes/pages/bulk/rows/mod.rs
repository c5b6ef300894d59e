//! Rows of a bulk form: proposed or entered values, and remarks.
//!
//! Invariant: rows are rendered on a dry run in the order in which they will be saved, so that each is checked against
//! the result of the rows before it.

mod proposed;

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use rocket::FromForm;

pub use crate::routes::pages::bulk::rows::proposed::{fresh, give};
use crate::{
    config::Config,
    domain::{
        calendar,
        change::{
            ChangeKind, Command, Shown, Warning,
            bulk::{Given, Item},
            candidates,
            rejection::Rejection,
        },
        event::{Event, EventType},
        format,
        ids::{EmployeeId, EventId, Revision},
        integrity::{
            self,
            repair::{Remedy, is_repairable, remedies},
        },
    },
    routes::{
        http::form_text::Text,
        pages::changes::{employee_picker, options},
    },
    services::{bulk::DryRun, change::ChangeError},
    store::{
        ReadTx, StoreError,
        queries::day_cards::{self, Show},
        tables::{employees, events, findings},
    },
    views::{
        bulk::{BEST, Kind, RELEASE, Remark, Repair, Row, field_name},
        changes::{Person, employee_picker::OTHER},
        components::alert::FieldError,
    },
};

/// The error of a selected row without an employee.
const NO_EMPLOYEE: &str = "Choose an employee, or clear the checkbox.";

/// The values of a row, as entered or proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormValues {
    /// The row is part of the change.
    pub taken: bool,
    pub date: String,
    pub time: String,
    /// An employee's id, [`RELEASE`], [`OTHER`], or empty.
    pub employee: String,
    /// The name entered for [`OTHER`].
    pub other: String,
    pub confirm_other_date: bool,
}

#[derive(Clone, Debug, Default, FromForm)]
pub struct Fields {
    take: Text,
    /// The row had no proposal and was not selected. Choosing an employee selects it.
    open: Text,
    seen: Text,
    date: Text,
    time: Text,
    employee: Text,
    other: Text,
    confirm: Text,
    /// The repair of a finding.
    how: Text,
}

#[derive(Clone, Debug)]
pub struct Input {
    pub event: EventId,
    pub typed: FormValues,
    /// Why nothing was proposed; empty if the people's findings say it.
    note: Option<String>,
    /// The revision its sender saw.
    seen: Option<Revision>,
    /// Without an employee, takes the best one despite conflicts.
    anyway: bool,
    repair: Option<Repair>,
}

/// The finding of a Supervisor that can be repaired now, with the repair called `how`, else the usual one.
fn repair(tx: &dyn ReadTx, supervisor: EventId, how: &str, sheet: &Sheet<'_>) -> Result<Option<Repair>, StoreError> {
    let about = |one: &integrity::Finding| {
        is_repairable(one.check) && (one.event == supervisor || one.partner == Some(supervisor))
    };
    let Some(finding) = findings::of_event(tx, supervisor)?.findings.into_iter().find(about) else { return Ok(None) };
    let core = Some(finding.event).filter(|event| *event != supervisor).or(finding.partner);
    let core = core.map(|core| events::get(tx, core)).transpose()?.flatten();
    let Some(core) = core else { return Ok(None) };
    let remedies = remedies(finding.check, &core, &sheet.config.policy);
    let chosen = remedies.iter().find(|one| one.slug() == how).or(remedies.first()).copied();
    Ok(chosen.map(|chosen| Repair { message: finding.message, remedies, chosen }))
}

/// The sent rows. `give` is assigned to rows without an employee: an id, or [`BEST`]. Findings that are repaired meanwhile
/// have no row.
pub fn sent(
    tx: &dyn ReadTx,
    rows: HashMap<u64, Fields>,
    give: &str,
    sheet: &Sheet<'_>,
) -> Result<Vec<Input>, StoreError> {
    let typed = rows.values().any(|fields| fields.employee == OTHER);
    let all_employees = if typed { employees::all(tx)? } else { Vec::new() };
    let mut inputs = Vec::new();
    for (event, fields) in rows {
        let event = EventId(event);
        let repair = if sheet.kind == Kind::Repair { repair(tx, event, &fields.how, sheet)? } else { None };
        if sheet.kind == Kind::Repair && repair.is_none() {
            continue;
        }
        let needs_employee = repair.as_ref().is_none_or(Repair::needs_employee);
        let given = needs_employee && fields.employee.trim().is_empty() && !give.is_empty();
        let anyway = given && give == BEST;
        let chosen = fields.open == "true" && !fields.employee.trim().is_empty();
        let typed = FormValues {
            taken: fields.take == "true" || given || chosen,
            date: fields.date.0,
            time: fields.time.0,
            employee: if given && !anyway {
                give.to_owned()
            } else {
                employee_picker::chosen(fields.employee.0, &fields.other, &all_employees)
            },
            other: fields.other.0,
            confirm_other_date: fields.confirm == "true",
        };
        let seen = fields.seen.parse().map(Revision).ok();
        inputs.push(Input { event, typed, note: None, seen, anyway, repair });
    }
    Ok(inputs)
}

/// In the order in which they are done: COREs before the Supervisors that follow them, then by due date.
pub fn sort(tx: &dyn ReadTx, inputs: &mut Vec<Input>) -> Result<(), StoreError> {
    let mut keyed = Vec::with_capacity(inputs.len());
    for input in inputs.drain(..) {
        let key = events::get(tx, input.event)?.map(|event| {
            let last = event.event_type == EventType::Supervisor;
            (last, event.start(), events::Place::of(&event))
        });
        keyed.push((key, input));
    }
    keyed.sort_by_key(|(key, input)| (*key, input.event));
    inputs.extend(keyed.into_iter().map(|(_, input)| input));
    Ok(())
}

#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    pub kind: Kind,
    pub config: &'a Config,
    /// The first day that is proposed.
    pub today: NaiveDate,
    pub override_reason: &'a str,
}

/// The rows as they would be saved with a reason, and the findings that need one.
pub fn draw(tx: &dyn ReadTx, inputs: &[Input], sheet: &Sheet<'_>) -> Result<(Vec<Row>, Shown), StoreError> {
    let mut dry_run = DryRun::new(tx, &sheet.config.policy, Given { reason: Some(""), shown: None });
    let (mut rows, mut shown) = (Vec::new(), Shown::default());
    for input in inputs {
        let Some(before) = events::get(tx, input.event)? else { continue };
        rows.push(draw_row(&mut dry_run, &mut shown, tx, before, input, sheet)?);
    }
    Ok((rows, shown))
}

fn draw_row(
    dry_run: &mut DryRun<'_>,
    shown: &mut Shown,
    tx: &dyn ReadTx,
    before: Event,
    input: &Input,
    sheet: &Sheet<'_>,
) -> Result<Row, StoreError> {
    let stuck = match sheet.kind {
        Kind::Schedule => before.schedule.is_some(),
        Kind::Reassign => before.schedule.is_none(),
        Kind::Repair => false,
    };
    let now = events::get(dry_run.tx(), before.id)?.unwrap_or_else(|| before.clone());
    let mut typed = input.typed.clone();
    let start = start_of(input, &now, sheet);
    let facts = dry_run.context(now.clone(), start.date())?;
    if input.anyway && typed.employee.is_empty() {
        typed.employee = candidates::anyway(&facts, &now, start).map(|one| one.id.to_string()).unwrap_or_default();
    }
    let people = options::people(&facts, start, change_kind(sheet.kind), None);
    let (people, other) = employee_picker::listed(people, &typed.employee, &typed.other);
    let (mut remarks, mut leaves_core) = (Vec::new(), typed.confirm_other_date);
    if stuck {
        typed.taken = false;
        remarks.push(conflict(stuck_words(&before)));
    } else if typed.taken {
        let input = Input { seen: None, typed: typed.clone(), ..input.clone() };
        let apply = match item(sheet.kind, &input) {
            Ok(item) => ChangeError::split(dry_run.apply(&item))?,
            Err(_) => Ok(Vec::new()),
        };
        match apply {
            Ok(warnings) => {
                shown.add(warnings.iter().filter_map(|warning| warning.finding(input.event)));
                let is_reasoned = !sheet.override_reason.trim().is_empty();
                remarks.extend(warnings.iter().map(|warning| remark(warning, is_reasoned)));
            }
            Err(rejection) => {
                leaves_core |= matches!(rejection, Rejection::OtherDate { .. });
                remarks.push(conflict(rejection.reason()));
            }
        }
    } else if let Some(message) = &input.note {
        remarks.push(conflict(if message.is_empty() { unavailable_reason(&people) } else { message.clone() }));
    }
    let show = Show { pairing: sheet.config.policy.pairing, undo: None, findings: None };
    let card = day_cards::cards(tx, vec![before], show)?.into_iter().next();
    let card = card.ok_or_else(|| StoreError::CutOff("a card was lost".to_owned()))?;
    let FormValues { taken, date, time, employee, other: _, confirm_other_date } = typed;
    let repair = input.repair.clone();
    Ok(Row {
        card,
        taken,
        date,
        time,
        employee,
        confirm_other_date,
        people,
        other,
        remarks,
        leaves_core,
        stuck,
        repair,
    })
}

/// The remark of a warning. One that needs a reason refuses until there is one.
fn remark(warning: &Warning, is_reasoned: bool) -> Remark {
    Remark { refuses: warning.refuses() && !is_reasoned, text: warning.message(), event: warning.event() }
}

fn conflict(text: String) -> Remark {
    Remark { refuses: true, text, event: None }
}

fn stuck_words(event: &Event) -> String {
    match event.start() {
        Some(start) => format!("Already scheduled on {}.", format::moment(start)),
        None => "No longer scheduled.".to_owned(),
    }
}

/// The remark of a row without a proposal: what is against everyone, or the first finding of the best employee, if possible
/// of one with the job title.
fn unavailable_reason(people: &[Person]) -> String {
    let has_title = |one: &&Person| one.findings.iter().all(|finding| finding.rule != "title");
    let for_everyone = people.first().and_then(|one| one.shared.iter().find(|finding| finding.refuses));
    if let Some(finding) = for_everyone {
        return format!("No one is available. {}", finding.message);
    }
    match people.iter().find(has_title).or(people.first()) {
        Some(Person { name, remark, .. }) => format!("No one is available. {name}: {remark}."),
        None => "No one is available: there are no employees.".to_owned(),
    }
}

fn change_kind(kind: Kind) -> ChangeKind {
    match kind {
        Kind::Schedule => ChangeKind::Schedule,
        Kind::Reassign => ChangeKind::ChangeEmployee,
        Kind::Repair => ChangeKind::Reschedule,
    }
}

fn at(start: NaiveDateTime) -> FormValues {
    FormValues { date: start.date().to_string(), time: start.format("%H:%M").to_string(), ..FormValues::default() }
}

/// The start that the list of people is about.
fn start_of(input: &Input, event: &Event, sheet: &Sheet<'_>) -> NaiveDateTime {
    if let Some(Repair { chosen: Remedy::Schedule(start) | Remedy::Move(start), .. }) = input.repair {
        return start;
    }
    let typed = &input.typed;
    let date = calendar::parse_date(typed.date.trim()).ok().or(event.date()).unwrap_or(sheet.today);
    let time = calendar::parse_time(typed.time.trim()).ok().or(event.start().map(|start| start.time()));
    date.and_time(time.unwrap_or_default())
}

/// The item of a row, or every field that cannot be used, each with what is allowed.
pub fn item(kind: Kind, input: &Input) -> Result<Item, Vec<FieldError>> {
    let typed = &input.typed;
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| {
        errors.push(FieldError { name: field_name(field, input.event).into(), message });
    };
    let employee = match typed.employee.trim() {
        "" => Err(NO_EMPLOYEE.to_owned()),
        OTHER => Err(employee_picker::unknown(&typed.other)),
        text => text.parse::<EmployeeId>().map_err(|_| "Choose an employee from the list.".to_owned()),
    };
    let command = if let Some(repair) = &input.repair {
        let keeps = repair.keeps_employee() && typed.employee.trim().is_empty();
        let is_asked = !keeps && (repair.keeps_employee() || repair.needs_employee());
        let employee =
            if is_asked { employee.map(Some).map_err(|message| wrong("employee", message)) } else { Ok(None) };
        employee.ok().and_then(|employee| repair.chosen.command(employee))
    } else if kind == Kind::Reassign {
        match employee {
            _ if typed.employee == RELEASE => Some(Command::Unschedule),
            Ok(employee) => Some(Command::ChangeEmployee { employee }),
            Err(message) => {
                wrong("employee", message);
                None
            }
        }
    } else {
        let date = calendar::parse_date(typed.date.trim()).map_err(|error| wrong("date", format!("{error}."))).ok();
        let time = calendar::parse_time(typed.time.trim()).map_err(|error| wrong("time", format!("{error}."))).ok();
        let employee = employee.map_err(|message| wrong("employee", message)).ok();
        let start = date.zip(time).map(|(date, time)| date.and_time(time));
        start.zip(employee).map(|(start, employee)| Command::Schedule { employee, start })
    };
    let confirm_other_date = typed.confirm_other_date;
    command.map(|command| Item { event: input.event, command, seen: input.seen, confirm_other_date }).ok_or(errors)
}
