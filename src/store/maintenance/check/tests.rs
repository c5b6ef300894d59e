//! Tests with a damaged store: each damage is reported, with its record.

use std::error::Error;

use chrono::NaiveDateTime;
use tempfile::TempDir;

use crate::{
    domain::{
        audit::{Action, Entry, Origin, Outcome, Source},
        calendar::Moment,
        change::{Command, Request},
        event::{Event, EventType, Location, Schedule, default_start::UsualStarts},
        ids::{EventId, EventNumber, ScheduleId},
        integrity::StoreReport,
        policy::{Policy, SupervisorTime},
    },
    services::{change, decision_context::Target},
    store::{
        Options, ReadTx, Store, StoreError, Table, Tx,
        maintenance::check::run,
        tables::{audit, events, keys::Key, record::fixtures::bare},
    },
};

type Tested = Result<(), Box<dyn Error>>;

/// Distance of altered bytes: small enough to hit every field; each one costs two syncs.
const STEP_BYTES: usize = 3;

/// A store with a pair on October 15, 2025, and its folder.
struct Tampered {
    store: Store,
    _folder: TempDir,
}

fn origin() -> Origin {
    let at = chrono::DateTime::UNIX_EPOCH;
    Origin::new("ana", Source::Page, "r-1", at)
}

fn event(id: u64, event_type: EventType, start: NaiveDateTime) -> Result<Event, Box<dyn Error>> {
    Ok(Event {
        id: EventId(id),
        name: format!("606001-{event_type}-Pretzel"),
        event_type,
        number: Some(EventNumber(606_001)),
        location: Location { number: "4101".into(), name: String::new() },
        minutes: 60,
        schedule: Some(Schedule { id: ScheduleId(id), employee: "101".parse()?, start }),
        ..bare()
    })
}

/// The key of a record by number.
fn key(number: u64) -> Vec<u8> {
    Key::new().u64(number).done()
}

impl Tampered {
    /// Four entries: an import, a move of the pair (1 and 2), a rejected change, a move back.
    fn new() -> Result<Self, Box<dyn Error>> {
        let folder = TempDir::new()?;
        let store = Store::open(folder.path(), &Options::default())?;
        let at = |hour| chrono::NaiveDate::from_ymd_opt(2025, 10, 15).and_then(|date| date.and_hms_opt(hour, 0, 0));
        let core = event(1, EventType::Core, at(10).ok_or("a time")?)?;
        let supervisor = event(2, EventType::Supervisor, at(12).ok_or("a time")?)?;
        store.write(|tx| {
            events::replace(tx, None, Some(&core))?;
            events::replace(tx, None, Some(&supervisor))?;
            audit::append(tx, Entry::new(&origin(), Action::Import, Outcome::Done)).map(drop)
        })?;
        let tampered = Self { store, _folder: folder };
        tampered.move_there_and_back()?;
        assert_eq!(tampered.problems()?, [""; 0]);
        Ok(tampered)
    }

    /// A move of the pair, a rejected change, and a move back.
    fn move_there_and_back(&self) -> Tested {
        let policy = Policy {
            pairing: true,
            supervisor_time: SupervisorTime::After { minutes: 120 },
            usual: UsualStarts::NONE,
            short_work_minutes: 0,
            zone: chrono_tz::America::New_York,
        };
        for (event, date) in [(1, "2025-10-20"), (9, "2025-10-20"), (1, "2025-10-15")] {
            let request = Request::plain(Command::Reschedule { to: Moment::Day(date.parse()?), employee: None });
            let made = change::make(&self.store, Target::Event(EventId(event)), &request, &policy, &origin());
            assert_eq!(made.is_ok(), event == 1);
        }
        Ok(())
    }

    fn report(&self) -> Result<StoreReport, StoreError> {
        self.store.read(|tx| run(tx))
    }

    fn problems(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.report()?.storage_problems)
    }

    fn record(&self, table: Table, key: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
        Ok(self.store.read(|tx| tx.get(table, key))?.ok_or("no such record")?)
    }

    fn tamper(&self, write: impl FnMut(&mut Tx<'_>) -> Result<(), StoreError>) -> Result<Vec<String>, StoreError> {
        self.store.write(write)?;
        self.problems()
    }

    /// The problems reported while a record is missing or replaced; it is restored afterwards.
    fn while_it_is(&self, table: Table, key: &[u8], other: Option<&[u8]>) -> Result<Vec<String>, Box<dyn Error>> {
        let was = self.store.read(|tx| tx.get(table, key))?;
        let put = |tx: &mut Tx<'_>, value: Option<&[u8]>| {
            if let Some(value) = value {
                return tx.put(table, key.to_vec(), value.to_vec());
            }
            tx.remove(table, key.to_vec());
            Ok(())
        };
        let problems = self.tamper(|tx| put(tx, other))?;
        assert_eq!(self.tamper(|tx| put(tx, was.as_deref()))?, [""; 0]);
        Ok(problems)
    }
}

