//! The cards of a day, with everything that a page shows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    domain::{
        day::{Card, Day, PairLine, pair_line},
        employee::{Employee, name::Namesakes},
        event::{Event, filter::Filter},
        ids::{EmployeeId, Revision},
    },
    store::{
        error::StoreError,
        queries::undo_window,
        tables::{employees, events, issues, retail_stores},
        transaction::ReadTx,
    },
};

#[derive(Clone, Copy, Debug)]
pub struct Show {
    /// Name the other event of a pair.
    pub pairing: bool,
    /// Offer an undo within this window in minutes, as of this time.
    pub undo: Option<(u32, DateTime<Utc>)>,
    /// Findings of the rules, as of this date.
    pub findings: Option<NaiveDate>,
}

/// A day with all data of its page.
pub fn day(tx: &dyn ReadTx, date: NaiveDate, show: Show) -> Result<Day, StoreError> {
    filtered_day(tx, date, &Filter::default(), show)
}

/// Same with only the cards that match a filter. If a day has more events than are read, a filter by store or
/// employee finds the others.
pub fn filtered_day(tx: &dyn ReadTx, date: NaiveDate, filter: &Filter, show: Show) -> Result<Day, StoreError> {
    let (mut events, complete) = events::on(tx, date)?;
    if !complete {
        let found = match (&filter.employee, &filter.store) {
            (Some(employee), _) => events::held_between(tx, employee, date, date)?,
            (None, Some(store)) => retail_stores::events_between(tx, store, (date, date), events::DAY_EVENTS_MAX)?,
            (None, None) => Vec::new(),
        };
        let known: BTreeSet<_> = events.iter().map(|event| event.id).collect();
        events.extend(found.into_iter().filter(|event| !known.contains(&event.id)));
    }
    let people = People::read(tx)?;
    let mut day = Day::new(date, cards_of(tx, events, show, &people)?);
    let plain = Show { pairing: false, undo: None, ..show };
    day.overnight = cards_of(tx, overnight(tx, date)?, plain, &people)?;
    day.complete = complete;
    Ok(day.filtered(filter))
}

/// The events of the day before whose work reaches into a day, by their end.
fn overnight(tx: &dyn ReadTx, date: NaiveDate) -> Result<Vec<Event>, StoreError> {
    let Some(before) = date.pred_opt() else { return Ok(Vec::new()) };
    let mut events = events::scheduled_first(tx, (before, before), events::DAY_EVENTS_MAX)?;
    events.retain(|event| event.end_after_midnight(date).is_some());
    events.sort_by_key(|event| (event.end_after_midnight(date), event.id));
    Ok(events)
}

/// Cards of events: each with its employee and its pair.
pub fn cards(tx: &dyn ReadTx, events: Vec<Event>, show: Show) -> Result<Vec<Card>, StoreError> {
    cards_of(tx, events, show, &People::read(tx)?)
}

fn cards_of(tx: &dyn ReadTx, events: Vec<Event>, show: Show, people: &People) -> Result<Vec<Card>, StoreError> {
    let mut undos = undo_window::Known::new();
    let same_number = if show.pairing { events::same_numbers(tx, &events)? } else { Vec::new() };
    let mut same_number = same_number.into_iter();
    let card = |event| card(tx, event, show, people, same_number.next(), &mut undos);
    let mut cards: Vec<_> = events.into_iter().map(card).collect::<Result<_, _>>()?;
    if let Some(today) = show.findings {
        add_findings(tx, &mut cards, today)?;
    }
    Ok(cards)
}

/// Adds the findings of the rules: the index tells which assignments have any.
fn add_findings(tx: &dyn ReadTx, cards: &mut [Card], today: NaiveDate) -> Result<(), StoreError> {
    let dates: BTreeSet<_> = cards.iter().filter_map(|card| card.event.date()).collect();
    let mut with_findings = BTreeSet::new();
    for date in dates {
        with_findings.extend(issues::rules_between(tx, date, date)?.into_iter().map(|row| row.event));
    }
    if with_findings.is_empty() {
        return Ok(());
    }
    let mut evaluator = issues::Evaluator::for_pages(tx)?;
    for card in cards.iter_mut().filter(|card| with_findings.contains(&card.event.id)) {
        card.findings = evaluator.findings(&card.event, today)?;
    }
    Ok(())
}

fn card(
    tx: &dyn ReadTx,
    event: Event,
    show: Show,
    people: &People,
    same_number: Option<Vec<Event>>,
    undos: &mut undo_window::Known,
) -> Result<Card, StoreError> {
    let employee = match &event.schedule {
        Some(now) => people.all.get(&now.employee).cloned(),
        None => None,
    };
    let who = event.schedule.as_ref().map(|now| people.name_of(&now.employee));
    let undo = match show.undo {
        Some((minutes, now)) if event.revision > Revision::default() => {
            undo_window::open_for(tx, &event, minutes, now, undos)?
        }
        _ => None,
    };
    let pair = match same_number {
        Some(same_number) => pair_line(&event, &same_number, |id| people.name_of(id)),
        None => PairLine::Silent,
    };
    Ok(Card { event, employee, who, pair, undo, findings: Vec::new() })
}

/// All employees, read once.
struct People {
    all: BTreeMap<EmployeeId, Employee>,
    namesakes: Namesakes,
}

impl People {
    fn read(tx: &dyn ReadTx) -> Result<Self, StoreError> {
        let all: BTreeMap<_, _> = employees::all(tx)?.into_iter().map(|one| (one.id.clone(), one)).collect();
        let namesakes = Namesakes::among(all.values());
        Ok(Self { all, namesakes })
    }

    /// The name as pages show it; the id of an unknown person.
    fn name_of(&self, id: &EmployeeId) -> String {
        self.all.get(id).map_or_else(|| id.to_string(), |one| self.namesakes.name_of(one))
    }
}
