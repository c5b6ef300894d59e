//! Every kind of write, once each, with what was written and what was acknowledged. A new kind goes into [`all`].

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Barrier,
    thread,
};

use chrono::{Datelike, Months, Utc};
use serde_json::json;
use tandem::{
    domain::audit::{Action, Entry, Origin, Outcome, Source},
    store::{Options, Store, StoreError, Table, Tx, tables::audit},
};

use super::{Found, Promise, disk};
use crate::{
    client::{Client, Pair, scheduled_pairs},
    server::{Place, copy_folder},
    trace::{self, Call, Strace},
};

/// Audit entries that are moved to a file, several transactions' worth, and how many are written at once.
const OLD_ENTRIES: usize = 1_000;
const OLD_BATCH: usize = 100;
/// Bytes of a call that are kept: more than the engine's largest write.
const CALL_BYTES: usize = 1_200_000;
const ANSWERS: &str = "sendto,sendmsg";
const EVENTS: usize = 600;
/// Events of a bulk change, and how often it is made and undone.
const BULK_EVENTS: usize = 100;
const BULK_ROUNDS: usize = 10;
const WRITERS: usize = 4;
const WRITER_CHANGES: usize = 15;
/// As long as an id may be, so that audit entries are long: what is before the last 6 characters.
const LONG_ID: &str = "\"employee-of-the-northern-division-";

/// Neighbours of the length that format 2 allowed, of an import that no page shows.
const LONG_RECORDS: u64 = 40;
const LONG_BYTES: usize = 16_000;
const UNKNOWN_IMPORT: u64 = 999;

/// One kind of write: what it began with, what was called, and what was acknowledged when.
pub struct Recording {
    pub kind: &'static str,
    /// A copy of the folder as it was.
    pub base: PathBuf,
    pub calls: Vec<Call>,
    /// By line of the trace.
    pub promises: Vec<(usize, Promise)>,
    pub before: Option<Found>,
    pub after: Found,
    /// Before it is acknowledged there is all of it or nothing.
    pub is_whole: bool,
    /// The damage that it repairs exists before.
    pub began_torn: bool,
    /// Every audit entry says what it made of which event.
    pub is_audited: bool,
    /// A file next to the data folder to which audit entries move.
    pub archive: Option<(PathBuf, Vec<u8>)>,
}

/// Records every kind. None if strace may not trace.
pub fn all(place: &mut Place, world: &Path) -> Option<Vec<Recording>> {
    for name in ["TANDEM_INTEGRITY_AT", "TANDEM_BACKUP_AT"] {
        place.settings.push((name.to_owned(), "off".to_owned()));
    }
    let month = ["generate", "--count", &EVENTS.to_string(), "--month", "2025-10"];
    let first = command("first start", place, world, &month);
    let mut all = vec![first];
    for (kind, arguments) in [("backup", vec!["backup"]), ("export", vec!["export", "events"])] {
        all.push(written(kind, place, world, &arguments));
    }
    let files = exported(place);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    fs::remove_dir_all(&place.data_dir).unwrap();
    all.push(command("import", place, world, &[&["import", "exports"], files.as_slice()].concat()));
    let backup = place.folder.path().join("backup.jsonl.gz").to_string_lossy().into_owned();
    assert!(place.run(&["backup", &backup]).status.success());
    all.push(changes(place, world)?);
    make_older(place);
    all.push(command("migrate", place, world, &["check"]));
    all.push(Recording {
        is_whole: true,
        ..command("restore --replace", place, world, &["restore", "--replace", &backup])
    });
    for kept in fs::read_dir(world).unwrap().map(|entry| entry.unwrap().path()).filter(|path| *path != place.data_dir) {
        fs::remove_dir_all(kept).unwrap();
    }
    all.push(Recording { is_whole: true, ..command("compact", place, world, &["compact"]) });
    let store = engine(place);
    for table in [Table::ByDay, Table::Words, Table::StoreDay, Table::DayCounts] {
        store.open_tree(table.name()).unwrap().clear().unwrap();
    }
    store.flush().unwrap();
    drop(store);
    let repaired = command("check --repair-storage", place, world, &["check", "--repair-storage"]);
    all.push(Recording { began_torn: true, ..repaired });
    all.push(undo_of_import(place, world)?);
    fs::remove_dir_all(world).unwrap();
    fs::create_dir(world).unwrap();
    all.push(Recording { is_whole: true, ..command("restore", place, world, &["restore", &backup]) });
    all.push(proposal(place, world)?);
    all.push(archive(place, world));
    Some(all)
}

