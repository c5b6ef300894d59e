//! More concurrent requests than the server can work on.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::Stdio,
    sync::mpsc::{Sender, channel},
    thread,
};

use serde_json::json;
use tandem::store::{REQUESTS_MAX, Store, StoreError};

use super::command_line::Place;
use crate::support::{App, on};

type Done = Result<(), StoreError>;

/// Keeps others out of the store until it is dropped.
struct Held(Option<Sender<()>>, Option<thread::JoinHandle<()>>);

impl Held {
    /// Keeps reading, so that no one can write.
    fn from_writers(app: &App) -> Self {
        Self::by(app, |store, wait| store.read(|_| wait()))
    }

    /// Keeps writing, so that no one can read either.
    fn from_all(app: &App) -> Self {
        Self::by(app, |store, wait| store.write(|_| wait()))
    }

    fn by(app: &App, hold: fn(&Store, &dyn Fn() -> Done) -> Done) -> Self {
        let store = app.context.store.clone();
        let ((begun, has_begun), (end, ended)) = (channel(), channel::<()>());
        let holder = thread::spawn(move || {
            let wait = || {
                // A repeated write finds no receiver. It ends when the test drops its end.
                let _ = (begun.send(()), ended.recv());
                Ok(())
            };
            hold(store.blocking(), &wait).unwrap();
        });
        has_begun.recv().unwrap();
        Self(Some(end), Some(holder))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.0.take());
        self.1.take().unwrap().join().unwrap();
    }
}

#[test]
fn a_timed_out_change_says_that_it_may_still_be_saved() {
    let app = App::with_acceptance_data().reconfigured(&[("body_seconds", "1"), ("answer_seconds", "1")]);
    let held = Held::from_writers(&app);
    let move_it = || app.call("/api/reschedule_event", json!({"schedule_id": 2003, "new_date": "2025-10-20"}));

    let answer = move_it();

    assert_eq!((answer.status, answer.body["code"].as_str()), (503, Some("late")), "{}", answer.body);
    assert!(answer.body["error"].as_str().unwrap().contains("may still be made"), "{}", answer.body);
    drop(held);
    move_it().ok();
    app.assert_whole();
}

#[test]
fn a_page_times_out_while_its_session_cannot_be_read() {
    let app = App::with_users_and(&[("body_seconds", "1"), ("answer_seconds", "1")]);
    let session = app.session_of("sam");
    let held = Held::from_all(&app);

    let page = app.ask_as(&session, "GET", "/calendar/2025/10", &[], "");

    drop(held);
    page.status(503).says("This took too long");
}

/// Takes every place at the store, asks for something, and gives the places back.
fn while_overloaded<T>(app: &App, ask: impl FnOnce() -> T) -> T {
    let (runtime, store) = (tokio::runtime::Runtime::new().unwrap(), app.context.store.clone());
    let held = Held::from_writers(app);
    let mut waiting = Vec::new();
    while runtime.block_on(store.run(|_| Ok::<_, StoreError>(()))).is_ok() {
        assert!(waiting.len() < 4 * REQUESTS_MAX, "no request is refused");
        let store = store.clone();
        waiting.push(runtime.spawn(async move { store.run(|store| store.write(|_| Ok::<_, StoreError>(()))).await }));
    }
    let answer = ask();
    drop(held);
    let (done, refused): (Vec<_>, Vec<_>) =
        waiting.into_iter().map(|one| runtime.block_on(one).unwrap()).partition(Result::is_ok);
    // One that came late may have found a place that was free again.
    assert!(done.len() >= REQUESTS_MAX, "{}", done.len());
    assert!(refused.iter().all(|one| matches!(one, Err(StoreError::Busy))), "{refused:?}");
    answer
}

#[test]
fn an_overloaded_server_refuses_requests_before_they_start() {
    let app = App::with_acceptance_data();
    let (print, moved) = ("/calendar/day/2025-10-15/print", json!({"schedule_id": 2003, "new_date": "2025-10-20"}));

    let (page, call) = while_overloaded(&app, || (app.get(print), app.call("/api/reschedule_event", moved)));

    let page = page.status(503).says("more to do than it can");
    assert_eq!(page.header("Retry-After"), Some("5"));
    call.refused(503, "busy");
    assert_ne!(app.assignment(1003), Some(on("2025-10-20 10:00", "101")));
    app.get(print).status(200);
}

#[test]
fn an_overloaded_server_refuses_signed_in_users_before_reading_their_session() {
    let app = App::with_users();
    let session = app.session_of("sam");
    let ask = |address: &str| app.ask_as(&session, "GET", address, &[], "");

    let (page, call) = while_overloaded(&app, || (ask("/calendar/2025/10"), ask("/api/calendar/2025/10")));

    page.status(503).says("more to do than it can");
    assert!(call.status(503).body.contains("\"code\":\"busy\""));
    ask("/calendar/2025/10").status(200);
}

/// Threads of the built binary that answer requests or work on the store.
#[cfg(target_os = "linux")]
fn workers(pid: u32) -> usize {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap().filter_map(Result::ok);
    let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.trim() == "tandem-worker").count()
}

/// With as many threads as it likes, the server would work on far more of these at once. More of them it refuses.
#[cfg(target_os = "linux")]
#[test]
fn the_store_has_the_threads_that_are_set() {
    const REQUESTS: usize = 80;
    let place = Place::new();
    let generate = ["generate", "--count", "3000", "--month", "2025-10"];
    assert!(place.command(&generate).stdout(Stdio::null()).status().unwrap().success());
    for (set, threads) in [(None, 32), (Some(("ROCKET_MAX_BLOCKING", "5")), 5)] {
        let mut command = place.command(&["serve"]);
        command.envs([("TANDEM_SIGN_IN", "none"), ("TANDEM_RATE_LIMITS", "off"), ("ROCKET_WORKERS", "2")]).envs(set);
        let server = Place::start(command);
        let ask = b"GET /calendar/day/2025-10-15/print HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
        let mut asked: Vec<_> = (0..REQUESTS).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
        for stream in &mut asked {
            stream.write_all(ask).unwrap();
        }

        let mut most = 0;
        for stream in &mut asked {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
            most = most.max(workers(server.pid()));
        }

        // Two answer requests, the rest work on the store.
        assert!((3..=2 + threads).contains(&most), "{most} of {threads}");
    }
}
