//! Holidays of the old application: single dates, and yearly ones.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use crate::{
    domain::{
        calendar,
        employee::holiday::{HOLIDAY_NAME_CHARS_MAX, Holiday},
        format,
    },
    import::{
        cells::{self, Cell},
        database::{Import, people::yes},
        table::Row,
    },
};

impl Import {
    pub(super) fn holiday(&mut self, row: &Row<'_>) -> Cell<()> {
        let name = cells::name(row, "name")?;
        if name.chars().count() > HOLIDAY_NAME_CHARS_MAX {
            let reason = format!("has more than {HOLIDAY_NAME_CHARS_MAX} characters");
            return Err(row.reject(Some("name"), reason));
        }
        if yes(row, "is_active")? == Some(false) {
            self.note(row.place(), format!("the holiday {} is not active, so it was skipped", cells::quote(&name)));
            return Ok(());
        }
        let date = cells::when(row, "holiday_date")?.map(|when| when.date);
        let is_yearly = yes(row, "is_recurring")? == Some(true);
        if is_yearly {
            let number = |heading: &str, most: u32| {
                cells::whole(row, heading).map(|number| number.filter(|number| (1..=most).contains(number)))
            };
            let given = number("recurring_month", 12)?.zip(number("recurring_day", 31)?);
            let Some((month, day)) = given.or(date.map(|date| (date.month(), date.day()))) else {
                return Err(row.reject(None, "a yearly holiday needs its month and day, or a date"));
            };
            self.yearly.push((month, day, name.clone()));
            let message = format!(
                "the holiday {} repeats every year; Tandem keeps single dates, so it was taken for the years of the events \
                 only",
                cells::quote(&name)
            );
            self.note(row.place(), message);
        }
        match (date, is_yearly) {
            (Some(date), _) => {
                if let Some(first) = self.holidays.get(&date) {
                    let message = format!(
                        "{} is the holiday {} already; it is taken once",
                        format::date_short(date),
                        cells::quote(first)
                    );
                    self.note(row.place(), message);
                } else {
                    self.holidays.insert(date, name);
                }
                Ok(())
            }
            (None, true) => Ok(()),
            (None, false) => Err(row.reject(Some("holiday_date"), "is empty; a holiday that is not yearly needs it")),
        }
    }

    /// The holidays that were read, the yearly ones in each year of the events.
    pub(super) fn all_holidays(&mut self) -> Vec<Holiday> {
        let days =
            self.reader.incoming.events.iter().flat_map(|one| [one.event.first_day, one.event.due.map(|due| due.date)]);
        let years: BTreeSet<i32> = days.flatten().map(|day| day.year()).collect();
        for (month, day, name) in &self.yearly {
            for date in years.iter().filter_map(|year| NaiveDate::from_ymd_opt(*year, *month, *day)) {
                if calendar::is_within(date) {
                    self.holidays.entry(date).or_insert_with(|| name.clone());
                }
            }
        }
        std::mem::take(&mut self.holidays).into_iter().map(|(date, name)| Holiday { date, name }).collect()
    }
}
