//! `tandem export`, and importing what it wrote.

use super::{Place, VISITS, data};

#[test]
fn exports_of_one_folder_can_be_imported_into_another() {
    let place = Place::new();
    place.import(&VISITS.map(data)).ended(0);
    let file = |name: &str| place.folder.path().join(name).to_str().unwrap().to_owned();
    let files = ["events.csv", "schedule.jsonl", "employees.csv"].map(file);
    for (table, path) in ["events", "schedule", "employees"].into_iter().zip(&files) {
        place.run(&["export", table, path]).ended(0).says(&format!("holds the {table} in"));
    }

    let other = Place::new();
    let arguments: Vec<&str> = ["import", "exports"].into_iter().chain(files.iter().map(String::as_str)).collect();
    other.run(&arguments).ended(0).says("156 events: 156 new").says("12 employees: 12 new");

    let (mut here, mut there) = (place.check(), other.check());
    for check in [&mut here, &mut there] {
        check["audit_entries"].take();
    }
    assert_eq!(here, there);
    assert_eq!(place.run(&["export", "events"]).ended(0).out, other.run(&["export", "events"]).ended(0).out);
}

#[cfg(unix)]
#[test]
fn only_the_user_who_makes_an_export_can_read_it() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::with_visits();
    let path = place.folder.path().join("employees.csv");
    place.run(&["export", "employees", path.to_str().unwrap()]).ended(0);
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_export_does_not_overwrite_files() {
    let place = Place::with_visits();
    let file = place.file("events.csv", "mine");
    place.run(&["export", "events", &file]).ended(2).complains("cannot be written");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn an_export_that_fails_leaves_no_file() {
    let place = Place::with_visits();
    let engine = sled::Config::new().path(place.data_dir().join("store")).flush_every_ms(None).open().unwrap();
    let events = engine.open_tree("events").unwrap();
    let (last, _) = events.last().unwrap().unwrap();
    events.insert(last, b"no event").unwrap();
    engine.flush().unwrap();
    drop((events, engine));
    let before = std::fs::read_dir(place.folder.path()).unwrap().count();

    let path = place.folder.path().join("events.csv");
    place.run(&["export", "events", path.to_str().unwrap()]).ended(2);

    assert!(!path.exists(), "a file without its last rows looks like a whole one");
    assert_eq!(std::fs::read_dir(place.folder.path()).unwrap().count(), before);
}

#[test]
fn an_export_without_a_store_is_refused() {
    Place::new().run(&["export", "events"]).ended(2).complains("there is no store in");
}

#[test]
fn completions_and_the_manual_name_every_command_and_need_no_settings() {
    let place = Place::new();
    let manual = place.run_with(&[("TANDEM_TIMEZONE", "nowhere")], &["man"]).ended(0).out;
    for shell in ["bash", "zsh", "fish"] {
        let completions = place.run(&["completions", shell]).ended(0).out;
        for command in ["serve", "import", "export", "check", "backup", "restore"] {
            assert!(completions.contains(command) && manual.contains(command), "{shell} {command}");
        }
    }
    assert!(!place.data_dir().exists());
}
