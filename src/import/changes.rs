//! What a plan does to each event and person, in words: before and after.

use std::collections::HashMap;

use crate::{
    domain::{
        audit::{Fact, Note},
        change::employee_edit::{self, EMAIL_FACT},
        employee::Employee,
        event::{Due, Event, Schedule},
        format,
        ids::EmployeeId,
    },
    import::{
        Plan, is_release,
        listed::Listed,
        plan::{Edit, agree},
    },
    store::{ReadTx, StoreError, tables::employees},
};

const SOURCE_ASSIGNS: &str = "source assigns";
pub const RELEASED: &str = "released";
pub const MISSING: &str = "missing";
pub const CHANGED: &str = "changed";
pub const PERSON: &str = "person";
pub const NEW: &str = "new";

/// The names of everyone here and in a plan.
pub type Names = HashMap<EmployeeId, String>;

/// The names of everyone here and in a plan, as they are here.
pub fn names(view: &dyn ReadTx, plan: &Plan) -> Result<Names, StoreError> {
    let planned = plan.employees().iter().map(|(_, after)| (after.id.clone(), after.name.clone()));
    let mut names: Names = planned.collect();
    names.extend(employees::all(view)?.into_iter().map(|person| (person.id, person.name)));
    Ok(names)
}

/// Names each event and person that a plan changes, and each visit that is missing. What takes something away comes first.
pub fn find(view: &dyn ReadTx, plan: &Plan, found: &mut Listed<Note>) -> Result<(), StoreError> {
    let names = names(view, plan)?;
    let note = |rule: &str, event: &Event, what: &str| Note {
        rule: rule.to_owned(),
        message: format!("{} ({}){what}", event.name, event.id),
        event: Some(event.id),
    };
    let changed = |wanted: &'static str| {
        let of_kind = move |one: &&Edit| kind(one) == wanted;
        plan.events().iter().filter(of_kind).map(|(before, after)| {
            let fields = changed_fields(before.as_deref(), after, &names);
            let fields: Vec<_> =
                fields.into_iter().map(|(field, before, after)| sentence(field, &before, &after)).collect();
            note(wanted, after, &format!(": {}", fields.join("; ")))
        })
    };
    found.extend(changed(RELEASED));
    found.extend(plan.missing().iter().map(|event| note(MISSING, event, &held(event, &names))));
    found.extend(changed(CHANGED));
    found.extend(plan.employees().iter().map(|(before, after)| Note {
        rule: PERSON.to_owned(),
        message: person_told(before.as_ref(), after),
        event: None,
    }));
    found.extend(changed(NEW));
    Ok(())
}

/// What a plan does to an event.
pub fn kind((before, after): &Edit) -> &'static str {
    match before {
        None => NEW,
        Some(_) if is_release(before.as_deref(), after) => RELEASED,
        Some(_) => CHANGED,
    }
}

fn sentence(field: &str, before: &str, after: &str) -> String {
    if before.is_empty() { format!("{field} {after}") } else { format!("{field} {before} → {after}") }
}

/// ", held by NORA QUILL (E20001) on Tue, Oct 14, 2025 at 10:00 AM"
pub fn held(event: &Event, names: &Names) -> String {
    let held = |now: &Schedule| format!(", held by {} on {}", called(&now.employee, names), format::moment(now.start));
    event.schedule.as_ref().map(held).unwrap_or_default()
}

fn called(id: &EmployeeId, names: &Names) -> String {
    names.get(id).map_or_else(|| format!("employee {id}"), |name| format!("{name} ({id})"))
}

/// The fields that people know an event by, in words.
fn fields(event: &Event, names: &Names) -> Vec<(&'static str, String)> {
    let assigned = |now: &Schedule| format!("{}, {}", format::moment(now.start), called(&now.employee, names));
    let last_day = |due: Due| {
        let Due { date, time } = due.meant();
        let until = time.map_or_else(String::new, |time| format!(", until {}", format::time(time)));
        format!("{}{until}", format::date_short(date))
    };
    vec![
        ("name", event.name.clone()),
        ("type", event.event_type.label().to_owned()),
        ("store", format!("{} {}", event.location.number, event.location.name).trim().to_owned()),
        ("first day", event.first_day.map(format::date_short).unwrap_or_default()),
        ("last day", event.due.map(last_day).unwrap_or_default()),
        ("time", format::duration(event.minutes)),
        ("scheduled", event.schedule.as_ref().map(assigned).unwrap_or_default()),
        (SOURCE_ASSIGNS, event.imported.as_ref().map(assigned).unwrap_or_default()),
    ]
}

/// The fields of an event that change, before and after; of a new one, what it is, with nothing before.
pub fn changed_fields(before: Option<&Event>, after: &Event, names: &Names) -> Vec<(&'static str, String, String)> {
    let now = fields(after, names).into_iter();
    let Some(before) = before else {
        let told = ["type", "store", "last day", "scheduled"];
        let told = now.filter(|(name, value)| told.contains(name) && !value.is_empty());
        return told.map(|(name, value)| (name, String::new(), value)).collect();
    };
    let is_moved = !agree(before.schedule.as_ref(), after.schedule.as_ref());
    // What the source assigns is said once, where it is what comes.
    let is_said = is_moved && agree(after.schedule.as_ref(), after.imported.as_ref());
    let both = fields(before, names).into_iter().zip(now).filter(|(before, now)| before.1 != now.1);
    let both = both.filter(|(before, _)| !(is_said && before.0 == SOURCE_ASSIGNS));
    let both: Vec<_> = both.map(|((name, before), (_, now))| (name, nothing(before), nothing(now))).collect();
    if both.is_empty() { vec![("source", String::new(), "says the same in other signs".to_owned())] } else { both }
}

fn nothing(text: String) -> String {
    if text.is_empty() { "nothing".to_owned() } else { text }
}

/// "NORA QUILL (E20001)"
pub fn who(person: &Employee) -> String {
    format!("{} ({})", person.name, person.id)
}

/// As [`person`], without e-mail addresses: not everyone who reads the audit may see them.
pub fn person_told(before: Option<&Employee>, after: &Employee) -> String {
    person_with(
        before,
        after,
        |fact| if fact.name == EMAIL_FACT { "e-mail changed".to_owned() } else { fact_words(fact) },
    )
}

/// A new person, or the changes of a known one.
pub fn person(before: Option<&Employee>, after: &Employee) -> String {
    person_with(before, after, fact_words)
}

fn fact_words(fact: Fact) -> String {
    sentence(&fact.name, &nothing(fact.before), &nothing(fact.after))
}

fn person_with(before: Option<&Employee>, after: &Employee, words: impl Fn(Fact) -> String) -> String {
    let who = who(before.unwrap_or(after));
    if before.is_none() {
        return format!("{who}, new, {}", after.title.label());
    }
    let facts: Vec<_> = employee_edit::facts(before, after).into_iter().map(words).collect();
    if facts.is_empty() { format!("{who}: as the source has it") } else { format!("{who}: {}", facts.join("; ")) }
}
