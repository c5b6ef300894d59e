//! Tests: no page is stored outside the database file, and those of earlier versions are migrated.

use std::{collections::BTreeMap, fs, path::Path};

use crate::store::{FORMAT_VERSION, Flow, ReadTx, Store, catalog::everything, engine::*, tables::meta};

type Tested = Result<(), Box<dyn std::error::Error>>;
type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// Keys of a table, and rounds of writes to them.
const KEYS: u64 = 90;
const ROUNDS: u64 = 6;

fn key(number: u64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// Random-looking bytes that begin with a version byte.
fn record(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[1]
    };
    let mut record: Vec<u8> = (0..bytes).map(|_| next()).collect();
    record.iter_mut().take(1).for_each(|first| *first = 2);
    record
}

fn stored(store: &Store, table: Table) -> Result<Records, StoreError> {
    let (mut records, all) = (Records::new(), everything());
    store.read(|tx| {
        tx.scan(table, &all.start..&all.end, &mut |key, value| {
            records.insert(key.to_vec(), value.to_vec());
            Ok(Flow::Continue)
        })
    })?;
    Ok(records)
}

fn blobs(folder: &Path) -> Result<usize, std::io::Error> {
    Ok(fs::read_dir(folder.join("store/blobs"))?.count())
}

fn engine(store: &Store) -> &Engine {
    &store.engine.embedded().unwrap_or_else(|| unreachable!("the store is embedded")).engine
}

fn pieces_in(store: &Store) -> usize {
    engine(store).pieces().len()
}

#[test]
fn long_records_never_move_a_page_out_of_the_database_file() -> Tested {
    for table in Table::ALL.into_iter().filter(|table| crate::store::engine::record_chunks::may_split(*table)) {
        let folder = tempfile::TempDir::new()?;
        let store = Store::open(folder.path(), &Options::default())?;
        let mut model = Records::new();
        for round in 0..ROUNDS {
            store.write(|tx| {
                for number in 0..KEYS {
                    let (key, dice) = (key(number), record(round * KEYS + number, 4));
                    if dice[1] < 60 {
                        model.remove(&key);
                        tx.remove(table, key);
                    } else if dice[1] > 150 || round == 0 {
                        let long = [4_292, 4_292, 15_000, 30_000][usize::from(dice[2] % 4)];
                        let value = record(number, if round < 2 { 4_292 } else { long });
                        model.insert(key.clone(), value.clone());
                        tx.put(table, key, value)?;
                    }
                }
                Ok::<_, StoreError>(())
            })?;
            assert_eq!(blobs(folder.path())?, 0, "{} in round {round}", table.name());
        }
        assert!(stored(&store, table)? == model, "{}", table.name());
        drop(store);
        assert!(stored(&Store::open(folder.path(), &Options::default())?, table)? == model, "{}", table.name());
    }
    Ok(())
}

#[test]
fn a_shorter_record_and_a_removed_one_leave_no_pieces() -> Tested {
    let folder = tempfile::TempDir::new()?;
    let store = Store::open(folder.path(), &Options::default())?;
    let put = |bytes| store.write(|tx| tx.put(Table::Outbox, key(7), record(1, bytes)));
    let neighbour = |tx: &dyn ReadTx| tx.get(Table::Outbox, &key(8));
    store.write(|tx| tx.put(Table::Outbox, key(8), record(2, 9_000)))?;
    let before = pieces_in(&store);

    for (bytes, pieces) in [(20_000, 4), (9_000, 2), (100, 0), (50_000, 11)] {
        put(bytes)?;
        assert_eq!(pieces_in(&store) - before, pieces, "{bytes} bytes");
        assert_eq!(store.read(|tx| tx.get(Table::Outbox, &key(7)))?, Some(record(1, bytes)));
    }
    store.write(|tx| {
        tx.remove(Table::Outbox, key(7));
        Ok::<_, StoreError>(())
    })?;

    assert_eq!(pieces_in(&store), before);
    assert_eq!(store.read(|tx| neighbour(tx))?, Some(record(2, 9_000)));
    Ok(())
}

