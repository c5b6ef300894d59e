//! The old application's tables as its database exports them.

use std::collections::BTreeMap;

use tandem::{
    domain::{employee::availability::Hours, schedule::Role},
    import::{Incoming, database, detect},
    store::tables::{employees, events, holidays, rotations},
};

use super::{notes, rejections};
use crate::support::{App, checks, sources::data, visits_data};

type File = (String, Vec<u8>);
/// The rows of a table, headings included, with one of them changed.
type Harm = fn(&[&str]) -> Vec<String>;

const TABLES: [&str; 11] = [
    "company_holidays",
    "employee_attendance",
    "employee_availability",
    "employee_availability_overrides",
    "employee_time_off",
    "employee_weekly_availability",
    "employees",
    "events",
    "rotation_assignments",
    "schedule_exceptions",
    "schedules",
];

fn tables() -> Vec<File> {
    TABLES.iter().map(|name| data(&format!("old-app/{name}.csv"))).collect()
}

/// The tables, one of them with other text.
fn with(name: &str, change: impl Fn(&str) -> String) -> Vec<File> {
    let mut files = tables();
    let file = files.iter_mut().find(|(file, _)| *file == format!("{name}.csv")).unwrap();
    file.1 = change(str::from_utf8(&file.1).unwrap()).into_bytes();
    files
}

fn read(files: &[File]) -> Incoming {
    database::read(Incoming::default(), files).unwrap()
}

#[test]
fn a_whole_folder_is_imported_and_a_second_import_changes_nothing() {
    let incoming = read(&tables());
    assert_eq!(rejections(&incoming), [""; 0]);
    assert_eq!((incoming.events.len(), incoming.employees.len(), incoming.holidays.len()), (156, 12, 2));
    assert_eq!(incoming.events.iter().filter(|one| one.event.schedule.is_some()).count(), 90);
    assert_eq!(checks::check_pairs(incoming.events.iter().map(|one| &one.event)).pairs, 47);

    let app = App::with(&[], Some(incoming));
    let before = app.bytes();
    let avery = app.read(|view| employees::get(view, &"E10001".parse().unwrap())).unwrap();
    assert_eq!(avery.title.label(), "Lead Event Specialist");
    assert_eq!(avery.availability.on(chrono::Weekday::Thu), Hours::Off);
    assert_eq!(avery.availability.on(chrono::Weekday::Mon), Hours::AllDay);
    let casey = app.read(|view| employees::get(view, &"E10003".parse().unwrap())).unwrap();
    let off = &casey.time_off[0];
    assert_eq!((off.first.to_string(), off.last.to_string()), ("2025-10-06".to_owned(), "2025-10-08".to_owned()));
    assert_eq!(off.note.as_deref(), Some("vacation"));
    assert_eq!(app.read(|view| holidays::all(view)).len(), 2);
    let rotation = app.read(|view| rotations::all(view));
    assert_eq!(rotation.entries().count(), 14);
    let lead = rotation.weekly(None, Role::PrimaryLead, chrono::Weekday::Tue).unwrap();
    assert_eq!(lead.as_str(), "E10002");

    let again = app.import(read(&tables()));
    assert_eq!(
        (again.new, again.changed, again.released, again.employees_changed, again.holidays_new + again.rotation_new),
        (0, 0, 0, 0, 0)
    );
    assert_eq!(app.bytes(), before);
}

#[test]
fn rows_without_a_counterpart_are_counted_in_a_note() {
    let said = notes(&read(&tables())).join("\n");
    let stays = "Tandem has no place for that yet, so it stays in the old application";
    assert!(said.contains(&format!("employee_attendance.csv: 3 rows of attendance: {stays}")), "{said}");
    assert!(said.contains("events.csv: further columns: location_mvid (156 rows)"), "{said}");
    assert!(said.contains("the holiday \"Christmas Day\" repeats every year"), "{said}");
    let files = [tables(), vec![("README.md".to_owned(), b"# Tables\n".to_vec())]].concat();
    assert!(notes(&read(&files)).join("\n").contains("README.md: is none of the old application's tables"));
}

#[test]
fn the_page_takes_the_same_files_in_any_order() {
    let mut files = tables();
    files.reverse();
    assert_eq!(detect::read(Incoming::default(), &files).unwrap().events.len(), 156);
}

