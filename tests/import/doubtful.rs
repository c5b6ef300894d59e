//! An event that several rows name, one of which cannot be read: the others decide nothing.

use std::collections::HashMap;

use tandem::import::{self, Incoming, Plan, database, exports, legacy, visits};

use crate::support::{App, sources::data};

type File = (String, Vec<u8>);

/// What no cell of a source may be.
const UNREADABLE: [&str; 3] = ["???", "09/3X/2025", ""];

fn read_legacy(files: &[File]) -> Incoming {
    legacy::read(Incoming::default(), &files[0], &files[1], &files[2]).unwrap()
}

fn read_database(files: &[File]) -> Incoming {
    database::read(Incoming::default(), files).unwrap()
}

fn read_visits(files: &[File]) -> Incoming {
    visits::read(Incoming::default(), files).unwrap()
}

fn read_exports(files: &[File]) -> Incoming {
    exports::read(Incoming::default(), files).unwrap()
}

fn text((_, bytes): &File) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn with((name, bytes): &File, row: &str) -> File {
    let text = String::from_utf8(bytes.clone()).unwrap();
    (name.clone(), format!("{}\n{row}\n", text.trim_end()).into_bytes())
}

fn replaced(file: &File, from: &str, to: &str) -> File {
    assert!(text(file).contains(from), "{from}");
    (file.0.clone(), text(file).replacen(from, to, 1).into_bytes())
}