/// Audit entries that are old enough to leave, moved to a file.
fn archive(place: &Place, world: &Path) -> Recording {
    fs::remove_dir_all(world).unwrap();
    fs::create_dir(world).unwrap();
    let store = Store::open(&place.data_dir, &Options::default()).unwrap();
    let origin = Origin::new("trial", Source::CommandLine, "trial", "2020-06-01T12:00:00Z".parse().unwrap());
    for _ in 0..OLD_ENTRIES / OLD_BATCH {
        let append = |tx: &mut Tx<'_>| {
            let mut entries = (0..OLD_BATCH).map(|_| Entry::new(&origin, Action::Export, Outcome::Done));
            entries.try_for_each(|entry| audit::append(tx, entry).map(drop))
        };
        store.write::<_, StoreError>(append).unwrap();
    }
    drop(store);
    let name = PathBuf::from("audit.jsonl.gz");
    let path = world.join(&name);
    let arguments = ["archive-audit", "--before", "2021-01-01", path.to_str().unwrap()];
    let recording = command("archive-audit", place, world, &arguments);
    let bytes = fs::read(&path).unwrap();
    Recording { archive: Some((name, bytes)), ..recording }
}

/// What was made up, with longer ids.
fn exported(place: &Place) -> Vec<String> {
    let files = ["events", "schedule", "employees"].map(|what| {
        let file = place.folder.path().join(format!("{what}.jsonl")).to_string_lossy().into_owned();
        assert!(place.run(&["export", what, &file]).status.success());
        let text = fs::read_to_string(&file).unwrap().replace("\"E2", &format!("{LONG_ID}E2"));
        fs::write(&file, text).unwrap();
        file
    });
    files.into()
}

/// A command that writes a file next to the data folder.
fn written(kind: &'static str, place: &Place, world: &Path, arguments: &[&str]) -> Recording {
    let name = PathBuf::from(format!("{kind}.jsonl"));
    let path = world.join(&name);
    let recording = command(kind, place, world, &[arguments, &[path.to_str().unwrap()]].concat());
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(path).unwrap();
    let promises = recording.promises.iter().map(|(line, _)| (*line, Promise::File(name.clone(), bytes.clone())));
    Recording { promises: promises.collect(), ..recording }
}

fn base(place: &Place, world: &Path, kind: &str) -> PathBuf {
    let base = place.folder.path().join(format!("base of {kind}"));
    copy_folder(world, &base);
    base
}

fn found_before(place: &Place) -> Option<Found> {
    place.data_dir.exists().then(|| {
        let copy = place.folder.path().join("read");
        copy_folder(&place.data_dir, &copy);
        let found = Found::in_store(&copy);
        fs::remove_dir_all(copy).unwrap();
        found
    })
}

