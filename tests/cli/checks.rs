//! `tandem check`, and folders that cannot be opened.

use std::fs;

use tandem::store::{Options, Store};

use super::{Place, contents};

#[test]
fn a_clean_store_ends_with_0() {
    let place = Place::new();
    place.run(&["generate", "--count", "300", "--month", "2025-10"]).ended(0).says("300 new");

    place.run(&["check"]).ended(0).says("0 findings about pairs, 0 about storage");
}

#[test]
fn findings_end_with_1() {
    let place = Place::with_visits();

    place.run(&["check"]).ended(1).says("supervisor-unstaffed: event").says("36 findings about pairs, 0 about storage");
}

#[test]
fn a_check_that_fails_exits_with_2() {
    let place = Place::new();

    place.run(&["check"]).ended(2).complains("there is no data folder");

    assert!(!place.data_dir().exists());
}

#[test]
fn the_json_report_has_counts_and_findings() {
    let found = Place::with_visits().check();

    assert_eq!((&found["clean"], &found["events"]), (&false.into(), &156.into()));
    assert_eq!((&found["pairs"]["checked"], &found["pairs"]["half"]), (&47.into(), &36.into()));
    let problems = found["findings"].as_array().unwrap().iter().filter(|finding| finding["problem"] == true);
    assert_eq!(problems.count(), 36);
    assert_eq!(found["storage_problems"], serde_json::json!([]));
}

#[test]
fn a_data_folder_that_is_a_file_is_refused() {
    let place = Place::new();
    place.file("data", "not a folder");

    place.run(&["generate", "--count", "1", "--month", "2025-10"]).ended(2).complains("data is not a folder");

    assert_eq!(fs::read(place.data_dir()).unwrap(), b"not a folder");
}

#[test]
fn a_folder_of_another_program_is_refused_and_unchanged() {
    let place = Place::new();
    fs::create_dir(place.data_dir()).unwrap();
    fs::write(place.data_dir().join("thesis.odt"), "years of work").unwrap();
    let before = contents(&place.data_dir());

    for command in [["check", "--json"].as_slice(), &["generate", "--count", "1", "--month", "2025-10"]] {
        place.run(command).ended(2).complains("is not a tandem data folder: it holds thesis.odt and no store");
    }

    assert!(contents(&place.data_dir()) == before, "the folder was touched");
}

#[test]
fn a_folder_in_use_is_refused_with_the_process_that_has_it() {
    let place = Place::with_visits();
    let held = Store::open(&place.data_dir(), &Options::default()).unwrap();
    let mine = format!("is in use by another tandem (process {})", std::process::id());

    for command in [["check"].as_slice(), &["serve"], &["generate", "--count", "1", "--month", "2025-10"]] {
        place.run(command).ended(2).complains(&mine);
    }

    drop(held);
    place.run(&["check"]).ended(1);
}

#[test]
fn an_invalid_month_is_refused_before_anything_is_generated() {
    let place = Place::new();

    for month in ["2025-13", "1969-01", "October", "2025"] {
        let ran = place.run(&["generate", "--count", "1", "--month", month]).ended(2);
        assert!(ran.err.contains("write YYYY-MM, for example 2025-10"), "{}", ran.err);
    }

    assert!(!place.data_dir().exists());
}

#[test]
fn generated_events_fill_the_requested_number_of_months() {
    let place = Place::new();
    place.run(&["generate", "--count", "900", "--month", "2025-11", "--months", "3"]).ended(0).says("900 new");

    let schedule = place.run(&["export", "schedule"]).ended(0).out;
    for (month, is_there) in
        [("2025-10", false), ("2025-11", true), ("2025-12", true), ("2026-01", true), ("2026-02", false)]
    {
        assert_eq!(schedule.contains(&format!("{month}-15")), is_there, "{month}");
    }
    let ran = place.run(&["generate", "--count", "1", "--month", "2200-12", "--months", "2"]).ended(2);
    assert!(ran.err.contains("the calendar ends before the last of these months"), "{}", ran.err);
}

#[test]
fn a_second_month_is_added_to_the_first_and_either_is_generated_again_as_it_was() {
    let place = Place::new();
    let generate = |month: &str| place.run(&["generate", "--count", "300", "--month", month]).ended(0);
    generate("2025-10").says("300 new, 0 changed");

    generate("2025-11").says("300 new, 0 changed");

    let schedule = place.run(&["export", "schedule"]).ended(0).out;
    assert!(schedule.contains("2025-10-15") && schedule.contains("2025-11-15"));
    for month in ["2025-10", "2025-11"] {
        generate(month).says("0 new, 0 changed, 300 unchanged");
    }
    place.run(&["check"]).ended(0).says("0 findings about pairs, 0 about storage");
}

#[test]
fn an_undamaged_store_needs_no_repair() {
    let place = Place::new();
    place.run(&["generate", "--count", "30", "--month", "2025-10"]).ended(0);

    let ran = place.run(&["check", "--repair-storage"]).ended(0).says("there was nothing to repair");
    assert!(ran.out.contains("0 about storage"), "{ran:?}");
    place.run(&["check", "--repair-storage", "--json"]).ended(0).says("\"repaired\":{}");
}

#[test]
fn a_store_that_a_server_has_open_is_not_repaired() {
    let place = Place::with_visits();
    let held = Store::open(&place.data_dir(), &Options::default()).unwrap();

    place.run(&["check", "--repair-storage"]).ended(2).complains("is in use by another tandem");

    drop(held);
}
