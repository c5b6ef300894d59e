//! What the rules say about the assignments that an import brings, as if all of it were written.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Days, NaiveDate, NaiveDateTime};

use crate::{
    domain::{
        audit,
        employee::Employee,
        event::Event,
        format,
        ids::{EmployeeId, EventId},
        rules::{self, Assignment, Finding},
    },
    import::{Note, Place, Plan, listed::Listed},
    store::{
        ReadTx, StoreError,
        tables::{employees, events, holidays},
    },
};

type ByDay<'a> = BTreeMap<(EmployeeId, NaiveDate), Vec<&'a Event>>;

/// Most events around a day with which each assignment of it is compared, in events. Who holds more is a mistake, and to
/// compare each with each would take too long.
const COMPARED_MAX: usize = 500;
/// The source of notes in reports.
const SOURCE: &str = "Rules";

/// Checks every assignment that a plan brings or changes. Those that it leaves as they are were checked before. Returns
/// notes about days on which not everything was compared.
pub fn find(
    view: &dyn ReadTx,
    plan: &Plan,
    short_work_minutes: u32,
    found: &mut Listed<audit::Note>,
) -> Result<Vec<Note>, StoreError> {
    let mut holidays: BTreeMap<_, _> =
        holidays::all(view)?.into_iter().map(|holiday| (holiday.date, holiday.name)).collect();
    holidays.extend(plan.holidays().iter().map(|holiday| (holiday.date, holiday.name.clone())));
    let mut people: HashMap<EmployeeId, Employee> =
        plan.employees().iter().map(|(_, after)| (after.id.clone(), after.clone())).collect();
    let (planned, held, brought) = by_day(plan);
    let mut notes = Vec::new();
    for ((id, date), list) in &brought {
        let days = (date.checked_sub_days(Days::new(1)), date.checked_add_days(Days::new(1)));
        let (Some(first), Some(last)) = days else { continue };
        if !people.contains_key(id) {
            people.extend(employees::get(view, id)?.map(|person| (id.clone(), person)));
        }
        let Some(employee) = people.get(id) else { continue };
        let stored = events::held_between(view, id, first, last)?;
        let around = held.range((id.clone(), first)..=(id.clone(), last)).flat_map(|(_, list)| list.iter().copied());
        let mut all: Vec<&Event> = stored.iter().filter(|event| !planned.contains(&event.id)).chain(around).collect();
        if all.len() > COMPARED_MAX + 1 {
            all.sort_by_key(|event| (event.start(), event.id));
            notes.push(left_out(employee, *date, all.len()));
        }
        for event in list {
            let Some(start) = event.start() else { continue };
            let others = others(&all, event);
            let assignment =
                Assignment { event, employee, start, held: &others, holidays: &holidays, short_work_minutes };
            rules::each(&assignment, |finding| found.push_with(|| in_words(event, employee, start, &finding())));
        }
    }
    Ok(notes)
}

/// The events that a plan writes, those of them that someone holds then by person and day, and those that are assigned
/// anew.
fn by_day(plan: &Plan) -> (HashSet<EventId>, ByDay<'_>, ByDay<'_>) {
    let (mut planned, mut held, mut brought) = (HashSet::new(), ByDay::new(), ByDay::new());
    for (before, after) in plan.events() {
        planned.insert(after.id);
        let Some(now) = &after.schedule else { continue };
        let day = (now.employee.clone(), now.start.date());
        if before.as_ref().and_then(|before| before.schedule.as_ref()) != Some(now) {
            brought.entry(day.clone()).or_default().push(after);
        }
        held.entry(day).or_default().push(after);
    }
    (planned, held, brought)
}

/// The other events; if there are too many, which are in order then, the nearest ones before and after.
fn others<'a>(all: &[&'a Event], event: &Event) -> Vec<&'a Event> {
    let place = (event.start(), event.id);
    let first = match all.len().checked_sub(COMPARED_MAX + 1) {
        None => 0,
        Some(last) => {
            all.partition_point(|other| (other.start(), other.id) < place).saturating_sub(COMPARED_MAX / 2).min(last)
        }
    };
    let near = all.iter().skip(first).take(COMPARED_MAX + 1);
    near.copied().filter(|other| other.id != event.id).collect()
}

fn in_words(event: &Event, employee: &Employee, start: NaiveDateTime, finding: &Finding) -> audit::Note {
    let Event { id, name, .. } = event;
    let message = format!("{name} ({id}) with {} on {}: {}", employee.name, format::moment(start), finding.message);
    audit::Note { rule: finding.rule.to_owned(), message, event: Some(*id) }
}

fn left_out(employee: &Employee, date: NaiveDate, count: usize) -> Note {
    let message = format!(
        "{} holds {count} events around {}: each was compared with the {COMPARED_MAX} nearest ones, so there may be more \
         findings",
        employee.name,
        format::date_short(date)
    );
    Note { place: Place { file: SOURCE.to_owned(), line: 0 }, message }
}
