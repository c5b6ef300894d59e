//! The choices of a form: employees, events to swap with, and suggestions that pass all rules.

use chrono::NaiveDateTime;

use crate::{
    domain::{
        calendar::Moment,
        change::{
            ChangeKind, Command, Policy, Warning,
            alternatives::{self, Alternative},
            context::DecisionContext,
            trade,
        },
        employee::candidates,
        event::{Event, EventType},
        format,
        ids::EventId,
        rules::Finding,
    },
    routes::pages::changes::form_fields::FormValues,
    services::decision_context,
    store::{
        ReadTx, StoreError,
        tables::{employees, events},
    },
    views::{
        calendar::day_page::DayPage,
        changes::{Offer, Person, TRADES_MAX},
    },
};

/// A form as it is filled in.
#[derive(Clone, Copy, Debug)]
pub struct Filled<'a> {
    pub event: EventId,
    pub change_kind: ChangeKind,
    pub typed: &'a FormValues,
    pub from: &'a DayPage,
    pub core: Option<EventId>,
}

/// All employees, except the current one where choosing them would change nothing.
pub fn people(scene: &DecisionContext, start: NaiveDateTime, change_kind: ChangeKind) -> Vec<Person> {
    let holder =
        scene.subject.schedule.as_ref().map(|now| &now.employee).filter(|_| change_kind != ChangeKind::Schedule);
    candidates::candidates(scene, &scene.subject, start, &[])
        .into_iter()
        .filter(|one| Some(&one.employee.id) != holder)
        .map(|one| Person {
            id: one.employee.id.to_string(),
            name: one.employee.name.clone(),
            may: one.may(),
            remark: remark(&one),
            findings: one.findings,
        })
        .collect()
}

/// The first finding, shortened for a list; else the job title and the number of events that day.
fn remark(one: &candidates::Candidate<'_>) -> String {
    let (name, title) = (&one.employee.name, one.employee.title.label());
    match one.findings.first() {
        Some(finding) => {
            let said = finding.message.strip_prefix(name.as_str()).unwrap_or(&finding.message);
            said.split(';').next().unwrap_or(said).trim().trim_end_matches('.').to_owned()
        }
        None if one.load == 0 => format!("{title}, free that day"),
        None => format!("{title}, {} that day", format::count(one.load as u64, "event")),
    }
}

/// Alternatives for an event that has findings, also where they only warn.
pub fn alternatives(
    tx: &dyn ReadTx,
    event: &Event,
    command: &Command,
    policy: &Policy,
) -> Result<Vec<Alternative>, StoreError> {
    let now = event.schedule.as_ref();
    let asked = command.assigns().or(now.map(|now| &now.employee)).cloned();
    let (Some(start), Some(asked)) = (command.start_for(event), asked) else { return Ok(Vec::new()) };
    // Named, the person is looked at for as far as alternatives look.
    let named = match now {
        Some(_) => Command::Reschedule { to: Moment::At(start), employee: Some(asked.clone()) },
        None => Command::Schedule { employee: asked.clone(), start },
    };
    let scene = decision_context::load(tx, event.clone(), &named, policy)?;
    let Some(asked) = scene.employees.get(&asked) else { return Ok(Vec::new()) };
    if matches!(command, Command::Trade { .. }) || scene.check(event, asked, start, &[]).is_empty() {
        return Ok(Vec::new());
    }
    Ok(alternatives::find(&scene, policy, asked, start))
}

/// The same form, filled with what would pass all rules: words and address of each.
pub fn fills(
    tx: &dyn ReadTx,
    filled: Filled<'_>,
    alternatives: &[Alternative],
) -> Result<Vec<(String, String)>, StoreError> {
    let Filled { event, typed, from, core, .. } = filled;
    let fill = |one: &Alternative| {
        let (mut typed, mut change_kind, mut words) = (typed.clone(), filled.change_kind, Vec::new());
        if let Some(id) = &one.employee {
            words.push(employees::get(tx, id)?.map_or_else(|| id.to_string(), |employee| employee.name));
            typed.employee = id.to_string();
        }
        if let Some(start) = one.start {
            words.push(format::moment_near(start, from.date));
            (typed.date, typed.time) = (start.date().to_string(), start.format("%H:%M").to_string());
            // Another time is a move, also where only the employee was to change.
            change_kind = if change_kind == ChangeKind::ChangeEmployee { ChangeKind::Reschedule } else { change_kind };
        }
        Ok((words.join(", "), typed.address(event, change_kind, from, core)))
    };
    alternatives.iter().map(fill).collect()
}

/// Other employees' COREs on the day of the event: those without findings first, then by time.
pub fn trades(tx: &dyn ReadTx, event: &Event, typed: &FormValues, policy: &Policy) -> Result<Vec<Offer>, StoreError> {
    let (Some(date), Some(now)) = (event.date(), event.schedule.as_ref()) else { return Ok(Vec::new()) };
    let chosen = typed.other.split_once('.').map(|(schedule, _)| schedule);
    let mut offers = Vec::new();
    for other in events::scheduled_on(tx, date)? {
        let Some(theirs) = other.schedule.as_ref().filter(|theirs| theirs.employee != now.employee) else { continue };
        if other.event_type != EventType::Core || offers.len() == TRADES_MAX {
            continue;
        }
        let scene = decision_context::load(tx, event.clone(), &Command::Trade { with: theirs.id, seen: None }, policy)?;
        let Ok(trade) = trade::decide(&scene, None, true) else { continue };
        let schedule = theirs.id.to_string();
        offers.push(Offer {
            value: format!("{schedule}.{}", other.revision),
            event: other.name.clone(),
            person: scene
                .employees
                .get(&theirs.employee)
                .map_or_else(|| theirs.employee.to_string(), |one| one.name.clone()),
            start: theirs.start,
            findings: trade.warnings.into_iter().filter_map(finding).collect(),
            chosen: chosen == Some(schedule.as_str()),
        });
    }
    offers.sort_by_cached_key(|one| (weight(&one.findings), one.start, one.event.clone()));
    Ok(offers)
}

fn finding(warning: Warning) -> Option<Finding> {
    if let Warning::Rule(finding) = warning { Some(finding) } else { None }
}

/// Clear, then warned of, then refused.
fn weight(findings: &[Finding]) -> u8 {
    match findings {
        [] => 0,
        some if some.iter().any(|finding| finding.refuses) => 2,
        _ => 1,
    }
}
