//! `kill -9` at a random moment under load, over and over on the same folder.

use std::{
    ops::Range,
    thread,
    time::{Duration, Instant},
};

use crate::{
    client::Client,
    load::{Ended, Load},
    server::Place,
};

const CLIENTS: usize = 8;
/// When the server is killed, in milliseconds since the load began.
const KILL_AFTER_MS: Range<u64> = 50..600;
/// Starts that are killed too before the one that goes on, and when, in microseconds since the process began.
const STARTS: usize = 3;
const KILL_START_AFTER_US: Range<u64> = 500..20_000;

pub fn run(rounds: u64) {
    let (place, began, seed) = (Place::with_pairs(), Instant::now(), fastrand::u64(..1_000_000));
    println!("kill: {rounds} rounds, {CLIENTS} clients, seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut server = place.serve();
    let events = Client::of(&server).events();
    let load = Load::on(&events);
    let (mut losses, mut split_pairs) = (Vec::new(), 0);
    for round in 0..rounds {
        let delay = Duration::from_millis(rng.u64(KILL_AFTER_MS));
        let ended = load.run(Client::several(&server, CLIENTS), seed + round, || {
            thread::sleep(delay);
            server.kill();
        });
        assert!(!ended.contains(&Ended::Unavailable), "the store stopped writing in round {round}: {ended:?}");

        for _ in 0..STARTS {
            let starting = place.start();
            thread::sleep(Duration::from_micros(rng.u64(KILL_START_AFTER_US)));
            starting.kill();
        }
        let checked = place.check().sound();
        split_pairs += checked.split_pairs();
        server = place.serve();
        let found = Client::of(&server).events();
        assert_eq!(found.len(), events.len(), "events are missing after round {round}");
        let ledger = load.ledger.lock().unwrap();
        losses.extend(ledger.losses(&found, checked.audit_entries()));
    }
    let (log, ledger) = (server.log(), load.ledger.into_inner().unwrap());
    for loss in &losses {
        println!("kill: LOST {loss}");
    }
    for call in load.unknown.into_inner().unwrap() {
        println!("kill: {call} is not there, went on without");
    }
    println!(
        "kill: {rounds} rounds (and {STARTS} killed starts each) in {} s, {} acknowledged changes, {} lost, {split_pairs} split pairs, audit up to entry {}",
        began.elapsed().as_secs(),
        ledger.changes,
        losses.len(),
        ledger.entry_last
    );
    assert!(ledger.changes >= rounds, "there was no load to speak of");
    assert_eq!((losses.len(), split_pairs), (0, 0));
    assert!(!log.contains("panicked"), "{log}");
}
