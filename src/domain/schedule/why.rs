//! Why a row is what it is, and what else it could be.

use crate::domain::{
    employee::JobTitle,
    event::EventType,
    format,
    rules::Finding,
    schedule::{
        Alternative, Cause, ROW_ALTERNATIVES_MAX,
        board::{Board, Spot},
        rotation::{Role, Turn},
        units::Unit,
    },
};

/// Most other people who are looked at for one row: enough to say who has fewest hours in a team of one store.
const PEOPLE_MAX: usize = 40;

pub fn locked() -> (Cause, String) {
    (Cause::Locked, "Locked by a scheduler.".to_owned())
}

/// The others who could work an event at its time, beside everything else that is proposed.
pub fn free(board: &Board<'_, '_>, event: usize, spot: Spot) -> Vec<usize> {
    let table = board.table;
    let may = |person: &usize| {
        let there = Spot { person: *person, ..spot };
        *person != spot.person
            && table.title(*person).may_work(table.events[event].event_type)
            && table.may(event, there)
            && board.clashes(event, there).next().is_none()
    };
    (0..table.people.len()).filter(may).take(PEOPLE_MAX).collect()
}

/// The cause of a row and its sentences.
pub fn of(board: &Board<'_, '_>, event: usize, spot: Spot, free: &[usize]) -> (Cause, String) {
    let (cause, why) = person_cause(board, event, spot, free);
    (cause, why + &beyond_week(board, spot))
}

/// What the person works too much in that week: goals that come first made it so.
fn beyond_week(board: &Board<'_, '_>, spot: Spot) -> String {
    let name = board.table.people[spot.person].shown_name();
    let place = board.table.place(spot.person, spot.day);
    let days = board.loads.too_many_days(place).map(|days| format!(" {name} then works {days} days of that week."));
    let hours = |minutes: i64| format::duration(u32::try_from(minutes).unwrap_or_default());
    let beyond = board.loads.too_many_minutes(place).map(|(minutes, most)| {
        format!(" {name} then has {} in that week, of {} at most.", hours(minutes), hours(most))
    });
    days.into_iter().chain(beyond).collect()
}

/// Why it is this person.
fn person_cause(board: &Board<'_, '_>, event: usize, spot: Spot, free: &[usize]) -> (Cause, String) {
    let table = board.table;
    let what = &table.events[event];
    let person = table.people[spot.person];
    let first_slot = table.starts(event).first() == Some(&spot.start.time());
    let turn = table.input.rotation.turn_for(what, spot.start.date(), first_slot);
    let role = Role::of(what.event_type).map_or("", Role::label);
    let weekday = format::weekday(chrono::Datelike::weekday(&spot.start.date()));
    if let Some(Turn { reason, .. }) = turn.filter(|turn| turn.person == &person.id) {
        let why = match reason {
            Some(reason) => {
                format!("{} is the day's {role} in place of the usual one: {reason}.", person.isolated_name())
            }
            None => format!("{} is the {role} on {weekday}s.", person.isolated_name()),
        };
        return (Cause::Rotation, why);
    }
    let (cause, why) = other_cause(board, event, spot, free);
    let Some(turn) = turn.filter(|_| what.event_type != EventType::Core) else { return (cause, why) };
    (cause, format!("{} {why}", not_their_turn(board, event, spot, turn, role)))
}

/// Why it is not the person of the rotation.
fn not_their_turn(board: &Board<'_, '_>, event: usize, spot: Spot, turn: Turn<'_>, role: &str) -> String {
    let table = board.table;
    let known = table.input.employees.iter().find(|one| &one.id == turn.person);
    let Some(known) = known else {
        return format!("The {role} rotation of that day names someone who is no longer an employee.");
    };
    let name = known.isolated_name();
    let Some(person) = table.person(turn.person) else {
        return format!("{name} has the {role} rotation that day, but is left out of this proposal.");
    };
    match board.check(event, Spot { person, ..spot }).into_iter().next() {
        Some(Finding { message, .. }) => {
            let said = message.strip_prefix(&*name).map_or_else(|| format!(": {message}"), ToOwned::to_owned);
            format!("{name} has the {role} rotation that day, but{said}")
        }
        None => format!("{name} has the {role} rotation that day, but is needed elsewhere."),
    }
}

