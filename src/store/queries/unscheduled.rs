//! Unscheduled events by due date, with filters and pages.

use chrono::NaiveDate;

use crate::{
    domain::{
        calendar::{YEAR_MAX, YEAR_MIN},
        event::{Event, EventType, counts::NO_DATE, filter::Filter, pairing::Pair},
        ids::EventId,
    },
    store::{
        error::StoreError,
        tables::events::{self, Place},
        transaction::{Flow, ReadTx},
    },
};

/// Most events searched for one page; the next page continues.
pub const LOOKED_THROUGH_MAX: usize = 5_000;

#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub filter: Filter,
    /// Due on or after this day.
    pub first: Option<NaiveDate>,
    /// Due by this day. With either bound, events without a due date are left out.
    pub last: Option<NaiveDate>,
}

impl Wanted {
    fn days(&self) -> (NaiveDate, NaiveDate) {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(NO_DATE);
        let bounded = self.first.is_some() || self.last.is_some();
        let end = if bounded { day(YEAR_MAX, 12, 31) } else { NO_DATE };
        (self.first.unwrap_or(day(YEAR_MIN, 1, 1)), self.last.unwrap_or(end))
    }
}

/// A page, and the position of the next one, if there may be one.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    pub events: Vec<Event>,
    /// Position after which the next page begins.
    pub next: Option<Place>,
}

/// The first `max` matching events after a position, overdue ones first.
pub fn page(tx: &dyn ReadTx, wanted: &Wanted, after: Option<Place>, max: usize) -> Result<Listing, StoreError> {
    let (mut listing, mut looked, mut last) = (Listing::default(), 0, None);
    events::each_unstaffed(tx, wanted.days(), after, |event| {
        if listing.events.len() == max || looked == LOOKED_THROUGH_MAX {
            listing.next = last;
            return Ok(Flow::Stop);
        }
        looked += 1;
        last = Some(Place::of(&event));
        if wanted.filter.matches(&event) {
            listing.events.push(event);
        }
        Ok(Flow::Continue)
    })?;
    Ok(listing)
}

/// The first `max` unscheduled Supervisors whose CORE is scheduled, by due date.
pub fn open_supervisors(tx: &dyn ReadTx, max: usize) -> Result<Vec<EventId>, StoreError> {
    let (mut open, mut looked) = (Vec::new(), 0);
    events::each_unstaffed(tx, Wanted::default().days(), None, |event| {
        if open.len() == max || looked == LOOKED_THROUGH_MAX {
            return Ok(Flow::Stop);
        }
        looked += 1;
        if is_open(tx, &event)? {
            open.push(event.id);
        }
        Ok(Flow::Continue)
    })?;
    Ok(open)
}

/// Tells if an unstaffed event is a Supervisor whose CORE is scheduled.
fn is_open(tx: &dyn ReadTx, event: &Event) -> Result<bool, StoreError> {
    let Some(number) = event.number.filter(|_| event.event_type == EventType::Supervisor) else { return Ok(false) };
    let same_number = events::same_number(tx, &event.location, number)?;
    Ok(Pair::among(&same_number).leader_of(event).is_some_and(|core| core.schedule.is_some()))
}
