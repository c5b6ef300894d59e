//! Entries of the rotation that an import brings: read from a row, and compared with the store.
//!
//! Invariant: what the store has for a day stays.

use chrono::Weekday;

use crate::{
    domain::{
        employee::{Employee, availability::WEEKDAYS},
        format,
        schedule::{
            Role, Rotation, RotationEntry, When,
            rotation_edit::{self, EXCEPTIONS_MAX, REASON_CHARS_MAX},
        },
    },
    import::{
        Note, Place, Plan, Rejected,
        cells::{self, Cell},
        table::Row,
    },
    store::{
        ReadTx, StoreError,
        tables::{employees, rotations},
    },
};

/// A role by its name in files.
pub(super) fn role(row: &Row<'_>, heading: &str) -> Cell<Role> {
    let text = cells::filled(row, heading)?;
    Role::ALL.into_iter().find(|role| role.slug().eq_ignore_ascii_case(text)).ok_or_else(|| {
        let allowed = Role::ALL.map(Role::slug).join(" and ");
        row.reject(Some(heading), format!("{} is no role; allowed are {allowed}", cells::quote(text)))
    })
}

/// A weekday: its English name, or its number from 0 for Monday.
pub(super) fn weekday(row: &Row<'_>, heading: &str) -> Cell<Weekday> {
    let text = cells::filled(row, heading)?;
    let by_number = || text.parse::<u8>().ok().and_then(|number| Weekday::try_from(number).ok());
    let by_name = || WEEKDAYS.into_iter().find(|day| format::weekday(*day).eq_ignore_ascii_case(text));
    by_name().or_else(by_number).ok_or_else(|| {
        let reason = format!("{} is no weekday; allowed are Monday to Sunday, or 0 to 6", cells::quote(text));
        row.reject(Some(heading), reason)
    })
}

/// The reason of an exception.
pub(super) fn reason(row: &Row<'_>, heading: &str) -> Cell<String> {
    let text = row.get(heading);
    if text.chars().count() > REASON_CHARS_MAX {
        return Err(row.reject(Some(heading), format!("has more than {REASON_CHARS_MAX} characters")));
    }
    Ok(text.to_owned())
}

impl Plan {
    pub(super) fn add_rotation(
        &mut self,
        view: &dyn ReadTx,
        incoming: Vec<(Place, RotationEntry)>,
    ) -> Result<(), StoreError> {
        if incoming.is_empty() {
            return Ok(());
        }
        let (stored, mut read) = (rotations::all(view)?, Rotation::default());
        let mut people: Vec<Employee> = self.employees().iter().map(|(_, wanted)| wanted.clone()).collect();
        people.extend(employees::all(view)?);
        for (place, entry) in incoming {
            let reject = |reason: String| Rejected { place: place.clone(), column: None, reason };
            if let Err(problem) = rotation_edit::check(&people, entry.role, entry.person.as_ref()) {
                self.rejected.push(reject(problem.to_string()));
            } else if read.held(&entry).is_some() {
                self.rejected.push(reject(format!("the {} of {} is named twice", entry.role.label(), day(&entry))));
            } else if let Some((person, _)) = stored.held(&entry) {
                if person != entry.person.as_ref() {
                    let message = format!("the {} of {} stays as entered here", entry.role.label(), day(&entry));
                    self.notes.push(Note { place, message });
                }
            } else if matches!(entry.when, When::On(_)) && stored.exceptions() + read.exceptions() >= EXCEPTIONS_MAX {
                self.rejected.push(reject(format!("at most {EXCEPTIONS_MAX} exceptions are stored")));
            } else {
                read.add(entry.clone());
                self.rotation.push(entry);
            }
        }
        Ok(())
    }
}

/// The day of an entry, in words.
fn day(entry: &RotationEntry) -> String {
    match entry.when {
        When::Weekly(weekday) => format::weekday(weekday).to_owned(),
        When::On(date) => format::date_short(date),
    }
}

/// An entry in words: "Monday, Juicer: Jo Park".
pub fn words(entry: &RotationEntry, name: impl Fn(&crate::domain::ids::EmployeeId) -> String) -> String {
    let person = entry.person.as_ref().map_or_else(|| "no one".to_owned(), name);
    let store = entry.store.as_ref().map_or_else(String::new, |store| format!(", store {store}"));
    format!("{}{store}, {}: {person}", day(entry), entry.role.label())
}