/// A command that is traced from its beginning. The last that it prints acknowledges what it wrote.
fn command(kind: &'static str, place: &Place, world: &Path, arguments: &[&str]) -> Recording {
    let (base, before) = (base(place, world, kind), found_before(place));
    let lines = place.folder.path().join("trace");
    let tandem = place.command(arguments);
    let mut strace = Strace::command(&lines, &format!("trace={}", disk::CALLS), CALL_BYTES);
    strace.arg(tandem.get_program()).args(tandem.get_args()).env_clear().current_dir(place.folder.path());
    strace.envs(tandem.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ran = strace.output().unwrap();
    assert!(matches!(ran.status.code(), Some(0 | 1)), "{kind}: {ran:?}");
    let calls = trace::read(&fs::read_to_string(&lines).unwrap());
    let printed = calls.iter().rfind(|call| call.name == "write" && call.arguments.starts_with("1<"));
    let line = printed.unwrap_or_else(|| panic!("{kind} printed nothing")).began;
    let promises = vec![(line, Promise::Everything)];
    let after = found_before(place).unwrap();
    Recording {
        kind,
        base,
        calls,
        promises,
        before,
        after,
        is_whole: false,
        began_torn: false,
        is_audited: false,
        archive: None,
    }
}

/// A server that is traced while clients use it.
fn served(
    kind: &'static str,
    place: &Place,
    world: &Path,
    work: impl FnOnce(&Client, &dyn Fn() -> Client) -> u64,
) -> Option<Recording> {
    let before = found_before(place);
    let server = place.serve();
    let base = base(place, world, kind);
    let watched = format!("trace={},{ANSWERS}", disk::CALLS);
    let strace = Strace::attach(place.folder.path(), server.process(), &watched, CALL_BYTES)?;
    let ordered = work(&Client::of(&server), &|| Client::of(&server));
    assert!(server.stop().success());
    let calls = strace.calls();
    let mut entry = before.as_ref().map_or(0, |before| before.entries.len() as u64);
    let mut promises = Vec::new();
    for (number, call) in calls.iter().filter(|call| call.is_answer()).enumerate() {
        // Changes that one client made one after the other have an entry each; the others name theirs.
        entry = if (number as u64) < ordered { Some(entry + 1) } else { named_entry(call) }.unwrap_or(entry).max(entry);
        promises.push((call.began, Promise::Entries(entry)));
    }
    let after = found_before(place).unwrap();
    Some(Recording {
        kind,
        base,
        calls,
        promises,
        before,
        after,
        is_whole: false,
        began_torn: false,
        is_audited: true,
        archive: None,
    })
}

fn named_entry(answer: &Call) -> Option<u64> {
    let (_, rest) = answer.arguments.split_once("\\\"undo_id\\\":")?;
    rest[..rest.find(|c: char| !c.is_ascii_digit())?].parse().ok()
}

/// Changes of 100 events that are made and undone, and then single ones by several people at once.
fn changes(place: &Place, world: &Path) -> Option<Recording> {
    let server = place.serve();
    let client = Client::of(&server);
    let events = client.events();
    let alone: Vec<u64> = events
        .values()
        .filter(|event| event.number.is_none() && event.state.start.is_some())
        .map(|event| event.id)
        .take(BULK_EVENTS)
        .collect();
    assert_eq!(alone.len(), BULK_EVENTS, "too few events without a pair");
    let person = events.values().find_map(|event| event.state.employee.clone()).unwrap();
    for event in &alone {
        let unscheduled =
            client.post("/api/unschedule_event", &json!({ "schedule_id": client.schedule_of(*event) })).unwrap();
        assert_eq!(unscheduled.status, 200, "{unscheduled:?}");
    }
    let (pairs, token) = (scheduled_pairs(&events), client.token());
    assert!(server.stop().success());
    let mut next = found_before(place).unwrap().entries.len() as u64;
    served("changes", place, world, |client, another| {
        for round in 0..BULK_ROUNDS {
            let day = format!("2025-10-{:02}", round + 6);
            assert_eq!(
                client.send("/unscheduled/schedule", &bulk(&token, &alone, &day, &person)),
                303,
                "round {round}"
            );
            let undone = client.post(&format!("/api/undo/{}", next + 1), &json!({})).unwrap();
            assert_eq!(undone.status, 200, "{undone:?}");
            next += 2;
        }
        let start = Barrier::new(WRITERS);
        thread::scope(|scope| {
            for (writer, pair) in pairs.iter().take(WRITERS).enumerate() {
                let (client, start) = (another(), &start);
                scope.spawn(move || {
                    start.wait();
                    (0..WRITER_CHANGES).for_each(|number| move_pair(&client, *pair, number + writer));
                });
            }
        });
        2 * BULK_ROUNDS as u64
    })
}

fn bulk(token: &str, events: &[u64], day: &str, person: &str) -> Vec<(String, String)> {
    let mut fields = vec![
        ("csrf".to_owned(), token.to_owned()),
        ("override_reason".to_owned(), "the whole warehouse is reset that week ".repeat(12)),
    ];
    for (number, event) in events.iter().enumerate() {
        let time = format!("{:02}:{:02}", 6 + number / 12, number % 12 * 5);
        let row = [("take", "true"), ("date", day), ("time", &time), ("employee", person)];
        fields.extend(row.map(|(name, value)| (format!("row.{event}.{name}"), value.to_owned())));
    }
    fields
}

fn move_pair(client: &Client, pair: Pair, number: usize) {
    let start = format!("2025-10-{:02}T{:02}:37", number % 28 + 1, 8 + number % 9);
    let answer = client
        .post(
            "/api/reschedule_event",
            &json!({ "schedule_id": pair.core, "new_date": start, "override_reason": "trial" }),
        )
        .unwrap();
    assert!(answer.status == 200 && answer.body["undo_id"].is_u64(), "{answer:?}");
}

/// The import that is in the backup, taken back.
fn undo_of_import(place: &Place, world: &Path) -> Option<Recording> {
    let server = place.serve();
    let token = Client::of(&server).token();
    assert!(server.stop().success());
    let recording = served("undo of an import", place, world, |client, _| {
        let undone = client.send("/import/1/undo", &[("csrf".to_owned(), token)]);
        assert_eq!(undone, 303);
        while client.get("/import/1").1.contains("are being undone") {}
        0
    })?;
    let last = recording.promises.last().unwrap().0;
    Some(Recording { promises: vec![(last, Promise::Everything)], is_audited: false, ..recording })
}

/// A proposal for next month that is accepted as a whole.
fn proposal(place: &Place, world: &Path) -> Option<Recording> {
    let first = (Utc::now().date_naive().with_day(1).unwrap() + Months::new(1)).format("%Y-%m").to_string();
    assert!(place.run(&["generate", "--count", &EVENTS.to_string(), "--month", &first]).status.success());
    served("proposal", place, world, |client, _| {
        let within = json!({ "from": format!("{first}-01"), "to": format!("{first}-28") });
        let made = client.post("/api/proposals", &within).unwrap();
        assert!(made.status == 201, "{made:?}");
        let accept = format!("/api/proposals/{}/accept", made.body["proposal_id"].as_str().unwrap());
        let accepted = client.post(&accept, &json!({})).unwrap();
        assert!(accepted.status == 200 && accepted.body["undo_id"].is_u64(), "{accepted:?}");
        0
    })
}

/// The engine, behind the server's back.
fn engine(place: &Place) -> sled::Db {
    sled::Config::new().path(place.data_dir.join("store")).flush_every_ms(None).open().unwrap()
}

/// Makes the store one of format 2: long records whole, some so long that the engine writes pages outside its database
/// file, and nothing by which events are found.
fn make_older(place: &Place) {
    let found = found_before(place).unwrap();
    let store = engine(place);
    store.open_tree("pieces").unwrap().clear().unwrap();
    for ((table, key), value) in found.content {
        store.open_tree(table.name()).unwrap().insert(key, value).unwrap();
    }
    let steps = store.open_tree(Table::ImportSteps.name()).unwrap();
    for number in 0..LONG_RECORDS {
        let key = [UNKNOWN_IMPORT.to_be_bytes(), number.to_be_bytes()].concat();
        steps.insert(key, vec![1; LONG_BYTES]).unwrap();
    }
    for table in [Table::Words, Table::StoreDay] {
        store.open_tree(table.name()).unwrap().clear().unwrap();
    }
    store.open_tree(Table::Meta.name()).unwrap().insert("format", &2_u64.to_be_bytes()).unwrap();
    store.flush().unwrap();
    drop(store);
    let blobs = fs::read_dir(place.data_dir.join("store/blobs")).unwrap().count();
    assert!(blobs > 0, "the engine wrote no page outside its database file");
}