#[test]
fn the_latest_of_several_schedules_is_imported_and_the_others_are_noted() {
    let files = with("schedules", |text| format!("{text}900,121874442,E10002,2025-09-25 10:00:00,,,pending\n"));
    let incoming = read(&files);
    let event = &incoming.events.iter().find(|one| one.event.id.0 == 121_874_442).unwrap().event;
    assert_eq!(event.schedule.as_ref().unwrap().employee.as_str(), "E10002");
    assert_eq!(event.start().unwrap().to_string(), "2025-09-25 10:00:00");
    let said = notes(&incoming).join("\n");
    assert!(said.contains("event 121874442 has several schedules; the latest, schedules.csv line 92"), "{said}");
    assert_eq!(rejections(&incoming), [""; 0]);
}

#[test]
fn unknown_conditions_are_reported_and_release_nothing() {
    let files = with("events", |text| text.replacen(",t,Digitals,Scheduled,", ",t,Digitals,Reissued,", 1));
    let incoming = read(&files);
    let said = notes(&incoming).join("\n");
    assert!(said.contains("1 event with the condition \"Reissued\", which Tandem does not have"), "{said}");
    assert!(incoming.events[0].event.schedule.is_some());
}

#[test]
fn a_day_off_is_time_off_and_a_day_on_is_noted() {
    let files = with("employee_availability", |text| {
        format!("{text}1,E10004,2025-10-01,f,dentist\n2,E10004,2025-10-02,t,\n3,E10099,2025-10-02,f,\n")
    });
    let incoming = read(&files);
    let devon = incoming.employees.iter().find(|one| one.employee.id.as_str() == "E10004").unwrap();
    assert_eq!(devon.employee.time_off.len(), 1);
    assert!(notes(&incoming).join("\n").contains("employee E10004 is available on Thu, Oct 2, 2025"));
    assert!(rejections(&incoming)[0].contains("employee E10099 is not among the employees that were read"));
}

/// Who holds each event, and when.
fn held(app: &App) -> BTreeMap<u64, String> {
    let mut held = BTreeMap::new();
    app.read(|view| {
        events::each(view, |event| {
            held.extend(event.schedule.as_ref().map(|now| (event.id.0, format!("{now:?}"))));
            Ok(tandem::store::Flow::Continue)
        })
    });
    held
}

#[test]
fn a_damaged_missing_or_repeated_row_of_any_table_removes_nothing() {
    let app = App::with(&[], Some(read(&tables())));
    let before = (held(&app), app.read(|view| employees::all(view)), app.read(|view| holidays::all(view)));
    for table in TABLES {
        let harms: [Harm; 3] = [
            // Every cell of the first row is spoiled.
            |rows| {
                let spoiled = rows[1].split(',').map(|_| "?").collect::<Vec<_>>().join(",");
                [&[rows[0], &spoiled], &rows[2..]].concat().into_iter().map(str::to_owned).collect()
            },
            |rows| [&rows[..1], &rows[2..]].concat().into_iter().map(str::to_owned).collect(),
            |rows| [&rows[..2], &rows[1..]].concat().into_iter().map(str::to_owned).collect(),
        ];
        for (harm, change) in harms.iter().enumerate() {
            let files = with(table, |text| {
                let rows: Vec<&str> = text.lines().collect();
                if rows.len() < 2 { text.to_owned() } else { change(&rows).join("\n") + "\n" }
            });
            let summary = app.import(read(&files));
            assert_eq!(summary.released, 0, "{table}, harm {harm}");
            let after = (held(&app), app.read(|view| employees::all(view)), app.read(|view| holidays::all(view)));
            assert!(after == before, "{table}, harm {harm}");
        }
    }
}

#[test]
fn a_table_alone_changes_nothing_and_says_which_others_it_needs_or_lacks() {
    let app = App::with(&[], Some(read(&tables())));
    let before = (held(&app), app.read(|view| employees::all(view)), app.read(|view| holidays::all(view)));
    for file in tables() {
        let name = file.0.clone();
        let incoming = read(&[file]);
        let said = [rejections(&incoming), notes(&incoming)].concat().join("\n");
        let is_of_people = said.contains("choose the table of employees as well");
        assert!(is_of_people || said.contains("no file holds this table"), "{name}: {said}");
        assert_eq!(app.import(incoming).released, 0, "{name}");
        let after = (held(&app), app.read(|view| employees::all(view)), app.read(|view| holidays::all(view)));
        assert!(after == before, "{name}");
    }
}

#[test]
fn weekdays_and_time_off_are_added_to_people_of_the_retailers_export() {
    let app = App::with(&[], Some(visits_data()));
    app.import(read(&tables()));
    let avery = app.read(|view| employees::get(view, &"E10001".parse().unwrap())).unwrap();
    assert_eq!(avery.availability.on(chrono::Weekday::Thu), Hours::Off);
}
