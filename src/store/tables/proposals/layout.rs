//! Layout of a stored proposal. People are numbered, and a set of competing events is stored once.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Weekday};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        event::{EventType, Schedule},
        ids::{EmployeeId, EventId, ProposalId, Revision},
        schedule::{Alternative, Cause, Load, Lock, Options, Proposal, Reason, Row, Unplaced, saved::Saved},
    },
    store::tables::{
        events::ScheduleV1,
        record::{places::place_in, records},
    },
};

const CAUSES: [Cause; 7] = [
    Cause::Locked,
    Cause::Rotation,
    Cause::OnlyOneFree,
    Cause::FollowsCore,
    Cause::LeastVersatile,
    Cause::FewestHours,
    Cause::FitsWithOthers,
];
const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// A person as a place in `people`, and a start in seconds since 1970 as a local clock shows it.
type SpotV1 = (u32, i64);

/// Version 1 of a proposal's layout. Dates are days since 0001-01-01; enumerations are places in the tables above.
#[derive(Serialize, Deserialize)]
pub struct ProposalV1 {
    id: u64,
    at_ms: i64,
    who: String,
    hand_changes: u32,
    accepted: Option<u64>,
    /// Every employee that is named below.
    people: Vec<String>,
    options: OptionsV1,
    locks: Vec<(u64, SpotV1)>,
    rows: Vec<RowV1>,
    unplaced: Vec<UnplacedV1>,
    /// The sets of competing events, of which many share one: events, places and whether it is proven.
    sets: Vec<SetV1>,
    /// Person, minutes before, minutes after.
    loads: Vec<(u32, u32, u32)>,
    steps: u64,
}

records!(Proposals: ProposalV1 = 1);

/// Events, person and day of each place, and whether it is proven.
type SetV1 = (Vec<u64>, Vec<(u32, i32)>, bool);

#[derive(Serialize, Deserialize)]
struct OptionsV1 {
    from: i32,
    to: i32,
    seed: u64,
    types: Vec<u8>,
    stores: Vec<String>,
    exclude_employees: Vec<u32>,
    exclude_events: Vec<u64>,
    move_scheduled: bool,
    days_per_week_max: u16,
    minutes_max: Vec<(u32, u32)>,
    week_start: u8,
}

#[derive(Serialize, Deserialize)]
struct RowV1 {
    event: u64,
    revision: u32,
    spot: SpotV1,
    locked: bool,
    cause: u8,
    why: String,
    moved_from: Option<ScheduleV1>,
    core: Option<u64>,
    alternatives: Vec<SpotV1>,
}

#[derive(Serialize, Deserialize)]
struct UnplacedV1 {
    event: u64,
    /// window-passed, no-title, all-away, competing, no-host, no-core.
    reason: u8,
    /// A place in `sets`, for competing.
    set: Option<u32>,
    message: String,
    remedies: Vec<String>,
    alternatives: Vec<SpotV1>,
}

/// Numbers for the people that a proposal names.
#[derive(Default)]
struct People(Vec<EmployeeId>);

