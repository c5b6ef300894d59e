//! What a change is going to read, announced to a database that is asked once for all of it.

use std::ops::Range;

use chrono::NaiveDate;

use crate::{
    domain::event::{Event, counts::NO_DATE},
    store::{
        catalog::Table,
        error::StoreError,
        tables::{
            events::{held_range, pair_prefix},
            keys::Key,
        },
        transaction::ReadTx,
    },
};

/// Announces what a change of events reads, each with the day that it moves to: their pairs, what is accepted, and the
/// counters and the work of their employees on both days, with the days beside them.
pub(crate) fn change<'a>(
    tx: &dyn ReadTx,
    events: impl IntoIterator<Item = (&'a Event, Option<NaiveDate>)>,
) -> Result<(), StoreError> {
    let mut events = Some(events);
    tx.warm(&mut || ranges(events.take().into_iter().flatten()))
}

fn ranges<'a>(events: impl Iterator<Item = (&'a Event, Option<NaiveDate>)>) -> Vec<(Table, Range<Vec<u8>>)> {
    let mut ranges = vec![(Table::DayCounts, Key::new().date(NO_DATE).prefix())];
    for (event, to) in events {
        ranges.extend(pair_prefix(event).map(|prefix| (Table::Pairs, prefix.prefix())));
        ranges.push((Table::Acceptances, Key::new().u64(event.id.0).prefix()));
        for date in [event.day(), to].into_iter().flatten() {
            ranges.push((Table::DayCounts, Key::new().date(date).prefix()));
        }
        let Some(now) = &event.schedule else { continue };
        for date in [Some(now.start.date()), to].into_iter().flatten() {
            let (before, after) = (date.pred_opt().unwrap_or(date), date.succ_opt().unwrap_or(date));
            ranges.push((Table::EmployeeDay, held_range(&now.employee, before, after)));
        }
    }
    ranges.sort_by(|one, other| (one.0, &one.1.start).cmp(&(other.0, &other.1.start)));
    ranges.dedup();
    ranges
}
