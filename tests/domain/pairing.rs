//! Tests of pairing.

use proptest::prelude::*;
use tandem::domain::{
    event::{Event, EventType, pairing::Pair},
    ids::{EventId, ProgramId},
};

use super::event;

fn ids(events: &[&Event]) -> Vec<u64> {
    events.iter().map(|event| event.id.0).collect()
}

fn followers(pair: &Pair<'_>, core: u64) -> Vec<u64> {
    ids(&pair.followers_of(EventId(core)))
}

#[test]
fn a_core_is_followed_by_its_supervisor_and_leads_it() {
    let events = [event(1, "606001-CORE-Pretzel"), event(2, "606001-Supervisor-Pretzel")];
    let pair = Pair::among(&events);
    assert_eq!(followers(&pair, 1), [2]);
    assert_eq!(pair.leader_of(&events[1]).map(|core| core.id), Some(EventId(1)));
    assert!(!pair.is_ambiguous());
}

#[test]
fn every_supervisor_of_a_core_follows_it() {
    let events = [3, 2].map(|id| event(id, "606001-Supervisor-Pretzel"));
    let core = event(1, "606001-CORE-Pretzel");
    let pair = Pair::among(events.iter().chain([&core]));
    assert_eq!(followers(&pair, 1), [2, 3]);
}

#[test]
fn a_supervisor_prefers_the_core_of_its_program() {
    let events = [
        event(1, "612202-AF-Grapes (250822530262)  - V2-CORE"),
        event(2, "612202-AF-Grapes (250822530263)  - V2-CORE"),
        event(3, "612202-AF-Grapes (250822530263)  - V2-Supervisor"),
    ];
    let pair = Pair::among(&events);
    assert_eq!((followers(&pair, 1), followers(&pair, 2)), (vec![], vec![3]));
    assert!(pair.is_ambiguous());
}

#[test]
fn a_supervisor_of_an_unknown_program_follows_the_lowest_id() {
    let events = [
        event(5, "612202-AF-Grapes (250822530262)  - V2-CORE"),
        event(4, "612202-CORE-Grapes"),
        event(6, "612202-AF-Grapes (250822530299)  - V2-Supervisor"),
        event(7, "612202-Supervisor-Grapes"),
    ];
    let pair = Pair::among(&events);
    assert_eq!((followers(&pair, 4), followers(&pair, 5)), (vec![6, 7], vec![]));
}

#[test]
fn events_without_a_program_do_not_share_one() {
    let events = [
        event(4, "612202-AF-Grapes (250822530262)  - V2-CORE"),
        event(5, "612202-CORE-Grapes"),
        event(6, "612202-Supervisor-Grapes"),
    ];
    assert_eq!(followers(&Pair::among(&events), 4), [6]);
}

#[test]
fn a_supervisor_without_a_core_follows_none() {
    let events = [event(2, "606001-Supervisor-Pretzel"), event(3, "606001-Supervisor-Pretzel")];
    let pair = Pair::among(&events);
    assert!(pair.leader_of(&events[0]).is_none());
    assert!(!pair.is_ambiguous());
}

#[test]
fn other_types_are_never_paired() {
    let events =
        ["606001-Juicer-A", "606001-Freeosk-A", "606001-Digital-A", "606001-Demo-A"].map(|name| event(1, name));
    let pair = Pair::among(&events);
    assert!(pair.cores.is_empty() && pair.supervisors.is_empty());
}

/// Some events of one number; few programs, so that they coincide.
fn group() -> impl Strategy<Value = Vec<Event>> {
    let one = (prop::sample::select(EventType::ALL.to_vec()), prop::option::of(1..4_u64));
    prop::collection::vec(one, 0..12).prop_map(|kinds| {
        let build = |(id, (event_type, program)): (u64, (EventType, Option<u64>))| Event {
            event_type,
            program: program.map(ProgramId),
            ..event(id, "606001-Demo-Pretzel")
        };
        (1..).zip(kinds).map(build).collect()
    })
}

proptest! {
    #[test]
    fn every_supervisor_follows_exactly_one_core_if_there_are_any(events in group()) {
        let pair = Pair::among(&events);
        let leaders = usize::from(!pair.cores.is_empty());
        for supervisor in &pair.supervisors {
            let follows = |core: &&&Event| pair.followers_of(core.id).iter().any(|one| one.id == supervisor.id);
            prop_assert_eq!(pair.cores.iter().filter(follows).count(), leaders);
        }
    }

    #[test]
    fn the_order_of_events_does_not_matter(events in group()) {
        let backwards: Vec<_> = events.iter().rev().cloned().collect();
        let (one, other) = (Pair::among(&events), Pair::among(&backwards));
        prop_assert_eq!(ids(&one.cores), ids(&other.cores));
        for core in &one.cores {
            prop_assert_eq!(followers(&one, core.id.0), followers(&other, core.id.0));
        }
    }
}