#[test]
fn an_altered_byte_of_any_entry_is_reported_with_its_entry() -> Tested {
    let tampered = Tampered::new()?;

    for sequence in 1..=4 {
        let key = key(sequence);
        let bytes = tampered.record(Table::Audit, &key)?;
        for place in (0..bytes.len()).step_by(STEP_BYTES) {
            let mut altered = bytes.clone();
            altered[place] ^= 1;
            let problems = tampered.while_it_is(Table::Audit, &key, Some(&altered))?;
            let named = format!("audit entry {sequence} ");
            assert!(problems.iter().any(|one| one.starts_with(&named)), "entry {sequence}, byte {place}: {problems:?}");
        }
    }
    Ok(())
}

#[test]
fn a_missing_entry_is_reported() -> Tested {
    let tampered = Tampered::new()?;

    for sequence in 1..=3 {
        let problems = tampered.while_it_is(Table::Audit, &key(sequence), None)?;
        assert!(problems.contains(&format!("audit entry {sequence} is missing")), "{problems:?}");
    }
    let problems = tampered.while_it_is(Table::Audit, &key(4), None)?;
    assert!(problems.contains(&"the audit ends at 3, it should at 4".to_owned()), "{problems:?}");
    Ok(())
}

#[test]
fn an_entry_in_the_place_of_another_is_reported() -> Tested {
    let tampered = Tampered::new()?;
    let [second, third] = [2, 3].map(|sequence| tampered.record(Table::Audit, &key(sequence)));

    let problems = tampered.while_it_is(Table::Audit, &key(3), Some(&second?))?;
    assert!(problems.iter().any(|one| one.starts_with("audit entry 3 ")), "{problems:?}");
    let problems = tampered.while_it_is(Table::Audit, &key(5), Some(&third?))?;
    assert!(!problems.is_empty());
    Ok(())
}

#[test]
fn an_extra_entry_is_reported() -> Tested {
    let tampered = Tampered::new()?;
    let meta = [b"audit_last".as_slice(), b"audit_seal"];
    let [last, seal] = meta;
    let before = [tampered.record(Table::Meta, last)?, tampered.record(Table::Meta, seal)?];
    let problems = tampered.tamper(|tx| {
        audit::append(tx, Entry::new(&origin(), Action::Undo, Outcome::Done))?;
        meta.into_iter().zip(&before).try_for_each(|(name, value)| tx.put(Table::Meta, name.to_vec(), value.clone()))
    })?;

    assert_eq!(problems, ["the audit ends at 5, it should at 4"]);
    Ok(())
}

#[test]
fn a_wrong_list_of_the_entries_of_an_event_is_reported() -> Tested {
    let tampered = Tampered::new()?;

    let listed = audit::index_key(EventId(2), 4);
    assert_eq!(tampered.while_it_is(Table::EventAudit, &listed, None)?, ["audit entry 4 is not listed under event 2"]);
    for (event, sequence) in [(2, 3), (2, 99), (7, 4)] {
        let planted = audit::index_key(EventId(event), sequence);
        let problems = tampered.while_it_is(Table::EventAudit, &planted, Some(&[]))?;
        let expected = format!("audit entry {sequence} is listed under event {event}, which it did not change");
        assert_eq!(problems, [expected]);
    }
    Ok(())
}

/// As many entries as there should be, each with its place taken by a wrong one.
#[test]
fn an_entry_that_is_listed_under_another_event_is_reported() -> Tested {
    let tampered = Tampered::new()?;
    let right = audit::index_key(EventId(2), 4);

    for (event, sequence) in [(7, 4), (2, 3), (2, 99)] {
        let wrong = audit::index_key(EventId(event), sequence);
        let problems = tampered.tamper(|tx| {
            tx.remove(Table::EventAudit, right.clone());
            tx.put(Table::EventAudit, wrong.clone(), Vec::new())
        })?;
        let misplaced = format!("audit entry {sequence} is listed under event {event}, which it did not change");
        assert_eq!(problems, ["audit entry 4 is not listed under event 2".to_owned(), misplaced]);
        let restored = tampered.tamper(|tx| {
            tx.remove(Table::EventAudit, wrong.clone());
            tx.put(Table::EventAudit, right.clone(), Vec::new())
        })?;
        assert_eq!(restored, [""; 0]);
    }
    Ok(())
}

