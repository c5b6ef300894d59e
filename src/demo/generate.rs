//! Generates data of any size for load tests.
//!
//! Invariant: the same plan generates the same data, byte for byte, and its pairs have no findings.

use chrono::NaiveDate;
use fastrand::Rng;

pub use crate::demo::demo;
use crate::{
    demo::events::{Maker, Numbers, Piece, Staffing, Window, is_of},
    domain::event::{Event, EventType},
    import::Incoming,
};

/// Events of one store; more events get more stores, so that six-digit numbers never run out.
const STORE_EVENTS: usize = 2000;
/// Fewest stores.
const STORES_MIN: usize = 3;
/// Fewest and most employees, unless a number is given.
const PEOPLE_MIN: usize = 12;
const PEOPLE_MAX: usize = 400;
/// Most days from an event's first day to its day, and from there to its due date.
const DAYS_BEFORE_MAX: u64 = 5;
const DAYS_AFTER_MAX: u64 = 6;

/// Parameters of generated data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Events in all. Proportions hold for any number.
    pub count: u32,
    /// The days to fill, both included.
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub seed: u64,
}

impl Plan {
    fn days(&self) -> usize {
        let days = (self.last - self.first).num_days().unsigned_abs() + 1;
        usize::try_from(days).unwrap_or(usize::MAX)
    }
}

/// 40 % CORE, 20 % Juicer, 20 % Supervisor, 10 % Freeosk, the rest Digitals; 90 % scheduled; for `people`, if that is given. In
/// a store with generated events, `stored` has the first id: a run that begins with the same day as the one that made it has
/// its numbers, so that it makes the same events; any other has numbers of its own.
#[must_use]
pub fn generate(plan: &Plan, people: Option<usize>, stored: Option<&Event>) -> Incoming {
    let is_other = stored.is_some_and(|event| !is_of(event, plan.first));
    let numbers = if is_other { Numbers::beginning(plan.first) } else { Numbers::FIRST };
    // A fifth more than a day has events: many events fill a whole working day.
    let a_day = usize::try_from(plan.count).unwrap_or(usize::MAX) / plan.days();
    let people = people.unwrap_or((a_day * 6 / 5).clamp(PEOPLE_MIN, PEOPLE_MAX));
    let (first, days) = (plan.first.min(plan.last), plan.days());
    let count = usize::try_from(plan.count).unwrap_or(usize::MAX);
    let mut maker = Maker::new(plan.seed, numbers, (count / STORE_EVENTS).max(STORES_MIN), people);
    let mut buckets = vec![Vec::new(); days];
    for (index, piece) in pieces(count, &mut maker.rng).into_iter().enumerate() {
        buckets[index % days].push(piece);
    }
    for (day, mut pieces) in first.iter_days().zip(buckets) {
        pieces.sort_by_key(|piece| piece.rank());
        maker.start_day();
        for piece in pieces {
            let (before, after) = (maker.rng.u64(..=DAYS_BEFORE_MAX), maker.rng.u64(..=DAYS_AFTER_MAX));
            // Unscheduled work is due on its day, so that every month shows the number it was given.
            let after = if is_scheduled(piece) { after } else { 0 };
            maker.make(piece, Window::around(day, before, after));
        }
    }
    maker.finish()
}

/// The pieces of `count` events in a random order, a tenth of the events unstaffed.
fn pieces(count: usize, rng: &mut Rng) -> Vec<Piece> {
    let (cores, fifth, tenth) = (count * 2 / 5, count / 5, count / 10);
    let singles = [
        (EventType::Juicer, fifth),
        (EventType::Freeosk, tenth),
        (EventType::Digitals, count - cores - 2 * fifth - tenth),
    ];
    let staffing = Staffing::Scheduled;
    let mut pieces = vec![Piece::Core { staffing, supervisor: Some(staffing) }; fifth];
    pieces.resize(cores, Piece::Core { staffing, supervisor: None });
    for (event_type, count) in singles {
        pieces.extend(std::iter::repeat_n(Piece::Single { event_type, staffing }, count));
    }
    rng.shuffle(&mut pieces);
    let mut unstaffed = (count + 5) / 10;
    for piece in &mut pieces {
        let events = events(*piece);
        if events <= unstaffed {
            *piece = release(*piece);
            unstaffed -= events;
        }
    }
    rng.shuffle(&mut pieces);
    pieces
}

fn events(piece: Piece) -> usize {
    if matches!(piece, Piece::Core { supervisor: Some(_), .. }) { 2 } else { 1 }
}

fn is_scheduled(piece: Piece) -> bool {
    let (Piece::Core { staffing, .. } | Piece::Single { staffing, .. }) = piece;
    staffing == Staffing::Scheduled
}

/// The same piece unassigned, with its Supervisor.
fn release(piece: Piece) -> Piece {
    let staffing = Staffing::Unstaffed;
    match piece {
        Piece::Core { supervisor, .. } => Piece::Core { staffing, supervisor: supervisor.map(|_| staffing) },
        Piece::Single { event_type, .. } => Piece::Single { event_type, staffing },
    }
}
