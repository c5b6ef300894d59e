//! The workload of everyone around a day.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::{
    domain::employee::workload::Workloads,
    store::{error::StoreError, tables::events, transaction::ReadTx},
};

/// Days before the week that tell the store where a person usually works.
const USUAL_DAYS: u64 = 28;
/// Most events read of the week, and of the days before it.
const EVENTS_MAX: usize = 2_000;

/// The events of everyone on `date` and in its week, and their usual stores.
pub fn around(tx: &dyn ReadTx, date: NaiveDate, week_start: Weekday) -> Result<Workloads, StoreError> {
    let first = date - Days::new(date.weekday().days_since(week_start).into());
    let week = events::scheduled_first(tx, (first, first + Days::new(6)), EVENTS_MAX)?;
    let before = (first - Days::new(USUAL_DAYS), first - Days::new(1));
    let before = events::scheduled_first(tx, before, EVENTS_MAX)?;
    Ok(Workloads::around(date, &week, &before))
}
