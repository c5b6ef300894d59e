//! The people and events that the histories begin with.

use tandem::domain::{
    employee::{Employee, JobTitle},
    event::Event,
    ids::ProgramId,
};

use crate::domain::{With, event, person};

pub const PEOPLE: [(&str, JobTitle); 6] = [
    ("emma", JobTitle::EventSpecialist),
    ("lea", JobTitle::LeadEventSpecialist),
    ("lou", JobTitle::LeadEventSpecialist),
    ("jo", JobTitle::JuicerBarista),
    ("cleo", JobTitle::ClubSupervisor),
    ("carl", JobTitle::ClubSupervisor),
];

pub fn people() -> Vec<Employee> {
    let mut people: Vec<_> = PEOPLE.iter().map(|(id, title)| person(id, *title)).collect();
    people.push(Employee { active: false, ..person("gone", JobTitle::LeadEventSpecialist) });
    people
}

/// Pairs with the same numbers at stores whose numbers share a prefix, one of them with two COREs, and events without
/// a pair.
pub fn events() -> Vec<Event> {
    let mut events = Vec::new();
    for (place, store) in (0..).zip(["1", "11", "4101"]) {
        for (half, number) in (0..).zip([606_001, 606_002]) {
            let id = 100 * place + 10 * half + 1;
            let core = event(id, &format!("{number}-CORE-Pretzels")).at_store(store).due("2025-10-16", None);
            let supervisor = event(id + 1, &format!("{number}-Supervisor-Pretzels")).at_store(store);
            events.extend([core, supervisor.due("2025-10-17", Some("18:00"))]);
        }
    }
    for (id, name, program) in [(301, "606001-CORE-Other pretzels", 7), (302, "606001-Supervisor-Other pretzels", 7)] {
        let program = Some(ProgramId(program));
        events.push(Event { program, ..event(id, name).due("2025-10-14", None) });
    }
    events.push(Event { number: None, ..event(401, "606003-CORE-Nameless") });
    for (id, name) in [(501, "606004-Juicer-Oranges"), (502, "606005-Freeosk-Chips"), (503, "Inventory")] {
        events.push(event(id, name).due("2025-10-15", None));
    }
    events[0] = events[0].clone().held_by("emma", "2025-10-15 10:00");
    events[1] = events[1].clone().held_by("cleo", "2025-10-15 12:00");
    events
}
