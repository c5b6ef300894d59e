//! The proposal as people get it: rows with their causes, and a proven reason for each event without a place.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::domain::{
    event::{Event, EventType},
    format,
    ids::EventId,
    schedule::{
        self, Alternative, Load, Proposal, Reason, Row, Unplaced,
        board::{Board, Spot},
        improve,
        place::Placed,
        table::Table,
        units::{Left, Unit, Units},
        why,
    },
};

pub fn proposal(table: &Table<'_>, units: &Units, mut placed: Placed<'_, '_>) -> Proposal {
    let mut rows = locked(table, &placed.board);
    let mut unplaced: Vec<Unplaced> = Vec::new();
    for (event, left) in &units.left {
        let reason = match left {
            Left::WindowPassed => Reason::WindowPassed,
            Left::NoCore => Reason::NoCore,
        };
        unplaced.push(told(table, &placed.board, *event, reason));
    }
    for at in 0..units.all.len() {
        let unit = &units.all[at];
        let reason = if placed.board.spots[unit.event].is_some() { None } else { Some(reason(&mut placed, units, at)) };
        for event in std::iter::once(unit.event).chain(unit.followers.iter().copied()) {
            match placed.board.spots[event] {
                Some(spot) if table.anchors[event] == Some(spot) => {}
                Some(spot) => rows.push(row(&placed.board, unit, event, spot)),
                None => {
                    let reason = reason.clone().unwrap_or(Reason::NoHost);
                    unplaced.push(told(table, &placed.board, event, reason));
                }
            }
        }
    }
    rows.sort_by_key(|row| (row.start, row.event));
    unplaced.sort_by_key(|one| one.event);
    Proposal { rows, unplaced, loads: loads(table, &placed.board), steps: placed.steps }
}

/// Rows that a scheduler fixed, with what the rules say of them now.
fn locked(table: &Table<'_>, board: &Board<'_, '_>) -> Vec<Row> {
    let row = |lock: &schedule::Lock| {
        let event = table.events.get(*table.by_id.get(&lock.event)?)?;
        let was = table.input.events.iter().find(|was| was.id == lock.event)?;
        let findings = table.person(&lock.employee).zip(table.day(lock.start.date())).map(|(person, day)| {
            let near = board.on(person, day).iter().filter_map(|other| board.as_put(*other));
            table.check(event, person, lock.start, &near.collect::<Vec<_>>())
        });
        let (cause, why) = why::locked();
        Some(Row {
            event: event.id,
            revision: event.revision,
            employee: lock.employee.clone(),
            start: lock.start,
            locked: true,
            cause,
            why,
            moved_from: was.schedule.clone(),
            core: table.core_of(event),
            findings: findings.unwrap_or_default(),
            alternatives: Vec::new(),
        })
    };
    table.input.locks.iter().filter_map(row).collect()
}

fn row(board: &Board<'_, '_>, unit: &Unit, event: usize, spot: Spot) -> Row {
    let table = board.table;
    let what = &table.events[event];
    let core = unit.core.or_else(|| (event != unit.event).then_some(unit.event));
    let free = why::free(board, event, spot);
    let (cause, why) = why::of(board, event, spot, &free);
    let alternatives = why::alternatives(board, unit, event, spot, &free);
    Row {
        event: what.id,
        revision: what.revision,
        employee: table.people[spot.person].id.clone(),
        start: spot.start,
        locked: false,
        cause,
        why,
        moved_from: table.was(event).and_then(|was| was.schedule.clone()),
        core: core.map(|core| table.events[core].id),
        findings: Vec::new(),
        alternatives,
    }
}

