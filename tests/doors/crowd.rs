//! More work than the server can do at a time.

use std::{
    sync::mpsc::{Sender, channel},
    thread,
};

use serde_json::json;
use tandem::store::{REQUESTS_MAX, StoreError};

use crate::support::{App, on};

/// Keeps every writer out until it is dropped.
struct Held(Option<Sender<()>>, Option<thread::JoinHandle<()>>);

impl Held {
    fn of(app: &App) -> Self {
        let store = app.context.store.clone();
        let ((begun, has_begun), (end, ended)) = (channel(), channel::<()>());
        let held = thread::spawn(move || {
            let read = store.blocking().read(|_| {
                begun.send(()).unwrap();
                // It ends when the other side is gone.
                let _ = ended.recv();
                Ok::<_, StoreError>(())
            });
            read.unwrap();
        });
        has_begun.recv().unwrap();
        Self(Some(end), Some(held))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.0.take());
        self.1.take().unwrap().join().unwrap();
    }
}

#[test]
fn a_change_that_takes_too_long_is_given_up_and_the_answer_says_that_it_may_still_be_made() {
    let app = App::with_acceptance_data().reconfigured(&[("body_seconds", "1"), ("answer_seconds", "1")]);
    let held = Held::of(&app);
    let move_it = || app.call("/api/reschedule_event", json!({"schedule_id": 2003, "new_date": "2025-10-20"}));

    let answer = move_it();

    assert_eq!((answer.status, answer.body["code"].as_str()), (503, Some("late")), "{}", answer.body);
    assert!(answer.body["error"].as_str().unwrap().contains("may still be made"), "{}", answer.body);
    drop(held);
    move_it().ok();
    app.assert_whole();
}

#[test]
fn who_comes_when_too_many_wait_is_sent_away_and_nothing_was_begun() {
    let app = App::with_acceptance_data();
    let (runtime, store) = (tokio::runtime::Runtime::new().unwrap(), app.context.store.clone());
    let held = Held::of(&app);
    let mut waiting = Vec::new();
    while runtime.block_on(store.run(|_| Ok::<_, StoreError>(()))).is_ok() {
        assert!(waiting.len() < 4 * REQUESTS_MAX, "nobody is sent away");
        let store = store.clone();
        waiting.push(runtime.spawn(async move { store.run(|store| store.write(|_| Ok::<_, StoreError>(()))).await }));
    }

    let page = app.get("/calendar/day/2025-10-15/print").status(503).says("more to do than it can");
    let call = app.call("/api/reschedule_event", json!({"schedule_id": 2003, "new_date": "2025-10-20"}));

    assert_eq!(page.header("Retry-After"), Some("5"));
    call.refused(503, "busy");
    drop(held);
    let done = waiting.into_iter().filter_map(|one| runtime.block_on(one).unwrap().ok()).count();
    assert_eq!(done, REQUESTS_MAX);
    assert_ne!(app.assignment(1003), Some(on("2025-10-20 10:00", "101")));
    app.get("/calendar/day/2025-10-15/print").status(200);
}
