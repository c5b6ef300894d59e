//! Changes of several events: decided one after another, written as one.

use tandem::{
    domain::{
        audit::{Action, Entry, Outcome},
        change::{
            Command,
            bulk::{EVENTS_MAX, Item, Plan, Refusal},
            rejection::Rejection,
            undo::How,
        },
        employee::JobTitle,
        event::Event,
        ids::{EventId, Revision},
        policy::Policy,
    },
    services::{
        bulk,
        change::{self, ChangeError, Made},
    },
    store::{
        Store, StoreError, Table,
        maintenance::check,
        tables::{audit, employees, events},
    },
};

use super::{Data, add, all, pair, read};
use crate::{
    domain::{TWO_HOURS_LATER, With, at, employee, event, person},
    support,
};

const PEOPLE: [(&str, JobTitle); 4] = [
    ("emma", JobTitle::EventSpecialist),
    ("lea", JobTitle::LeadEventSpecialist),
    ("cleo", JobTitle::ClubSupervisor),
    ("carl", JobTitle::ClubSupervisor),
];

fn staffed(data: &Data, events: &[Event]) -> Store {
    let store = data.open();
    add(&store, events).unwrap();
    let people = PEOPLE.map(|(id, title)| person(id, title));
    store.write(|tx| people.iter().try_for_each(|one| employees::put(tx, one))).unwrap();
    store
}

fn item(event: u64, command: Command) -> Item {
    Item { event: EventId(event), command, seen: None, confirm_other_date: false }
}

fn schedule(event: u64, who: &str, start: &str) -> Item {
    item(event, Command::Schedule { employee: employee(who), start: at(start) })
}

fn of(items: Vec<Item>) -> Plan {
    Plan::plain(Action::ScheduleSeveral, items)
}

fn make(store: &Store, plan: &Plan) -> Result<Made, ChangeError> {
    bulk::make(store, plan, &TWO_HOURS_LATER, &support::origin())
}

fn refusals(result: Result<Made, ChangeError>) -> Vec<Refusal> {
    match result {
        Err(ChangeError::Rejected(Rejection::Several(refusals))) => refusals,
        other => panic!("not refused item by item: {other:?}"),
    }
}

fn undo(store: &Store, sequence: u64) -> Result<Made, ChangeError> {
    let how = How::Undo { window_minutes: 5 };
    change::undo(store, sequence, how, None, None, &TWO_HOURS_LATER, &support::origin())
}

fn held(store: &Store, id: u64) -> Option<(String, String)> {
    let event = read(store, |tx| events::get(tx, EventId(id))).unwrap();
    event.schedule.map(|now| (now.employee.to_string(), now.start.format("%d %H:%M").to_string()))
}

fn assert_whole(store: &Store) {
    let report = read(store, |tx| check::run(tx));
    assert_eq!(report.storage_problems, Vec::<String>::new());
}

fn freeosks(numbers: std::ops::Range<u64>) -> Vec<Event> {
    numbers.map(|id| event(id, &format!("{}-Freeosk-Chips", 606_000 + id))).collect()
}

#[test]
fn several_events_are_scheduled_with_one_entry_and_one_undo_brings_them_back() {
    let (data, before) = (Data::new(), freeosks(1..4));
    let store = staffed(&data, &before);

    let made = make(
        &store,
        &of(vec![
            schedule(1, "lea", "2025-10-15 10:00"),
            schedule(2, "lea", "2025-10-15 11:00"),
            schedule(3, "cleo", "2025-10-16 10:00"),
        ]),
    );

    let entry = made.unwrap().entry.unwrap();
    assert_eq!((entry.action, entry.steps.len(), entry.sequence), (Action::ScheduleSeveral, 3, 1));
    assert_eq!(held(&store, 2), Some(("lea".into(), "15 11:00".into())));
    assert_whole(&store);
    assert_eq!(undo(&store, 1).unwrap().entry.unwrap().steps.len(), 3);
    assert!(all(&store).iter().zip(&before).all(|(now, then)| now.schedule == then.schedule));
    assert_whole(&store);
}

