//! The rotation: its weekly template and its exceptions.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        alike::number_key,
        schedule::{Role, Rotation, RotationEntry, When},
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            keys::Key,
            record::{self, decode, places::place_in, records},
        },
        transaction::{ReadTx, Tx},
    },
};

/// Roles by their stored number. New ones are added at the end.
const ROLES: [Role; 2] = [Role::Juicer, Role::PrimaryLead];

/// Version 1 of an entry's layout.
#[derive(Serialize, Deserialize)]
pub(crate) struct RotationV1 {
    /// The key of a store; None for every store.
    store: Option<String>,
    role: u8,
    /// 0 for Monday; of a weekly entry.
    weekday: Option<u8>,
    /// In days since 0001-01-01; of an exception.
    date: Option<i32>,
    person: Option<String>,
    reason: String,
}

records!(Rotations: RotationV1 = 1);

impl RotationV1 {
    fn of(entry: &RotationEntry) -> Self {
        let (weekday, date) = match entry.when {
            When::Weekly(weekday) => (u8::try_from(weekday.num_days_from_monday()).ok(), None),
            When::On(date) => (None, Some(date.num_days_from_ce())),
        };
        Self {
            store: entry.store.as_ref().map(|store| number_key(store).into_owned()),
            role: place_in(&ROLES, &entry.role).unwrap_or_default(),
            weekday,
            date,
            person: entry.person.as_ref().map(ToString::to_string),
            reason: entry.reason.clone(),
        }
    }

    /// None for an invalid record.
    fn entry(self) -> Option<RotationEntry> {
        let when = match (self.weekday, self.date) {
            (Some(weekday), None) => When::Weekly(Weekday::try_from(weekday).ok()?),
            (None, Some(date)) => When::On(NaiveDate::from_num_days_from_ce_opt(date)?),
            _ => return None,
        };
        Some(RotationEntry {
            store: self.store,
            role: *ROLES.get(usize::from(self.role))?,
            when,
            person: self.person.map(|id| id.parse()).transpose().ok()?,
            reason: self.reason,
        })
    }

    /// Weekly entries come before exceptions, those for every store before those of one.
    pub fn key(&self) -> Vec<u8> {
        let kind = u32::from(self.date.is_some());
        let day = self.weekday.map(u32::from).or_else(|| u32::try_from(self.date?).ok()).unwrap_or(u32::MAX);
        let store = self.store.as_ref().map_or_else(String::new, |store| format!("={store}"));
        Key::new().u32(kind).text(&store).u32(self.role.into()).u32(day).done()
    }
}

pub fn all(tx: &dyn ReadTx) -> Result<Rotation, StoreError> {
    let entries = record::all(tx, Table::Rotations, |bytes, key| {
        decode::<RotationV1>(bytes, key)?.entry().ok_or_else(|| corrupt(Table::Rotations, key))
    })?;
    let mut rotation = Rotation::default();
    for entry in entries {
        rotation.add(entry);
    }
    Ok(rotation)
}

/// Writes an entry. One that names no person and gives no reason is removed.
pub fn put(tx: &mut Tx<'_>, entry: &RotationEntry) -> Result<(), StoreError> {
    let record = RotationV1::of(entry);
    let key = record.key();
    if entry.person.is_none() && entry.reason.is_empty() {
        tx.remove(Table::Rotations, key);
        return Ok(());
    }
    record::put(tx, key, &record)
}
