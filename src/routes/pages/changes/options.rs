//! The choices of a form: employees, events to swap with, and suggestions that pass all rules.

use chrono::NaiveDateTime;

use crate::{
    domain::employee::workload::Workloads,
    domain::{
        calendar::{self, Moment},
        change::{
            Change, ChangeKind, Command, Warning,
            alternatives::{self, Alternative},
            candidates,
            context::DecisionContext,
            trade,
        },
        event::{Event, EventType},
        format,
        ids::{EmployeeId, EventId},
        policy::Policy,
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
        changes::{Offer, Person, SupervisorChoice, TRADES_MAX},
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
pub fn people(
    facts: &DecisionContext,
    start: NaiveDateTime,
    change_kind: ChangeKind,
    workloads: Option<&Workloads>,
) -> Vec<Person> {
    let holder =
        facts.subject.schedule.as_ref().map(|now| &now.employee).filter(|_| change_kind != ChangeKind::Schedule);
    people_except(holder, facts, (&facts.subject, start), &[], workloads)
}

/// All employees for the Supervisor that a change takes along, if a rule refuses the current one there.
pub fn supervisor(facts: &DecisionContext, change: &Change) -> Option<SupervisorChoice> {
    let refuses = |warning: &Warning| matches!(warning, Warning::Rule(finding) if finding.refuses);
    let is_refused = |id: EventId| {
        change
            .warnings
            .iter()
            .any(|one| matches!(one, Warning::Of { event, warning, .. } if *event == id && refuses(warning)))
    };
    let edit = change.followers().find(|edit| is_refused(edit.after.id))?;
    let (holder, start) = (&edit.before.schedule.as_ref()?.employee, edit.after.start()?);
    let planned: Vec<_> = change.edits.iter().map(|edit| edit.after.clone()).collect();
    let name =
        facts.employees.get(holder).map_or_else(|| holder.to_string(), |employee| employee.shown_name().into_owned());
    let people = people_except(Some(holder), facts, (&edit.after, start), &planned, None);
    Some(SupervisorChoice { holder: name, people })
}

fn people_except(
    holder: Option<&EmployeeId>,
    facts: &DecisionContext,
    (event, start): (&Event, NaiveDateTime),
    planned: &[Event],
    workloads: Option<&Workloads>,
) -> Vec<Person> {
    let candidates = candidates::candidates(facts, event, start, planned);
    let shared = candidates.split_first().map(|(first, rest)| {
        let in_all = |finding: &&Finding| !rest.is_empty() && rest.iter().all(|one| one.findings.contains(finding));
        first.findings.iter().filter(in_all).cloned().collect::<Vec<_>>()
    });
    let shared = shared.unwrap_or_default();
    candidates
        .into_iter()
        .filter(|one| Some(&one.employee.id) != holder)
        .map(|one| Person {
            id: one.employee.id.to_string(),
            name: one.employee.name.clone(),
            may: one.may(),
            remark: remark(&one, &shared, workloads),
            shared: shared.clone(),
            findings: one.findings,
        })
        .collect()
}

/// The first finding that not all share, shortened for a list; else what the person holds, and the job title.
fn remark(one: &candidates::Candidate<'_>, shared: &[Finding], workloads: Option<&Workloads>) -> String {
    let own = one.findings.iter().filter(|finding| !shared.contains(finding));
    if let Some(finding) = own.min_by_key(|finding| !finding.refuses) {
        let said = finding.message.strip_prefix(&*one.employee.isolated_name()).unwrap_or(&finding.message);
        said.split(';').next().unwrap_or(said).trim().trim_end_matches('.').to_owned()
    } else {
        let holds = match (workloads, one.load) {
            (Some(workloads), _) => workloads.words(&one.employee.id),
            (None, 0) => "free that day".to_owned(),
            (None, load) => format!("{} that day", format::count(load as u64, "event")),
        };
        format!("{holds}, {}", one.employee.title.label())
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
    let facts = decision_context::load(tx, event.clone(), &named, policy)?;
    let Some(asked) = facts.employees.get(&asked) else { return Ok(Vec::new()) };
    if matches!(command, Command::Trade { .. }) || facts.check(event, asked, start, &[]).is_empty() {
        return Ok(Vec::new());
    }
    Ok(alternatives::find(&facts, policy, asked, start))
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
            words.push(employees::shown_name(tx, id)?);
            typed.employee = id.to_string();
        }
        if let Some(id) = &one.supervisor {
            let name = employees::shown_name(tx, id)?;
            words.push(format!("Supervisor: {name}"));
            typed.supervisor_employee = id.to_string();
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

/// Other employees' COREs on the chosen day, or on that of the event: those without findings first, then by time.
pub fn trades(tx: &dyn ReadTx, event: &Event, typed: &FormValues, policy: &Policy) -> Result<Vec<Offer>, StoreError> {
    let (Some(home), Some(now)) = (event.date(), event.schedule.as_ref()) else { return Ok(Vec::new()) };
    let date = calendar::parse_date(&typed.date).unwrap_or(home);
    let chosen = typed.other.split_once('.').map(|(schedule, _)| schedule);
    let mut offers = Vec::new();
    for other in events::scheduled_on(tx, date)? {
        let Some(theirs) = other.schedule.as_ref().filter(|theirs| theirs.employee != now.employee) else { continue };
        if other.event_type != EventType::Core || offers.len() == TRADES_MAX {
            continue;
        }
        let facts = decision_context::load(tx, event.clone(), &Command::Trade { with: theirs.id, seen: None }, policy)?;
        let Ok(trade) = trade::decide(&facts, None, true) else { continue };
        let schedule = theirs.id.to_string();
        offers.push(Offer {
            value: format!("{schedule}.{}", other.revision),
            event: other.product(),
            person: employees::shown_name(tx, &theirs.employee)?,
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
