//! Records of feeds and imports as version 1 wrote them, byte by byte.
//!
//! Invariant: a line of hex never changes. A new version adds its own lines and still reads these.

use sha2::{Digest, Sha256};

use crate::{
    domain::{
        employee::{
            Employee, JobTitle,
            availability::{DayPart, TimeOff, WeeklyHours},
        },
        event::{Event, EventType, Location, Schedule},
        feed::Feed,
        ids::{EmployeeId, EventId, IdError, Revision, ScheduleId},
        imports::{Import, Stage},
        integrity::merge::{EmployeeMerge, Merge, Subject},
        rules::{Finding, stored::Acceptance},
    },
    store::{
        Table, Tx,
        tables::{
            feeds,
            imports::{self, ImportPerson, ImportStep},
            issues::{AcceptanceReader, acceptances, listed_visits, missing_visits},
            keys::Key,
            merges,
            record::fixtures::{Tested, assert_reads_v1, assert_record, bare, missing, moment},
        },
    },
};

const SECRET: &str = "a secret that nobody guesses";
const FEED: &str = "\
    01d014ebf2c711502ceece2ff5eed92c6e76ae15029ab2b2af7eeaa7b856cd65b6010106453130303031fdf47ae9cf33\
    03000003616e61";
const IMPORT: &str = "\
    0101fdf47ae9cf33030000fdf47ae9cf3303000003616e61020a7669736974732e63737606c3a92e63737602fb2c01c8\
    9632070301";
const IMPORT_V2: &str = "\
    0201fdf47ae9cf33030000fdf47ae9cf3303000003616e61020a7669736974732e63737606c3a92e6373760208fb2c01c8\
    963207030104";
const IMPORT_V2_OF_11_COUNTS: &str = "\
    0201fdf47ae9cf33030000fdf47ae9cf3303000003616e61020a7669736974732e63737606c3a92e637376020bfb2c01c8\
    963207030104051102";
const PERSON_V2: &str = "020706453130303031010645313030303100044d4159410001000101010101010100000000";
const PERSON: &str = "01070645313030303101";
const ACCEPTANCES: &str = "\
    01fbe90306453130303031fca6911600010401fbea0303616e6106616772656564fdf47ae9cf33030000\
    ";
const ACCEPTANCES_V2: &str = "\
    02fbe90306453130303031fca6911600010401fbea03010a323032352d31302d313503616e6106616772656564fdf47ae9cf33030000\
    ";
const ACCEPTANCES_V2_AS_WRITTEN: &str = "\
    02fbe90306653130303031fca6911600010401fbea03010a323032352d31302d313503616e6106616772656564fdf47ae9cf33030000\
    ";
const MISSING_VISIT: &str = "01fbe90307";
const VISIT_STATEMENT: &str = "01fbe9030801";
const STEP: &str = "\
    010701fbe90300193630363030312d434f52452d537570657220507265747a656c00000004343130310c486172626f75\
    7220436c75620000fb86010000fbe90301193630363030312d434f52452d537570657220507265747a656c0000000434\
    3130310c486172626f757220436c75620000fb860101fbd10706453130303031fca035dfd101fbd10706453130303031\
    fca035dfd1";

const MERGE_EMPLOYEE: &str = "\
    0101fdf47ae9cf3303000003616e6107000102453100035a6f6500010001010101010101000002453101035a6f6500010001010101\
    01010100000102653100035a6f650001000101010101010100000245310102653101fbe903";
const MERGE_STORE: &str = "\
    0101fdf47ae9cf3303000003616e610701fdf47ae9cf3303000000033431300104303431300201fb2c01";

const MERGE_EMPLOYEE_V2: &str = "\
    0201fdf47ae9cf3303000003616e610700000245310102653101fbe9030102453100035a6f650001000101010101010101fc\
    a6911600fca691160000000101011802453101035a6f650001000101010101010101fca6911600fca6911600000001010118\
    0102653100035a6f650001000101010101010101fca6911600fca6911600000001010118";
const MERGE_STORE_V2: &str = "\
    0201fdf47ae9cf3303000003616e610701fdf47ae9cf3303000000033431300104303431300201fb2c0100";

#[test]
fn a_feed_is_read_as_it_was_written() -> Tested {
    let feed = Feed { id: 1, employee: "E10001".parse().ok(), at: moment(), who: "ana".to_owned() };
    let write = |tx: &mut Tx<'_>, feed: &Feed| feeds::put(tx, SECRET, feed);
    let read = |tx: &Tx<'_>| feeds::opened_by(tx, SECRET, feed.at)?.ok_or_else(missing);
    assert_record((Table::Feeds, Sha256::digest(SECRET).to_vec(), FEED), &feed, write, read)
}

