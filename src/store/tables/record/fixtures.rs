//! Records as each version wrote them, byte by byte.
//!
//! Invariant: a line of hex never changes. A new version adds its own lines and still reads these.

use chrono::{NaiveDate, Weekday};
use tempfile::TempDir;

use crate::{
    domain::{
        audit::{About, Action, Entry, Fact, Note, Outcome, Source, State, Step, Topic},
        employee::{
            Employee, ImportedProfile, JobTitle,
            availability::{Availability, DayPart, Hours, TimeOff, WeeklyHours},
            holiday::Holiday,
        },
        event::{Due, Event, EventType, Location, Schedule, counts::DayCounts},
        ids::{EventId, EventNumber, ProgramId, Revision, ScheduleId},
    },
    store::{
        Options, ReadTx, Store, StoreError, Table, Tx,
        tables::{audit, days, employees, events, holidays, keys::Key, record::places},
    },
};

pub(super) type Tested = Result<(), Box<dyn std::error::Error>>;

/// An event with every optional field.
const EVENT_FULL: &str = "\
    01fc41420f00fb2c012d3631323230322d41462d47726170657320c3a920283235303832323533303236322920202d20\
    56322d434f52450001fc6a57090001fdd61430663a00000004343130310b486172626f7220436c756201fca091160001\
    fca691160001fc44510100fb860101fbd10706453130303031fc4084e1d101fbd10706453130303031fc40e1ded1";
/// An event without optional fields.
const EVENT_BARE: &str = "01010009496e76656e746f7279050000000000000f0000";
const EMPLOYEE: &str = "0106453130303031095a6fc3ab205061726b0301";
/// An employee with every field, in version 2.
const EMPLOYEE_V2: &str = "\
    0206453130303031fb2c01095a6fc3ab205061726b0301010f7a6f65406578616d706c652e636f6d02fbfe01fbde0301\
    010101010002fca6911600fca691160000fcac911600fcba91160001054a6170616e01085a6f65205061726b00010f7a\
    6f65406578616d706c652e636f6d";
/// The same, with an afternoon off, in version 3.
const EMPLOYEE_V3: &str = "\
    0306453130303031fb2c01095a6fc3ab205061726b0301010f7a6f65406578616d706c652e636f6d02fbfe01fbde03\
    01010101010002fca6911600fca691160000fcac911600fcba91160001054a6170616e01085a6f65205061726b0001\
    0f7a6f65406578616d706c652e636f6d020200";
/// The same, with at most 32 hours a week, in version 4.
const EMPLOYEE_V4: &str = "\
    0406453130303031fb2c01095a6fc3ab205061726b0301010f7a6f65406578616d706c652e636f6d02fbfe01fbde03\
    01010101010002fca6911600fca691160000fcac911600fcba91160001054a6170616e01085a6f65205061726b0001\
    0f7a6f65406578616d706c652e636f6d0202000120";
const HOLIDAY: &str = "01fca69116000546c3aa7465";
const COUNTS: &str = "0100000000000100";
const COUNTS_V2: &str = "020100000000000001";
/// A pair that was moved.
const AUDIT_DONE: &str = "\
    01000000000000000000000000000000000000000000000000000000000000000001fdf47ae9cf3303000003616e6101\
    03722d3101000001fbe90302fbe9030101fbd10706453130303031fc40e1ded10201fbd10706453130303031fc4084e1\
    d1fbea030101fbd10706453130303031fc8019dfd10200010677696e646f77054c6174652e01fbe9030107";
/// A rejected change.
const AUDIT_REFUSED: &str = "\
    01000000000000000000000000000000000000000000000000000000000000000001fdf47ae9cf3303000003616e6100\
    03722d3103010115536f6d65626f647920656c7365206861732069742e01fbe903000000";

/// The moved pair, in version 2.
const AUDIT_DONE_V2: &str = "\
    02000000000000000000000000000000000000000000000000000000000000000001fdf47ae9cf3303000003616e61\
    0103722d3101000001fbe90302fbe9030101fbd10706453130303031fc40e1ded10201fbd10706453130303031fc40\
    84e1d1fbea030101fbd10706453130303031fc8019dfd10200010677696e646f77054c6174652e01fbe90301070000";
/// A change of an employee.
const AUDIT_ABOUT_V2: &str = "\
    02000000000000000000000000000000000000000000000000000000000000000001fdf47ae9cf3303000003616e61\
    0003722d3103010115536f6d65626f647920656c7365206861732069742e0000000001000645313030303101057469\
    746c65104576656e74205370656369616c6973740f436c75622053757065727669736f72";

