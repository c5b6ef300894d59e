//! `kill -9` at a random moment under load, over and over on the same folder.

use std::{
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
const KILL_AFTER_MS: std::ops::Range<u64> = 50..600;

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
        let ended = load.run(server, CLIENTS, seed + round, |server| {
            thread::sleep(delay);
            server.kill();
        });
        assert!(!ended.contains(&Ended::Unavailable), "the store stopped writing in round {round}: {ended:?}");

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
        "kill: {rounds} rounds in {} s, {} acknowledged changes, {} lost, {split_pairs} split pairs, audit up to entry {}",
        began.elapsed().as_secs(),
        ledger.changes,
        losses.len(),
        ledger.entry_last
    );
    assert!(ledger.changes >= rounds, "there was no load to speak of");
    assert_eq!((losses.len(), split_pairs), (0, 0));
    assert!(!log.contains("panicked"), "{log}");
}