#[test]
fn each_item_is_decided_after_the_items_before_it() {
    let data = Data::new();
    let store = staffed(&data, &freeosks(1..3));
    let both = [schedule(1, "lea", "2025-10-15 10:00"), schedule(2, "lea", "2025-10-15 10:10")];

    let refused = refusals(make(&store, &of(both.to_vec())));

    assert_eq!((refused.len(), refused[0].event), (1, EventId(2)));
    let said = refused[0].sentence();
    assert!(said.starts_with("Chips (Freeosk 606002): lea already has Chips (Freeosk 606001)"), "{said}");
    assert_eq!(held(&store, 1), None, "nothing of a plan that is refused is done");
    let entry: Entry = read(&store, |tx| audit::get(tx, 1)).unwrap();
    assert_eq!((entry.outcome, entry.steps.len(), entry.reason), (Outcome::Refused, 0, Some(said)));
    make(&store, &Plan { override_reason: Some("Both fit".into()), ..of(both.to_vec()) }).unwrap();
}

#[test]
fn a_plan_with_old_revisions_is_rejected_and_names_each() {
    let data = Data::new();
    let store = staffed(&data, &freeosks(1..4));
    let saw = |item: Item, revision| Item { seen: Some(Revision(revision)), ..item };

    let refused = refusals(make(
        &store,
        &of(vec![
            saw(schedule(1, "lea", "2025-10-15 10:00"), 1),
            saw(schedule(2, "lea", "2025-10-15 11:00"), 0),
            saw(schedule(3, "lea", "2025-10-15 12:00"), 7),
        ]),
    ));

    assert_eq!(
        refused.iter().map(|one| (one.event.0, one.why.code())).collect::<Vec<_>>(),
        [(2, "stale_revision"), (3, "stale_revision")]
    );
    assert!(all(&store).iter().all(|event| event.schedule.is_none()));
}

#[test]
fn unknown_events_and_people_are_refused_by_name() {
    let data = Data::new();
    let store = staffed(&data, &freeosks(1..2));

    let refused = refusals(make(
        &store,
        &of(vec![schedule(1, "unknown", "2025-10-15 10:00"), schedule(99, "lea", "2025-10-15 11:00")]),
    ));

    let said: Vec<_> = refused.iter().map(Refusal::sentence).collect();
    assert_eq!(said, ["Chips (Freeosk 606001): There is no employee unknown.", "Event 99: There is no event 99."]);
}

#[test]
fn an_event_that_two_items_touch_changes_once() {
    let data = Data::new();
    let [core, supervisor] = pair(606_001);
    let store =
        staffed(&data, &[Event { schedule: None, ..core.clone() }, Event { schedule: None, ..supervisor.clone() }]);
    let (core, supervisor) = (core.id.0, supervisor.id.0);

    let made = make(
        &store,
        &of(vec![schedule(core, "emma", "2025-10-15 10:00"), schedule(supervisor, "lea", "2025-10-15 15:00")]),
    );

    let entry = made.unwrap().entry.unwrap();
    assert_eq!(
        entry
            .steps
            .iter()
            .map(|step| (step.event.0, step.before.revision.0, step.after.revision.0))
            .collect::<Vec<_>>(),
        [(core, 1, 2), (supervisor, 1, 2)]
    );
    assert_eq!(
        held(&store, supervisor),
        Some(("lea".into(), "15 15:00".into())),
        "requested events come before followers"
    );
    undo(&store, 1).unwrap();
    assert!(all(&store).iter().all(|event| event.schedule.is_none()));
    assert_whole(&store);
}

#[test]
fn releasing_both_events_of_a_pair_releases_it_once() {
    let data = Data::new();
    let [core, supervisor] = pair(606_001);
    let store = staffed(&data, &[core.clone(), supervisor.clone()]);
    let release = |event: &Event| item(event.id.0, Command::Unschedule);

    let made = make(&store, &of(vec![release(&core), release(&supervisor)])).unwrap();

    assert_eq!(made.entry.unwrap().steps.len(), 2);
    assert!(all(&store).iter().all(|event| event.schedule.is_none()));
}

