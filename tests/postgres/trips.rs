//! How many round trips to the database a request waits for: with the distance to the database, they are its time.

use chrono::Datelike;
use tandem::{
    domain::{
        audit::Action,
        calendar::Moment,
        change::{
            Command, Request,
            bulk::{Item, Plan},
        },
        event::{Event, EventType},
    },
    services::{bulk, change, decision_context::Target},
    store::{Handle, Store},
};

use crate::{
    cluster::{Cluster, Opened, open},
    load::{server, touch},
    shared::{events, fill, origin, policy},
};

/// The begin, which locks the gate, and the commit.
const TRIPS_WRITE: u64 = 2;
/// The first write of a server reads small tables as well.
const TRIPS_FIRST_MAX: u64 = 5;
/// A write of what this server has not read before, or that has left its memory.
const TRIPS_COLD_MAX: u64 = 8;
const TRIPS_PLAN_MAX: u64 = 8;
const TRIPS_COLD_PLAN_MAX: u64 = 120;

/// The trips of some work on a store.
fn trips<T>(opened: &Opened, work: impl FnOnce(&Store) -> T) -> (T, u64) {
    let before = opened.store.counters().round_trips;
    let done = work(&opened.store);
    (done, opened.store.counters().round_trips - before)
}

fn to(day: &str) -> Command {
    Command::Reschedule { to: Moment::Day(day.parse().unwrap()), employee: None }
}

fn request(command: Command) -> Request {
    Request { override_reason: Some("trial".to_owned()), ..Request::plain(command) }
}

fn make(store: &Store, event: &Event, command: &Command) {
    change::make(store, Target::Event(event.id), &request(command.clone()), &policy(), &origin()).unwrap();
}

/// What the form of a change reads.
fn look(store: &Store, event: &Event, command: &Command) {
    let seen = store.read(|tx| change::preview(tx, Target::Event(event.id), &request(command.clone()), &policy()));
    seen.unwrap();
}

fn of_type(events: &[Event], wanted: &[EventType], is_scheduled: bool) -> Vec<Event> {
    let is_wanted = |event: &&Event| wanted.contains(&event.event_type) && event.schedule.is_some() == is_scheduled;
    events.iter().filter(is_wanted).cloned().collect()
}

#[test]
fn a_change_of_what_its_form_has_read_takes_two_round_trips() {
    let cluster = Cluster::shared();
    let filled = open(&cluster.url(), "trips");
    fill(&filled.store, 600);
    let events = events(&filled.store);
    let cores = of_type(&events, &[EventType::Core], true);
    let server = open(&cluster.url(), "trips");
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for (number, core) in cores[..20].iter().enumerate() {
        let command = to(&format!("2025-10-{:02}", 1 + (number * 11) % 28));
        if number % 2 == 0 {
            cold.push(trips(&server, |store| make(store, core, &command)).1);
        } else {
            look(&server.store, core, &command);
            warm.push(trips(&server, |store| make(store, core, &command)).1);
        }
    }

    let people: Vec<_> = events.iter().filter_map(|event| event.schedule.as_ref()).map(|now| &now.employee).collect();
    let other = of_type(&events, &[EventType::Juicer, EventType::Other], false).remove(0);
    let start = "2025-10-20T09:00:00".parse().unwrap();
    let assign = Command::Schedule { employee: people[0].clone(), start };
    look(&server.store, &other, &assign);
    let ((), assigned) = trips(&server, |store| make(store, &other, &assign));
    let swap = Command::Trade { with: cores[21].schedule.as_ref().unwrap().id, seen: None };
    look(&server.store, &cores[20], &swap);
    let ((), swapped) = trips(&server, |store| make(store, &cores[20], &swap));

    println!("a move of a pair waits {warm:?} times after its form was shown, {cold:?} times otherwise");
    println!("an assignment waits {assigned} times after its form was shown, a swap {swapped} times");
    assert!(warm[0] <= TRIPS_FIRST_MAX, "{warm:?}");
    assert!(warm[1..].iter().chain([&assigned, &swapped]).all(|trips| *trips <= TRIPS_WRITE), "{warm:?}");
    assert!(cold.iter().all(|trips| *trips <= TRIPS_COLD_MAX), "{cold:?}");
}

