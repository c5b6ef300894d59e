//! The company's holidays by date.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{
    domain::employee::holiday::Holiday,
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            days,
            keys::{Key, first_date},
            record::{self, decode, records},
        },
        transaction::{ReadTx, Tx},
    },
};

/// Version 1 of a holiday's layout. The date is in days since 0001-01-01.
#[derive(Serialize, Deserialize)]
pub(crate) struct HolidayV1 {
    date: i32,
    name: String,
}

records!(Holidays: HolidayV1 = 1);

impl HolidayV1 {
    /// None for an invalid date.
    pub fn key(&self) -> Option<Vec<u8>> {
        NaiveDate::from_num_days_from_ce_opt(self.date).map(key_of)
    }
}

fn key_of(date: NaiveDate) -> Vec<u8> {
    Key::new().date(date).done()
}

pub fn get(tx: &dyn ReadTx, date: NaiveDate) -> Result<Option<Holiday>, StoreError> {
    let key = key_of(date);
    record::get(tx, Table::Holidays, &key, from_bytes)
}

/// Every holiday, by date.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<Holiday>, StoreError> {
    record::all(tx, Table::Holidays, from_bytes)
}

/// The names of the holidays from `first` to `last`, by date.
pub fn between(tx: &dyn ReadTx, first: NaiveDate, last: NaiveDate) -> Result<BTreeMap<NaiveDate, String>, StoreError> {
    let found = record::all_in(tx, Table::Holidays, &days::range(first, last), from_bytes)?;
    Ok(found.into_iter().map(|holiday| (holiday.date, holiday.name)).collect())
}

pub fn put(tx: &mut Tx<'_>, holiday: &Holiday) -> Result<(), StoreError> {
    let record = HolidayV1 { date: holiday.date.num_days_from_ce(), name: holiday.name.clone() };
    note(tx, holiday.date);
    record::put(tx, key_of(holiday.date), &record)
}

pub fn remove(tx: &mut Tx<'_>, date: NaiveDate) {
    note(tx, date);
    tx.remove(Table::Holidays, key_of(date));
}

fn note(tx: &mut Tx<'_>, date: NaiveDate) {
    tx.shows_on(date);
    tx.touch(|touched| touched.holiday(date));
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Holiday, StoreError> {
    let record: HolidayV1 = decode(bytes, key)?;
    let date = NaiveDate::from_num_days_from_ce_opt(record.date).filter(|date| first_date(key) == Some(*date));
    let date = date.ok_or_else(|| corrupt(Table::Holidays, key))?;
    Ok(Holiday { date, name: record.name })
}
