//! The work of an employee as it lies on days, not as it begins.

use chrono::NaiveDate;

use crate::{
    domain::{event::Event, ids::EmployeeId},
    store::{error::StoreError, tables::events, transaction::ReadTx},
};

/// The events of an employee that take place from `first` to `last`: with those of the day before that last beyond
/// midnight. By date.
pub fn taking_place(
    tx: &dyn ReadTx,
    employee: &EmployeeId,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<Event>, StoreError> {
    let mut held = events::held_between(tx, employee, first.pred_opt().unwrap_or(first), last)?;
    held.retain(|event| event.date() >= Some(first) || event.end_after_midnight(first).is_some());
    Ok(held)
}