#[test]
fn the_history_of_an_event_takes_no_reads_of_its_own() -> Tested {
    let tampered = Tampered::new()?;
    let reads = || {
        let before = (tampered.store.counters().point_reads, tampered.store.counters().read_calls);
        let report = tampered.report()?;
        let after = (tampered.store.counters().point_reads, tampered.store.counters().read_calls);
        Ok::<_, StoreError>((report.index_entries, after.0 - before.0, after.1 - before.1))
    };
    let (entries, records, calls) = reads()?;

    for _ in 0..4 {
        tampered.move_there_and_back()?;
    }

    assert_eq!(reads()?, (entries + 4 * 4, records, calls));
    Ok(())
}

#[test]
fn a_missing_index_entry_is_reported() -> Tested {
    let tampered = Tampered::new()?;
    let core = tampered.store.read(|tx| events::get(tx, EventId(1)))?.ok_or("no event 1")?;

    let entries = events::entries(&core);
    assert_eq!(entries.len(), 5);
    for (table, key, _) in entries {
        let problems = tampered.while_it_is(table, &key, None)?;
        assert_eq!(problems, [format!("event 1 has no entry in {}", table.name())]);
    }
    Ok(())
}

#[test]
fn an_index_entry_without_a_record_is_reported() -> Tested {
    let tampered = Tampered::new()?;

    let named =
        [(Table::ByDay, 1_u64), (Table::Due, 1), (Table::Pairs, 2), (Table::EmployeeDay, 77), (Table::StoreDay, 2)];
    for (table, named) in named {
        let problems = tampered.while_it_is(table, &Key::new().u32(1).u64(named).done(), Some(&[]))?;
        let expected = format!("{} has an entry for event {named} that its record does not ask for", table.name());
        assert_eq!(problems, [expected]);
    }
    let problems = tampered.while_it_is(Table::Schedules, &key(55), Some(&key(1)))?;
    assert_eq!(problems, ["schedules has an entry for event 1 that its record does not ask for"]);
    let problems = tampered.while_it_is(Table::ByDay, &[1, 2, 3], Some(&[]))?;
    assert_eq!(problems, ["by_day has an entry for no event that its record does not ask for"]);
    Ok(())
}

#[test]
fn wrong_events_of_an_indexed_word_are_reported() -> Tested {
    let tampered = Tampered::new()?;
    let key = |word: &str| Key::new().text(word).u64(0).done();
    let lists_not = ["words: the entry of \"pretzel\" for events 0 and on does not list the events that have it"];

    assert_eq!(tampered.record(Table::Words, &key("pretzel"))?, [1, 2]);
    assert_eq!(tampered.while_it_is(Table::Words, &key("pretzel"), None)?, lists_not);
    assert_eq!(tampered.while_it_is(Table::Words, &key("pretzel"), Some(&[1]))?, lists_not);
    assert_eq!(tampered.while_it_is(Table::Words, &key("pretzel"), Some(&[1, 2, 3]))?, lists_not);
    assert_eq!(
        tampered.while_it_is(Table::Words, &key("cheetos"), Some(&[1]))?,
        ["words: the entry of \"cheetos\" for events 0 and on lists events that do not have it"]
    );
    assert_eq!(
        tampered.while_it_is(Table::Words, &[1, 2, 3], Some(&[]))?,
        ["words has an entry whose key cannot be read"]
    );
    Ok(())
}

#[test]
fn a_schedule_of_another_event_is_reported() -> Tested {
    let tampered = Tampered::new()?;

    let problems = tampered.while_it_is(Table::Schedules, &key(1), Some(&key(2)))?;

    assert!(problems.contains(&"event 1 has no entry in schedules".to_owned()), "{problems:?}");
    Ok(())
}

#[test]
fn a_wrong_missing_or_extra_counter_is_reported() -> Tested {
    let tampered = Tampered::new()?;
    let day = |date: &str| Ok::<_, Box<dyn Error>>(Key::new().date(date.parse()?).done());
    let right = tampered.record(Table::DayCounts, &day("2025-10-15")?)?;
    let mut wrong = right.clone();
    wrong[1] += 1;

    let problems = tampered.while_it_is(Table::DayCounts, &day("2025-10-15")?, Some(&wrong))?;
    assert!(problems[0].starts_with("the counters of 2025-10-15 say "), "{problems:?}");
    let problems = tampered.while_it_is(Table::DayCounts, &day("2025-10-15")?, None)?;
    assert_eq!(problems, ["2025-10-15 has events but no counters"]);
    let problems = tampered.while_it_is(Table::DayCounts, &day("2025-10-16")?, Some(&right))?;
    assert!(problems[0].starts_with("the counters of 2025-10-16 say "), "{problems:?}");
    Ok(())
}
