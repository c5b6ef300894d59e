//! Records of proposals, and of changes that take several audit records, byte by byte.
//!
//! Invariant: a line of hex is never changed. A new version adds lines of its own and still reads these.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::{
    domain::{
        audit::{About, Action, Entry, Outcome, Source, State, Step, Topic},
        event::{EventType, Schedule},
        ids::{EventId, ProposalId, Revision, ScheduleId},
        schedule::{
            Alternative, Cause, Load, Lock, Options, Proposal, Reason, Role, RotationEntry, Row, Unplaced, When,
            saved::Saved,
        },
    },
    store::{
        Options as StoreOptions, Store, StoreError, Table, Tx,
        maintenance::check,
        tables::{
            audit,
            keys::Key,
            proposals,
            record::fixtures::{Tested, assert_record, missing, moment},
            rotations,
        },
    },
};

const PROPOSAL: &str = "\
    01fdefcdab8967452301fdf47ae9cf3303000003616e6102010903064531303030330645313030303106453130303032\
    fca6911600fcce91160007020001010434313031010001fbf10300060101fb60090601fbe90301fca035dfd101fbe903\
    0301fca035dfd101000f4c6f636b65642062792068616e642e01fbd10706453130303032fca035dfd101fbe8030102fc\
    a035dfd103fbea03030100034e6f2e010c41206c61746572206461792e00fbeb03030100034e6f2e010c41206c617465\
    72206461792e00fbec030400034e6f2e010c41206c61746572206461792e000102fbea03fbeb030102fca69116000101\
    013cfbc20105";

/// An exception of the store 4101's rotation.
const ROTATION: &str = "01010434313031010001fca691160001064531303030320546c3aa7465";

#[test]
fn an_entry_of_the_rotation_is_read_as_it_was_written() -> Tested {
    let date = NaiveDate::from_ymd_opt(2025, 10, 15).ok_or("no date")?;
    let entry = RotationEntry {
        store: Some("4101".to_owned()),
        role: Role::PrimaryLead,
        when: When::On(date),
        person: Some("E10002".parse()?),
        reason: "Fête".to_owned(),
    };
    let key = Key::new().u32(1).text("=4101").u32(1).date(date).done();
    let read = |tx: &Tx<'_>| rotations::all(tx)?.entries().next().ok_or_else(missing);
    assert_record((Table::Rotations, key, ROTATION), &entry, rotations::put, read)
}

fn start() -> NaiveDateTime {
    (chrono::DateTime::UNIX_EPOCH + TimeDelta::minutes(29_342_220)).naive_utc()
}

/// Everything that a proposal can have.
fn saved() -> Result<Saved, Box<dyn std::error::Error>> {
    let day = NaiveDate::from_ymd_opt(2025, 10, 15).ok_or("no date")?;
    let (ana, bob) = ("E10001".parse()?, "E10002".parse()?);
    let mut options = Options::between(day, day + TimeDelta::days(20));
    options.seed = 7;
    options.types = vec![EventType::Core, EventType::Juicer];
    options.stores = vec!["4101".to_owned()];
    options.exclude_employees.insert("E10003".parse()?);
    options.exclude_events.insert(EventId(1009));
    options.minutes_max.insert("E10001".parse()?, 2400);
    let competing = Reason::Competing {
        events: [EventId(1002), EventId(1003)].into(),
        places: [("E10002".parse()?, day)].into(),
        proven: true,
    };
    let unplaced = |id, reason| Unplaced {
        event: EventId(id),
        reason,
        message: "No.".to_owned(),
        remedies: vec!["A later day.".to_owned()],
        alternatives: Vec::new(),
    };
    Ok(Saved {
        id: ProposalId(0x0123_4567_89ab_cdef),
        at: moment(),
        who: "ana".to_owned(),
        options,
        locks: vec![Lock { event: EventId(1001), employee: "E10001".parse()?, start: start() }],
        proposal: Proposal {
            rows: vec![Row {
                event: EventId(1001),
                revision: Revision(3),
                employee: ana,
                start: start(),
                locked: true,
                cause: Cause::Locked,
                why: "Locked by hand.".to_owned(),
                moved_from: Some(Schedule { id: ScheduleId(2001), employee: bob, start: start() }),
                core: Some(EventId(1000)),
                findings: Vec::new(),
                alternatives: vec![Alternative { employee: "E10002".parse()?, start: start() }],
            }],
            unplaced: vec![
                unplaced(1002, competing.clone()),
                unplaced(1003, competing),
                unplaced(1004, Reason::NoHost),
            ],
            loads: vec![Load { employee: "E10001".parse()?, minutes_before: 60, minutes_after: 450 }],
            steps: 5,
        },
        hand_changes: 2,
        accepted: Some(9),
    })
}

#[test]
fn a_proposal_is_read_as_it_was_written() -> Tested {
    let saved = saved()?;
    let write = |tx: &mut Tx<'_>, saved: &Saved| proposals::put(tx, saved).map(drop);
    let read = |tx: &Tx<'_>| proposals::get(tx, saved.id)?.ok_or_else(missing);
    assert_record((Table::Proposals, Key::new().u64(saved.id.0).done(), PROPOSAL), &saved, write, read)
}

/// A change of so many events.
fn change(events: u64) -> Entry {
    let state = |revision| State { revision: Revision(revision), schedule: None };
    let steps = (1..=events).map(|id| Step { event: EventId(id), before: state(0), after: state(1) });
    Entry {
        sequence: 0,
        at: moment(),
        who: "ana".to_owned(),
        source: Source::Call,
        request_id: "r-1".to_owned(),
        action: Action::AcceptProposal,
        outcome: Outcome::Done,
        reason: None,
        subject: Some(EventId(1)),
        about: Some(About { topic: Topic::Proposal, id: "0123456789abcdef".to_owned() }),
        steps: steps.collect(),
        facts: Vec::new(),
        notes: Vec::new(),
        undoes: None,
    }
}

/// The second record of a change of 101 events, without the hash of the first.
const SECOND_PART: &str = "\
    02fdf47ae9cf3303000003616e610103722d311f00000101016500000100000001081030313233343536373839616263\
    646566000102";

#[test]
fn a_change_of_many_events_is_one_entry_in_several_records() -> Tested {
    let folder = tempfile::TempDir::new()?;
    let store = Store::open(folder.path(), &StoreOptions::default())?;

    let entry = store.write(|tx| audit::append(tx, change(101)))?;
    store.write(|tx| audit::append(tx, change(1)))?;

    let key = Key::new().u64(2).done();
    let second = store.read(|tx| crate::store::ReadTx::get(tx, Table::Audit, &key))?.unwrap_or_default();
    assert_eq!(hex::encode(&second[33..]), SECOND_PART, "what is written");
    store.read(|tx| {
        assert_eq!(audit::get(tx, 1)?.as_ref(), Some(&entry), "what is read");
        assert_eq!(entry.steps.len(), 101);
        assert_eq!(audit::get(tx, 2)?, None, "a later record is no change of its own");
        assert_eq!(audit::get(tx, 3)?.map(|entry| entry.steps.len()), Some(1));
        assert_eq!(audit::last_of(tx, EventId(101))?.map(|entry| entry.sequence), Some(1));
        assert_eq!(audit::next_of(tx, EventId(1), 1)?.map(|entry| entry.sequence), Some(3));
        assert_eq!(check::run(tx)?.storage_problems, Vec::<String>::new());
        Ok::<_, StoreError>(())
    })?;
    Ok(())
}
