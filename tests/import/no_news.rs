//! Missing data changes nothing: rejected rows, missing rows, missing files and empty cells.

use std::{collections::BTreeMap, sync::mpsc, thread, time::Duration};

use fastrand::Rng;
use serde_json::json;
use tandem::{
    domain::{employee::holiday::Holiday, event::Event},
    import::{self, Incoming, Listed, Summary, database, exports, legacy, visits},
    store::tables::{employees, events, holidays},
};

use crate::support::{App, sources::data};

type File = (String, Vec<u8>);

const ACCEPTANCE: [&str; 3] = ["acceptance/employees.csv", "acceptance/events.csv", "acceptance/schedule.csv"];
const VISITS: [&str; 2] = ["visits/calendar-schedule.csv", "visits/workbank.csv"];

fn read_legacy(files: &[File]) -> Incoming {
    legacy::read(Incoming::default(), &files[0].clone(), &files[1].clone(), &files[2].clone()).unwrap()
}

fn read_visits(files: &[File]) -> Incoming {
    visits::read(Incoming::default(), files).unwrap()
}

fn read_exports(files: &[File]) -> Incoming {
    exports::read(Incoming::default(), files).unwrap()
}

/// What may not go: who holds each event and when, its due date, and how many people there are.
#[derive(Debug, PartialEq, Eq)]
struct Holdings {
    held: BTreeMap<u64, (String, String)>,
    due: BTreeMap<u64, String>,
    people: usize,
}

fn holdings(app: &App) -> Holdings {
    let all: Vec<Event> = app.read(|view| {
        let mut all = Vec::new();
        events::each(view, |event| {
            all.push(event);
            Ok(tandem::store::Flow::Continue)
        })?;
        Ok(all)
    });
    let held = all.iter().filter_map(|event| {
        let now = event.schedule.as_ref()?;
        Some((event.id.0, (now.employee.to_string(), now.start.to_string())))
    });
    let due = all.iter().filter_map(|event| Some((event.id.0, format!("{:?}", event.due?))));
    Holdings { held: held.collect(), due: due.collect(), people: app.read(|view| employees::count(view)) }
}

fn notes(summary: &Summary) -> String {
    summary.notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Our own export of a store: events, schedule and employees.
fn exported(app: &App, format: &str) -> Vec<File> {
    let file = |table: &str| {
        let name = format!("{table}.{format}");
        let body = app.get(&format!("/api/export/{name}")).status(200).body;
        (name, body.into_bytes())
    };
    ["employees", "events", "schedule"].map(file).to_vec()
}

/// The same file with some cells spoiled, some emptied, rows that end early and rows with a cell too many.
fn unreadable(file: &File, rng: &mut Rng) -> File {
    damaged(file, |_| 1, rng)
}

/// As [`unreadable`], with some rows removed besides.
fn spoiled(file: &File, rng: &mut Rng) -> File {
    damaged(file, |_| 0, rng)
}

fn damaged((name, bytes): &File, least: impl Fn(usize) -> u8, rng: &mut Rng) -> File {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_slice());
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for (index, record) in reader.records().map(Result::unwrap).enumerate() {
        let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
        let cell = rng.usize(..cells.len());
        match rng.u8(least(index)..7) {
            _ if index == 0 => {}
            0 => continue,
            1 => "???".clone_into(&mut cells[cell]),
            2 => cells[cell].clear(),
            3 => cells.truncate(cell.max(1)),
            4 => cells.insert(cell, "5".to_owned()),
            _ => {}
        }
        writer.write_record(&cells).unwrap();
    }
    (name.clone(), writer.into_inner().unwrap())
}

/// Imports `files` spoiled in many ways over what they brought, and finds every assignment, due date and person there.
fn nothing_goes(app: &App, files: &[File], read: fn(&[File]) -> Incoming) {
    let before = holdings(app);
    for seed in 0..60 {
        let mut rng = Rng::with_seed(seed);
        let bad: Vec<_> = files.iter().map(|file| spoiled(file, &mut rng)).collect();
        let summary = app.import(read(&bad));
        assert_eq!(summary.released, 0, "seed {seed}");
        assert_eq!(holdings(app), before, "seed {seed}");
    }
}

#[test]
fn removed_or_damaged_rows_of_the_old_tables_remove_nothing() {
    let files = ACCEPTANCE.map(data);
    let app = App::empty();
    app.import(read_legacy(&files));
    nothing_goes(&app, &files, read_legacy);
}

#[test]
fn removed_or_damaged_visits_remove_nothing() {
    let files = VISITS.map(data);
    let app = App::empty();
    app.import(read_visits(&files));
    nothing_goes(&app, &files, read_visits);
}

#[test]
fn removed_or_damaged_rows_of_our_own_exports_remove_nothing() {
    let app = App::with_acceptance_data();
    let files = exported(&app, "csv");
    nothing_goes(&app, &files, read_exports);
}