/// Why a unit has no place.
fn reason(placed: &mut Placed<'_, '_>, units: &Units, at: usize) -> Reason {
    let unit = &units.all[at];
    let table = placed.board.table;
    let event = &table.events[unit.event];
    if !table.people.iter().any(|one| one.active && one.title.may_work(event.event_type)) {
        return Reason::NoTitle;
    }
    if let Some(start) = unit.fixed {
        let any = (0..table.people.len()).any(|person| table.may_alone(event, person, start));
        return if any { Reason::NoHost } else { Reason::AllAway };
    }
    let there = present(table, unit);
    if there.is_empty() {
        return Reason::AllAway;
    }
    let crowd = placed.matching.reach(&placed.graph, &[at], |_| Some(())).err();
    if let Some(crowd) = crowd.filter(|crowd| unit.is_long && !crowd.places.is_empty()) {
        let events = crowd.units.iter().map(|unit| table.events[units.all[*unit].event].id).collect();
        return Reason::Competing { events, places: named(table, &crowd.places), proven: true };
    }
    blocked(&placed.board, unit, &there)
}

/// The places of a unit whose people are there, whatever they hold.
fn present(table: &Table<'_>, unit: &Unit) -> Vec<usize> {
    let mut places = Vec::new();
    for (day, starts) in &unit.alone {
        let there = |person: &usize| table.is_there(unit.event, *person, *day) & starts != 0;
        places.extend((0..table.people.len()).filter(there).map(|person| table.place(person, *day)));
    }
    places.sort_unstable();
    places
}

fn named(table: &Table<'_>, places: &[usize]) -> BTreeSet<(crate::domain::ids::EmployeeId, NaiveDate)> {
    let name = |place: &usize| {
        let (person, day) = table.of_place(*place);
        (table.people[person].id.clone(), table.days[day])
    };
    places.iter().map(name).collect()
}

/// What stands where a unit could be. Where all of that is scheduled already, it proves that there is no place.
fn blocked(board: &Board<'_, '_>, unit: &Unit, there: &[usize]) -> Reason {
    let table = board.table;
    let mut events: BTreeSet<EventId> = BTreeSet::from([table.events[unit.event].id]);
    let mut proven = true;
    for place in there {
        let (person, day) = table.of_place(*place);
        events.extend(table.held_that_day(person, day).iter().map(|at| table.events[*at].id));
        let starts = unit.alone.iter().filter(|(other, _)| *other == day).fold(0, |all, (_, starts)| all | starts);
        if table.fits(unit.event, person, day) & starts != 0 {
            proven = false;
            events.extend(board.on(person, day).iter().map(|at| table.events[*at].id));
        }
    }
    Reason::Competing { events, places: named(table, there), proven }
}

fn told(table: &Table<'_>, board: &Board<'_, '_>, event: usize, reason: Reason) -> Unplaced {
    let what = &table.events[event];
    let message = message(table, what, &reason);
    let remedies = remedies(what, &reason);
    let alternatives = if matches!(reason, Reason::NoTitle | Reason::NoCore | Reason::NoHost) {
        Vec::new()
    } else {
        later(board, event)
    };
    Unplaced { event: what.id, reason, message, remedies, alternatives }
}

fn message(table: &Table<'_>, event: &Event, reason: &Reason) -> String {
    let days = || {
        let first = event.first_day.map_or(table.input.options.from, |first| first.max(table.input.options.from));
        let last = event.last_day().map_or(table.input.options.to, |last| last.min(table.input.options.to));
        format::dates(first, last.max(first))
    };
    match reason {
        Reason::WindowPassed => match event.last_day().filter(|last| *last < table.input.options.from) {
            Some(last) => {
                format!("Its last day was {}, before the first day of this proposal.", format::date_short(last))
            }
            None => "No day of this proposal lies in its window, with the usual start times.".to_owned(),
        },
        Reason::NoTitle => {
            format!("No one in this proposal has a job title that may work {} events.", event.event_type)
        }
        Reason::AllAway => format!("Everyone who may work it is off or not available {}.", days()),
        Reason::Competing { events, proven: true, .. } if holds(table, events) > 0 => {
            let held = format::count(holds(table, events), "scheduled event");
            format!("Everyone who may work it is busy with scheduled work {}: {held}.", days())
        }
        Reason::Competing { events, places, proven: true } => {
            let (events, free) = (format::count(events.len() as u64, "event"), places.len() as u64);
            let (first, last) = (places.iter().map(|one| one.1).min(), places.iter().map(|one| one.1).max());
            let (Some(first), Some(last)) = (first, last) else { return String::new() };
            if first == last {
                let people = if free == 1 { "1 person is".to_owned() } else { format!("{free} people are") };
                return format!(
                    "{events} can only be done on {}, and {people} free for them.",
                    format::date_short(first)
                );
            }
            let days = format::count(free, "day");
            format!(
                "{events} need a day each, and people who may work them have only {days} free {}.",
                format::dates(first, last)
            )
        }
        Reason::Competing { events, .. } => {
            let others = format::count(events.len() as u64 - 1, "other event");
            format!("Everyone who may work it is busy {}; {others} come first.", days())
        }
        Reason::NoHost => "Its CORE has a date, but no one who may work Supervisor events is free then.".to_owned(),
        Reason::NoCore => "Its CORE is not in the calendar or has no date, so its own date is unknown.".to_owned(),
    }
}

