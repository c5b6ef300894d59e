//! Sample data for the demo: a plausible month around today.
//!
//! Today shows every feature; the other days are ordinary.

pub mod events;
pub mod generate;
pub mod names;
pub mod people;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::{
    demo::events::{
        Maker, Numbers, Piece,
        Staffing::{self, Scheduled, Unstaffed},
        Window,
    },
    domain::event::EventType::{self, Digitals, Freeosk, Juicer, Other},
    import::Incoming,
};

/// Seed of the random numbers: the same days look the same on every start.
const SEED: u64 = 606_001;
const PEOPLE: usize = 12;
const STORES: usize = 3;
/// Days before and after today that have events.
const DAYS_BACK: i64 = 21;
const DAYS_AHEAD: i64 = 28;
/// Days, counted from today, with a CORE whose Supervisor event is unscheduled.
const HALF_PAIR_DAYS: [i64; 5] = [0, 1, 2, 4, 8];
/// The day with a CORE that has no Supervisor event at all.
const LONE_CORE_DAY: i64 = 0;
/// Days with an event that the vendor performs.
const VENDOR_DAYS: [i64; 5] = [-9, -2, 0, 5, 13];
/// Days on which unscheduled work is due; two to four events each.
const WORK_BANK_DAYS: [i64; 7] = [0, 1, 3, 6, 9, 14, 20];
/// A day long past whose work was never done.
const FORGOTTEN_DAY: i64 = -8;

const fn single(event_type: EventType, staffing: Staffing) -> Piece {
    Piece::Single { event_type, staffing }
}

const PAIR: Piece = Piece::Core { staffing: Scheduled, supervisor: Some(Scheduled) };
const HALF_PAIR: Piece = Piece::Core { staffing: Scheduled, supervisor: Some(Unstaffed) };
const OPEN_PAIR: Piece = Piece::Core { staffing: Unstaffed, supervisor: Some(Unstaffed) };
const LONE_CORE: Piece = Piece::Core { staffing: Scheduled, supervisor: None };

/// About three weeks back and four ahead.
pub fn demo(today: NaiveDate) -> Incoming {
    let mut maker = Maker::new(SEED, Numbers::FIRST, STORES, PEOPLE);
    for offset in -DAYS_BACK..=DAYS_AHEAD {
        let Some(day) = shifted(today, offset) else { continue };
        maker.start_day();
        let mut pieces = if offset == 0 { today_pieces() } else { ordinary_pieces(&mut maker, day) };
        pieces.extend(VENDOR_DAYS.contains(&offset).then_some(single(Other, Scheduled)));
        pieces.extend(HALF_PAIR_DAYS.contains(&offset).then_some(HALF_PAIR));
        pieces.extend((offset == LONE_CORE_DAY).then_some(LONE_CORE));
        pieces.sort_by_key(|piece| piece.rank());
        for piece in pieces {
            let (before, after) = (maker.rng.u64(..=3), maker.rng.u64(1..=4));
            // The Supervisor event of a half pair is due on a day with little other unscheduled work.
            maker.make(piece, Window::around(day, before, if piece == HALF_PAIR { 2 } else { after }));
        }
        for piece in work_bank(offset) {
            maker.make(piece, Window::around(day, 4, 0));
        }
    }
    maker.finish()
}

fn shifted(day: NaiveDate, by: i64) -> Option<NaiveDate> {
    let days = Days::new(by.unsigned_abs());
    if by < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }
}

/// Two Juicers, two Freeosks, three Digitals; with the half pair and the lone CORE there are five COREs.
fn today_pieces() -> Vec<Piece> {
    let singles = [Juicer, Juicer, Freeosk, Freeosk, Digitals, Digitals, Digitals];
    singles.map(|event_type| single(event_type, Scheduled)).into_iter().chain([PAIR; 3]).collect()
}

/// Five to nine events, three or four at weekends.
fn ordinary_pieces(maker: &mut Maker, day: NaiveDate) -> Vec<Piece> {
    let mut pieces = vec![single(Juicer, Scheduled), PAIR];
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    pieces.extend(maker.rng.bool().then_some(single(Digitals, Scheduled)));
    if weekend {
        return pieces;
    }
    pieces.push(PAIR);
    pieces.extend(maker.rng.bool().then_some(single(Freeosk, Scheduled)));
    pieces.extend(maker.rng.bool().then_some(single(Digitals, Scheduled)));
    pieces.extend((maker.rng.u8(..4) == 0).then_some(single(Juicer, Scheduled)));
    pieces
}

/// Unscheduled events that are due on a day.
fn work_bank(offset: i64) -> Vec<Piece> {
    if offset == FORGOTTEN_DAY {
        return vec![single(Digitals, Unstaffed)];
    }
    let others =
        [vec![single(Juicer, Unstaffed)], vec![single(Digitals, Unstaffed), single(Freeosk, Unstaffed)], vec![]];
    match WORK_BANK_DAYS.iter().position(|day| *day == offset) {
        Some(index) => [vec![OPEN_PAIR], others[index % others.len()].clone()].concat(),
        None => Vec::new(),
    }
}