/// The events call themselves unstaffed, and rows of the table of schedules cannot be read.
fn nothing_is_released(app: &App, files: &[File], schedule: usize, read: fn(&[File]) -> Incoming) {
    let before = holdings(app);
    for seed in 0..60 {
        let mut bad = files.to_vec();
        bad[schedule] = unreadable(&files[schedule], &mut Rng::with_seed(seed));
        let summary = app.import(read(&bad));
        assert_eq!(summary.released, 0, "seed {seed}");
        assert_eq!(holdings(app).held.len(), before.held.len(), "seed {seed}");
    }
}

fn replaced((name, bytes): File, changes: &[(&str, &str)]) -> File {
    let text = String::from_utf8(bytes).unwrap();
    (name, changes.iter().fold(text, |text, (from, to)| text.replace(from, to)).into_bytes())
}

#[test]
fn an_unreadable_row_of_the_schedule_table_releases_nothing() {
    let [people, work, schedule] = ACCEPTANCE.map(data);
    let app = App::with_acceptance_data();
    let work = replaced(work, &[(",Scheduled,true,", ",Unstaffed,false,")]);
    nothing_is_released(&app, &[people, work, schedule], 2, read_legacy);
}

#[test]
fn an_unreadable_row_of_the_databases_schedule_table_releases_nothing() {
    let files = ["employees", "events", "schedules"].map(|name| data(&format!("old-app/{name}.csv")));
    let app = App::empty();
    app.import(database::read(Incoming::default(), &files).unwrap());
    let [people, work, schedule] = files;
    let work = replaced(work, &[(",t,", ",f,"), (",Scheduled,", ",Unstaffed,")]);
    nothing_is_released(&app, &[people, work, schedule], 2, |files| {
        database::read(Incoming::default(), files).unwrap()
    });
}

#[test]
fn an_unreadable_row_of_our_exported_schedule_releases_nothing() {
    let app = App::with_acceptance_data();
    let [people, work, schedule] = <[File; 3]>::try_from(exported(&app, "csv")).unwrap();
    let work = replaced(work, &[("Scheduled", "Unstaffed")]);
    nothing_is_released(&app, &[people, work.clone(), schedule], 2, read_exports);

    let summary = app.import(read_exports(&[work]));

    let said = notes(&summary);
    assert!(said.contains("keep their assignment, although the files say Unstaffed: the table of schedules"), "{said}");
}

#[test]
fn unreadable_starts_keep_the_employees_of_both_events_of_a_pair() {
    let folder = |name: &str| data(&format!("spreadsheets/legacy-row/{name}.csv"));
    let (people, work) = (folder("e"), folder("good-v"));
    let app = App::empty();
    app.import(read_legacy(&[people.clone(), work.clone(), folder("good-s")]));
    let before = holdings(&app);
    let broken = ("s.csv".to_owned(), String::from_utf8(folder("good-s").1).unwrap().replace("2025-10-15", "15th"));

    let summary = app.import(read_legacy(&[people, work, (broken.0, broken.1.into_bytes())]));

    assert_eq!((summary.changed, summary.released, summary.unchanged, summary.rejected.len()), (0, 0, 2, 2));
    assert_eq!(holdings(&app), before);
    let notes = notes(&summary);
    assert!(
        notes.contains(
            "Kept: 2 events keep their assignment, about which the files say nothing: 617001-CORE-Plum Jam (501)"
        ),
        "{notes}"
    );
}

#[test]
fn a_single_file_of_our_exports_removes_nothing() {
    for format in ["csv", "jsonl"] {
        let app = App::with_acceptance_data();
        let before = holdings(&app);
        for file in exported(&app, format) {
            let summary = app.import(read_exports(std::slice::from_ref(&file)));
            assert_eq!((summary.changed, summary.released), (0, 0), "{}", file.0);
            assert_eq!(holdings(&app), before, "{}", file.0);
        }
    }
}

#[test]
fn a_person_whose_title_is_unknown_keeps_title_and_work() {
    let [people, work, schedule] = ACCEPTANCE.map(data);
    let app = App::with_acceptance_data();
    let before = holdings(&app);
    let odd = String::from_utf8(people.1).unwrap().replace("Event Specialist", "Astronaut");

    let summary = app.import(read_legacy(&[(people.0, odd.into_bytes()), work, schedule]));

    assert_eq!((summary.released, summary.employees_changed), (0, 0));
    assert!(!summary.rejected.is_empty());
    assert_eq!(holdings(&app), before);
}