pub(super) fn missing() -> StoreError {
    StoreError::CutOff("nothing is there".to_owned())
}

pub(super) fn moment() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::milliseconds(1_760_533_200_250)
}

fn date() -> NaiveDate {
    NaiveDate::default() + chrono::Days::new(20_376)
}

fn schedule(id: u64, hour: i64) -> Result<Schedule, Box<dyn std::error::Error>> {
    let start = date().and_time(chrono::NaiveTime::MIN) + chrono::TimeDelta::hours(hour);
    Ok(Schedule { id: ScheduleId(id), employee: "E10001".parse()?, start })
}

/// An event without optional fields.
pub(in crate::store) fn bare() -> Event {
    Event {
        id: EventId(1),
        revision: Revision(0),
        name: "Inventory".to_owned(),
        event_type: EventType::Other,
        number: None,
        program: None,
        location: Location::default(),
        first_day: None,
        due: None,
        minutes: 15,
        schedule: None,
        imported: None,
    }
}

fn full() -> Result<Event, Box<dyn std::error::Error>> {
    Ok(Event {
        id: EventId(1_000_001),
        revision: Revision(300),
        name: "612202-AF-Grapes é (250822530262)  - V2-CORE".to_owned(),
        event_type: EventType::Core,
        number: Some(EventNumber(612_202)),
        program: Some(ProgramId(250_822_530_262)),
        location: Location { number: "4101".to_owned(), name: "Harbor Club".to_owned() },
        first_day: Some(date() - chrono::Days::new(3)),
        due: Some(Due { date: date(), time: chrono::NaiveTime::from_hms_opt(23, 59, 0) }),
        minutes: 390,
        schedule: Some(schedule(2001, 34)?),
        imported: Some(schedule(2001, 10)?),
    })
}

fn employee() -> Result<Employee, Box<dyn std::error::Error>> {
    let name = "Zoë Park".to_owned();
    Ok(Employee::new("E10001".parse()?, name, JobTitle::ClubSupervisor))
}

fn moved() -> Result<Entry, Box<dyn std::error::Error>> {
    let state = |revision, hour| -> Result<State, Box<dyn std::error::Error>> {
        Ok(State { revision: Revision(revision), schedule: Some(schedule(2001, hour)?) })
    };
    let gone = State { revision: Revision(2), schedule: None };
    Ok(Entry {
        sequence: 1,
        at: "2025-10-15T13:00:00.250Z".parse()?,
        who: "ana".to_owned(),
        source: Source::Call,
        request_id: "r-1".to_owned(),
        action: Action::Reschedule,
        outcome: Outcome::Done,
        reason: None,
        subject: Some(EventId(1001)),
        steps: vec![
            Step { event: EventId(1001), before: state(1, 10)?, after: state(2, 34)? },
            Step { event: EventId(1002), before: state(1, 12)?, after: gone },
        ],
        about: None,
        facts: Vec::new(),
        notes: vec![Note { rule: "window".to_owned(), message: "Late.".to_owned(), event: Some(EventId(1001)) }],
        undoes: Some(7),
    })
}

fn refused() -> Result<Entry, Box<dyn std::error::Error>> {
    Ok(Entry {
        source: Source::Page,
        action: Action::ChangeEmployee,
        outcome: Outcome::Refused,
        reason: Some("Somebody else has it.".to_owned()),
        steps: Vec::new(),
        notes: Vec::new(),
        undoes: None,
        ..moved()?
    })
}