/// An unscheduled event.
fn event() -> Event {
    Event {
        id: EventId(1001),
        name: "606001-CORE-Super Pretzel".to_owned(),
        event_type: EventType::Core,
        location: Location { number: "4101".to_owned(), name: "Harbour Club".to_owned() },
        minutes: 390,
        ..bare()
    }
}

#[test]
fn acceptances_are_read_as_they_were_written() -> Tested {
    let employee: EmployeeId = "E10001".parse()?;
    let start = moment().naive_utc();
    let schedule = Some(Schedule { id: ScheduleId(2001), employee: employee.clone(), start });
    let event = Event { schedule, ..event() };
    let clash = Some(EventId(1002));
    let finding =
        Finding { rule: "overlap", message: "Busy.".to_owned(), clash, facts: "2025-10-15".to_owned(), refuses: true };
    let acceptance = Acceptance { by: "ana".to_owned(), reason: "agreed".to_owned(), at: moment() };
    let write =
        |tx: &mut Tx<'_>, one: &Acceptance| acceptances::accept(tx, &event, std::slice::from_ref(&finding), one);
    let read = |tx: &Tx<'_>| AcceptanceReader::new(tx).of(&event, &finding, &[])?.ok_or_else(missing);
    let key = Key::new().u64(1001).text(employee.as_str()).date(start.date()).done();
    assert_record((Table::Acceptances, key.clone(), ACCEPTANCES_V2), &acceptance, write, read)?;
    // Version 1 does not say which facts were accepted: it holds for all.
    let read = |tx: &Tx<'_>| AcceptanceReader::new(tx).of(&event, &finding, &[]);
    assert_reads_v1((Table::Acceptances, key, ACCEPTANCES), &acceptance, read)?;
    // An older record has the id as the event wrote it then.
    let key = Key::new().u64(1001).text("e10001").date(start.date()).done();
    assert_reads_v1((Table::Acceptances, key, ACCEPTANCES_V2_AS_WRITTEN), &acceptance, read)
}

pub(in crate::store) fn import(released: u64) -> Import {
    Import {
        id: 1,
        at: moment(),
        ended: moment(),
        who: "ana".to_owned(),
        files: vec!["visits.csv".to_owned(), "é.csv".to_owned()],
        stage: Stage::Leaving,
        total: 300,
        written: 200,
        new: 150,
        changed: 50,
        released,
        unchanged: 7,
        rejected: 3,
        left: 1,
        people: 0,
        entry: 0,
        entries: 0,
    }
}

#[test]
fn an_import_of_version_1_released_nothing() -> Tested {
    assert_reads_v1((Table::Imports, Key::new().u64(1).done(), IMPORT), &import(0), |tx| imports::get(tx, 1))
}

#[test]
fn an_import_of_version_2_before_people_were_counted_brought_no_one() -> Tested {
    assert_reads_v1((Table::Imports, Key::new().u64(1).done(), IMPORT_V2), &import(4), |tx| imports::get(tx, 1))
}

#[test]
fn an_import_is_read_as_it_was_written() -> Tested {
    let read = |tx: &Tx<'_>| imports::get(tx, 1)?.ok_or_else(missing);
    let import = Import { people: 5, entry: 17, entries: 2, ..import(4) };
    assert_record((Table::Imports, Key::new().u64(1).done(), IMPORT_V2_OF_11_COUNTS), &import, imports::put, read)
}

#[test]
fn a_person_that_an_import_brought_is_read_as_it_was_written() -> Tested {
    let maya = Employee {
        revision: Revision(1),
        ..Employee::new("E10001".parse()?, "MAYA".to_owned(), JobTitle::EventSpecialist)
    };
    let write = |tx: &mut Tx<'_>, maya: &Employee| imports::remember_person(tx, 7, None, maya);
    let read = |tx: &Tx<'_>| {
        let ImportPerson { id, revision, .. } = imports::people(tx, 7)?.pop().ok_or_else(missing)?;
        Ok(Employee { id, revision, ..maya.clone() })
    };
    let key = Key::new().u64(7).text("E10001").done();
    assert_record((Table::ImportPeople, key, PERSON), &maya, write, read)
}

#[test]
fn a_person_that_an_import_changed_is_read_as_it_was_written() -> Tested {
    let before = Employee::new("E10001".parse()?, "MAYA".to_owned(), JobTitle::EventSpecialist);
    let person = ImportPerson { id: before.id.clone(), revision: Revision(1), before: Some(before.clone()) };
    let after = Employee { revision: Revision(1), ..before };
    let write =
        |tx: &mut Tx<'_>, person: &ImportPerson| imports::remember_person(tx, 7, person.before.as_ref(), &after);
    let read = |tx: &Tx<'_>| imports::people(tx, 7)?.pop().ok_or_else(missing);
    let key = Key::new().u64(7).text("E10001").done();
    assert_record((Table::ImportPeople, key, PERSON_V2), &person, write, read)
}

