//! Rows of a bulk form: proposed or entered values, and remarks.
//!
//! Invariant: rows are rendered on a dry run in the order in which they will be saved, so that each is proposed and
//! checked against the result of the rows before it.

use std::collections::HashMap;

use chrono::{Days, NaiveDate, NaiveDateTime};
use rocket::FromForm;

use crate::{
    config::Config,
    domain::{
        calendar,
        change::{ChangeKind, Command, Warning, bulk::Item, context::DecisionContext, rejection::Rejection},
        employee::candidates,
        event::{Event, EventType},
        format,
        ids::{EmployeeId, EventId, Revision},
        rules::Finding,
    },
    routes::pages::changes::{change_form, employee_picker, options},
    services::{bulk::DryRun, change::ChangeError},
    store::{
        ReadTx, StoreError,
        tables::{
            days::{self, Show},
            employees, events,
        },
    },
    views::{
        bulk::{BEST, Kind, RELEASE, Remark, Row, field_name},
        changes::{Person, employee_picker::OTHER},
        components::alert::FieldError,
    },
};

/// Days searched for an employee without conflicts.
const DAYS_TRIED_MAX: u64 = 7;

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

/// The fields of one row, as sent.
#[derive(Clone, Debug, Default, FromForm)]
pub struct Fields {
    #[field(default = "")]
    take: String,
    /// The row had no proposal and was not selected. Choosing an employee selects it.
    #[field(default = "")]
    open: String,
    #[field(default = "")]
    seen: String,
    #[field(default = "")]
    date: String,
    #[field(default = "")]
    time: String,
    #[field(default = "")]
    employee: String,
    #[field(default = "")]
    other: String,
    #[field(default = "")]
    confirm: String,
}

/// A row to render: the entered values, or none for a proposal.
#[derive(Clone, Debug)]
pub struct Input {
    pub event: EventId,
    pub typed: Option<FormValues>,
    /// The revision its sender saw.
    pub seen: Option<Revision>,
    /// Without an employee, takes the best one despite conflicts.
    pub anyway: bool,
}

impl Input {
    pub fn fresh(event: EventId) -> Self {
        Self { event, typed: None, seen: None, anyway: false }
    }
}

/// The sent rows. `give` is assigned to rows without an employee: an id, or [`BEST`].
pub fn sent(tx: &dyn ReadTx, rows: HashMap<u64, Fields>, give: &str) -> Result<Vec<Input>, StoreError> {
    let typed = rows.values().any(|fields| fields.employee == OTHER);
    let all_employees = if typed { employees::all(tx)? } else { Vec::new() };
    let input = |(event, fields): (u64, Fields)| {
        let given = fields.employee.trim().is_empty() && !give.is_empty();
        let anyway = given && give == BEST;
        let chosen = fields.open == "true" && !fields.employee.trim().is_empty();
        let typed = FormValues {
            taken: fields.take == "true" || given || chosen,
            date: fields.date,
            time: fields.time,
            employee: if given && !anyway {
                give.to_owned()
            } else {
                employee_picker::chosen(fields.employee, &fields.other, &all_employees)
            },
            other: fields.other,
            confirm_other_date: fields.confirm == "true",
        };
        Input { event: EventId(event), typed: Some(typed), seen: fields.seen.parse().map(Revision).ok(), anyway }
    };
    Ok(rows.into_iter().map(input).collect())
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

/// The settings of the rows.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    pub kind: Kind,
    pub config: &'a Config,
    /// The first day that is proposed.
    pub today: NaiveDate,
    pub override_reason: &'a str,
}