fn other_cause(board: &Board<'_, '_>, event: usize, spot: Spot, free: &[usize]) -> (Cause, String) {
    let table = board.table;
    let what = &table.events[event];
    let person = table.people[spot.person];
    let hours = |person: usize| format::duration(u32::try_from(board.loads.minutes[person]).unwrap_or_default());
    if free.is_empty() {
        return (Cause::OnlyOneFree, only_one(board, event, spot));
    }
    let types =
        |person: usize| EventType::ALL.iter().filter(|event_type| table.title(person).may_work(**event_type)).count();
    let mine = types(spot.person);
    let same: Vec<_> = free.iter().filter(|other| table.title(**other) == person.title).collect();
    let fewest = same
        .iter()
        .all(|other| board.loads.minutes[spot.person] <= board.loads.minutes[**other] + i64::from(what.minutes));
    if fewest && !same.is_empty() {
        // Others may have fewer hours than this person has with the event.
        let without = u32::try_from(board.loads.minutes[spot.person] - i64::from(what.minutes)).unwrap_or_default();
        let why = format!(
            "Of the {}s who are free then, none has fewer hours in these days than {} beside this event ({}).",
            person.title.label(),
            person.isolated_name(),
            format::duration(without)
        );
        return (Cause::FewestHours, why);
    }
    if same.is_empty() && free.iter().all(|other| types(*other) >= mine) {
        if (what.event_type, person.title) == (EventType::Supervisor, JobTitle::ClubSupervisor) {
            return (Cause::FollowsCore, "It follows its CORE, and a Club Supervisor is free then.".to_owned());
        }
        let why = "The others who are free may work more types of events and stay free for them.".to_owned();
        return (Cause::LeastVersatile, why);
    }
    if what.event_type == EventType::Supervisor {
        return (Cause::FollowsCore, format!("It follows its CORE, and {} is free then.", person.isolated_name()));
    }
    let why =
        format!("With {}, the rest of the proposal works out best ({}).", person.isolated_name(), hours(spot.person));
    (Cause::FitsWithOthers, why)
}

/// Why no one else is free: no one else may work it then, or those who may have other work in the proposal.
fn only_one(board: &Board<'_, '_>, event: usize, spot: Spot) -> String {
    let table = board.table;
    let name = |person: usize| table.people[person].isolated_name();
    let may = |person: &usize| {
        *person != spot.person
            && table.title(*person).may_work(table.events[event].event_type)
            && table.may(event, Spot { person: *person, ..spot })
    };
    let busy: Vec<_> = (0..table.people.len()).filter(may).collect();
    let only = name(spot.person);
    match *busy {
        [] => format!("Only {only} may work it and is free then."),
        [one] => format!("Only {only} is free then; {} has other work in this proposal.", name(one)),
        _ => format!(
            "Only {only} is free then; the {} others who may work it have other work in this proposal.",
            busy.len()
        ),
    }
}

/// Others at the same time, those with fewest hours first; then other days and times of the same person.
pub fn alternatives(board: &Board<'_, '_>, unit: &Unit, event: usize, spot: Spot, free: &[usize]) -> Vec<Alternative> {
    let table = board.table;
    let mut people = free.to_vec();
    people.sort_by_key(|person| (board.loads.minutes[*person], *person));
    let people = people.into_iter().map(|person| Spot { person, ..spot });
    let mut found: Vec<_> = people.take(ROW_ALTERNATIVES_MAX).collect();
    // Its Supervisors would have to go along: that is proposing again.
    if unit.fixed.is_none() && unit.followers.is_empty() {
        other_times(board, unit, event, spot, &mut found);
    }
    let named = |spot: Spot| Alternative { employee: table.people[spot.person].id.clone(), start: spot.start };
    found.into_iter().map(named).collect()
}

fn other_times(board: &Board<'_, '_>, unit: &Unit, event: usize, now: Spot, found: &mut Vec<Spot>) {
    let table = board.table;
    for (day, starts) in &unit.days {
        let fits = table.fits(event, now.person, *day) & starts;
        for (_, time) in table.starts(event).iter().enumerate().filter(|(bit, _)| fits & (1 << bit) != 0) {
            let spot = Spot { person: now.person, day: *day, start: table.days[*day].and_time(*time) };
            if found.len() >= ROW_ALTERNATIVES_MAX {
                return;
            }
            if spot != now && board.clashes(event, spot).next().is_none() {
                found.push(spot);
            }
        }
    }
}
