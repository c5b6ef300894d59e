//! A store of an older format is migrated when it is opened. Its files were written by that version.

use std::{fs, io::Read, path::Path};

use flate2::read::GzDecoder;
use tandem::{
    domain::{
        event::{Location, search::Question},
        ids::EventNumber,
    },
    store::{
        Snapshot, StoreError,
        maintenance::{check, repair},
        queries::search,
        tables::{employees, events, retail_stores},
    },
};

use super::Data;
use crate::domain::{date, employee};

/// A copy of the folder that the version with format 4 left: two events of one pair at the stores `0410` and `410`, one
/// person as `E20001` and `e20001`, a store `00521`, a name with a decomposed accent.
fn unpack(folder: &Path) {
    let packed = format!("{}/tests/data/stores/format-4", env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(folder.join("store")).unwrap();
    for file in fs::read_dir(packed).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = fs::read(&path).unwrap();
        match name.strip_suffix(".gz") {
            Some(name) => {
                let mut content = Vec::new();
                GzDecoder::new(bytes.as_slice()).read_to_end(&mut content).unwrap();
                fs::write(folder.join("store").join(name), content).unwrap();
            }
            None => fs::write(folder.join(name), bytes).unwrap(),
        }
    }
}

fn assert_migrated(tx: &Snapshot<'_>) -> Result<(), StoreError> {
    assert_eq!(check::run(tx)?.storage_problems, Vec::<String>::new());
    for number in ["410", "0410", "#410"] {
        let store = Location { number: number.to_owned(), name: String::new() };
        let pair = events::same_number(tx, &store, EventNumber(613_001))?;
        assert_eq!(pair.iter().map(|event| event.id.0).collect::<Vec<_>>(), [131_000_001, 131_000_002], "{number}");
        assert_eq!(retail_stores::get(tx, number)?.map(|store| store.name).as_deref(), Some("Fern Market"));
    }
    let (stores, _) = retail_stores::all(tx, 9)?;
    assert_eq!(stores.len(), 3, "{stores:?}");
    for id in ["E20001", "e20001"] {
        assert_eq!(employees::get(tx, &employee(id))?.unwrap().id.as_str(), id, "each record stays");
        let held = events::held_between(tx, &employee(id), date("2025-10-01"), date("2025-10-31"))?;
        assert_eq!(held.iter().map(|event| event.id.0).collect::<Vec<_>>(), [131_000_001, 131_000_003]);
    }
    assert_eq!(employees::get(tx, &employee("E2000"))?, None);
    assert_eq!(employees::get(tx, &employee("e20003"))?.unwrap().id.as_str(), "E20003");
    for (text, event) in [("café roast", 131_000_007), ("00521", 131_000_007)] {
        let question = Question::parse(text).unwrap().unwrap();
        let found = search::run(tx, &question, date("2025-10-01"))?;
        let is_there = found.events.iter().any(|(one, _)| one.id.0 == event);
        assert!(is_there || found.stores.iter().any(|store| store.location.number == "00521"), "{text}");
    }
    Ok(())
}

#[test]
fn a_store_of_format_4_finds_pairs_people_and_names_in_every_spelling() {
    let data = Data::new();
    unpack(&data.path());
    for _ in 0..2 {
        let store = data.open();
        store.read(assert_migrated).unwrap();
        assert_eq!(repair::run(&store).unwrap(), []);
    }
}