/// How many of these are scheduled already.
fn holds(table: &Table<'_>, events: &BTreeSet<EventId>) -> u64 {
    let is_held = |id: &&EventId| table.by_id.get(id).is_some_and(|at| table.events[*at].schedule.is_some());
    events.iter().filter(is_held).count() as u64
}

fn remedies(event: &Event, reason: &Reason) -> Vec<String> {
    let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    match reason {
        Reason::WindowPassed => text(&["Schedule it late by hand, or ask for a later last day."]),
        Reason::NoTitle => vec![format!(
            "Give someone a title that may work {} events, or assign it by hand with a reason.",
            event.event_type
        )],
        Reason::AllAway => text(&[
            "Make someone available on one of its days.",
            "Assign it by hand with a reason.",
            "Ask for a later last day.",
        ]),
        Reason::Competing { .. } => text(&[
            "Make someone available on one more of these days.",
            "Ask for a later last day of one of these events.",
            "Leave one of the others out and propose again.",
        ]),
        Reason::NoHost => text(&["Make a Club Supervisor or Lead available then, or assign it by hand with a reason."]),
        Reason::NoCore => text(&["Import or schedule its CORE first, or give it a day by hand."]),
    }
}

/// Days after the event's last on which someone could: no rule but `window` would speak.
fn later(board: &Board<'_, '_>, event: usize) -> Vec<Alternative> {
    let table = board.table;
    let what = &table.events[event];
    if what.event_type == EventType::Supervisor {
        return Vec::new();
    }
    let first = what.last_day().and_then(|last| last.succ_opt()).unwrap_or(table.input.options.from);
    let days = table.days.iter().enumerate().filter(|(_, date)| **date >= first);
    let mut found = Vec::new();
    for (day, date) in days {
        let free = (0..table.people.len()).find_map(|person| {
            let fits = table.fits(event, person, day);
            let starts = table.starts(event).iter().enumerate().filter(|(bit, _)| fits & (1 << bit) != 0);
            let mut spots = starts.map(|(_, time)| Spot { person, day, start: date.and_time(*time) });
            spots.find(|spot| board.clashes(event, *spot).next().is_none())
        });
        found
            .extend(free.map(|spot| Alternative { employee: table.people[spot.person].id.clone(), start: spot.start }));
        if found.len() == schedule::ROW_ALTERNATIVES_MAX {
            break;
        }
    }
    found
}

fn loads(table: &Table<'_>, board: &Board<'_, '_>) -> Vec<Load> {
    let minutes = |minutes: i64| u32::try_from(minutes).unwrap_or_default();
    let mut before = improve::Loads::new(table);
    for (event, spot) in table.anchors.iter().enumerate() {
        if let Some(spot) = spot {
            before.add(table.place(spot.person, spot.day), table.events[event].minutes);
        }
    }
    let load = |(person, employee): (usize, &&crate::domain::employee::Employee)| Load {
        employee: employee.id.clone(),
        minutes_before: minutes(before.minutes[person]),
        minutes_after: minutes(board.loads.minutes[person]),
    };
    table.people.iter().enumerate().map(load).filter(|load| load.minutes_after + load.minutes_before > 0).collect()
}
