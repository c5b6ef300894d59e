//! The work of employees: as it lies on days, not as it begins; and of several at once.

use chrono::NaiveDate;

use crate::{
    domain::{event::Event, ids::EmployeeId},
    store::{
        catalog::Table,
        error::StoreError,
        tables::{events, index},
        transaction::ReadTx,
    },
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

/// The events of several employees from `first` to `last`, in their order; see [`events::held_between`].
pub(crate) fn by_each(
    tx: &dyn ReadTx,
    employees: &[&EmployeeId],
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<Vec<Event>>, StoreError> {
    let days = usize::try_from((last - first).num_days() + 1).unwrap_or(1);
    let ranges: Vec<_> = employees.iter().map(|employee| events::held_range(employee, first, last)).collect();
    index::events_in(tx, Table::EmployeeDay, &ranges, days.saturating_mul(events::HELD_A_DAY_MAX))
}