/// Asserts that today's code writes `value` as the fixture, and reads the fixture as `value`.
#[track_caller]
pub(super) fn assert_record<T: PartialEq + std::fmt::Debug>(
    (table, key, fixture): (Table, Vec<u8>, &str),
    value: &T,
    write: impl Fn(&mut Tx<'_>, &T) -> Result<(), StoreError>,
    read: impl Fn(&Tx<'_>) -> Result<T, StoreError>,
) -> Tested {
    let folder = TempDir::new()?;
    let store = Store::open(folder.path(), &Options::default())?;
    let written = store.write(|tx| {
        write(tx, value)?;
        tx.get(table, &key)
    })?;
    assert_eq!(hex::encode(written.unwrap_or_default()), fixture, "what is written");

    let fixture = hex::decode(fixture)?;
    let found = store.write(|tx| {
        tx.put(table, key.clone(), fixture.clone())?;
        read(tx)
    })?;
    assert_eq!(found, *value, "what is read");
    let longer = [fixture.as_slice(), &[0]].concat();
    for damaged in [&longer, &fixture[..fixture.len() - 1], &[[99].as_slice(), &fixture[1..]].concat(), &[]] {
        let found = store.write(|tx| {
            tx.put(table, key.clone(), damaged.to_vec())?;
            read(tx)
        });
        assert!(matches!(&found, Err(StoreError::Corrupt { table: named, .. }) if *named == table), "{found:?}");
    }
    Ok(())
}

fn assert_event(event: &Event, fixture: &str) -> Tested {
    let write = |tx: &mut Tx<'_>, event: &Event| events::replace(tx, None, Some(event));
    let read = |tx: &Tx<'_>| Ok(events::get(tx, event.id)?.unwrap_or_else(bare));
    assert_record((Table::Events, Key::new().u64(event.id.0).done(), fixture), event, write, read)
}

/// Asserts that the current code reads a record of version 1.
#[track_caller]
pub(super) fn assert_reads_v1<T: PartialEq + std::fmt::Debug>(
    (table, key, fixture): (Table, Vec<u8>, &str),
    value: &T,
    read: impl Fn(&Tx<'_>) -> Result<Option<T>, StoreError>,
) -> Tested {
    let folder = TempDir::new()?;
    let store = Store::open(folder.path(), &Options::default())?;
    let fixture = hex::decode(fixture)?;
    let found = store.write(|tx| {
        tx.put(table, key.clone(), fixture.clone())?;
        read(tx)
    })?;
    assert_eq!(found.as_ref(), Some(value));
    Ok(())
}

fn assert_entry_v1(entry: &Entry, fixture: &str) -> Tested {
    assert_reads_v1((Table::Audit, Key::new().u64(1).done(), fixture), entry, |tx| audit::get(tx, 1))
}

fn assert_entry(entry: &Entry, fixture: &str) -> Tested {
    let write = |tx: &mut Tx<'_>, entry: &Entry| audit::append(tx, entry.clone()).map(drop);
    let read = |tx: &Tx<'_>| audit::get(tx, 1)?.ok_or_else(missing);
    assert_record((Table::Audit, Key::new().u64(1).done(), fixture), entry, write, read)
}

#[test]
fn an_event_with_everything_is_read_as_it_was_written() -> Tested {
    assert_event(&full()?, EVENT_FULL)
}

#[test]
fn an_event_with_nothing_is_read_as_it_was_written() -> Tested {
    assert_event(&bare(), EVENT_BARE)
}

#[test]
fn an_employee_of_version_1_has_no_email_and_is_always_there() -> Tested {
    let employee = employee()?;
    let imported = Some(ImportedProfile { name: employee.name.clone(), title: employee.title, email: None });
    let employee = Employee { imported, ..employee };
    let key = Key::new().text(employee.id.as_str()).done();
    assert_reads_v1((Table::Employees, key, EMPLOYEE), &employee, |tx| employees::get(tx, &employee.id))
}

fn employee_with_everything() -> Result<Employee, Box<dyn std::error::Error>> {
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 30, 0).unwrap_or_default();
    let hours = Hours::between(time(8), time(16)).unwrap_or(Hours::Off);
    let week = Availability::ALWAYS.with(Weekday::Mon, hours).with(Weekday::Sun, Hours::Off);
    let off = |from, days, note: Option<&str>| TimeOff {
        first: date() + chrono::Days::new(from),
        last: date() + chrono::Days::new(from + days),
        part: DayPart::WholeDay,
        note: note.map(str::to_owned),
    };
    let employee = Employee {
        revision: Revision(300),
        email: Some("zoe@example.com".parse()?),
        availability: week,
        time_off: vec![off(0, 0, None), off(3, 7, Some("Japan"))],
        imported: Some(ImportedProfile {
            name: "Zoe Park".to_owned(),
            title: JobTitle::EventSpecialist,
            email: Some("zoe@example.com".parse()?),
        }),
        ..employee()?
    };
    Ok(employee)
}

#[test]
fn an_employee_of_version_2_is_off_for_whole_days() -> Tested {
    let employee = employee_with_everything()?;
    let key = Key::new().text(employee.id.as_str()).done();
    assert_reads_v1((Table::Employees, key, EMPLOYEE_V2), &employee, |tx| employees::get(tx, &employee.id))
}

#[test]
fn an_employee_of_version_3_has_no_weekly_maximum() -> Tested {
    let mut employee = employee_with_everything()?;
    employee.time_off[0].part = DayPart::Afternoon;
    let key = Key::new().text(employee.id.as_str()).done();
    assert_reads_v1((Table::Employees, key, EMPLOYEE_V3), &employee, |tx| employees::get(tx, &employee.id))
}

#[test]
fn an_employee_with_everything_is_read_as_it_was_written() -> Tested {
    let mut employee = employee_with_everything()?;
    employee.time_off[0].part = DayPart::Afternoon;
    employee.weekly_hours_max = WeeklyHours::new(32);
    let read = |tx: &Tx<'_>| employees::get(tx, &employee.id)?.ok_or_else(missing);
    let key = Key::new().text(employee.id.as_str()).done();
    assert_record((Table::Employees, key, EMPLOYEE_V4), &employee, employees::put, read)
}

#[test]
fn a_holiday_is_read_as_it_was_written() -> Tested {
    let holiday = Holiday { date: date(), name: "Fête".to_owned() };
    let read = |tx: &Tx<'_>| holidays::get(tx, holiday.date)?.ok_or_else(missing);
    assert_record((Table::Holidays, Key::new().date(date()).done(), HOLIDAY), &holiday, holidays::put, read)
}

#[test]
fn counters_are_read_as_they_were_written() -> Tested {
    let counts = DayCounts { scheduled: [0, 0, 0, 0, 0, 1], ..DayCounts::default() };
    let key = Key::new().date(date()).done();
    assert_reads_v1((Table::DayCounts, key.clone(), COUNTS), &counts, |tx| days::counts(tx, date()).map(Some))?;
    let counts = DayCounts { scheduled: [1, 0, 0, 0, 0, 0], unscheduled_due: 0, without_supervisor: 1 };
    let write = |tx: &mut Tx<'_>, _: &DayCounts| {
        let start = date().and_time(chrono::NaiveTime::MIN);
        let now = Schedule { id: ScheduleId(1), employee: "1".parse().map_err(|_| missing())?, start };
        let (number, core) = (Some(EventNumber(606_001)), EventType::Core);
        events::replace(tx, None, Some(&Event { schedule: Some(now), event_type: core, number, ..bare() }))?;
        let open = Event { id: EventId(2), event_type: EventType::Supervisor, number, ..bare() };
        events::replace(tx, None, Some(&open))
    };
    assert_record((Table::DayCounts, key, COUNTS_V2), &counts, write, |tx| days::counts(tx, date()))
}

#[test]
fn an_audit_entry_of_a_moved_pair_is_read_as_it_was_written() -> Tested {
    assert_entry_v1(&moved()?, AUDIT_DONE)?;
    assert_entry(&moved()?, AUDIT_DONE_V2)
}

#[test]
fn an_audit_entry_of_a_refusal_is_read_as_it_was_written() -> Tested {
    assert_entry_v1(&refused()?, AUDIT_REFUSED)
}

#[test]
fn an_audit_entry_about_an_employee_is_read_as_it_was_written() -> Tested {
    let text = str::to_owned;
    let fact = Fact { name: text("title"), before: text("Event Specialist"), after: text("Club Supervisor") };
    let about = About { topic: Topic::Employee, id: text("E10001") };
    let entry = Entry { subject: None, about: Some(about), facts: vec![fact], ..refused()? };
    assert_entry(&entry, AUDIT_ABOUT_V2)
}

/// Stored entries hold the number of their action, without a gap, and the place of their topic: new ones go to the end.
#[test]
fn the_numbers_of_audit_actions_and_topics_are_fixed() {
    let actions: Vec<_> = (0..=u8::MAX).map_while(Action::numbered).map(Action::slug).collect();
    let topics = places::TOPICS.map(Topic::slug).join(" ");
    assert_eq!(
        actions.join(" "),
        "schedule reschedule unschedule change_employee import undo revert trade schedule_several reassign_day repair \
         add_employee edit_employee deactivate_employee reactivate_employee add_time_off remove_time_off add_holiday \
         remove_holiday sign_in sign_out add_user change_user set_password end_session make_token end_token test_alert \
         export backup restore accept_proposal edit_rotation merge undo_merge second_factor forgot_password archive_audit \
         accept_conflict reopen_conflict"
    );
    assert_eq!(topics, "employee holiday user session token integrity alert file proposal rotation store");
}
