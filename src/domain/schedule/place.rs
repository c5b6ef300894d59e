//! The order of the work: long work first, then what lies beside it, then what found no place at first.

use std::cmp::Reverse;

use crate::domain::{
    employee::JobTitle,
    event::EventType,
    schedule::{
        board::Board,
        even,
        improve::{self, Exchange, Loads},
        matching::{Graph, Matching},
        polish,
        search::{Search, Where},
        table::Table,
        units::{Unit, Units},
    },
};

/// Everything placed, and what is needed to say why the rest is not.
pub struct Placed<'t, 'a> {
    pub board: Board<'t, 'a>,
    pub graph: Graph,
    pub matching: Matching,
    pub steps: u64,
}

/// Places as many units as can be, in the order of the goals.
pub fn place<'t, 'a>(table: &'t Table<'a>, units: &Units) -> Placed<'t, 'a> {
    let all = &units.all;
    let strict = table.input.policy.short_work_minutes == 0;
    let mut graph = Graph::new(table, all, |unit| &unit.days);
    let mut matching = Matching::new(all.len(), table.places());
    if strict {
        close_hosts(table, &mut matching);
    }
    for (at, unit) in all.iter().enumerate() {
        if let Some(spot) = table.anchors[unit.event] {
            matching.put(at, table.place(spot.person, spot.day));
        }
    }
    let alone = match_long(table, &mut graph, all, &mut matching, strict);
    for (at, unit) in all.iter().enumerate() {
        // What moved for another event may still find a better place; what did not stays.
        matching.fixed[at] = table.anchors[unit.event].is_some();
    }
    improve::keep_rotation(table, &graph, all, &mut matching);
    let mut loads = Loads::new(table);
    for (unit, place) in matching.of_unit.iter().enumerate() {
        if let Some(place) = place {
            loads.add(*place, table.events[all[unit].event].minutes);
        }
    }
    let mut exchange = Exchange { table, graph: &graph, units: all, matching: &mut matching, loads };
    exchange.even_out();
    exchange.even_within_titles();
    exchange.earlier();
    let mut board = Board::new(table);
    let mut search = Search::new(&mut board, all);
    let left = reconcile(&mut search, &matching, &alone);
    let alone = (0..all.len()).filter(|unit| alone[*unit]).filter_map(|unit| Some((unit, matching.of_unit[unit]?)));
    let alone = alone.collect();
    put_the_rest(&mut search, left, alone, strict);
    let steps = search.steps + matching.steps;
    even::even_short(&mut board, all);
    let long = all.iter().enumerate().filter(|(_, unit)| unit.is_long);
    let places = long.filter_map(|(at, unit)| {
        let spot = board.spots[unit.event]?;
        Some((at, table.place(spot.person, spot.day)))
    });
    matching.reconcile(places);
    Placed { board, graph, matching, steps }
}

/// Where short work may not lie beside other work, those who may take Supervisors stay free for that at first.
fn close_hosts(table: &Table<'_>, matching: &mut Matching) {
    for place in 0..table.places() {
        let (person, _) = table.of_place(place);
        matching.closed[place] = table.title(person).may_work(EventType::Supervisor);
    }
}