fn notes(plan: &Plan) -> String {
    plan.notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn planned(app: &App, incoming: Incoming) -> Plan {
    app.read(|view| import::plan(view, incoming))
}

/// Events whose assignment a plan moves or takes away.
fn moved(plan: &Plan) -> Vec<String> {
    let moves = plan.events().iter().filter_map(|(stored, wanted)| {
        let before = stored.as_ref()?.schedule.as_ref()?;
        let after = wanted.schedule.as_ref();
        let stays = after.is_some_and(|after| (&after.employee, after.start) == (&before.employee, before.start));
        (!stays).then(|| format!("{}: {before:?} → {after:?}", wanted.id))
    });
    moves.collect()
}

fn old_tables() -> [File; 3] {
    ["employees", "events", "schedules"].map(|name| data(&format!("old-app/{name}.csv")))
}

#[test]
fn of_two_schedules_in_the_old_database_the_earlier_does_not_count_once_the_later_cannot_be_read() {
    let [people, work, schedules] = old_tables();
    let later = "9001,121874442,E10002,2025-09-25 10:00:00,,,pending";
    let app = App::empty();
    app.import(read_database(&[people.clone(), work.clone(), with(&schedules, later)]));
    let before = app.assignment(121_874_442);
    let spoiled = with(&schedules, &later.replace("2025-09-25", "2025-09-3X"));

    let summary = app.import(read_database(&[people, work, spoiled]));

    assert_eq!((summary.changed, summary.released, summary.rejected.len()), (0, 0, 1));
    assert_eq!(app.assignment(121_874_442), before);
    let notes: Vec<_> = summary.notes.iter().map(ToString::to_string).collect();
    assert!(notes.join("\n").contains("cannot be read, so its assignment stays as it is"), "{notes:#?}");
}

#[test]
fn a_schedule_of_a_person_who_was_rejected_leaves_the_event_as_it_is() {
    let [people, work, schedules] = old_tables();
    let schedules = with(&schedules, "9001,121874442,E10002,2025-09-25 10:00:00,,,pending");
    let app = App::empty();
    app.import(read_database(&[people.clone(), work.clone(), schedules.clone()]));
    let odd =
        replaced(&people, "E10002,BLAKE RIVERS,,,t,f,Lead Event Specialist", "E10002,BLAKE RIVERS,,,t,f,Astronaut");

    let plan = planned(&app, read_database(&[odd, work, schedules]));

    assert_eq!(moved(&plan), [""; 0]);
}

#[test]
fn the_second_schedule_of_an_event_does_not_count_once_the_first_cannot_be_read() {
    let [people, work, schedule] =
        ["employees", "events", "schedule"].map(|name| data(&format!("acceptance/{name}.csv")));
    let schedule = with(&schedule, "9001,1001,102,2025-10-17 11:00:00");
    let app = App::empty();
    app.import(read_legacy(&[people.clone(), work.clone(), schedule.clone()]));
    let spoiled = replaced(&schedule, "2001,1001,101,2025-10-15", "2001,1001,101,2025-10-1X");

    let plan = planned(&app, read_legacy(&[people, work, spoiled]));

    assert_eq!(moved(&plan), [""; 0]);
    assert!(notes(&plan).contains("cannot be read, so its assignment stays as it is"), "{}", notes(&plan));
}

#[test]
fn the_second_row_of_a_visit_does_not_count_once_the_first_cannot_be_read() {
    let visits = data("visits/calendar-schedule.csv");
    let first = text(&visits).lines().nth(1).unwrap().to_owned();
    let second = first.replace("AVERY STONE,E10001,09/23/2025", "BLAKE RIVERS,E10002,09/25/2025");
    let visits = with(&visits, &second);
    let app = App::empty();
    app.import(read_visits(std::slice::from_ref(&visits)));
    let spoiled = replaced(&visits, "E10001,09/23/2025", "E10001,09/3X/2025");

    let plan = planned(&app, read_visits(&[spoiled]));

    assert_eq!(moved(&plan), [""; 0]);
    assert!(notes(&plan).contains("cannot be read, so its assignment stays as it is"), "{}", notes(&plan));
}

#[test]
fn a_new_event_with_a_row_that_cannot_be_read_comes_without_an_employee() {
    let visits = data("visits/calendar-schedule.csv");
    let first = text(&visits).lines().nth(1).unwrap().replace("E10001,09/23/2025", "E10001,09/3X/2025");
    let app = App::empty();

    let summary = app.import(read_visits(&[with(&visits, &first)]));
    assert!(app.assignment(121_874_442).is_some(), "the first row that can be read counts");
    assert_eq!(summary.rejected.len(), 1);

    let app = App::empty();
    let summary = app.import(read_visits(&[replaced(
        &with(&visits, text(&visits).lines().nth(1).unwrap()),
        "E10001,09/23/2025",
        "E10001,09/3X/2025",
    )]));

    assert_eq!(app.assignment(121_874_442), None);
    let notes: Vec<_> = summary.notes.iter().map(ToString::to_string).collect();
    assert!(notes.join("\n").contains("cannot be read, so it comes without an employee"), "{notes:#?}");
}

/// A table of which some rows stand twice: again with other people and days, behind the first row and before it.
struct Doubled {
    file: File,
    /// The rows to spoil, by their index below the headings.
    rows: Vec<usize>,
}

/// Doubles the first rows of a table. The row of an event is what a column of `key` says, and `change` makes another of it.
fn doubled(file: &File, count: usize, change: impl Fn(&mut Vec<String>, usize)) -> Doubled {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file.1.as_slice());
    let headings = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_record(&headings).unwrap();
    let again = |index: usize| {
        let mut cells: Vec<String> = records[index].iter().map(str::to_owned).collect();
        change(&mut cells, index);
        cells
    };
    let half = count.min(records.len()) / 2;
    for index in 0..half {
        writer.write_record(again(index)).unwrap();
    }
    for record in &records {
        writer.write_record(record).unwrap();
    }
    for index in half..2 * half {
        writer.write_record(again(index)).unwrap();
    }
    let rows = (0..half).chain(half..3 * half).chain(half + records.len()..2 * half + records.len()).collect();
    Doubled { file: (file.0.clone(), writer.into_inner().unwrap()), rows }
}

/// The same table with one cell of one row written otherwise.
fn spoiled(file: &File, row: usize, column: usize, cell: &str) -> Option<File> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file.1.as_slice());
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let mut is_there = false;
    for (index, record) in reader.records().map(Result::unwrap).enumerate() {
        let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
        if let Some(place) = cells.get_mut(column).filter(|_| index == row + 1) {
            cell.clone_into(place);
            is_there = true;
        }
        writer.write_record(&cells).unwrap();
    }
    is_there.then(|| (file.0.clone(), writer.into_inner().unwrap()))
}

/// Imports tables in which events stand twice, and then plans them with each cell of those rows spoiled in turn.
fn nothing_moves(app: &App, tables: &[Doubled], read: fn(&[File]) -> Incoming) {
    let files: Vec<File> = tables.iter().map(|table| table.file.clone()).collect();
    app.import(read(&files));
    assert_eq!(moved(&planned(app, read(&files))), [""; 0], "the same files again");
    let mut tried: HashMap<usize, usize> = HashMap::new();
    for (index, table) in tables.iter().enumerate() {
        for (row, cell) in table.rows.iter().flat_map(|row| UNREADABLE.map(|cell| (*row, cell))) {
            for column in 0.. {
                let Some(bad) = spoiled(&table.file, row, column, cell) else { break };
                let mut files = files.clone();
                files[index] = bad;
                let plan = planned(app, read(&files));
                let place = format!("{}, row {row}, column {column}: {cell:?}", table.file.0);
                assert_eq!(moved(&plan), [""; 0], "{place}");
                *tried.entry(index).or_default() += 1;
            }
        }
    }
    assert!(tried.values().sum::<usize>() > 100, "{tried:?}");
}