#[test]
fn pieces_of_format_4_are_read_as_these_bytes() -> Tested {
    let folder = tempfile::TempDir::new()?;
    let store = Store::open(folder.path(), &Options::default())?;
    let value = record(3, 5_000);
    let head = [[255, 0, 0, 0x13, 0x88].as_slice(), &value[..1_000]].concat();
    let pieces = [
        (b"audit\0\0\0\0\0\0\0\0\x09\0\0\0\0", &value[1_000..4_000]),
        (b"audit\0\0\0\0\0\0\0\0\x09\0\0\0\x01", &value[4_000..]),
    ];
    engine(&store).tree(Table::Audit).insert(key(9), head)?;
    for (key, piece) in pieces {
        engine(&store).pieces().insert(key, piece)?;
    }

    assert_eq!(store.read(|tx| tx.get(Table::Audit, &key(9)))?, Some(value));
    Ok(())
}

/// A store of format 3, with neighboring records of 15 kB that are not split.
fn older(folder: &Path) -> Result<BTreeMap<Table, Records>, Box<dyn std::error::Error>> {
    drop(Store::open(folder, &Options::default())?);
    // The store that was just dropped may still hold the file for a moment.
    let (db, _) = recover(&sled::Config::new().path(folder.join("store")).flush_every_ms(None))?;
    let mut all = BTreeMap::new();
    for table in [Table::Audit, Table::ImportSteps, Table::Outbox] {
        let tree = db.open_tree(table.name())?;
        let records: Records = (1..=60).map(|number| (key(number), record(number, 15_000))).collect();
        for (key, value) in &records {
            tree.insert(key, value.as_slice())?;
        }
        all.insert(table, records);
    }
    db.open_tree(Table::Meta.name())?.insert("format", &3_u64.to_be_bytes())?;
    db.flush()?;
    Ok(all)
}

#[track_caller]
fn assert_repaired(folder: &Path, records: &BTreeMap<Table, Records>) -> Tested {
    let store = Store::open(folder, &Options::default())?;
    for (table, records) in records {
        assert!(stored(&store, *table)? == *records, "{} differs", table.name());
    }
    assert_eq!(store.read(|tx| meta::format(tx))?, Some(FORMAT_VERSION));
    assert_eq!(blobs(folder)?, 0);
    let store_dirs = fs::read_dir(folder)?.filter_map(Result::ok);
    let store_dirs: Vec<_> = store_dirs.map(|entry| entry.file_name()).collect();
    let left = store_dirs.iter().filter(|name| name.to_string_lossy().starts_with("store")).count();
    assert_eq!(left, 1, "{store_dirs:?}");
    Ok(())
}

#[test]
fn a_store_with_pages_outside_its_database_file_has_none_after_a_start() -> Tested {
    let folder = tempfile::TempDir::new()?;
    let records = older(folder.path())?;
    assert!(blobs(folder.path())? > 0, "the engine wrote no page outside its database file");

    assert_repaired(folder.path(), &records)?;
    assert_repaired(folder.path(), &records)
}

#[test]
fn a_copy_interrupted_at_any_step_is_finished_by_the_next_start() -> Tested {
    for step in ["half copied", "old one aside", "old one aside and a new empty folder", "new one in its place"] {
        let folder = tempfile::TempDir::new()?;
        let records = older(folder.path())?;
        let at = |name: &str| folder.path().join(name);
        let half = |dir: &Path| fs::create_dir_all(dir).and_then(|()| fs::write(dir.join("db"), vec![7; 100_000]));
        match step {
            "half copied" => half(&at("store.new"))?,
            "new one in its place" => half(&at("store.old"))?,
            _ => {
                fs::rename(at("store"), at("store.old"))?;
                half(&at("store.new"))?;
                if step.ends_with("folder") {
                    fs::create_dir(at("store"))?;
                }
            }
        }

        assert_repaired(folder.path(), &records).map_err(|error| format!("{step}: {error}"))?;
    }
    Ok(())
}
