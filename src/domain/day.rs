//! One day as the day page and the API tell it: banner facts, and cards in groups.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::{
    employee::{Employee, JobTitle},
    event::{Event, EventType},
    ids::{EmployeeId, EventId},
    pairing::Pair,
};

/// The groups of a day page, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Of(EventType),
    UnscheduledDue,
}

impl Group {
    pub const ALL: [Self; 7] = [
        Self::Of(EventType::Juicer),
        Self::Of(EventType::Freeosk),
        Self::Of(EventType::Digitals),
        Self::Of(EventType::Core),
        Self::Of(EventType::Other),
        Self::Of(EventType::Supervisor),
        Self::UnscheduledDue,
    ];

    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Of(event_type) => event_type.slug(),
            Self::UnscheduledDue => "unscheduled",
        }
    }
}

/// The other half of a pair, as a card names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    pub id: EventId,
    pub name: String,
    /// Who and when; none while unstaffed.
    pub scheduled: Option<(String, NaiveDateTime)>,
}

/// What a card says about its pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairLine {
    /// Neither a CORE nor a Supervisor, or pairing is switched off.
    Silent,
    /// A CORE and the Supervisors that follow it; none if no event is configured.
    Supervisors(Vec<Partner>),
    /// A Supervisor and the CORE it follows, if there is one.
    Core(Option<Partner>),
}

/// An event with the names a reader needs beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub event: Event,
    pub employee: Option<Employee>,
    pub pair: PairLine,
    /// The audit entry that one press still takes back.
    pub undo: Option<u64>,
}

impl Card {
    #[must_use]
    pub fn employee_name(&self) -> Option<&str> {
        self.employee.as_ref().map(|employee| employee.name.as_str())
    }
}

/// A day, whole.
#[derive(Clone, Debug)]
pub struct Day {
    pub date: NaiveDate,
    groups: BTreeMap<Group, Vec<Card>>,
    /// Supervisor events not scheduled: due this day, or belonging to a CORE of this day.
    pub supervisors_unscheduled: usize,
}

impl Day {
    /// Sorts cards into groups: scheduled ones by start, unscheduled ones by type and name.
    #[must_use]
    pub fn new(date: NaiveDate, mut cards: Vec<Card>) -> Self {
        cards.sort_by(|a, b| place(a).cmp(&place(b)));
        let supervisors_unscheduled = unscheduled_supervisors(&cards);
        let mut groups: BTreeMap<Group, Vec<Card>> = BTreeMap::new();
        for card in cards {
            let scheduled = card.event.schedule.is_some();
            let group = if scheduled { Group::Of(card.event.event_type) } else { Group::UnscheduledDue };
            groups.entry(group).or_default().push(card);
        }
        Self { date, groups, supervisors_unscheduled }
    }

    #[must_use]
    pub fn cards(&self, group: Group) -> &[Card] {
        self.groups.get(&group).map_or(&[], Vec::as_slice)
    }

    /// Who works Juicer events, earliest first, each once.
    #[must_use]
    pub fn juicers(&self) -> Vec<String> {
        self.holders(EventType::Juicer, |_| true)
    }

    /// The Lead Event Specialists who hold a CORE, earliest first, each once.
    #[must_use]
    pub fn primary_leads(&self) -> Vec<String> {
        self.holders(EventType::Core, |employee| employee.title == JobTitle::LeadEventSpecialist)
    }

    fn holders(&self, event_type: EventType, wanted: impl Fn(&Employee) -> bool) -> Vec<String> {
        let mut seen: Vec<&EmployeeId> = Vec::new();
        let mut names = Vec::new();
        for employee in self.cards(Group::Of(event_type)).iter().filter_map(|card| card.employee.as_ref()) {
            if wanted(employee) && !seen.contains(&&employee.id) {
                seen.push(&employee.id);
                names.push(employee.name.clone());
            }
        }
        names
    }
}

/// What cards are sorted by.
fn place(card: &Card) -> (Option<NaiveDateTime>, EventType, &str, EventId) {
    (card.event.start(), card.event.event_type, &card.event.name, card.event.id)
}

fn unscheduled_supervisors(cards: &[Card]) -> usize {
    let mut ids: Vec<EventId> = Vec::new();
    for card in cards {
        if card.event.event_type == EventType::Supervisor && card.event.schedule.is_none() {
            ids.push(card.event.id);
        }
        if let PairLine::Supervisors(partners) = &card.pair {
            let scheduled = card.event.schedule.is_some();
            ids.extend(partners.iter().filter(|one| scheduled && one.scheduled.is_none()).map(|one| one.id));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

/// What a card says about the pair of `event`, given the events with its store and number.
#[must_use]
pub fn pair_line(event: &Event, same_number: &[Event], name_of: impl Fn(&EmployeeId) -> String) -> PairLine {
    let pair = Pair::among(same_number);
    let partner = |other: &Event| Partner {
        id: other.id,
        name: other.name.clone(),
        scheduled: other.schedule.as_ref().map(|now| (name_of(&now.employee), now.start)),
    };
    match event.event_type {
        EventType::Core => PairLine::Supervisors(pair.followers_of(event.id).into_iter().map(partner).collect()),
        EventType::Supervisor => PairLine::Core(pair.leader_of(event).map(partner)),
        EventType::Juicer | EventType::Freeosk | EventType::Digitals | EventType::Other => PairLine::Silent,
    }
}
