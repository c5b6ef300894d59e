//! Tests of sealed audits: what is sealed, what was forged, and what was written without the key.

use std::{error::Error, path::Path};

use chrono::DateTime;
use tempfile::TempDir;

use crate::{
    domain::{
        audit::seal::AuditKeys,
        audit::{About, Action, Entry, Fact, Origin, Outcome, Source, Topic},
        ids::EventId,
        integrity::{Sealed, StoreReport},
    },
    store::{
        Options, ReadTx, Store, StoreError, Table,
        maintenance::check::run_in_slices,
        tables::{audit, keys::Key, meta},
    },
};

type Tested = Result<(), Box<dyn Error>>;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER_KEY: &str = "fedcba9876543210fedcba9876543210";
/// An entry about an employee, sealed with [`KEY`].
const SEALED: &str = "\
    04000000000000000000000000000000000000000000000000000000000000000001fdf47ae9cf3303000003616e61\
    0003722d310301010654616b656e2e0000000001000645313030303101057469746c65104576656e74205370656369\
    616c6973740f436c75622053757065727669736f720001fd06b5793fe728eb2d6b1675da57d62c9b719526da9df873\
    336ecdc5a36af5e5f2a5c0ce";

fn open(folder: &Path, keys: &str) -> Result<Store, Box<dyn Error>> {
    Ok(Store::open(folder, &Options { audit_keys: AuditKeys::parse(keys), ..Options::default() })?)
}

fn write(store: &Store, entries: u64) -> Result<(), StoreError> {
    let origin = Origin::new("ana", Source::Page, "r-1", DateTime::UNIX_EPOCH);
    (0..entries).try_for_each(|_| {
        store.write(|tx| audit::append(tx, Entry::new(&origin, Action::SignIn, Outcome::Done)).map(drop))
    })
}

/// The sealed entries of a store, and its problems.
fn check(folder: &Path, keys: &str) -> Result<(Sealed, Vec<String>), Box<dyn Error>> {
    let StoreReport { sealed, storage_problems, .. } = run_in_slices(&open(folder, keys)?)?;
    Ok((sealed, storage_problems))
}

fn key(number: u64) -> Vec<u8> {
    Key::new().u64(number).done()
}

/// Removes all entries after the first, as a user could who may write the data folder.
fn cut_after_first(store: &Store) -> Result<(), StoreError> {
    store.write(|tx| {
        let first = tx.get(Table::Audit, &key(1))?.unwrap_or_default();
        for number in 2..=audit::last(tx)? {
            tx.remove(Table::Audit, key(number));
        }
        meta::set_audit_last(tx, 1, audit::hash(&first))
    })
}

#[test]
fn entries_are_sealed_from_the_first_one_with_a_key_on() -> Tested {
    let folder = TempDir::new()?;
    write(&open(folder.path(), "")?, 2)?;
    write(&open(folder.path(), KEY)?, 3)?;

    let (sealed, problems) = check(folder.path(), KEY)?;

    assert_eq!((sealed, problems), (Sealed { entries: 3, since: Some(3), compared: 3 }, Vec::new()));
    let (sealed, problems) = check(folder.path(), "")?;
    assert_eq!((sealed, problems), (Sealed { entries: 3, since: Some(3), compared: 0 }, Vec::new()));
    Ok(())
}

#[test]
fn a_chain_rewritten_without_the_key_is_found() -> Tested {
    for (forger, found) in [("", "is not sealed"), (OTHER_KEY, "sealed with a key that is not in the key file")] {
        let folder = TempDir::new()?;
        write(&open(folder.path(), KEY)?, 3)?;
        let store = open(folder.path(), forger)?;
        cut_after_first(&store)?;
        write(&store, 2)?;
        drop(store);

        let (_, without) = check(folder.path(), "")?;
        let (_, problems) = check(folder.path(), KEY)?;

        assert_eq!(without, Vec::<String>::new(), "the chain itself holds");
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems.iter().all(|problem| problem.contains(found)), "{problems:?}");
    }
    Ok(())
}

#[test]
fn an_altered_seal_is_found() -> Tested {
    let folder = TempDir::new()?;
    let store = open(folder.path(), KEY)?;
    write(&store, 2)?;
    store.write(|tx| {
        let mut bytes = tx.get(Table::Audit, &key(2))?.unwrap_or_default();
        bytes.last_mut().into_iter().for_each(|last| *last ^= 1);
        meta::set_audit_last(tx, 2, audit::hash(&bytes))?;
        tx.put(Table::Audit, key(2), bytes)
    })?;
    drop(store);

    let (_, problems) = check(folder.path(), KEY)?;

    assert_eq!(problems, ["the seal of audit entry 2 is wrong: the entry was altered"]);
    Ok(())
}

#[test]
fn earlier_keys_of_the_file_still_verify() -> Tested {
    let folder = TempDir::new()?;
    write(&open(folder.path(), KEY)?, 1)?;
    let both = format!("{OTHER_KEY}\n{KEY}\n");
    write(&open(folder.path(), &both)?, 1)?;

    let (sealed, problems) = check(folder.path(), &both)?;

    assert_eq!((sealed.compared, problems), (2, Vec::new()));
    let (_, problems) = check(folder.path(), OTHER_KEY)?;
    assert_eq!(problems, ["audit entry 1 was sealed with a key that is not in the key file"]);
    Ok(())
}

#[test]
fn a_sealed_entry_is_written_and_read_as_it_always_was() -> Tested {
    let folder = TempDir::new()?;
    let text = str::to_owned;
    let fact = Fact { name: text("title"), before: text("Event Specialist"), after: text("Club Supervisor") };
    let at = "2025-10-15T13:00:00.250Z".parse()?;
    let origin = Origin::new("ana", Source::Page, "r-1", at);
    let entry = Entry {
        reason: Some(text("Taken.")),
        about: Some(About { topic: Topic::Employee, id: text("E10001") }),
        facts: vec![fact],
        subject: None::<EventId>,
        ..Entry::new(&origin, Action::ChangeEmployee, Outcome::Refused)
    };
    let store = open(folder.path(), KEY)?;

    let written = store.write(|tx| audit::append(tx, entry.clone()))?;

    assert_eq!(hex::encode(store.read(|tx| tx.get(Table::Audit, &key(1)))?.unwrap_or_default()), SEALED);
    assert_eq!(store.read(|tx| audit::get(tx, 1))?, Some(written));
    Ok(())
}

#[test]
fn a_key_file_holds_keys_that_are_long_enough() {
    assert!(AuditKeys::parse(KEY).is_some());
    for text in ["", "\n\n", "short", &format!("{KEY}\nshort"), &format!("{KEY}\n").repeat(21)] {
        assert!(AuditKeys::parse(text).is_none(), "{text:?}");
    }
    assert!(!format!("{:?}", AuditKeys::parse(KEY)).contains("0123"));
}
