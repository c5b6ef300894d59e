//! A source that says nothing takes nothing away: rejected rows, missing rows, missing files and empty cells.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::json;
use tandem::{
    domain::event::Event,
    import::{Incoming, Summary, exports, legacy, visits},
    store::tables::{employees, events},
};

use crate::support::{App, sources::data};

type File = (String, Vec<u8>);

const ACCEPTANCE: [&str; 3] = ["acceptance/employees.csv", "acceptance/events.csv", "acceptance/schedule.csv"];
const VISITS: [&str; 2] = ["visits/calendar-schedule.csv", "visits/workbank.csv"];

fn read_legacy(files: &[File]) -> Incoming {
    legacy::read(files[0].clone(), files[1].clone(), files[2].clone()).unwrap()
}

fn read_visits(files: &[File]) -> Incoming {
    visits::read(files).unwrap()
}

fn read_exports(files: &[File]) -> Incoming {
    exports::read(files).unwrap()
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

/// The same file with some rows removed, some cells spoiled and some emptied.
fn spoiled((name, bytes): &File, rng: &mut Rng) -> File {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_slice());
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for (index, record) in reader.records().map(Result::unwrap).enumerate() {
        let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
        let cell = rng.usize(..cells.len());
        match rng.u8(..6) {
            _ if index == 0 => {}
            0 => continue,
            1 => "???".clone_into(&mut cells[cell]),
            2 => cells[cell].clear(),
            3 => cells.truncate(cell.max(1)),
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
fn rows_of_the_old_tables_that_are_removed_or_spoiled_take_nothing_away() {
    let files = ACCEPTANCE.map(data);
    let app = App::empty();
    app.import(read_legacy(&files));
    nothing_goes(&app, &files, read_legacy);
}

#[test]
fn visits_that_are_removed_or_spoiled_take_nothing_away() {
    let files = VISITS.map(data);
    let app = App::empty();
    app.import(read_visits(&files));
    nothing_goes(&app, &files, read_visits);
}

#[test]
fn rows_of_our_own_exports_that_are_removed_or_spoiled_take_nothing_away() {
    let app = App::with_acceptance_data();
    let files = exported(&app, "csv");
    nothing_goes(&app, &files, read_exports);
}

#[test]
fn starts_that_cannot_be_read_leave_both_events_of_a_pair_with_their_people() {
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
fn one_file_of_our_exports_alone_takes_nothing_away() {
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
fn a_visit_that_stands_among_the_unassigned_ones_stays_with_its_person_and_the_report_says_so() {
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
fn a_status_column_that_says_unstaffed_releases_and_counts_as_a_release() {
    let app = App::with_acceptance_data();

    let summary = app.import(read_legacy(&without_1001()));

    assert_eq!((summary.changed, summary.released), (0, 1));
    assert_eq!(app.assignment(1001), None);
}

#[test]
fn the_preview_lists_a_release_apart_and_the_import_keeps_its_count() {
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
fn a_release_of_the_source_leaves_what_a_scheduler_assigned_since() {
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