/// The rows, and whether a rule refuses one that is taken.
pub fn draw(tx: &dyn ReadTx, inputs: &[Input], sheet: &Sheet<'_>) -> Result<(Vec<Row>, bool), StoreError> {
    let reason = Some(sheet.override_reason.trim()).filter(|reason| !reason.is_empty());
    let mut dry_run = DryRun::new(tx, &sheet.config.policy, reason);
    let (mut rows, mut needs_reason) = (Vec::new(), reason.is_some());
    for input in inputs {
        let Some(before) = events::get(tx, input.event)? else { continue };
        let (row, refused) = draw_row(&mut dry_run, tx, before, input, sheet)?;
        needs_reason |= refused;
        rows.push(row);
    }
    Ok((rows, needs_reason))
}

fn draw_row(
    dry_run: &mut DryRun<'_>,
    tx: &dyn ReadTx,
    before: Event,
    input: &Input,
    sheet: &Sheet<'_>,
) -> Result<(Row, bool), StoreError> {
    let stuck = (sheet.kind == Kind::Schedule) == before.schedule.is_some();
    let now = events::get(dry_run.tx(), before.id)?.unwrap_or_else(|| before.clone());
    let mut typed = match &input.typed {
        Some(typed) => typed.clone(),
        None => propose(dry_run, &now, sheet)?,
    };
    let start = start_of(&typed, &now, sheet);
    let scene = dry_run.context(now.clone(), start.date())?;
    if input.typed.is_none() && typed.employee.is_empty() {
        typed.employee = choose(&scene, &now, start, sheet);
        typed.taken = !typed.employee.is_empty();
    }
    if input.anyway && typed.employee.is_empty() {
        typed.employee = candidates::anyway(&scene, &now, start).map(|one| one.id.to_string()).unwrap_or_default();
    }
    let people = options::people(&scene, start, change_kind(sheet.kind));
    let (people, other) = employee_picker::listed(people, &typed.employee, &typed.other);
    let (mut remarks, mut refused, mut leaves_core) = (Vec::new(), false, typed.confirm_other_date);
    if stuck {
        typed.taken = false;
        remarks.push(because(stuck_words(&before)));
    } else if typed.taken {
        let apply = match item(sheet.kind, &Input { seen: None, ..input.clone() }, &typed) {
            Ok(item) => ChangeError::split(dry_run.apply(&item))?,
            Err(_) => Ok(Vec::new()),
        };
        (refused, leaves_core) = say(apply, &mut remarks, leaves_core);
    } else if typed.employee.is_empty() && input.typed.is_none() {
        remarks.push(because(unavailable_reason(&people)));
    }
    let show = Show { pairing: sheet.config.policy.pairing, undo: None };
    let card = days::cards(tx, vec![before], show)?.into_iter().next();
    let card = card.ok_or_else(|| StoreError::CutOff("a card was lost".to_owned()))?;
    let FormValues { taken, date, time, employee, other: _, confirm_other_date } = typed;
    let row = Row { card, taken, date, time, employee, confirm_other_date, people, other, remarks, leaves_core, stuck };
    Ok((row, refused))
}

/// Adds the remarks of a row. Returns (a rule refuses, a Supervisor leaves the date of its CORE).
fn say(played: Result<Vec<Warning>, Rejection>, remarks: &mut Vec<Remark>, leaves_core: bool) -> (bool, bool) {
    let said = |finding: Finding| Remark { refuses: finding.refuses, text: finding.message, event: finding.clash };
    match played {
        Ok(warnings) => {
            remarks.extend(warnings.into_iter().map(|warning| match warning {
                Warning::Rule(finding) => Remark { refuses: false, ..said(finding) },
                other => Remark { refuses: false, text: other.message(), event: other.event() },
            }));
            (false, leaves_core)
        }
        Err(Rejection::Refused { findings, .. }) => {
            remarks.extend(findings.into_iter().map(said));
            (true, leaves_core)
        }
        Err(other) => {
            let leaves = matches!(other, Rejection::OtherDate { .. });
            remarks.push(because(other.reason()));
            (false, leaves_core || leaves)
        }
    }
}

fn because(text: String) -> Remark {
    Remark { refuses: true, text, event: None }
}

