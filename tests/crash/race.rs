//! Racing writers over real HTTP: from one revision one wins, the others are told the truth, nothing is overwritten.

use std::{
    collections::BTreeMap,
    sync::{
        Barrier, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use serde_json::{Value, json};

use crate::{
    client::{Answer, Client, Events, Pair, scheduled_pairs},
    load::date,
    server::{Place, Server},
};

const CLIENTS: usize = 8;
const PAIRS: usize = 20;
const BURST: usize = 50;

/// What came of the racing writes.
#[derive(Default)]
struct Tally {
    /// The revisions that were acknowledged, of each event.
    made: BTreeMap<u64, Vec<u64>>,
    unchanged: u64,
    stale: u64,
}

pub fn run(writes: u64) {
    let place = Place::with_pairs();
    let server = place.serve();
    let before = Client::of(&server).events();
    let pairs = scheduled_pairs(&before);
    let (began, tally) = (Instant::now(), race(&server, &pairs[..PAIRS], &before, writes));
    let seconds = began.elapsed().as_secs_f64();
    let after = Client::of(&server).events();
    let lost: u64 = pairs[..PAIRS].iter().map(|pair| lost_updates(pair.core, &tally, &before, &after)).sum();
    let made: usize = tally.made.values().map(Vec::len).sum();
    println!(
        "race: {writes} writes by {CLIENTS} clients to {PAIRS} pairs in {seconds:.1} s: {made} made, {} refused as stale \
         (all truly), {} changed nothing, {lost} lost updates",
        tally.stale, tally.unchanged
    );
    assert_eq!(lost, 0);
    burst_on_one(&server, pairs[0], &after);
    burst_on_many(&server, &pairs, &after);
    assert_pairs_agree(&pairs, &Client::of(&server).events());
    assert!(server.stop().success());
    let checked = place.check().sound();
    assert_eq!(checked.code, Some(0), "{checked:?}");
    println!("race: every pair agrees, check is clean");
}

fn race(server: &Server, pairs: &[Pair], before: &Events, writes: u64) -> Tally {
    let (tally, sent) = (Mutex::new(Tally::default()), AtomicU64::new(0));
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (client, tally, sent) = (Client::of(server), &tally, &sent);
            let mut rng = fastrand::Rng::with_seed(number as u64);
            let mut seen: BTreeMap<u64, u64> =
                pairs.iter().map(|pair| (pair.core, before[&pair.core].state.revision)).collect();
            scope.spawn(move || {
                while sent.fetch_add(1, Ordering::Relaxed) < writes {
                    let pair = pairs[rng.usize(..pairs.len())];
                    let revision = seen[&pair.core];
                    let answer = reschedule(&client, pair, &date(&mut rng), revision);
                    seen.insert(pair.core, answer.body["revision"].as_u64().unwrap());
                    tally.lock().unwrap().note(pair.core, revision, &answer);
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

impl Tally {
    fn note(&mut self, event: u64, sent: u64, answer: &Answer) {
        let found = answer.body["revision"].as_u64().unwrap();
        match answer.status {
            200 if answer.body["undo_id"].is_null() => self.unchanged += 1,
            200 => self.made.entry(event).or_default().push(found),
            409 => {
                assert_true_refusal(sent, &answer.body);
                self.stale += 1;
            }
            _ => panic!("{answer:?}"),
        }
    }
}

/// Every acknowledged change has a revision of its own, and the event has as many as were acknowledged.
fn lost_updates(event: u64, tally: &Tally, before: &Events, after: &Events) -> u64 {
    let mut made = tally.made.get(&event).cloned().unwrap_or_default();
    made.sort_unstable();
    let expected: Vec<u64> = (before[&event].state.revision + 1..=after[&event].state.revision).collect();
    if made == expected {
        return 0;
    }
    println!("race: event {event}: acknowledged {made:?}, expected {expected:?}");
    1 + made.len().abs_diff(expected.len()) as u64
}

/// Names the event, its new state, the user and the time.
fn assert_true_refusal(sent: u64, body: &Value) {
    assert_eq!(body["code"], "stale_revision", "{body}");
    assert!(body["revision"].as_u64().is_some_and(|found| found != sent), "{body} refuses revision {sent}");
    for field in ["changed_by", "changed_at", "change", "start_datetime", "employee_id"] {
        assert!(body[field].is_string(), "{field} is missing in {body}");
    }
}

fn reschedule(client: &Client, pair: Pair, date: &str, revision: u64) -> Answer {
    let body = json!({ "schedule_id": pair.core, "new_date": date, "revision": revision, "override_reason": "trial" });
    client.post("/api/reschedule_event", &body).unwrap()
}

/// All clients at once from the same revision: one wins.
fn burst_on_one(server: &Server, pair: Pair, events: &Events) {
    let state = &events[&pair.core].state;
    let elsewhere = if state.date() == Some("2025-10-20") { "2025-10-21" } else { "2025-10-20" };
    let answers = burst(server, |client, _| reschedule(client, pair, elsewhere, state.revision));
    let made = answers.iter().filter(|answer| answer.status == 200).count();
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_true_refusal(state.revision, &answer.body);
    }
    println!("race: {BURST} at once to one pair: {made} made, {} refused", answers.len() - made);
    assert_eq!(made, 1);
}

/// All clients at once, each with its own pair: all win.
fn burst_on_many(server: &Server, pairs: &[Pair], events: &Events) {
    let others = &pairs[pairs.len() - BURST..];
    let answers = burst(server, |client, number| {
        let pair = others[number];
        reschedule(client, pair, "2025-10-22", events[&pair.core].state.revision)
    });
    let made = answers.iter().filter(|answer| answer.status == 200).count();
    println!("race: {BURST} at once to {BURST} pairs: {made} made");
    assert_eq!(made, BURST, "{answers:?}");
}

fn burst(server: &Server, call: impl Fn(&Client, usize) -> Answer + Sync) -> Vec<Answer> {
    let start = Barrier::new(BURST);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..BURST)
            .map(|number| {
                let (client, start, call) = (Client::of(server), &start, &call);
                scope.spawn(move || {
                    start.wait();
                    call(&client, number)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn assert_pairs_agree(pairs: &[Pair], events: &Events) {
    for pair in pairs {
        let (core, supervisor) = (&events[&pair.core].state, &events[&pair.supervisor].state);
        assert_eq!(core.date(), supervisor.date(), "a split pair: {core:?} {supervisor:?}");
    }
}
