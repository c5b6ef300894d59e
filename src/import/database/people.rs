//! People of the old application: titles, weekdays and time off.

use chrono::NaiveDate;

use crate::{
    domain::{
        employee::{
            Employee,
            availability::{
                Availability, DayPart, Hours, NOTE_CHARS_MAX, TIME_OFF_DAYS_MAX, TIME_OFF_MAX, TimeOff, WEEKDAYS,
            },
        },
        format,
        ids::EmployeeId,
    },
    import::{
        IncomingEmployee, PersonFact,
        cells::{self, Cell},
        database::{Import, whole},
        exports::WEEKDAY_HEADINGS,
        legacy,
        table::Row,
    },
};

const PERSON_FACTS: [(&str, PersonFact); 2] = [("is_active", PersonFact::Active), ("email", PersonFact::Email)];

impl Import {
    pub(super) fn employee(&mut self, row: &Row<'_>) -> Cell<()> {
        let id = self.reader.new_employee_id(row, "id")?;
        let employee = Employee::new(id.clone(), cells::person(row, "name")?, cells::title(row, "job_title")?);
        let employee =
            Employee { active: cells::is_active(row, "is_active")?, email: self.reader.email(row), ..employee };
        self.people.insert(id, (self.reader.incoming.employees.len(), None));
        let open = cells::open(row, &PERSON_FACTS).into_iter().chain(PersonFact::week()).collect();
        self.reader.push_employee(IncomingEmployee { employee, other_names: Vec::new(), open }, row.place());
        Ok(())
    }

    /// The id of the row's person, who was read before.
    fn person(&self, row: &Row<'_>) -> Cell<EmployeeId> {
        let id: EmployeeId = cells::id(row, "employee_id")?;
        if self.people.contains_key(&id) {
            return Ok(id);
        }
        Err(row.reject(Some("employee_id"), self.reader.unknown(&format!("employee {id}"), "employees")))
    }

    pub(super) fn weekly(&mut self, row: &Row<'_>) -> Cell<()> {
        let id = self.person(row)?;
        let (mut availability, mut open) = (Availability::ALWAYS, Vec::new());
        for (index, (weekday, heading)) in WEEKDAYS.into_iter().zip(WEEKDAY_HEADINGS).enumerate() {
            match yes(row, heading)? {
                Some(false) => availability = availability.with(weekday, Hours::Off),
                Some(true) => {}
                None => open.push(PersonFact::Weekday(index)),
            }
        }
        let Some((index, first)) = self.people.get_mut(&id) else { return Ok(()) };
        if let Some(first) = first {
            return Err(legacy::twice(row, "employee_id", &format!("the week of employee {id}"), first));
        }
        *first = Some(row.place());
        if let Some(person) = self.reader.incoming.employees.get_mut(*index) {
            person.employee.availability = availability;
            person.open.retain(|fact| !matches!(fact, PersonFact::Weekday(_)) || open.contains(fact));
        }
        Ok(())
    }

    /// A day off is time off; a day on which a person can work although the week says otherwise has no place.
    pub(super) fn dated(&mut self, row: &Row<'_>) -> Cell<()> {
        let day = date(row, "date")?;
        match yes(row, "is_available")? {
            Some(false) => self.off(row, day, day),
            available => {
                let id = self.person(row)?;
                let state = if available.is_some() { "available" } else { "neither available nor not" };
                let message = format!(
                    "employee {id} is {state} on {}; Tandem has no place for that yet, so it was skipped",
                    format::date_short(day)
                );
                self.note(row.place(), message);
                Ok(())
            }
        }
    }

    pub(super) fn off(&mut self, row: &Row<'_>, first: NaiveDate, last: NaiveDate) -> Cell<()> {
        let id = self.person(row)?;
        if !(0..TIME_OFF_DAYS_MAX).contains(&(last - first).num_days()) {
            let reason = format!(
                "the time off from {first} to {last} does not fit: the last day is not before the first, and at most \
                 {TIME_OFF_DAYS_MAX} days are allowed"
            );
            return Err(row.reject(None, reason));
        }
        let reason = cells::text(row, "reason")?;
        let note: String = reason.chars().take(NOTE_CHARS_MAX).collect();
        if note.len() < reason.len() {
            self.note(row.place(), format!("the reason was cut to {NOTE_CHARS_MAX} characters"));
        }
        let note = (!note.is_empty()).then_some(note);
        let off = TimeOff { first, last, part: DayPart::WholeDay, note };
        let days_off = self.time_off.entry(id).or_default();
        if days_off.contains(&off) {
            self.note(row.place(), "says the same as a row above; it is taken once".to_owned());
        } else {
            days_off.push(off);
        }
        Ok(())
    }

    /// Gives each person their time off: the latest, if there is more than can be kept.
    pub(super) fn place_time_off(&mut self) {
        for (id, mut list) in std::mem::take(&mut self.time_off) {
            list.sort();
            let surplus = list.len().saturating_sub(TIME_OFF_MAX);
            if surplus > 0 {
                list.drain(..surplus);
                let message = format!(
                    "employee {id} has {surplus} times off more than the {TIME_OFF_MAX} that are kept; the earliest were left out"
                );
                self.note(whole("time off"), message);
            }
            let person = self.people.get(&id).and_then(|(index, _)| self.reader.incoming.employees.get_mut(*index));
            if let Some(person) = person {
                person.employee.time_off = list;
            }
        }
    }
}

/// A date in a cell that may not be empty.
pub(super) fn date(row: &Row<'_>, heading: &str) -> Cell<NaiveDate> {
    cells::filled(row, heading)?;
    let when = cells::when(row, heading)?;
    when.map(|when| when.date).ok_or_else(|| row.reject(Some(heading), "is empty; every row needs it"))
}

/// Yes or no; None where the cell is empty.
pub(super) fn yes(row: &Row<'_>, heading: &str) -> Cell<Option<bool>> {
    let text = row.get(heading);
    match cells::flag(text) {
        None if !text.is_empty() => {
            let reason = format!(
                "{} is neither yes nor no; allowed are t, f, true, false, 1, 0, yes and no",
                cells::quote(text)
            );
            Err(row.reject(Some(heading), reason))
        }
        flag => Ok(flag),
    }
}