#[test]
fn a_plan_without_effect_leaves_no_entry() {
    let data = Data::new();
    let store = staffed(&data, &freeosks(1..2));

    let made = make(&store, &of(vec![schedule(1, "lea", "2025-10-15 10:00"), item(1, Command::Unschedule)])).unwrap();

    assert!(made.entry.is_none());
    assert_eq!(all(&store), freeosks(1..2));
    assert_whole(&store);
}

/// Event 5 gets its own number as schedule id, which event 1 gives up in the same plan.
#[test]
fn an_undo_returns_a_schedule_id_that_moved_to_another_event() {
    let data = Data::new();
    let mut giver = event(1, "606001-Freeosk-Chips").held_by("lea", "2025-10-15 10:00");
    giver.schedule.as_mut().unwrap().id.0 = 5;
    let before = [giver, event(5, "606005-Freeosk-Chips")];
    let store = staffed(&data, &before);

    let made = make(&store, &of(vec![item(1, Command::Unschedule), schedule(5, "lea", "2025-10-15 10:00")])).unwrap();

    assert_eq!(made.entry.unwrap().steps[1].after.schedule.as_ref().unwrap().id.0, 5);
    assert_whole(&store);
    undo(&store, 1).unwrap();
    assert!(all(&store).iter().zip(&before).all(|(now, then)| now.schedule == then.schedule));
    assert_whole(&store);
    undo(&store, 2).unwrap();
    assert_whole(&store);
}

#[test]
fn a_repeated_key_returns_the_first_result_and_refuses_another_plan() {
    let data = Data::new();
    let store = staffed(&data, &freeosks(1..3));
    let keyed = |item: Item| Plan { key: Some("k1".parse().unwrap()), ..of(vec![item]) };
    let first = keyed(schedule(1, "lea", "2025-10-15 10:00"));

    make(&store, &first).unwrap();
    let again = make(&store, &first).unwrap();
    let other = make(&store, &keyed(schedule(2, "lea", "2025-10-15 11:00")));

    assert_eq!(again.entry.unwrap().sequence, 1);
    assert!(matches!(other, Err(ChangeError::Rejected(Rejection::KeyReused))), "{other:?}");
}

#[test]
fn an_empty_plan_and_one_with_too_many_events_are_rejected_with_a_message() {
    let data = Data::new();
    let max = EVENTS_MAX as u64;
    let pairs: Vec<_> = (0..=max / 2)
        .flat_map(|number| pair(606_000 + number))
        .map(|event| Event { schedule: None, ..event })
        .collect();
    let store = staffed(&data, &pairs);
    let cores = |count: usize| {
        let cores = pairs.iter().step_by(2).take(count);
        of(cores.map(|core| schedule(core.id.0, "emma", "2025-10-15 10:00")).collect())
    };
    let reason = Some("All help".to_owned());

    let empty = make(&store, &of(Vec::new()));
    let many = make(&store, &Plan { override_reason: reason.clone(), ..cores(EVENTS_MAX / 2 + 1) });

    assert!(matches!(empty, Err(ChangeError::Rejected(Rejection::NothingChosen))), "{empty:?}");
    let Err(ChangeError::Rejected(many @ Rejection::TooMany { events: 102, max: EVENTS_MAX })) = many else {
        panic!("{many:?}")
    };
    assert_eq!(
        many.reason(),
        "This would change 102 events at once; at most 100 are allowed. Choose fewer and go on with the rest."
    );
    let made = make(&store, &Plan { override_reason: reason, ..cores(EVENTS_MAX / 2) }).unwrap();
    assert_eq!(made.entry.unwrap().steps.len(), EVENTS_MAX);
}