#[test]
fn a_scheduled_visit_in_the_unassigned_file_keeps_its_employee_and_is_reported() {
    let app = App::with_visits();
    let text = String::from_utf8(data(VISITS[0]).1).unwrap();
    let open = text.replace(",AVERY STONE,E10001,09/23/2025 9:15:00 AM", "");
    assert_ne!(open, text);

    let summary = app.import(read_visits(&[("open.csv".to_owned(), open.into_bytes())]));

    assert_eq!((summary.changed, summary.released), (0, 0));
    assert_eq!(app.assignment(121_874_442).unwrap().1, "E10001");
    assert!(notes(&summary).contains("about which the files say nothing"), "{}", notes(&summary));
}

#[test]
fn changes_can_be_saved_while_an_import_is_compared() {
    let app = App::with_visits();
    let text = String::from_utf8(data(VISITS[0]).1).unwrap();
    let open = text.replace(",AVERY STONE,E10001,09/23/2025 9:15:00 AM", "");
    let (handle, (tell, told)) = (app.store.clone(), mpsc::channel());
    // The comparison writes a note, and waits for a change by another user.
    let notes = Listed::reporting(move |_| {
        let (handle, (save, saved)) = (handle.clone(), mpsc::channel());
        thread::spawn(move || {
            let holiday = Holiday { date: "2025-11-27".parse().unwrap(), name: "Thanksgiving".into() };
            save.send(handle.blocking().write(|tx| holidays::put(tx, &holiday)).is_ok())
        });
        tell.send(saved.recv_timeout(Duration::from_secs(10)) == Ok(true)).unwrap();
    });
    let incoming = Incoming { notes, ..read_visits(&[("open.csv".to_owned(), open.into_bytes())]) };

    import::plan(&app.store.blocking().moment(), incoming).unwrap();

    assert_eq!(told.try_iter().collect::<Vec<_>>(), [true]);
}

#[test]
fn empty_cells_keep_due_date_first_day_store_name_and_time() {
    let app = App::with_visits();
    let before = app.bytes();
    let text = String::from_utf8(data(VISITS[1]).1).unwrap();
    let bare = text.replace("\"Harbor Club\"", "").replace("09/27/2025 12:00:00 AM,10/04/2025 12:01:00 AM,30", ",,");
    assert_ne!(bare, text);

    let summary = app.import(read_visits(&[("bare.csv".to_owned(), bare.into_bytes())]));

    assert_eq!(summary.changed, 0);
    assert_eq!(app.bytes(), before);
    for fact in ["due date", "first day", "store name"] {
        assert!(notes(&summary).contains(fact), "{}", notes(&summary));
    }
}

/// The old application's event 1001, which its own columns call unstaffed, and the schedule table does not name.
fn without_1001() -> Vec<File> {
    let [people, work, schedule] = ACCEPTANCE.map(data);
    let text = |file: File| String::from_utf8(file.1).unwrap();
    let (work, schedule) = (text(work), text(schedule));
    let work =
        work.replace("CORE,Scheduled,true,6.5,2025-10-15 10:00:00,2025-10-15", "CORE,Unstaffed,false,6.5,,2025-10-15");
    let kept: Vec<_> = schedule.lines().filter(|line| !line.starts_with("2001,")).collect();
    vec![
        people,
        ("events.csv".to_owned(), work.into_bytes()),
        ("schedule.csv".to_owned(), kept.join("\n").into_bytes()),
    ]
}

#[test]
fn a_status_of_unstaffed_counts_as_a_release() {
    let app = App::with_acceptance_data();

    let summary = app.import(read_legacy(&without_1001()));

    assert_eq!((summary.changed, summary.released), (0, 1));
    assert_eq!(app.assignment(1001), None);
}

#[test]
fn the_preview_lists_releases_separately_and_the_import_stores_their_count() {
    let app = App::with_acceptance_data();
    let files = without_1001();
    let sent: Vec<_> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let address = app.upload("/import", &sent).status(303).location.unwrap();

    let preview = app.get(&address).status(200);

    preview.says("0 new, 0 changed, 1 released, 20 unchanged events");
    let preview = app.get(&address).says("Released: these events lose their employee (1)");
    let (_, fingerprint) = preview.body.split_once("name=\"fingerprint\" value=\"").unwrap();
    let fingerprint = fingerprint.split('"').next().unwrap();
    let import = app.post(&address, &[("fingerprint", fingerprint)]).status(303).location.unwrap();
    app.get(&import).says("0 new, 0 changed, 1 released, 20 unchanged, 0 rejected");
}

#[test]
fn a_release_in_the_source_keeps_a_later_assignment_of_a_scheduler() {
    let app = App::with_acceptance_data();
    app.import(read_legacy(&without_1001()));
    let call = json!({
        "event_id": 1001, "employee_id": "101", "start_datetime": "2025-10-15T10:00:00", "override_reason": "agreed",
    });
    app.call("/api/schedule_event", call).ok();

    let summary = app.import(read_legacy(&without_1001()));

    assert_eq!((summary.changed, summary.released), (0, 0));
    assert!(app.assignment(1001).is_some());
}
