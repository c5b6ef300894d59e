//! Records of feeds and imports as version 1 wrote them, byte by byte.
//!
//! Invariant: a line of hex never changes. A new version adds its own lines and still reads these.

use sha2::{Digest, Sha256};

use crate::{
    domain::{
        event::{Event, EventType, Location, Schedule},
        feed::Feed,
        ids::{EventId, Revision, ScheduleId},
        imports::{Import, Stage},
    },
    store::{
        StoreError, Table, Tx,
        tables::{
            feeds,
            imports::{self, ImportStep},
            keys::Key,
            record::fixtures::{Tested, assert_reads_v1, assert_record},
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
const STEP: &str = "\
    010701fbe90300193630363030312d434f52452d537570657220507265747a656c00000004343130310c486172626f75\
    7220436c75620000fb86010000fbe90301193630363030312d434f52452d537570657220507265747a656c0000000434\
    3130310c486172626f757220436c75620000fb860101fbd10706453130303031fca035dfd101fbd10706453130303031\
    fca035dfd1";

fn missing() -> StoreError {
    StoreError::CutOff("nothing is there".to_owned())
}

fn moment() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::milliseconds(1_760_533_200_250)
}

#[test]
fn a_feed_is_read_as_it_was_written() -> Tested {
    let feed = Feed { id: 1, employee: "E10001".parse().ok(), at: moment(), who: "ana".to_owned() };
    let write = |tx: &mut Tx<'_>, feed: &Feed| feeds::put(tx, SECRET, feed);
    let read = |tx: &Tx<'_>| feeds::opened_by(tx, SECRET, feed.at)?.ok_or_else(missing);
    assert_record((Table::Feeds, Sha256::digest(SECRET).to_vec(), FEED), &feed, write, read)
}

fn import(released: u64) -> Import {
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
    }
}

#[test]
fn an_import_of_version_1_released_nothing() -> Tested {
    assert_reads_v1((Table::Imports, Key::new().u64(1).done(), IMPORT), &import(0), |tx| imports::get(tx, 1))
}

#[test]
fn an_import_is_read_as_it_was_written() -> Tested {
    let read = |tx: &Tx<'_>| imports::get(tx, 1)?.ok_or_else(missing);
    assert_record((Table::Imports, Key::new().u64(1).done(), IMPORT_V2), &import(4), imports::put, read)
}

#[test]
fn what_an_import_did_to_an_event_is_read_as_it_was_written() -> Tested {
    let before = Event {
        id: EventId(1001),
        name: "606001-CORE-Super Pretzel".to_owned(),
        number: None,
        event_type: EventType::Core,
        program: None,
        location: Location { number: "4101".to_owned(), name: "Harbour Club".to_owned() },
        first_day: None,
        due: None,
        minutes: 390,
        schedule: None,
        imported: None,
        revision: Revision(0),
    };
    let start = (chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(29_342_220)).naive_utc();
    let schedule = "E10001".parse().ok().map(|employee| Schedule { id: ScheduleId(2001), employee, start });
    let after = Event { schedule: schedule.clone(), imported: schedule, revision: Revision(1), ..before.clone() };
    let step = ImportStep { before: Some(before), after };
    let write = |tx: &mut Tx<'_>, step: &ImportStep| imports::remember(tx, 7, step.before.as_ref(), &step.after);
    let read = |tx: &Tx<'_>| imports::steps(tx, 7, None, 1)?.pop().ok_or_else(missing);
    assert_record((Table::ImportSteps, Key::new().u64(7).u64(1001).done(), STEP), &step, write, read)
}

/// The stored number of a stage must not change when a stage is added.
#[test]
fn the_places_of_stages_do_not_move() {
    assert_eq!(Stage::ALL.map(|stage| stage as u8), [0, 1, 2, 3]);
    assert_eq!(Stage::ALL, [Stage::Begun, Stage::Done, Stage::Leaving, Stage::TakenBack]);
}
