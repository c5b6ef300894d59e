//! The employee cache of a dry run returns what a new read would return, with few reads.

use tandem::{
    domain::{
        audit::Action,
        change::{
            Command,
            bulk::{Given, Item, Plan},
        },
        employee::JobTitle,
        event::Event,
        ids::EventId,
    },
    services::{
        bulk::{self, DryRun},
        decision_context,
    },
    store::{Store, Table, tables::employees},
};

use super::{Counting, Data, add, pair, read};
use crate::domain::{TWO_HOURS_LATER, With, at, date, employee, event, person};

const DAYS: [&str; 3] = ["2025-10-14", "2025-10-15", "2025-10-16"];

fn staffed(data: &Data, people: usize, events: &[Event]) -> Store {
    let store = data.open();
    add(&store, events).unwrap();
    let named = (0..people).map(|number| person(&format!("p{number}"), JobTitle::LeadEventSpecialist));
    let all: Vec<_> =
        named.chain([person("lea", JobTitle::LeadEventSpecialist), person("cleo", JobTitle::ClubSupervisor)]).collect();
    store.write(|tx| all.iter().try_for_each(|one| employees::put(tx, one))).unwrap();
    store
}

fn item(event: u64, command: Command) -> Item {
    Item { event: EventId(event), command, seen: None, confirm_other_date: true }
}

fn schedule(event: u64, who: &str, start: &str) -> Item {
    item(event, Command::Schedule { employee: employee(who), start: at(start) })
}

#[test]
fn after_each_item_a_context_equals_a_new_read() {
    let data = Data::new();
    let [core, supervisor] = pair(606_001);
    let free = [event(1, "Freeosk one"), event(2, "Freeosk two")];
    let held = event(3, "Freeosk three").held_by("p0", "2025-10-14 09:00");
    let store = staffed(&data, 3, &[core.clone(), supervisor, free[0].clone(), free[1].clone(), held]);
    let items = [
        schedule(2, "p1", "2025-10-15 10:00"),
        schedule(1, "p1", "2025-10-16 10:00"),
        item(3, Command::ChangeEmployee { employee: employee("p1") }),
        item(core.id.0, Command::Unschedule),
        item(3, Command::Unschedule),
        schedule(3, "p2", "2025-10-15 08:00"),
    ];

    read(&store, |tx| {
        let mut dry_run = DryRun::new(tx, &TWO_HOURS_LATER, Given { reason: Some("needed"), shown: None });
        for item in &items {
            for day in DAYS {
                let kept = dry_run.context(core.clone(), date(day))?;
                let again = decision_context::load_around(dry_run.tx(), core.clone(), date(day), &TWO_HOURS_LATER)?;
                assert_eq!(format!("{kept:?}"), format!("{again:?}"), "{day} before {item:?}");
            }
            dry_run.apply(item).unwrap();
        }
        let kept = dry_run.context(core.clone(), date(DAYS[1]))?;
        let again = decision_context::load_around(dry_run.tx(), core.clone(), date(DAYS[1]), &TWO_HOURS_LATER)?;
        assert_eq!(format!("{kept:?}"), format!("{again:?}"));
        Ok(())
    });
}

#[test]
fn a_plan_reads_the_events_of_all_employees_once() {
    const PEOPLE: usize = 40;
    let data = Data::new();
    let events: Vec<_> = (0..30).map(|id| event(100 + id, &format!("Freeosk {id}"))).collect();
    let store = staffed(&data, PEOPLE, &events);
    let scans = |events: u64| {
        let items = (0..events).map(|id| schedule(100 + id, &format!("p{id}"), "2025-10-15 10:00")).collect();
        let about = Plan::plain(Action::ScheduleSeveral, items);
        read(&store, |tx| {
            let counting = Counting::of(tx, Table::EmployeeDay);
            bulk::decide(&counting, &about, &TWO_HOURS_LATER).unwrap();
            Ok(counting.scans.get())
        })
    };

    // Besides the events of all employees, each event reads the days ahead of its employee.
    assert_eq!((scans(1), scans(30)), (PEOPLE + 2 + 1, PEOPLE + 2 + 30));
}
