//! Employees: their records.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use crate::{
    domain::employee::name::Namesakes,
    domain::{
        alike::number_key,
        employee::{
            Employee, ImportedProfile, JobTitle,
            availability::{Availability, DayPart, Hours, TimeOff, WEEKDAYS, WeeklyHours},
        },
        ids::{EmployeeId, Revision},
    },
    store::{
        catalog::{Table, everything},
        error::{StoreError, corrupt},
        tables::{
            keys::{Key, first_text},
            record::{self, Record, decode, records},
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

/// Version 2 of an employee's layout, when whole days were off. Dates are days since 0001-01-01, times minutes of the day.
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

/// Version 3 of an employee's layout: the parts of the days of each time off, in its order.
#[derive(Serialize, Deserialize)]
pub(crate) struct EmployeeV3 {
    employee: EmployeeV2,
    parts: Vec<u8>,
}

/// Version 4 of an employee's layout: with the weekly maximum in hours.
#[derive(Serialize, Deserialize)]
pub(crate) struct EmployeeV4 {
    employee: EmployeeV3,
    weekly_hours_max: Option<u16>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum HoursV2 {
    Off,
    AllDay,
    Between(u16, u16),
}

records!(Employees:
    EmployeeV1 = 1 at |one| Key::new().text(&one.id).done(),
    EmployeeV2 = 2 at |one| Key::new().text(&one.id).done(),
    EmployeeV3 = 3 at |one| one.employee.key(),
    EmployeeV4 = 4 at |one| one.employee.key()
);

/// An employee by id, however it is written: the record with exactly this id, or else the first one with its key.
pub fn get(tx: &dyn ReadTx, id: &EmployeeId) -> Result<Option<Employee>, StoreError> {
    let key = Key::new().text(id.as_str()).done();
    match record::get(tx, Table::Employees, &key, from_bytes)? {
        Some(found) => Ok(Some(found)),
        None => alike(tx, id),
    }
}

/// Compares the keys of all records, of which there are never many.
fn alike(tx: &dyn ReadTx, id: &EmployeeId) -> Result<Option<Employee>, StoreError> {
    let (range, wanted, mut found) = (everything(), id.key(), None);
    tx.scan(Table::Employees, &range.start..&range.end, &mut |key, bytes| {
        let is_alike = first_text(key).is_some_and(|(text, _)| number_key(&text) == wanted);
        if !is_alike {
            return Ok(Flow::Continue);
        }
        found = Some(from_bytes(bytes, key)?);
        Ok(Flow::Stop)
    })?;
    Ok(found)
}

pub fn count(tx: &dyn ReadTx) -> Result<usize, StoreError> {
    Ok(record::all(tx, Table::Employees, |_, _| Ok(()))?.len())
}

/// Every employee, by id. There are never more than [`EMPLOYEES_MAX`](crate::domain::employee::EMPLOYEES_MAX): none
/// is added or imported beyond.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<Employee>, StoreError> {
    record::all(tx, Table::Employees, from_bytes)
}

/// Every employee under the name that pages and messages show. Not to be written back.
pub fn all_named(tx: &dyn ReadTx) -> Result<Vec<Employee>, StoreError> {
    let all = all(tx)?;
    let namesakes = Namesakes::among(&all);
    Ok(all.into_iter().map(|one| Employee { name: namesakes.name_of(&one), ..one }).collect())
}

/// An employee under the name that pages and messages show. Not to be written back.
pub fn get_named(tx: &dyn ReadTx, id: &EmployeeId) -> Result<Option<Employee>, StoreError> {
    let Some(found) = get(tx, id)? else { return Ok(None) };
    let name = Namesakes::among(&all(tx)?).name_of(&found);
    Ok(Some(Employee { name, ..found }))
}

/// The name of an employee as pages show it; the id of an unknown one.
pub fn shown_name(tx: &dyn ReadTx, id: &EmployeeId) -> Result<String, StoreError> {
    Ok(get_named(tx, id)?.map_or_else(|| id.to_string(), |one| one.name))
}

/// Ids and names of the active employees as pages show them, by name.
pub fn active_names(tx: &dyn ReadTx) -> Result<Vec<(String, String)>, StoreError> {
    let active = all_named(tx)?.into_iter().filter(|one| one.active);
    let mut names: Vec<_> = active.map(|one| (one.id.to_string(), one.name)).collect();
    names.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    Ok(names)
}

pub fn put(tx: &mut Tx<'_>, employee: &Employee) -> Result<(), StoreError> {
    let record = EmployeeV4::of(employee);
    tx.shows_everywhere();
    tx.touch(|touched| touched.employee(&employee.id));
    record::put(tx, record.key(), &record)
}

/// Deletes the record with exactly this id. The caller made sure that nothing refers to it, or another record has its key.
pub fn remove(tx: &mut Tx<'_>, id: &EmployeeId) {
    tx.shows_everywhere();
    tx.touch(|touched| touched.employee(id));
    tx.remove(Table::Employees, Key::new().text(id.as_str()).done());
}

impl EmployeeV1 {
    fn read(self) -> Option<Employee> {
        let title = *JobTitle::ALL.get(usize::from(self.title))?;
        let imported = Some(ImportedProfile { name: self.name.clone(), title, email: None });
        Some(Employee { active: self.active, imported, ..Employee::new(self.id.try_into().ok()?, self.name, title) })
    }
}

impl EmployeeV2 {
    pub(super) fn of(employee: &Employee) -> Self {
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
    pub(super) fn read(self) -> Option<Employee> {
        let date = NaiveDate::from_num_days_from_ce_opt;
        let mut availability = Availability::ALWAYS;
        for (weekday, hours) in WEEKDAYS.into_iter().zip(self.availability) {
            availability = availability.with(weekday, hours.read()?);
        }
        let off = |(first, last, note)| {
            Some(TimeOff { first: date(first)?, last: date(last)?, part: DayPart::WholeDay, note })
        };
        let title = |place: u8| JobTitle::ALL.get(usize::from(place)).copied();
        let email = |text: Option<String>| text.map(|text| text.parse().map_err(|_| ())).transpose().ok();
        let given = |(name, place, text)| Some(ImportedProfile { name, title: title(place)?, email: email(text)? });
        Some(Employee {
            id: self.id.try_into().ok()?,
            revision: Revision(self.revision),
            name: self.name,
            title: title(self.title)?,
            active: self.active,
            email: email(self.email)?,
            availability,
            weekly_hours_max: None,
            time_off: self.time_off.into_iter().map(off).collect::<Option<_>>()?,
            imported: self.imported.map(|imported| given(imported).ok_or(())).transpose().ok()?,
        })
    }
}

impl EmployeeV3 {
    fn of(employee: &Employee) -> Self {
        let parts = employee.time_off.iter().map(|off| off.part as u8).collect();
        Self { employee: EmployeeV2::of(employee), parts }
    }

    /// None if the record is damaged.
    fn read(self) -> Option<Employee> {
        let mut employee = self.employee.read()?;
        if employee.time_off.len() != self.parts.len() {
            return None;
        }
        for (off, part) in employee.time_off.iter_mut().zip(self.parts) {
            off.part = DayPart::ALL.get(usize::from(part)).copied()?;
        }
        Some(employee)
    }
}

impl EmployeeV4 {
    pub fn of(employee: &Employee) -> Self {
        let weekly_hours_max = employee.weekly_hours_max.map(WeeklyHours::hours);
        Self { employee: EmployeeV3::of(employee), weekly_hours_max }
    }

    /// None if the record is damaged.
    pub fn read(self) -> Option<Employee> {
        let hours = |hours| WeeklyHours::new(hours).ok_or(());
        let weekly_hours_max = self.weekly_hours_max.map(hours).transpose().ok()?;
        Some(Employee { weekly_hours_max, ..self.employee.read()? })
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
        Some(&EmployeeV2::VERSION) => decode::<EmployeeV2>(bytes, key)?.read(),
        Some(&EmployeeV3::VERSION) => decode::<EmployeeV3>(bytes, key)?.read(),
        _ => decode::<EmployeeV4>(bytes, key)?.read(),
    };
    read.ok_or_else(|| corrupt(Table::Employees, key))
}
