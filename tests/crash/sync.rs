//! No answer leaves before everything written below the data folder is synced, as the kernel saw it.

use std::{collections::BTreeMap, process::Command, sync::Barrier, thread};

use serde_json::json;

use crate::{
    client::{Client, Pair, scheduled_pairs},
    server::{Place, Server},
    skip,
    trace::{Call, Strace},
};

/// The calls to watch. `write`, `writev` and `send…` carry answers.
const WATCHED: &str = "trace=fdatasync,fsync,sync_file_range,pwrite64,pwritev,write,writev,sendto,sendmsg";
const DATABASE: &str = "/store/db";
/// The number of changes may be behind, because it only ever proves that some are missing; and the log.
const NOT_SYNCED: [&str; 2] = ["/tandem.changes", "/logs/tandem.log"];
/// Bytes of an answer that are looked at.
const ANSWER_BYTES: usize = 16;
const ALONE_CHANGES: usize = 100;
const WRITERS: usize = 50;
const WRITER_CHANGES: usize = 20;

pub fn run() {
    if Command::new("strace").arg("-V").output().is_err() {
        return skip("sync", "strace is not installed");
    }
    let mut place = Place::with_pairs();
    // Whatever is written is a change's: a backup is proven in a database of its own, a check is kept in this one.
    for name in ["TANDEM_INTEGRITY_AT", "TANDEM_BACKUP_AT"] {
        place.settings.push((name.to_owned(), "off".to_owned()));
    }
    let server = place.serve();
    let pairs = scheduled_pairs(&Client::of(&server).events());
    let Some(strace) = Strace::attach(place.folder.path(), server.process(), WATCHED, ANSWER_BYTES) else {
        return skip("sync", "strace may not trace here");
    };
    one_after_the_other(&server, &pairs);
    all_at_once(&server, &pairs);
    assert!(server.stop().success());
    let calls = strace.calls();
    let answers: Vec<&Call> = calls.iter().filter(|call| call.is_answer()).collect();
    assert_eq!(answers.len(), ALONE_CHANGES + WRITERS * WRITER_CHANGES, "not every answer is in the trace");
    let (alone, together) = answers.split_at(ALONE_CHANGES);
    judge_alone(&calls, alone, &place.data_dir.to_string_lossy());
    judge_together(&calls, alone[ALONE_CHANGES - 1].began, together);
    assert_eq!(place.check().sound().split_pairs(), 0);
}

fn one_after_the_other(server: &Server, pairs: &[Pair]) {
    let client = Client::of(server);
    for number in 0..ALONE_CHANGES {
        move_pair(&client, pairs[number % pairs.len()], number, 7);
    }
}

fn all_at_once(server: &Server, pairs: &[Pair]) {
    assert!(pairs.len() >= WRITERS, "too few pairs");
    let start = Barrier::new(WRITERS);
    thread::scope(|scope| {
        for (writer, pair) in pairs.iter().take(WRITERS).enumerate() {
            let (client, start) = (Client::of(server), &start);
            scope.spawn(move || {
                start.wait();
                for number in 0..WRITER_CHANGES {
                    move_pair(&client, *pair, writer + number, 37);
                }
            });
        }
    });
}

/// Moves a pair to one day and the next time to another, at a minute at which it is not yet, so that each time there is something to write.
fn move_pair(client: &Client, pair: Pair, number: usize, minute: usize) {
    let start = format!("2025-10-{:02}T{:02}:{minute:02}", number % 28 + 1, 8 + number % 9);
    let body = json!({ "schedule_id": pair.core, "new_date": start, "override_reason": "trial" });
    let answer = client.post("/api/reschedule_event", &body).unwrap();
    assert!(answer.status == 200 && answer.body["undo_id"].is_u64(), "{body}: {answer:?}");
}

/// Each answer has an fdatasync of its own, begun after the answer before and ended before this one, and by then whatever
/// was written below the data folder is synced, whatever its name.
fn judge_alone(calls: &[Call], answers: &[&Call], data_dir: &str) {
    let (mut before, mut proven) = (0, 0);
    for answer in answers {
        let written = calls.iter().filter(|call| call.began >= before && call.began < answer.began);
        let written: Vec<&Call> =
            written.filter(|call| call.name.contains("write") && is_kept(call, data_dir)).collect();
        let synced = |write: &&Call| {
            let since = |sync: &Call| sync.on == write.on && write.ended.is_some_and(|end| end < sync.began);
            syncs(calls).any(|sync| since(sync) && sync.ended.is_some_and(|end| end < answer.began))
        };
        proven += usize::from(written.iter().any(|call| call.is_on(DATABASE)) && written.iter().all(synced));
        before = answer.began;
    }
    println!("sync: one client: {} answers, {proven} of them after their writes and then fdatasync", answers.len());
    assert_eq!(proven, answers.len(), "an answer left before its change was on disk");
}

fn is_kept(call: &Call, data_dir: &str) -> bool {
    call.on.starts_with(data_dir) && !NOT_SYNCED.iter().any(|file| call.is_on(file))
}

/// The same for each connection, and there are fewer syncs than changes.
fn judge_together(calls: &[Call], from: usize, answers: &[&Call]) {
    let mut before: BTreeMap<&str, usize> = BTreeMap::new();
    let mut proven = 0;
    for answer in answers {
        let before = before.insert(answer.on.as_str(), answer.began).unwrap_or(from);
        proven += usize::from(last_sync(calls, before, answer.began).is_some());
    }
    let until = answers[answers.len() - 1].began;
    let syncs = database_syncs(calls).filter(|sync| sync.began > from && sync.began < until).count();
    println!(
        "sync: {} clients: {} answers, {proven} of them after fdatasync; {syncs} fdatasyncs, {}.{} changes each",
        before.len(),
        answers.len(),
        answers.len() / syncs,
        answers.len() * 10 / syncs % 10
    );
    assert_eq!((before.len(), proven), (WRITERS, answers.len()), "an answer left before its change was on disk");
    assert!(syncs < answers.len(), "writers that wait at the same time do not share a sync");
}

/// Syncs that succeeded, of any file.
fn syncs(calls: &[Call]) -> impl Iterator<Item = &Call> {
    calls.iter().filter(|call| ["fdatasync", "fsync"].contains(&call.name.as_str()) && !call.failed)
}

fn database_syncs(calls: &[Call]) -> impl Iterator<Item = &Call> {
    syncs(calls).filter(|call| call.is_on(DATABASE))
}

/// The last sync of the database that began after one line of the trace and ended before another.
fn last_sync(calls: &[Call], after: usize, before: usize) -> Option<&Call> {
    database_syncs(calls).filter(|sync| sync.began > after && sync.ended.is_some_and(|end| end < before)).last()
}