fn stuck_words(event: &Event) -> String {
    match event.start() {
        Some(start) => format!("Already scheduled on {}.", format::moment(start)),
        None => "No longer scheduled.".to_owned(),
    }
}

/// The remark of a row without a proposal: the first finding of the best employee.
fn unavailable_reason(people: &[Person]) -> String {
    match people.first() {
        Some(Person { name, remark, .. }) => format!("No one is available. {name}: {remark}."),
        None => "No one is available: there are no employees.".to_owned(),
    }
}

fn change_kind(kind: Kind) -> ChangeKind {
    match kind {
        Kind::Schedule => ChangeKind::Schedule,
        Kind::Reassign => ChangeKind::ChangeEmployee,
    }
}

/// The current schedule if an earlier row moved the event; else the first day with an available employee.
fn propose(dry_run: &mut DryRun<'_>, event: &Event, sheet: &Sheet<'_>) -> Result<FormValues, StoreError> {
    if let (Some(now), Kind::Schedule) = (&event.schedule, sheet.kind) {
        return Ok(FormValues { taken: true, employee: now.employee.to_string(), ..at(now.start) });
    }
    if let Some(start) = event.start() {
        return Ok(at(start));
    }
    let first = change_form::usual_start(dry_run.tx(), event, sheet.today, sheet.config)?;
    let due = event.due.map_or(NaiveDate::MAX, |due| due.date);
    let days = (0..DAYS_TRIED_MAX).filter_map(|days| first.date().checked_add_days(Days::new(days)));
    for day in days.take_while(|day| *day <= due) {
        let start = change_form::usual_start(dry_run.tx(), event, day, sheet.config)?;
        let scene = dry_run.context(event.clone(), start.date())?;
        if candidates::candidates(&scene, event, start, &[]).first().is_some_and(candidates::Candidate::is_clear) {
            return Ok(at(start));
        }
        // With its CORE, whatever the day.
        if start == first && day > first.date() {
            break;
        }
    }
    Ok(at(first))
}

fn at(start: NaiveDateTime) -> FormValues {
    FormValues { date: start.date().to_string(), time: start.format("%H:%M").to_string(), ..FormValues::default() }
}

fn choose(scene: &DecisionContext, event: &Event, start: NaiveDateTime, sheet: &Sheet<'_>) -> String {
    let holder = event.schedule.as_ref().map(|now| &now.employee);
    let first = if event.event_type == EventType::Supervisor && sheet.kind == Kind::Schedule {
        candidates::for_supervisor(scene, event, start, &[]).map(|one| one.id.clone())
    } else {
        let all = candidates::candidates(scene, event, start, &[]);
        let first = all.iter().find(|one| one.may() && Some(&one.employee.id) != holder);
        first.map(|one| one.employee.id.clone())
    };
    first.map(|id| id.to_string()).unwrap_or_default()
}

/// The start that the list of people is about.
fn start_of(typed: &FormValues, event: &Event, sheet: &Sheet<'_>) -> NaiveDateTime {
    let date = calendar::parse_date(typed.date.trim()).ok().or(event.date()).unwrap_or(sheet.today);
    let time = calendar::parse_time(typed.time.trim()).ok().or(event.start().map(|start| start.time()));
    date.and_time(time.unwrap_or_default())
}

/// The item of a row.
///
/// # Errors
/// Every field that cannot be used, each with what is allowed.
pub fn item(kind: Kind, input: &Input, typed: &FormValues) -> Result<Item, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| {
        errors.push(FieldError { name: field_name(field, input.event).into(), message });
    };
    let employee = match typed.employee.trim() {
        "" => Err("Choose an employee, or clear the checkbox.".to_owned()),
        OTHER => Err(employee_picker::unknown(&typed.other)),
        text => text.parse::<EmployeeId>().map_err(|_| "Choose an employee from the list.".to_owned()),
    };
    let command = if kind == Kind::Reassign {
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
