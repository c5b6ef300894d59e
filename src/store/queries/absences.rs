//! Holidays and people off, by day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    domain::{calendar::Month, event::counts::DayNotes, ids::EmployeeId},
    store::{
        error::StoreError,
        tables::{employees, holidays},
        transaction::ReadTx,
    },
};

/// The days of a month with a holiday or with people off: of `employee` alone, if one is given. Inactive employees do
/// not count.
pub fn of_month(
    tx: &dyn ReadTx,
    month: Month,
    employee: Option<&EmployeeId>,
) -> Result<BTreeMap<NaiveDate, DayNotes>, StoreError> {
    let (first, last) = (month.first(), month.last());
    let mut notes: BTreeMap<NaiveDate, DayNotes> = BTreeMap::new();
    for (date, name) in holidays::between(tx, first, last)? {
        notes.entry(date).or_default().holiday = Some(name);
    }
    let counted = |id: &EmployeeId| employee.is_none_or(|one| one == id);
    for person in employees::all(tx)?.into_iter().filter(|one| one.active && counted(&one.id)) {
        for date in month.days().filter(|date| person.time_off.iter().any(|off| off.meets(*date, *date))) {
            notes.entry(date).or_default().off += 1;
        }
    }
    Ok(notes)
}