impl People {
    fn number(&mut self, id: &EmployeeId) -> u32 {
        let place = self.0.iter().position(|known| known == id).unwrap_or_else(|| {
            self.0.push(id.clone());
            self.0.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    fn spot(&mut self, employee: &EmployeeId, start: NaiveDateTime) -> SpotV1 {
        (self.number(employee), start.and_utc().timestamp())
    }

    fn spots(&mut self, alternatives: &[Alternative]) -> Vec<SpotV1> {
        alternatives.iter().map(|one| self.spot(&one.employee, one.start)).collect()
    }
}

pub fn layout(saved: &Saved) -> ProposalV1 {
    let mut people = People::default();
    let Saved { id, at, who, options, locks, proposal, hand_changes, accepted } = saved;
    let mut sets = Vec::new();
    ProposalV1 {
        id: id.0,
        at_ms: at.timestamp_millis(),
        who: who.chars().take(200).collect(),
        hand_changes: *hand_changes,
        accepted: *accepted,
        options: options_layout(options, &mut people),
        locks: locks.iter().map(|lock| (lock.event.0, people.spot(&lock.employee, lock.start))).collect(),
        rows: proposal.rows.iter().map(|row| row_layout(row, &mut people)).collect(),
        unplaced: proposal.unplaced.iter().map(|one| unplaced_layout(one, &mut people, &mut sets)).collect(),
        loads: proposal
            .loads
            .iter()
            .map(|load| (people.number(&load.employee), load.minutes_before, load.minutes_after))
            .collect(),
        steps: proposal.steps,
        sets,
        people: people.0.iter().map(ToString::to_string).collect(),
    }
}

fn options_layout(options: &Options, people: &mut People) -> OptionsV1 {
    OptionsV1 {
        from: options.from.num_days_from_ce(),
        to: options.to.num_days_from_ce(),
        seed: options.seed,
        types: options.types.iter().map(|one| *one as u8).collect(),
        stores: options.stores.clone(),
        exclude_employees: options.exclude_employees.iter().map(|id| people.number(id)).collect(),
        exclude_events: options.exclude_events.iter().map(|id| id.0).collect(),
        move_scheduled: options.move_scheduled,
        days_per_week_max: options.days_per_week_max,
        minutes_max: options.minutes_max.iter().map(|(id, minutes)| (people.number(id), *minutes)).collect(),
        week_start: place_in(&WEEKDAYS, &options.week_start).unwrap_or_default(),
    }
}

fn row_layout(row: &Row, people: &mut People) -> RowV1 {
    RowV1 {
        event: row.event.0,
        revision: row.revision.0,
        spot: people.spot(&row.employee, row.start),
        locked: row.locked,
        cause: place_in(&CAUSES, &row.cause).unwrap_or_default(),
        why: row.why.clone(),
        moved_from: row.moved_from.as_ref().map(ScheduleV1::of),
        core: row.core.map(|id| id.0),
        alternatives: people.spots(&row.alternatives),
    }
}

fn unplaced_layout(one: &Unplaced, people: &mut People, sets: &mut Vec<SetV1>) -> UnplacedV1 {
    let (reason, set) = match &one.reason {
        Reason::WindowPassed => (0, None),
        Reason::NoTitle => (1, None),
        Reason::AllAway => (2, None),
        Reason::Competing { events, places, proven } => {
            let places = places.iter().map(|(id, date)| (people.number(id), date.num_days_from_ce())).collect();
            let set = (events.iter().map(|id| id.0).collect(), places, *proven);
            let place = sets.iter().position(|known| *known == set).unwrap_or_else(|| {
                sets.push(set);
                sets.len() - 1
            });
            (3, u32::try_from(place).ok())
        }
        Reason::NoHost => (4, None),
        Reason::NoCore => (5, None),
    };
    UnplacedV1 {
        event: one.event.0,
        reason,
        set,
        message: one.message.clone(),
        remedies: one.remedies.clone(),
        alternatives: people.spots(&one.alternatives),
    }
}

pub fn read(record: ProposalV1) -> Option<Saved> {
    let people: Vec<EmployeeId> = record.people.iter().map(|id| id.parse().ok()).collect::<Option<_>>()?;
    let names = Names(&people);
    let lock = |(event, spot): (u64, SpotV1)| {
        names.alternative(spot).map(|at| Lock { event: EventId(event), employee: at.employee, start: at.start })
    };
    let load = |(person, minutes_before, minutes_after)| {
        Some(Load { employee: names.get(person)?, minutes_before, minutes_after })
    };
    let sets = &record.sets;
    Some(Saved {
        id: ProposalId(record.id),
        at: DateTime::from_timestamp_millis(record.at_ms)?,
        who: record.who,
        options: names.options(record.options)?,
        locks: record.locks.into_iter().map(lock).collect::<Option<_>>()?,
        proposal: Proposal {
            rows: record.rows.into_iter().map(|row| names.row(row)).collect::<Option<_>>()?,
            unplaced: record.unplaced.into_iter().map(|one| names.unplaced(one, sets)).collect::<Option<_>>()?,
            loads: record.loads.into_iter().map(load).collect::<Option<_>>()?,
            steps: record.steps,
        },
        hand_changes: record.hand_changes,
        accepted: record.accepted,
    })
}

/// The people of a record, by number. What it returns is none where the record is damaged.
struct Names<'a>(&'a [EmployeeId]);

impl Names<'_> {
    fn get(&self, number: u32) -> Option<EmployeeId> {
        self.0.get(usize::try_from(number).ok()?).cloned()
    }

    fn alternative(&self, (person, start): SpotV1) -> Option<Alternative> {
        Some(Alternative { employee: self.get(person)?, start: DateTime::from_timestamp(start, 0)?.naive_utc() })
    }

    fn alternatives(&self, spots: Vec<SpotV1>) -> Option<Vec<Alternative>> {
        spots.into_iter().map(|spot| self.alternative(spot)).collect()
    }

    fn options(&self, options: OptionsV1) -> Option<Options> {
        let minutes = |(person, minutes)| Some((self.get(person)?, minutes));
        Some(Options {
            from: NaiveDate::from_num_days_from_ce_opt(options.from)?,
            to: NaiveDate::from_num_days_from_ce_opt(options.to)?,
            seed: options.seed,
            types: options
                .types
                .into_iter()
                .map(|one| EventType::ALL.get(usize::from(one)).copied())
                .collect::<Option<_>>()?,
            stores: options.stores,
            exclude_employees: options.exclude_employees.into_iter().map(|id| self.get(id)).collect::<Option<_>>()?,
            exclude_events: options.exclude_events.into_iter().map(EventId).collect(),
            move_scheduled: options.move_scheduled,
            days_per_week_max: options.days_per_week_max,
            minutes_max: options.minutes_max.into_iter().map(minutes).collect::<Option<_>>()?,
            week_start: *WEEKDAYS.get(usize::from(options.week_start))?,
        })
    }

    fn row(&self, row: RowV1) -> Option<Row> {
        let Alternative { employee, start } = self.alternative(row.spot)?;
        let moved_from: Option<Schedule> = match row.moved_from {
            Some(was) => Some(was.read()?),
            None => None,
        };
        Some(Row {
            event: EventId(row.event),
            revision: Revision(row.revision),
            employee,
            start,
            locked: row.locked,
            cause: *CAUSES.get(usize::from(row.cause))?,
            why: row.why,
            moved_from,
            core: row.core.map(EventId),
            findings: Vec::new(),
            alternatives: self.alternatives(row.alternatives)?,
        })
    }

    fn unplaced(&self, one: UnplacedV1, sets: &[SetV1]) -> Option<Unplaced> {
        let place =
            |(person, date): &(u32, i32)| Some((self.get(*person)?, NaiveDate::from_num_days_from_ce_opt(*date)?));
        let reason = match one.reason {
            0 => Reason::WindowPassed,
            1 => Reason::NoTitle,
            2 => Reason::AllAway,
            3 => {
                let (events, places, proven) = sets.get(usize::try_from(one.set?).ok()?)?;
                Reason::Competing {
                    events: events.iter().copied().map(EventId).collect(),
                    places: places.iter().map(place).collect::<Option<BTreeSet<_>>>()?,
                    proven: *proven,
                }
            }
            4 => Reason::NoHost,
            5 => Reason::NoCore,
            _ => return None,
        };
        Some(Unplaced {
            event: EventId(one.event),
            reason,
            message: one.message,
            remedies: one.remedies,
            alternatives: self.alternatives(one.alternatives)?,
        })
    }
}