#[test]
fn an_imported_event_is_read_as_it_was_written() -> Tested {
    let before = event();
    let start = (chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(29_342_220)).naive_utc();
    let schedule = "E10001".parse().ok().map(|employee| Schedule { id: ScheduleId(2001), employee, start });
    let after = Event { schedule: schedule.clone(), imported: schedule, revision: Revision(1), ..before.clone() };
    let step = ImportStep { before: Some(before), after };
    let write = |tx: &mut Tx<'_>, step: &ImportStep| imports::remember(tx, 7, step.before.as_ref(), &step.after);
    let read = |tx: &Tx<'_>| imports::steps(tx, 7, None, 1)?.pop().ok_or_else(missing);
    assert_record((Table::ImportSteps, Key::new().u64(7).u64(1001).done(), STEP), &step, write, read)
}

#[test]
fn a_missing_visit_is_read_as_it_was_written() -> Tested {
    let write = |tx: &mut Tx<'_>, import: &u64| missing_visits::put(tx, &event(), *import);
    let read = |tx: &Tx<'_>| missing_visits::import_of(tx, EventId(1001))?.ok_or_else(missing);
    assert_record((Table::MissingVisits, Key::new().u64(1001).done(), MISSING_VISIT), &7, write, read)
}

#[test]
fn a_statement_about_a_visit_is_read_as_it_was_written() -> Tested {
    let write = |tx: &mut Tx<'_>, listed: &bool| listed_visits::put(tx, EventId(1001), 8, *listed);
    let read = |tx: &Tx<'_>| {
        let statements = listed_visits::all(tx)?.remove(&EventId(1001));
        statements.and_then(|mut statements| statements.remove(&8)).ok_or_else(missing)
    };
    let key = Key::new().u64(1001).u64(8).done();
    assert_record((Table::ListedVisits, key, VISIT_STATEMENT), &true, write, read)
}

fn merge(person: impl Fn(&str) -> Result<Employee, IdError>) -> Result<Merge, IdError> {
    let before = person("E1")?;
    let after = Employee { revision: Revision(1), ..before.clone() };
    let employee = EmployeeMerge { before, after, gone: vec![person("e1")?] };
    Ok(Merge {
        id: 1,
        at: moment(),
        who: "ana".to_owned(),
        entry: 7,
        undone: None,
        subject: Subject::Employee(Box::new(employee)),
        shown: "E1".to_owned(),
        written: vec![("e1".to_owned(), vec![EventId(1001)])],
    })
}

fn zoe(id: &str) -> Result<Employee, IdError> {
    Ok(Employee::new(id.parse()?, "Zoe".to_owned(), JobTitle::EventSpecialist))
}

/// A merge of stores, where [`merge`] is one of employees.
fn store_merge(merge: Merge) -> Merge {
    let written = vec![("0410".to_owned(), vec![EventId(1), EventId(300)])];
    Merge { undone: Some(moment()), subject: Subject::Store, shown: "410".to_owned(), written, ..merge }
}

#[test]
fn a_merge_is_read_as_it_was_written() -> Tested {
    let half_day =
        TimeOff { first: moment().date_naive(), last: moment().date_naive(), part: DayPart::Morning, note: None };
    let person = |id: &str| {
        let (weekly_hours_max, time_off) = (WeeklyHours::new(24), vec![half_day.clone()]);
        Ok(Employee { weekly_hours_max, time_off, ..zoe(id)? })
    };
    let employee = merge(person)?;
    let key = || Key::new().u64(1).done();
    let read = |tx: &Tx<'_>| merges::get(tx, 1)?.ok_or_else(missing);
    assert_record((Table::Merges, key(), MERGE_EMPLOYEE_V2), &employee, merges::put, read)?;
    assert_record((Table::Merges, key(), MERGE_STORE_V2), &store_merge(employee), merges::put, read)
}

#[test]
fn merges_of_version_1_are_read() -> Tested {
    let employee = merge(zoe)?;
    let key = || Key::new().u64(1).done();
    assert_reads_v1((Table::Merges, key(), MERGE_EMPLOYEE), &employee, |tx| merges::get(tx, 1))?;
    assert_reads_v1((Table::Merges, key(), MERGE_STORE), &store_merge(employee), |tx| merges::get(tx, 1))
}

/// The stored number of a stage must not change when a stage is added.
#[test]
fn the_numbers_of_stages_are_fixed() {
    assert_eq!(Stage::ALL.map(|stage| stage as u8), [0, 1, 2, 3]);
    assert_eq!(Stage::ALL, [Stage::Begun, Stage::Done, Stage::Leaving, Stage::TakenBack]);
}
