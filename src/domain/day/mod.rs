//! The data of one day for the day page and the API: summary, and cards in groups; in [`roster`] that of a week.

pub mod roster;

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::{
    employee::{Employee, JobTitle},
    event::{Event, EventType, Location, filter::Filter, pairing::Pair},
    ids::{EmployeeId, EventId},
    rules::stored::StoredFinding,
};

/// The groups of a day page, in order.
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

    pub fn slug(self) -> &'static str {
        match self {
            Self::Of(event_type) => event_type.slug(),
            Self::UnscheduledDue => "unscheduled",
        }
    }
}

/// The other event of a pair, on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    pub id: EventId,
    pub name: String,
    /// Employee and start; none while unstaffed.
    pub scheduled: Option<(String, NaiveDateTime)>,
}

/// The pair on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairLine {
    /// Neither a CORE nor a Supervisor, or pairing is off.
    Silent,
    /// A CORE and the Supervisors that follow it; empty if there is none.
    Supervisors(Vec<Partner>),
    /// A Supervisor and the CORE it follows, if there is one.
    Core(Option<Partner>),
}

/// An event with its employee and pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub event: Event,
    pub employee: Option<Employee>,
    /// The employee's name as pages show it.
    pub who: Option<String>,
    pub pair: PairLine,
    /// The audit entry that can be undone from the card.
    pub undo: Option<u64>,
    /// Findings of the rules about the assignment.
    pub findings: Vec<StoredFinding>,
}

impl Card {
    /// Without its pair.
    pub fn plain(event: Event, employee: Option<Employee>, findings: Vec<StoredFinding>) -> Self {
        Self { event, employee, who: None, pair: PairLine::Silent, undo: None, findings }
    }

    pub fn employee_name(&self) -> Option<&str> {
        self.employee.as_ref().map(|employee| employee.name.as_str())
    }
}

/// A person in the summary of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub name: String,
    /// As pages show it.
    pub shown: String,
}

/// A day: its summary, and the cards that match the filter.
#[derive(Clone, Debug)]
pub struct Day {
    pub date: NaiveDate,
    groups: BTreeMap<Group, Vec<Card>>,
    /// Events of the day before whose work reaches into this day, by their end.
    pub overnight: Vec<Card>,
    /// Employees with Juicer events, earliest first, each once.
    pub juicers: Vec<Holder>,
    /// Lead Event Specialists with a CORE, earliest first, each once.
    pub primary_leads: Vec<Holder>,
    /// The store of all its events, if there is one and they have no other.
    pub store: Option<Location>,
    pub supervisors_scheduled: usize,
    /// Supervisor events not scheduled: due this day, or belonging to a CORE of this day.
    pub supervisors_unscheduled: usize,
    pub unscheduled_due: usize,
    /// Cards before any filter.
    pub total: usize,
    /// False if the day has more events than are read.
    pub complete: bool,
}

impl Day {
    /// Sorts cards into groups: scheduled ones by start, unscheduled ones by type and name.
    pub fn new(date: NaiveDate, mut cards: Vec<Card>) -> Self {
        cards.sort_by(|a, b| place(a).cmp(&place(b)));
        let supervisors_unscheduled = unscheduled_supervisors(&cards);
        let (total, store) = (cards.len(), shared_store(&cards));
        let mut groups: BTreeMap<Group, Vec<Card>> = BTreeMap::new();
        for card in cards {
            let scheduled = card.event.schedule.is_some();
            let group = if scheduled { Group::Of(card.event.event_type) } else { Group::UnscheduledDue };
            groups.entry(group).or_default().push(card);
        }
        let of = |group: Group| groups.get(&group).map_or(&[][..], Vec::as_slice);
        let is_lead = |employee: &Employee| employee.title == JobTitle::LeadEventSpecialist;
        Self {
            date,
            juicers: holders(of(Group::Of(EventType::Juicer)), |_| true),
            primary_leads: holders(of(Group::Of(EventType::Core)), is_lead),
            supervisors_scheduled: of(Group::Of(EventType::Supervisor)).len(),
            supervisors_unscheduled,
            unscheduled_due: of(Group::UnscheduledDue).len(),
            store,
            total,
            complete: true,
            overnight: Vec::new(),
            groups,
        }
    }

    /// The same day with only the cards that match a filter. The summary stays that of the whole day.
    #[must_use]
    pub fn filtered(mut self, filter: &Filter) -> Self {
        for cards in self.groups.values_mut() {
            cards.retain(|card| filter.matches(&card.event));
        }
        self.overnight.retain(|card| filter.matches(&card.event));
        self
    }

    /// The audit entries that can be undone from a card.
    pub fn undos(&self) -> impl Iterator<Item = u64> {
        self.groups.values().flatten().filter_map(|card| card.undo)
    }

    /// Number of shown cards.
    pub fn shown(&self) -> usize {
        self.groups.values().map(Vec::len).sum()
    }

    pub fn cards(&self, group: Group) -> &[Card] {
        self.groups.get(&group).map_or(&[], Vec::as_slice)
    }
}

/// Employees of the cards, in order, each once.
fn holders(cards: &[Card], wanted: impl Fn(&Employee) -> bool) -> Vec<Holder> {
    let mut seen: Vec<&EmployeeId> = Vec::new();
    let mut holders = Vec::new();
    for (card, employee) in cards.iter().filter_map(|card| Some((card, card.employee.as_ref()?))) {
        if wanted(employee) && !seen.contains(&&employee.id) {
            seen.push(&employee.id);
            let shown = card.who.clone().unwrap_or_else(|| employee.shown_name().into_owned());
            holders.push(Holder { name: employee.name.clone(), shown });
        }
    }
    holders
}

/// The store of at least two cards, if all have the same.
fn shared_store(cards: &[Card]) -> Option<Location> {
    let (first, rest) = cards.split_first()?;
    let location = &first.event.location;
    let shared =
        !rest.is_empty() && !location.key().is_empty() && rest.iter().all(|card| card.event.location == *location);
    shared.then(|| location.clone())
}

/// Sort key of a card.
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

/// The pair of `event`, from the events with its store and number.
pub fn pair_line(event: &Event, same_number: &[Event], name_of: impl Fn(&EmployeeId) -> String) -> PairLine {
    let pair = Pair::among(same_number);
    let partner = |other: &Event| Partner {
        id: other.id,
        name: other.product(),
        scheduled: other.schedule.as_ref().map(|now| (name_of(&now.employee), now.start)),
    };
    match event.event_type {
        EventType::Core => PairLine::Supervisors(pair.followers_of(event.id).into_iter().map(partner).collect()),
        EventType::Supervisor => PairLine::Core(pair.leader_of(event).map(partner)),
        EventType::Juicer | EventType::Freeosk | EventType::Digitals | EventType::Other => PairLine::Silent,
    }
}
