//! `tandem import`.

use super::{Place, VISITS, contents, data};

const HEADINGS: &str =
    "Project Name,Project Reference Number,Store Number,Store Name,Start Date/Time,Due Date/Time,Estimated Time";
const GOOD: &str = "606001-CORE-Pretzel,1001,4101,Harbor Club,10/15/2025 12:00:00 AM,10/16/2025 12:01:00 AM,390";
const BAD: &str = "606002-CORE-Oats,1002,4101,Harbor Club,13/45/2025 12:00:00 AM,10/16/2025 12:01:00 AM,390";

fn events(place: &Place) -> u64 {
    place.check()["events"].as_u64().unwrap()
}

#[test]
fn a_second_import_reports_no_changes() {
    let place = Place::new();
    let visits = VISITS.map(data);

    place.import(&visits).ended(0).says("156 events: 156 new, 0 changed, 0 unchanged; 0 rows rejected");

    let again = place.import(&visits).ended(0);
    again
        .says("156 events: 0 new, 0 changed, 156 unchanged; 0 rows rejected")
        .says("12 employees: 0 new, 0 changed")
        .says("47 pairs: 5 with both scheduled, 36 half, 6 with neither")
        .says("36 findings: supervisor-unstaffed");
}

#[test]
fn the_old_tables_are_imported_with_their_ids() {
    let place = Place::new();
    let [employees, events, schedule] =
        ["employees", "events", "schedule"].map(|name| data(&format!("acceptance/{name}.csv")));

    let arguments = ["import", "legacy", "--employees", &employees, "--events", &events, "--schedule", &schedule];
    place.run(&arguments).ended(0).says("21 events: 21 new").says("8 of them are COREs, 16 are scheduled");
    place.run(&arguments).ended(0).says("21 events: 0 new, 0 changed, 21 unchanged");
}

#[test]
fn a_folder_with_the_old_applications_tables_is_imported_whole() {
    let place = Place::new();
    let folder = data("old-app");

    place
        .run(&["import", "legacy", &folder])
        .ended(0)
        .says("156 events: 156 new, 0 changed, 0 unchanged; 0 rows rejected")
        .says("90 are scheduled")
        .says("12 employees: 12 new, 0 changed")
        .says("2 holidays new")
        .says("3 rows of attendance")
        .says("47 pairs: 5 with both scheduled");
    place.run(&["import", "legacy", &folder]).ended(0).says("156 events: 0 new, 0 changed, 156 unchanged");
}

#[test]
fn the_old_applications_tables_can_be_passed_one_by_one() {
    let place = Place::new();
    let [employees, events, schedule] =
        ["employees", "events", "schedules"].map(|name| data(&format!("old-app/{name}.csv")));

    let arguments = ["import", "legacy", "--employees", &employees, "--events", &events, "--schedule", &schedule];
    place.run(&arguments).ended(0).says("156 events: 156 new").says("90 are scheduled");
    place.run(&["import", "legacy"]).ended(2);
}

#[test]
fn a_dry_run_reports_the_plan_and_saves_nothing() {
    let place = Place::with_visits();
    let file = place.file("more.csv", format!("{HEADINGS}\n{GOOD}\n"));
    let before = place.check();

    place
        .run(&["import", "visits", &file, "--dry-run"])
        .ended(0)
        .says("1 event: 1 new, 0 changed, 0 unchanged")
        .says("Nothing was written: this was a dry run.");

    assert_eq!(place.check(), before);
}

#[test]
fn a_rejected_row_does_not_stop_the_others() {
    let place = Place::new();
    let file = place.file("some.csv", format!("{HEADINGS}\n{BAD}\n{GOOD}\n"));

    let ran = place.import(&[file]).ended(1);

    ran.says("rejected: some.csv line 2, column \"Start Date/Time\":")
        .says("1 new, 0 changed, 0 unchanged; 1 row rejected");
    assert_eq!(events(&place), 1);
}

#[test]
fn strict_stops_at_a_rejected_row() {
    let place = Place::new();
    let file = place.file("some.csv", format!("{HEADINGS}\n{BAD}\n{GOOD}\n"));

    place.run(&["import", "visits", "--strict", &file]).ended(1).says("Nothing was written: --strict stops");

    assert_eq!(events(&place), 0);
}

#[test]
fn a_missing_file_is_reported() {
    let place = Place::new();

    place.import(&["gone.csv".to_owned()]).ended(2).complains("gone.csv cannot be read");

    assert!(!place.data_dir().exists());
}

#[test]
fn an_empty_file_is_reported() {
    let place = Place::new();

    for content in ["", "\n\n", "\u{feff}"] {
        let file = place.file("empty.csv", content);
        place.import(&[file]).ended(2).complains("empty.csv is empty: it needs at least a line of column headings");
    }
}

#[test]
fn a_binary_file_is_reported() {
    let place = Place::new();
    let file = place.file("photo.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");

    place.import(&[file]).ended(2).complains("photo.csv is no table: byte 9 is a NUL");
}

#[test]
fn missing_headings_are_reported() {
    let place = Place::new();
    let file = place.file("wrong.csv", "Project Name,Store Number\nx,1\n");

    place
        .import(&[file])
        .ended(2)
        .complains("wrong.csv lacks the columns \"Project Reference Number\", \"Store Name\", \"Start Date/Time\"");
}

#[test]
fn an_unreadable_file_stops_the_import() {
    let place = Place::with_visits();
    let (good, empty) = (place.file("good.csv", format!("{HEADINGS}\n{GOOD}\n")), place.file("empty.csv", ""));
    let before = contents(&place.data_dir());

    place.import(&[good, empty]).ended(2).complains("empty.csv is empty");

    assert!(contents(&place.data_dir()) == before, "the data folder was touched");
}

#[test]
fn a_visit_missing_from_the_file_is_listed_and_released_on_request() {
    let place = Place::new();
    let [first, second] = ["21a-week1", "21b-week2-without-plum"].map(|name| data(&format!("spreadsheets/{name}.csv")));
    place.run(&["import", "visits", &first]).ended(0);

    place
        .run(&["import", "visits", &second])
        .ended(0)
        .says("missing: 613009-LKD-AF-Plum Jam (250911540009)  - V2-CORE (131000090), held by NORA QUILL (E20001)")
        .says("1 visit of these weeks is not in the files any more; with --release-missing they are released")
        .says("0 new, 0 changed, 2 unchanged");
    place.run(&["import", "visits", &second, "--release-missing"]).ended(0).says("1 released");
}

#[test]
fn a_double_booking_in_a_file_is_reported() {
    let place = Place::new();
    let file = data("spreadsheets/24-double-booked.csv");
    place.run(&["import", "visits", &file]).ended(0).says("finding: overlap:").says("NORA QUILL");
}
