//! A damaged store is reported as damaged, never opened as an empty or shorter one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Place;

fn database(place: &Place) -> PathBuf {
    place.data_dir().join("store/db")
}

/// Ruins the database file, and expects every command to say so.
#[track_caller]
fn assert_refused(place: &Place, ruin: impl FnOnce(&Path)) {
    ruin(&database(place));
    for command in [["check"].as_slice(), &["generate", "--count", "1", "--month", "2025-10"]] {
        let ran = place.run(command).ended(2).complains("damaged");
        assert_eq!(ran.out, "");
    }
}

fn garbage(bytes: usize) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(1);
    std::iter::repeat_with(|| rng.u8(..)).take(bytes).collect()
}

#[test]
fn a_database_of_garbage_is_refused() {
    assert_refused(&Place::with_visits(), |file| fs::write(file, garbage(100_000)).unwrap());
    assert_refused(&Place::with_visits(), |file| fs::write(file, "garbage").unwrap());
}

#[test]
fn a_missing_or_empty_database_is_refused() {
    assert_refused(&Place::with_visits(), |file| fs::remove_file(file).unwrap());
    assert_refused(&Place::with_visits(), |file| fs::write(file, "").unwrap());
    assert_refused(&Place::with_visits(), |file| fs::remove_dir_all(file.parent().unwrap()).unwrap());
}

#[test]
fn a_truncated_database_is_refused() {
    for quarters in 1..=3 {
        assert_refused(&Place::with_visits(), |file| {
            let file = fs::File::options().write(true).open(file).unwrap();
            file.set_len(file.metadata().unwrap().len() * quarters / 4).unwrap();
        });
    }
}

#[test]
fn a_truncated_database_after_a_restart_is_refused() {
    let place = Place::with_visits();
    place.run(&["check"]).ended(1);
    place.run(&["generate", "--count", "300", "--month", "2025-10"]).ended(0);

    assert_refused(&place, |file| {
        let file = fs::File::options().write(true).open(file).unwrap();
        file.set_len(120_000).unwrap();
    });
}

#[test]
fn a_flipped_bit_is_detected_or_harmless() {
    let place = Place::with_visits();
    let whole = fs::read(database(&place)).unwrap();
    let (store, mark) = (place.data_dir().join("store"), place.data_dir().join("tandem.store"));
    let mark_whole = fs::read(&mark).unwrap();
    for part in 0..12 {
        let mut bytes = whole.clone();
        bytes[whole.len() * part / 12] ^= 0b100;
        fs::remove_dir_all(&store).unwrap();
        fs::create_dir(&store).unwrap();
        fs::write(database(&place), bytes).unwrap();

        let ran = place.run(&["check"]);

        let complete =
            ran.code == Some(1) && ran.out.contains("checked 156 events") && ran.out.contains("0 about storage");
        let noticed = ran.code == Some(2) && ran.err.contains("damaged");
        assert!(complete || noticed, "a bit at {part}/12: {ran:?}");
        assert_eq!(fs::read(&mark).unwrap(), mark_whole);
    }
}

#[test]
fn a_damaged_store_stays_refused() {
    let place = Place::with_visits();
    assert_refused(&place, |file| fs::write(file, garbage(100_000)).unwrap());

    for _ in 0..2 {
        place.run(&["check"]).ended(2).complains("damaged");
    }
}
