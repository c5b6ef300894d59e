//! Many concurrent clients that make changes of every kind.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client, Events},
    ledger::Ledger,
};

/// Events that every client changes; the others belong to one client each.
const SHARED_EVENTS: usize = 4;

/// What clients choose from, what they were told, and whether they go on.
pub struct Load {
    cores: Vec<u64>,
    employees: Vec<String>,
    pub ledger: Mutex<Ledger>,
    /// Calls that this server does not know.
    pub unknown: Mutex<BTreeSet<&'static str>>,
    stop: AtomicBool,
}

/// Why a client went home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was told to.
    Told,
    /// The server is gone.
    Gone,
    /// The store cannot write: 503.
    Unavailable,
}

/// Clients end also when what runs meanwhile panics.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Load {
    pub fn on(events: &Events) -> Self {
        let employees: BTreeSet<_> = events.values().filter_map(|event| event.state.employee.clone()).collect();
        Self {
            cores: events.values().filter(|event| event.core).map(|event| event.id).collect(),
            employees: employees.into_iter().collect(),
            ledger: Mutex::default(),
            unknown: Mutex::default(),
            stop: AtomicBool::new(false),
        }
    }

    /// Lets clients change events until `meanwhile` has ended, and tells why each of them ended.
    pub fn run(&self, clients: Vec<Client>, seed: u64, meanwhile: impl FnOnce()) -> Vec<Ended> {
        self.stop.store(false, Ordering::Relaxed);
        let count = clients.len();
        thread::scope(|scope| {
            let stop = StopOnDrop(&self.stop);
            let threads: Vec<_> = clients
                .into_iter()
                .enumerate()
                .map(|(number, client)| {
                    let rng = Rng::with_seed(seed * 1000 + number as u64);
                    scope.spawn(move || self.change_until_the_end(&client, number, count, rng))
                })
                .collect();
            meanwhile();
            drop(stop);
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }

    /// One of the events.
    pub fn core(&self) -> u64 {
        self.cores[0]
    }

    pub fn cores(&self) -> &[u64] {
        &self.cores
    }

    pub fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn change_until_the_end(&self, client: &Client, number: usize, clients: usize, mut rng: Rng) -> Ended {
        while !self.stop.load(Ordering::Relaxed) {
            let (path, body) = self.change(number, clients, &mut rng);
            let Some(answer) = client.post(&path, &body) else { return Ended::Gone };
            match answer.status {
                200 => self.ledger.lock().unwrap().note(&answer.body),
                503 => {
                    self.stop.store(true, Ordering::Relaxed);
                    return Ended::Unavailable;
                }
                404 | 409 | 422 => self.note_unknown(&path, &answer),
                _ => panic!("{path} {body}: {answer:?}"),
            }
        }
        Ended::Told
    }

    fn note_unknown(&self, path: &str, answer: &Answer) {
        if answer.status == 404 && answer.body["code"] == "not_found" {
            let call = ["/api/undo", "/api/trade"].into_iter().find(|call| path.starts_with(call));
            self.unknown.lock().unwrap().insert(call.unwrap_or_else(|| panic!("{path}: {answer:?}")));
        }
    }

    fn knows(&self, call: &str) -> bool {
        !self.unknown.lock().unwrap().contains(call)
    }

    /// A change and where to send it. Half of them concern the events that all clients change; a third carry the
    /// revision that was acknowledged last.
    fn change(&self, number: usize, clients: usize, rng: &mut Rng) -> (String, Value) {
        let shared = rng.bool();
        let own = |at: usize| if shared { at < SHARED_EVENTS } else { at >= SHARED_EVENTS && at % clients == number };
        let choice = rng.choice(self.cores.iter().enumerate().filter(|(at, _)| own(*at)).collect::<Vec<_>>());
        let core = *choice.unwrap().1;
        let employee = rng.choice(&self.employees).unwrap();
        let (path, mut body) = match rng.u8(..100) {
            0..8 => ("/api/unschedule_event", json!({ "schedule_id": core })),
            8..30 => {
                let start = format!("{}T{:02}:30", date(rng), rng.u8(6..20));
                let body = json!({ "event_id": core, "employee_id": employee, "start_datetime": start });
                ("/api/schedule_event", overridden(body))
            }
            30..40 => {
                let body = json!({ "schedule_id": core, "new_employee_id": employee });
                ("/api/change_employee", overridden(body))
            }
            40..48 if self.knows("/api/undo") => {
                let undo_id = self.ledger.lock().unwrap().undo_id(rng);
                return (format!("/api/undo/{}", undo_id.unwrap_or(1)), json!({}));
            }
            48..52 if self.knows("/api/trade") => {
                let body = json!({ "schedule_id": core, "other_schedule_id": rng.choice(&self.cores) });
                ("/api/trade", overridden(body))
            }
            _ => (
                "/api/reschedule_event",
                json!({ "schedule_id": core, "new_date": date(rng), "override_reason": "trial" }),
            ),
        };
        let seen = self.ledger.lock().unwrap().revision(core);
        if let Some(seen) = seen.filter(|_| rng.u8(..3) == 0) {
            body["revision"] = json!(seen);
        }
        (path.to_owned(), body)
    }
}

fn overridden(mut body: Value) -> Value {
    body["override_reason"] = json!("urgent");
    body
}

/// A day of the made-up month.
pub fn date(rng: &mut Rng) -> String {
    format!("2025-10-{:02}", rng.u8(1..=31))
}