#[test]
fn changes_through_two_servers_in_turn_take_two_round_trips_each() {
    let cluster = Cluster::shared();
    let servers = [open(&cluster.url(), "turns"), open(&cluster.url(), "turns")];
    fill(&servers[0].store, 600);
    let cores = of_type(&events(&servers[0].store), &[EventType::Core], true);
    let command = |number: usize| to(&format!("2025-10-{:02}", 1 + (number * 7) % 28));
    for (number, core) in cores[..12].iter().enumerate() {
        for server in &servers {
            look(&server.store, core, &command(number));
        }
    }

    let moved = cores[..12]
        .iter()
        .enumerate()
        .map(|(number, core)| trips(&servers[number % 2], |store| make(store, core, &command(number))).1);
    let moved: Vec<_> = moved.collect();

    println!("moves of pairs through two servers in turn wait {moved:?} times");
    assert!(moved.iter().all(|trips| *trips <= TRIPS_FIRST_MAX), "{moved:?}");
    assert!(moved[2..].iter().sum::<u64>() <= (TRIPS_WRITE + 1) * 10, "{moved:?}");
}

#[test]
fn a_plan_of_a_hundred_events_takes_few_round_trips() {
    let cluster = Cluster::shared();
    let filled = open(&cluster.url(), "plan");
    fill(&filled.store, 1200);
    let single = of_type(&events(&filled.store), &[EventType::Juicer, EventType::Digitals, EventType::Other], true);
    let (cold, warm) = (open(&cluster.url(), "plan"), open(&cluster.url(), "plan"));
    // Each to another week, so that days stay as full as they are.
    let plan = |days: u64| {
        let item = |event: &Event| {
            let day = 1 + (u64::from(event.date().unwrap().day0()) + days) % 31;
            Item { event: event.id, command: to(&format!("2025-10-{day:02}")), seen: None, confirm_other_date: false }
        };
        let items = single[..100].iter().map(item).collect();
        Plan { override_reason: Some("trial".to_owned()), ..Plan::plain(Action::ScheduleSeveral, items) }
    };
    let (plan, back) = (plan(7), plan(14));

    let ((), not_shown) = trips(&cold, |store| drop(bulk::make(store, &plan, &policy(), &origin()).unwrap()));
    warm.store.read(|tx| bulk::decide(tx, &back, &policy())).unwrap();
    let ((), shown) = trips(&warm, |store| drop(bulk::make(store, &back, &policy(), &origin()).unwrap()));

    println!("a plan of 100 events waits {shown} times after its form was shown, {not_shown} times otherwise");
    assert!(shown <= TRIPS_PLAN_MAX, "{shown}");
    assert!(not_shown <= TRIPS_COLD_PLAN_MAX, "{not_shown}");
}

#[test]
fn a_page_takes_one_round_trip_for_each_of_its_snapshots() {
    let cluster = Cluster::shared();
    let filled = open(&cluster.url(), "page_trips");
    fill(&filled.store, 600);
    let Opened { store, folder } = open(&cluster.url(), "page_trips");
    let store = Handle::new(store);
    let client = server(store.clone(), folder.path());
    let asks = |address: &str| {
        let before = store.blocking().counters().round_trips;
        assert_eq!(client.get(address.to_owned()).dispatch().status().code, 200);
        store.blocking().counters().round_trips - before
    };

    for address in ["/calendar/2025/10", "/calendar/day/2025-10-15"] {
        let first = asks(address);
        let kept = asks(address);
        touch(&store, 1);
        let drawn = asks(address);
        touch(&Handle::new(open(&cluster.url(), "page_trips").store), 2);
        let of_another = asks(address);
        println!(
            "{address} waits {first} times at first, {kept} kept, {drawn} drawn, {of_another} after another server"
        );
        assert!(first <= 12 && kept <= 2 && drawn <= 4 && of_another <= 6, "{first} {kept} {drawn} {of_another}");
    }
}
