//! Employees, and the types of work that their job title allows.

pub mod availability;
pub mod holiday;
pub mod name;
pub mod workload;

use crate::domain::{
    email::Email,
    employee::availability::{Availability, TimeOff, WeeklyHours},
    event::EventType,
    ids::{EmployeeId, Revision},
};

/// Most employees, including inactive ones: every assignment form reads all of them.
pub const EMPLOYEES_MAX: usize = 2_000;
/// Longest name, in characters.
pub const PERSON_CHARS_MAX: usize = 120;

named! {
    /// Job titles as the company names them.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum JobTitle: label {
        EventSpecialist => "Event Specialist";
        LeadEventSpecialist => "Lead Event Specialist";
        JuicerBarista => "Juicer Barista";
        ClubSupervisor => "Club Supervisor";
    }
}

impl JobTitle {
    /// The title written as `text`, ignoring case and spacing.
    pub fn named(text: &str) -> Option<Self> {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self::ALL.into_iter().find(|title| title.label().eq_ignore_ascii_case(&words))
    }

    /// Tells if the title allows the type: the table of rule `title`.
    pub fn may_work(self, event_type: EventType) -> bool {
        match event_type {
            EventType::Core => self != Self::ClubSupervisor,
            EventType::Juicer => matches!(self, Self::JuicerBarista | Self::ClubSupervisor),
            EventType::Supervisor | EventType::Freeosk | EventType::Digitals => {
                matches!(self, Self::LeadEventSpecialist | Self::ClubSupervisor)
            }
            EventType::Other => true,
        }
    }

    /// The first title that allows all of `types`; a Lead if none does.
    ///
    /// The retailer's exports contain no titles, and an employee needs one before any assignment.
    pub fn inferred_from(types: &[EventType]) -> Self {
        Self::ALL
            .into_iter()
            .find(|title| types.iter().all(|event_type| title.may_work(*event_type)))
            .unwrap_or(Self::LeadEventSpecialist)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employee {
    pub id: EmployeeId,
    /// Incremented by each change; forms send the revision they showed.
    pub revision: Revision,
    pub name: String,
    pub title: JobTitle,
    pub active: bool,
    pub email: Option<Email>,
    pub availability: Availability,
    /// None for the default.
    pub weekly_hours_max: Option<WeeklyHours>,
    /// By first day.
    pub time_off: Vec<TimeOff>,
    /// Values of the last import. The next import may change a value only if it still equals the imported one.
    pub imported: Option<ImportedProfile>,
}

/// An employee's values in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedProfile {
    pub name: String,
    pub title: JobTitle,
    pub email: Option<Email>,
}

impl Employee {
    /// Most minutes that they should work in a week.
    pub fn weekly_minutes_max(&self) -> u32 {
        u32::from(self.weekly_hours_max.unwrap_or_default().hours()) * 60
    }

    /// An active employee with default values.
    pub fn new(id: EmployeeId, name: String, title: JobTitle) -> Self {
        Self {
            id,
            revision: Revision::default(),
            name,
            title,
            active: true,
            email: None,
            availability: Availability::ALWAYS,
            weekly_hours_max: None,
            time_off: Vec::new(),
            imported: None,
        }
    }
}
