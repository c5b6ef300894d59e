//! Employees: their records.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        employee::{
            Employee, ImportedProfile, JobTitle,
            availability::{Availability, Hours, TimeOff, WEEKDAYS},
        },
        ids::{EmployeeId, Revision},
    },
    store::{
        error::StoreError,
        tables::{
            catalog::Table,
            keys::{Key, everything},
            record::{Record, corrupt, decode, encode},
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// Version 1 of an employee's layout, when all employees were imported.
#[derive(Serialize, Deserialize)]
pub(crate) struct EmployeeV1 {
    id: String,
    name: String,
    title: u8,
    active: bool,
}

/// Version 2 of an employee's layout. Dates are days since 0001-01-01, times minutes of the day.
#[derive(Serialize, Deserialize)]
pub(crate) struct EmployeeV2 {
    id: String,
    revision: u32,
    name: String,
    title: u8,
    active: bool,
    email: Option<String>,
    /// Monday first.
    availability: [HoursV2; 7],
    time_off: Vec<(i32, i32, Option<String>)>,
    /// Name, title and e-mail of the last import.
    imported: Option<(String, u8, Option<String>)>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum HoursV2 {
    Off,
    AllDay,
    Between(u16, u16),
}

impl Record for EmployeeV1 {
    const VERSION: u8 = 1;
    const TABLE: Table = Table::Employees;
}

impl Record for EmployeeV2 {
    const VERSION: u8 = 2;
    const TABLE: Table = Table::Employees;
}

/// An employee by id.
pub fn get(tx: &dyn ReadTx, id: &EmployeeId) -> Result<Option<Employee>, StoreError> {
    let key = Key::new().text(id.as_str()).done();
    tx.get(Table::Employees, &key)?.map(|bytes| from_bytes(&bytes, &key)).transpose()
}

/// Number of employees.
pub fn count(tx: &dyn ReadTx) -> Result<usize, StoreError> {
    let (range, mut count) = (everything(), 0);
    tx.scan(Table::Employees, &range.start..&range.end, &mut |_, _| {
        count += 1;
        Ok(Flow::Continue)
    })?;
    Ok(count)
}

/// Every employee, by id. There are never more than [`EMPLOYEES_MAX`](crate::domain::employee::EMPLOYEES_MAX): none
/// is added or imported beyond.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<Employee>, StoreError> {
    let (range, mut all) = (everything(), Vec::new());
    tx.scan(Table::Employees, &range.start..&range.end, &mut |key, bytes| {
        all.push(from_bytes(bytes, key)?);
        Ok(Flow::Continue)
    })?;
    Ok(all)
}

/// Ids and names of the active employees, by name.
pub fn active_names(tx: &dyn ReadTx) -> Result<Vec<(String, String)>, StoreError> {
    let active = all(tx)?.into_iter().filter(|one| one.active);
    let mut names: Vec<_> = active.map(|one| (one.id.to_string(), one.name)).collect();
    names.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    Ok(names)
}

/// Writes an employee.
pub fn put(tx: &mut Tx<'_>, employee: &Employee) -> Result<(), StoreError> {
    let record = EmployeeV2::of(employee);
    let key = record.key();
    let bytes = encode(&record, &key)?;
    tx.shows_everywhere();
    tx.put(Table::Employees, key, bytes)
}

impl EmployeeV1 {
    pub fn key(&self) -> Vec<u8> {
        Key::new().text(&self.id).done()
    }

    fn read(self) -> Option<Employee> {
        let title = *JobTitle::ALL.get(usize::from(self.title))?;
        let imported = Some(ImportedProfile { name: self.name.clone(), title, email: None });
        Some(Employee { active: self.active, imported, ..Employee::new(self.id.parse().ok()?, self.name, title) })
    }
}

impl EmployeeV2 {
    pub fn key(&self) -> Vec<u8> {
        Key::new().text(&self.id).done()
    }

    fn of(employee: &Employee) -> Self {
        let range = |off: &TimeOff| (off.first.num_days_from_ce(), off.last.num_days_from_ce(), off.note.clone());
        Self {
            id: employee.id.to_string(),
            revision: employee.revision.0,
            name: employee.name.clone(),
            title: employee.title as u8,
            active: employee.active,
            email: employee.email.as_ref().map(ToString::to_string),
            availability: WEEKDAYS.map(|weekday| HoursV2::of(employee.availability.on(weekday))),
            time_off: employee.time_off.iter().map(range).collect(),
            imported: employee
                .imported
                .as_ref()
                .map(|given| (given.name.clone(), given.title as u8, given.email.as_ref().map(ToString::to_string))),
        }
    }

    /// None if the record is damaged.
    fn read(self) -> Option<Employee> {
        let date = NaiveDate::from_num_days_from_ce_opt;
        let mut availability = Availability::ALWAYS;
        for (weekday, hours) in WEEKDAYS.into_iter().zip(self.availability) {
            availability = availability.with(weekday, hours.read()?);
        }
        let off = |(first, last, note)| Some(TimeOff { first: date(first)?, last: date(last)?, note });
        let title = |place: u8| JobTitle::ALL.get(usize::from(place)).copied();
        let email = |text: Option<String>| text.map(|text| text.parse().map_err(|_| ())).transpose().ok();
        let given = |(name, place, text)| Some(ImportedProfile { name, title: title(place)?, email: email(text)? });
        Some(Employee {
            id: self.id.parse().ok()?,
            revision: Revision(self.revision),
            name: self.name,
            title: title(self.title)?,
            active: self.active,
            email: email(self.email)?,
            availability,
            time_off: self.time_off.into_iter().map(off).collect::<Option<_>>()?,
            imported: self.imported.map(|imported| given(imported).ok_or(())).transpose().ok()?,
        })
    }
}

impl HoursV2 {
    fn of(hours: Hours) -> Self {
        let minutes = |time: NaiveTime| u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(u16::MAX);
        match hours {
            Hours::Off => Self::Off,
            Hours::AllDay => Self::AllDay,
            Hours::Between { from, to } => Self::Between(minutes(from), minutes(to)),
        }
    }

    fn read(self) -> Option<Hours> {
        let time = |minutes: u16| NaiveTime::from_num_seconds_from_midnight_opt(u32::from(minutes) * 60, 0);
        match self {
            Self::Off => Some(Hours::Off),
            Self::AllDay => Some(Hours::AllDay),
            Self::Between(from, to) => Hours::between(time(from)?, time(to)?),
        }
    }
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Employee, StoreError> {
    let read = match bytes.first() {
        Some(&EmployeeV1::VERSION) => decode::<EmployeeV1>(bytes, key)?.read(),
        _ => decode::<EmployeeV2>(bytes, key)?.read(),
    };
    read.ok_or_else(|| corrupt(Table::Employees, key))
}