/// The longest ids, the numbers with the most bytes, and the longest texts.
#[test]
fn the_largest_change_with_the_longest_reason_fits_into_its_entry() {
    const LARGE: u64 = (1 << 53) - 1000;
    let data = Data::new();
    let long = |letter: &str| letter.repeat(40);
    let assigned = |id: u64| {
        let mut event =
            event(LARGE + id, &format!("Inventory {}", "x".repeat(480))).held_by(&long("a"), "2150-10-15 10:00");
        event.schedule.as_mut().unwrap().id.0 = LARGE + id;
        Event { revision: Revision(u32::MAX - 1), ..event }
    };
    let before: Vec<_> = (0..EVENTS_MAX as u64).map(assigned).collect();
    let store = staffed(&data, &before);
    let people = ["a", "b"].map(|letter| person(&long(letter), JobTitle::ClubSupervisor));
    store.write(|tx| people.iter().try_for_each(|one| employees::put(tx, one))).unwrap();
    let give = |event: &Event| item(event.id.0, Command::ChangeEmployee { employee: employee(&long("b")) });
    let plan = Plan { override_reason: Some("r".repeat(500)), ..of(before.iter().map(give).collect()) };

    let made = make(&store, &plan).unwrap();

    assert!(made.notes.len() > EVENTS_MAX / 2, "every employee has overlapping events");
    let entry: Entry = read(&store, |tx| audit::get(tx, 1)).unwrap();
    assert_eq!(entry.steps.len(), EVENTS_MAX);
    assert!(entry.notes.len() < made.notes.len(), "notes are dropped before changes");
    undo(&store, 1).unwrap();
    assert_whole(&store);
}

#[test]
fn a_fault_at_any_single_write_of_a_plan_changes_nothing() {
    let data = Data::new();
    let [core, supervisor] = pair(606_001);
    let mut before = vec![core.clone(), supervisor];
    before.extend(freeosks(1..3));
    let store = staffed(&data, &before);
    before = all(&store);
    let items = vec![
        item(core.id.0, Command::Unschedule),
        schedule(1, "lea", "2025-10-15 10:00"),
        schedule(2, "lea", "2025-10-15 11:00"),
    ];

    let mut strikes = 0;
    loop {
        data.fail_points.arm(strikes, StoreError::Corrupt { table: Table::Events, key: "armed".into() });
        if make(&store, &of(items.clone())).is_ok() {
            break;
        }
        strikes += 1;
        assert_eq!(all(&store), before, "after a fault at write {strikes}");
        let last: Entry = read(&store, |tx| audit::get(tx, strikes.into())).unwrap();
        assert_eq!((last.outcome, last.steps.len()), (Outcome::Failed, 0));
    }

    assert!(strikes > 20, "four records, their index entries, counters and the entry, not only {strikes} writes");
    assert_whole(&store);
}

#[test]
fn an_undo_of_several_events_is_refused_if_one_changed_since() {
    let data = Data::new();
    let store = staffed(&data, &freeosks(1..3));
    make(&store, &of(vec![schedule(1, "lea", "2025-10-15 10:00"), schedule(2, "lea", "2025-10-15 11:00")])).unwrap();
    make(&store, &of(vec![item(2, Command::ChangeEmployee { employee: employee("cleo") })])).unwrap();

    let refused = undo(&store, 1);

    let Err(ChangeError::Rejected(refused @ Rejection::ChangedSince { .. })) = refused else { panic!("{refused:?}") };
    assert!(refused.reason().starts_with("Chips (Freeosk 606002) was changed by "), "{}", refused.reason());
    assert_eq!(held(&store, 1), Some(("lea".into(), "15 10:00".into())));
}

#[test]
fn in_a_plan_a_supervisor_leaves_the_date_of_its_core_only_if_confirmed() {
    let data = Data::new();
    let [core, supervisor] = pair(606_001);
    let store = staffed(&data, &[core, Event { schedule: None, ..supervisor.clone() }]);
    let away = schedule(supervisor.id.0, "cleo", "2025-10-16 12:00");

    let refused = refusals(make(&store, &of(vec![away.clone()])));

    assert_eq!(refused[0].why.code(), "confirm_other_date");
    make(&store, &of(vec![Item { confirm_other_date: true, ..away }])).unwrap();
}

#[test]
fn without_pairing_a_plan_moves_only_its_own_events() {
    let data = Data::new();
    let [core, supervisor] = pair(606_001);
    let store = staffed(&data, &[core.clone(), supervisor.clone()]);
    let alone = Policy { pairing: false, ..TWO_HOURS_LATER };

    let made = bulk::make(&store, &of(vec![item(core.id.0, Command::Unschedule)]), &alone, &support::origin()).unwrap();

    assert_eq!(made.entry.unwrap().steps.len(), 1);
    assert!(held(&store, supervisor.id.0).is_some());
}