/// Matches units with their Supervisors first, then COREs without. Answers which those are.
fn match_long(
    table: &Table<'_>,
    graph: &mut Graph,
    units: &[Unit],
    matching: &mut Matching,
    strict: bool,
) -> Vec<bool> {
    let mut loads = Loads::new(table);
    for (unit, place) in matching.of_unit.iter().enumerate() {
        // What may move stands somewhere already.
        if let Some(place) = place {
            loads.add(*place, table.events[units[unit].event].minutes);
        }
    }
    let mut alone = vec![false; units.len()];
    let mut add = |graph: &Graph, matching: &mut Matching, unit: usize| {
        let minutes = table.events[units[unit].event].minutes;
        let moved = matching.add(graph, unit, |place| loads.cost(place, minutes));
        for (unit, old, new) in moved.iter().flatten() {
            let minutes = table.events[units[*unit].event].minutes;
            if let Some(old) = old {
                loads.remove(*old, minutes);
            }
            loads.add(*new, minutes);
        }
        moved.is_ok()
    };
    let open = |unit: &usize| units[*unit].is_long && table.anchors[units[*unit].event].is_none();
    let long: Vec<_> = (0..units.len()).filter(open).collect();
    let failed: Vec<_> = long.into_iter().filter(|unit| !add(graph, matching, *unit)).collect();
    for unit in failed.into_iter().filter(|unit| !strict && !units[*unit].followers.is_empty()) {
        graph.join(table, unit, &units[unit], &units[unit].alone);
        alone[unit] = true;
        add(graph, matching, unit);
    }
    alone
}

/// Puts matched work on the board: a day's rotation first, then Leads, so that slots suit them. Answers what found no start
/// or no one for its Supervisor.
fn reconcile(search: &mut Search<'_, '_, '_>, matching: &Matching, alone: &[bool]) -> Vec<usize> {
    let (table, units) = (search.board.table, search.units);
    let mut order: Vec<_> = (0..units.len()).filter_map(|unit| Some((unit, matching.of_unit[unit]?))).collect();
    order.sort_by_key(|(unit, place)| {
        let (person, day) = table.of_place(*place);
        let event = &table.events[units[*unit].event];
        let turn = table.input.rotation.turn_for(event, table.days[day], true);
        let has_turn = turn.is_some_and(|turn| turn.person == &table.people[person].id);
        let is_lead = table.title(person) == JobTitle::LeadEventSpecialist;
        let starts = table.fits(units[*unit].event, person, day).count_ones();
        (day, Reverse(has_turn), Reverse(is_lead), starts, *unit)
    });
    let mut left = Vec::new();
    // What may move and did not stays to the minute, before anything is put beside it.
    let stays = |unit: usize, place: usize| {
        table.anchors[units[unit].event].is_some_and(|spot| table.place(spot.person, spot.day) == place)
    };
    for (unit, _) in order.iter().filter(|(unit, place)| stays(*unit, *place)) {
        search.restore(*unit);
    }
    order.retain(|(unit, place)| !stays(*unit, *place));
    for (unit, place) in order {
        let place = if alone[unit] { Where::AloneAt(place) } else { Where::At(place) };
        if !search.put(unit, place) {
            left.push(unit);
        }
    }
    left
}

/// Short work, then long work that has no place yet; at last COREs without their Supervisors, `alone` where they were matched
/// if that is still free.
fn put_the_rest(search: &mut Search<'_, '_, '_>, left: Vec<usize>, alone: Vec<(usize, usize)>, strict: bool) {
    let units = search.units;
    let mut late: Vec<usize> = Vec::new();
    for (unit, one) in units.iter().enumerate() {
        if !one.is_long && !search.insert(unit) {
            late.push(unit);
        }
    }
    // Where everything but long work gives way, what the matching left out has no place: that is proven.
    let open = |unit: &usize| search.board.spots[units[*unit].event].is_none();
    let mut long: Vec<_> =
        if strict { (0..units.len()).filter(|unit| units[*unit].is_long).filter(open).collect() } else { left };
    long.extend(late);
    long.sort_unstable();
    if !long.is_empty() {
        // What is placed whole goes before them.
        for (unit, _) in &alone {
            search.take_away(*unit);
        }
    }
    for unit in &long {
        search.insert(*unit);
    }
    polish::polish(search, &long);
    for (unit, place) in alone {
        if search.board.spots[units[unit].event].is_none() {
            search.put(unit, Where::AloneAt(place));
        }
    }
    for (unit, one) in units.iter().enumerate() {
        if search.board.spots[one.event].is_none() && !one.followers.is_empty() {
            search.put(unit, Where::Alone);
        }
    }
}
