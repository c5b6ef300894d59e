//! Employees: their records.

use serde::{Deserialize, Serialize};

use super::{
    error::StoreError,
    keys::{Key, everything},
    record::{Record, corrupt, decode, encode},
    table::Table,
    view::{Flow, Tx, View},
};
use crate::domain::{
    employee::{Employee, JobTitle},
    ids::EmployeeId,
};

/// Version 1 of an employee's layout.
#[derive(Serialize, Deserialize)]
pub(super) struct EmployeeV1 {
    id: String,
    name: String,
    title: u8,
    active: bool,
}

impl Record for EmployeeV1 {
    const VERSION: u8 = 1;
    const TABLE: Table = Table::Employees;
}

/// An employee by id.
pub fn get(view: &dyn View, id: &EmployeeId) -> Result<Option<Employee>, StoreError> {
    let key = Key::new().text(id.as_str()).done();
    view.get(Table::Employees, &key)?.map(|bytes| from_bytes(&bytes, &key)).transpose()
}

/// Every employee, by id.
pub fn all(view: &dyn View) -> Result<Vec<Employee>, StoreError> {
    let (range, mut all) = (everything(), Vec::new());
    view.scan(Table::Employees, &range.start..&range.end, &mut |key, bytes| {
        all.push(from_bytes(bytes, key)?);
        Ok(Flow::Continue)
    })?;
    Ok(all)
}

/// Writes an employee.
pub fn put(tx: &mut Tx<'_>, employee: &Employee) -> Result<(), StoreError> {
    let key = Key::new().text(employee.id.as_str()).done();
    let record = EmployeeV1 {
        id: employee.id.to_string(),
        name: employee.name.clone(),
        title: employee.title as u8,
        active: employee.active,
    };
    let bytes = encode(&record, &key)?;
    tx.put(Table::Employees, key, bytes)
}

impl EmployeeV1 {
    pub fn key(&self) -> Vec<u8> {
        Key::new().text(&self.id).done()
    }
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Employee, StoreError> {
    let record: EmployeeV1 = decode(bytes, key)?;
    let id = record.id.parse().ok();
    let title = JobTitle::ALL.get(usize::from(record.title)).copied();
    let read = id.zip(title).map(|(id, title)| Employee { id, name: record.name, title, active: record.active });
    read.ok_or_else(|| corrupt(Table::Employees, key))
}