/// Writes one cell of a row by what it holds.
fn put(cells: &mut [String], from: &str, to: &str) {
    for cell in cells {
        *cell = cell.replace(from, to);
    }
}

/// The first events of a table and their rows of another, so that a case reads few.
fn first_lines(file: &File, count: usize) -> File {
    let lines: Vec<_> = text(file).lines().take(count + 1).collect();
    (file.0.clone(), format!("{}\n", lines.join("\n")).into_bytes())
}

#[test]
fn a_spoiled_cell_of_a_visit_that_stands_twice_moves_no_assignment() {
    let visits = first_lines(&data("visits/calendar-schedule.csv"), 8);
    let twice = doubled(&visits, 4, |cells, index| {
        let last = cells.len() - 1;
        "CASEY OTHER".clone_into(&mut cells[last - 2]);
        "E10009".clone_into(&mut cells[last - 1]);
        cells[last] = format!("10/0{}/2025 11:30:00 AM", index + 1);
    });
    nothing_moves(&App::empty(), &[twice], read_visits);
}

#[test]
fn a_spoiled_cell_of_the_old_tables_with_events_that_stand_twice_moves_no_assignment() {
    let [people, work, schedule] =
        ["employees", "events", "schedule"].map(|name| first_lines(&data(&format!("acceptance/{name}.csv")), 12));
    let people = doubled(&people, 4, |cells, _| put(cells, "Event Specialist", "Club Supervisor"));
    let work = doubled(&work, 4, |cells, _| {
        "Unstaffed".clone_into(&mut cells[3]);
        "false".clone_into(&mut cells[4]);
        cells[6].clear();
    });
    let schedule = doubled(&schedule, 4, |cells, index| {
        cells[0] = (9001 + index).to_string();
        "102".clone_into(&mut cells[2]);
        cells[3] = format!("2025-10-2{} 11:30:00", index + 1);
    });
    nothing_moves(&App::empty(), &[people, work, schedule], read_legacy);
}

#[test]
fn a_spoiled_cell_of_the_old_database_with_events_that_stand_twice_moves_no_assignment() {
    let [people, work, schedules] = old_tables();
    let (work, schedules) = (first_lines(&work, 8), first_lines(&schedules, 8));
    let work = doubled(&work, 4, |cells, _| {
        put(cells, "Scheduled", "Unstaffed");
        "f".clone_into(&mut cells[9]);
    });
    let schedules = doubled(&schedules, 4, |cells, index| {
        cells[0] = (9001 + index).to_string();
        "E10003".clone_into(&mut cells[2]);
        cells[3] = format!("2025-09-2{} 21:30:00", 2 + 3 * (index % 3));
    });
    let people = doubled(&people, 2, |_, _| {});
    nothing_moves(&App::empty(), &[people, work, schedules], read_database);
}

#[test]
fn a_spoiled_cell_of_our_exports_with_events_that_stand_twice_moves_no_assignment() {
    let app = App::with_acceptance_data();
    let file = |table: &str| {
        let name = format!("{table}.csv");
        let body = app.get(&format!("/api/export/{name}")).status(200).body;
        first_lines(&(name, body.into_bytes()), 12)
    };
    let people = doubled(&file("employees"), 2, |_, _| {});
    let work = doubled(&file("events"), 4, |cells, _| put(cells, "Scheduled", "Unstaffed"));
    let schedule = file("schedule");
    let headings: Vec<String> = text(&schedule).lines().next().unwrap().split(',').map(str::to_owned).collect();
    let place = |heading: &str| headings.iter().position(|one| one.trim_start_matches('\u{FEFF}') == heading).unwrap();
    let (id, employee, start) = (place("schedule_id"), place("employee_id"), place("start_datetime"));
    let schedule = doubled(&schedule, 4, |cells, index| {
        cells[id] = (9001 + index).to_string();
        "102".clone_into(&mut cells[employee]);
        cells[start] = format!("2025-10-2{} 11:30:00", index + 1);
    });
    nothing_moves(&App::empty(), &[people, work, schedule], read_exports);
}
