//! The company's holidays by date.

use std::{collections::BTreeMap, ops::Range};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{
    domain::employee::holiday::Holiday,
    store::{
        catalog::{Table, everything},
        error::{StoreError, corrupt},
        tables::{
            keys::{Key, first_date},
            record::{Record, decode, encode},
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// Version 1 of a holiday's layout. The date is in days since 0001-01-01.
#[derive(Serialize, Deserialize)]
pub(crate) struct HolidayV1 {
    date: i32,
    name: String,
}

impl Record for HolidayV1 {
    const VERSION: u8 = 1;
    const TABLE: Table = Table::Holidays;
}

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
    tx.get(Table::Holidays, &key)?.map(|bytes| from_bytes(&bytes, &key)).transpose()
}

/// Every holiday, by date.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<Holiday>, StoreError> {
    scan(tx, &everything())
}

/// The names of the holidays from `first` to `last`, by date.
pub fn between(tx: &dyn ReadTx, first: NaiveDate, last: NaiveDate) -> Result<BTreeMap<NaiveDate, String>, StoreError> {
    let found = scan(tx, &(key_of(first)..Key::new().date(last).prefix().end))?;
    Ok(found.into_iter().map(|holiday| (holiday.date, holiday.name)).collect())
}

fn scan(tx: &dyn ReadTx, range: &Range<Vec<u8>>) -> Result<Vec<Holiday>, StoreError> {
    let mut found = Vec::new();
    tx.scan(Table::Holidays, &range.start..&range.end, &mut |key, bytes| {
        found.push(from_bytes(bytes, key)?);
        Ok(Flow::Continue)
    })?;
    Ok(found)
}

pub fn put(tx: &mut Tx<'_>, holiday: &Holiday) -> Result<(), StoreError> {
    let key = key_of(holiday.date);
    let record = HolidayV1 { date: holiday.date.num_days_from_ce(), name: holiday.name.clone() };
    let bytes = encode(&record, &key)?;
    note(tx, holiday.date);
    tx.put(Table::Holidays, key, bytes)
}

pub fn remove(tx: &mut Tx<'_>, date: NaiveDate) {
    note(tx, date);
    tx.remove(Table::Holidays, key_of(date));
}

fn note(tx: &mut Tx<'_>, date: NaiveDate) {
    tx.shows_on(date);
    if let Some(touched) = tx.touched_mut() {
        touched.holiday(date);
    }
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Holiday, StoreError> {
    let record: HolidayV1 = decode(bytes, key)?;
    let date = NaiveDate::from_num_days_from_ce_opt(record.date).filter(|date| first_date(key) == Some(*date));
    let date = date.ok_or_else(|| corrupt(Table::Holidays, key))?;
    Ok(Holiday { date, name: record.name })
}
