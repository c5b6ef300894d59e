//! Fields that only some roles may read: one table, used by pages, calls, exports and the audit.

use crate::domain::{
    audit::{Entry, Topic},
    change::employee_edit::EMAIL_FACT,
    employee::Employee,
    notification::{Channel, OutboxMessage, Purpose},
    user::Role,
};

/// Shown in place of a value that the reader may not see.
pub const HIDDEN: &str = "(hidden)";

/// A field that not every role may read. Every other field of an event, an employee or an audit entry is for all roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The e-mail address of an employee, as entered and as imported.
    EmployeeEmail,
    /// The e-mail address of a user, for messages about the account, or of the settings, for alerts.
    UserEmail,
    /// The note on time off. It may say something about health.
    TimeOffNote,
}

impl Field {
    pub const ALL: [Self; 3] = [Self::EmployeeEmail, Self::UserEmail, Self::TimeOffNote];

    /// The least role that may read the field.
    pub fn least_role(self) -> Role {
        match self {
            Self::EmployeeEmail => Role::Scheduler,
            Self::UserEmail | Self::TimeOffNote => Role::Admin,
        }
    }

    pub fn is_visible_to(self, role: Role) -> bool {
        role >= self.least_role()
    }
}

/// Removes the fields of an employee that a role may not read.
pub fn employee_for(role: Role, mut employee: Employee) -> Employee {
    if !Field::EmployeeEmail.is_visible_to(role) {
        employee.email = None;
        employee.imported.iter_mut().for_each(|imported| imported.email = None);
    }
    if !Field::TimeOffNote.is_visible_to(role) {
        employee.time_off.iter_mut().for_each(|off| off.note = None);
    }
    employee
}

/// True if a role may read where a message goes, what it says and why it was not delivered: a mail server's answer may quote
/// the address, and a title may name the user.
#[must_use]
pub fn is_message_visible_to(role: Role, message: &OutboxMessage) -> bool {
    match (&message.channel, message.notification.purpose) {
        (Channel::Slack | Channel::Webhook, _) => true,
        (Channel::Mail(_), Purpose::Notice) => Field::EmployeeEmail.is_visible_to(role),
        // Addresses for alerts are in the settings, which are for admins too.
        (Channel::Mail(_), _) => Field::UserEmail.is_visible_to(role),
    }
}

/// Hides the values in an audit entry that a role may not read. That they changed stays visible.
pub fn entry_for(role: Role, mut entry: Entry) -> Entry {
    let field = match entry.about.as_ref().map(|about| about.topic) {
        Some(Topic::Employee) => Some(Field::EmployeeEmail),
        Some(Topic::User) => Some(Field::UserEmail),
        _ => None,
    };
    if field.is_some_and(|field| !field.is_visible_to(role)) {
        for fact in entry.facts.iter_mut().filter(|fact| fact.name == EMAIL_FACT) {
            for value in [&mut fact.before, &mut fact.after].into_iter().filter(|value| !value.is_empty()) {
                HIDDEN.clone_into(value);
            }
        }
    }
    entry
}
