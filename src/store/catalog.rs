//! The tables and their keys. Numbers in keys are big-endian, so that byte order is numeric order.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// event → record
    Events,
    /// schedule → event
    Schedules,
    /// date, second of the day, event → nothing; scheduled events
    ByDay,
    /// due date, event → nothing; unstaffed events, those without a due date after all dates
    Due,
    /// store, number, event → nothing; COREs and Supervisors with a number
    Pairs,
    /// date → counters; those of the whole calendar after all dates
    DayCounts,
    /// employee → record
    Employees,
    /// employee, date, event → nothing
    EmployeeDay,
    /// store, day or due date, event → nothing; events with a store
    StoreDay,
    /// word of a name, event / 256 → the events' remainders, one byte each, in order
    Words,
    /// date → record
    Holidays,
    /// sequence → entry
    Audit,
    /// event, sequence → nothing; the entries that changed the event
    EventAudit,
    /// idempotency key → audit entry
    Replies,
    /// time, idempotency key → the key in `Replies`
    ReplyTimes,
    /// name in lower case → user
    Users,
    /// digest of a token → session
    Sessions,
    /// digest of a token → API token or feed
    Tokens,
    /// digest of a token → link
    Links,
    /// name → number
    Meta,
    /// check, event → finding
    Findings,
    /// sequence → completed check
    IntegrityRuns,
    /// sequence → message
    Outbox,
    /// number → import
    Imports,
    /// number of an import, event → the event before and after
    ImportSteps,
    /// number of an import, employee → their revision when the import brought them
    ImportPeople,
    /// event → the import since which its files do not name it
    MissingVisits,
    /// event, number of an import → whether its files list the visit, which was missing at some time
    ListedVisits,
    /// hash of a secret → feed
    Feeds,
    /// id → a proposal of the auto-scheduler
    Proposals,
    /// weekly or dated, store, role, weekday or date → entry of the rotation
    Rotations,
    /// number → a merge of records
    Merges,
    /// event, employee, date → accepted findings of rules
    Acceptances,
    /// kind, date, event → findings of rules, or of pairs
    Issues,
    /// name in lower case → when the user was here
    Visits,
}

impl Table {
    pub const ALL: [Self; 35] = [
        Self::Events,
        Self::Schedules,
        Self::ByDay,
        Self::Due,
        Self::Pairs,
        Self::DayCounts,
        Self::Employees,
        Self::EmployeeDay,
        Self::StoreDay,
        Self::Words,
        Self::Holidays,
        Self::Audit,
        Self::EventAudit,
        Self::Replies,
        Self::ReplyTimes,
        Self::Users,
        Self::Sessions,
        Self::Tokens,
        Self::Links,
        Self::Meta,
        Self::Findings,
        Self::IntegrityRuns,
        Self::Outbox,
        Self::Imports,
        Self::ImportSteps,
        Self::ImportPeople,
        Self::MissingVisits,
        Self::ListedVisits,
        Self::Feeds,
        Self::Proposals,
        Self::Rotations,
        Self::Merges,
        Self::Acceptances,
        Self::Issues,
        Self::Visits,
    ];

    /// The number in a database server. Never changed: existing stores depend on it. A new table gets the next one.
    pub(crate) fn number(self) -> i16 {
        match self {
            Self::Events => 1,
            Self::Schedules => 2,
            Self::ByDay => 3,
            Self::Due => 4,
            Self::Pairs => 5,
            Self::DayCounts => 6,
            Self::Employees => 7,
            Self::EmployeeDay => 8,
            Self::StoreDay => 9,
            Self::Words => 10,
            Self::Holidays => 11,
            Self::Audit => 12,
            Self::EventAudit => 13,
            Self::Replies => 14,
            Self::ReplyTimes => 15,
            Self::Users => 16,
            Self::Sessions => 17,
            Self::Tokens => 18,
            Self::Links => 19,
            Self::Meta => 20,
            Self::Findings => 21,
            Self::IntegrityRuns => 22,
            Self::Outbox => 23,
            Self::Imports => 24,
            Self::ImportSteps => 25,
            Self::ImportPeople => 26,
            Self::MissingVisits => 27,
            Self::ListedVisits => 28,
            Self::Feeds => 29,
            Self::Proposals => 30,
            Self::Rotations => 31,
            Self::Merges => 32,
            Self::Acceptances => 33,
            Self::Issues => 34,
            Self::Visits => 35,
        }
    }

    pub(crate) fn of_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.number() == number)
    }

    /// Tells if the keys end with the number of an event, which is read next as a rule.
    pub(crate) fn lists_events(self) -> bool {
        matches!(self, Self::ByDay | Self::Due | Self::Pairs | Self::EmployeeDay | Self::StoreDay)
    }

    /// The table from which this one is derived; none for a table that cannot be rebuilt.
    pub(crate) fn source(self) -> Option<Self> {
        match self {
            // Findings, runs and messages cannot be rebuilt.
            Self::Events
            | Self::Employees
            | Self::Holidays
            | Self::Audit
            | Self::Replies
            | Self::Users
            | Self::Sessions
            | Self::Tokens
            | Self::Links
            | Self::Meta
            | Self::Findings
            | Self::IntegrityRuns
            | Self::Outbox
            | Self::Imports
            | Self::ImportSteps
            | Self::ImportPeople
            | Self::MissingVisits
            | Self::ListedVisits
            | Self::Feeds
            | Self::Proposals
            | Self::Rotations
            | Self::Merges
            | Self::Acceptances
            | Self::Visits => None,
            Self::Schedules
            | Self::ByDay
            | Self::Due
            | Self::Pairs
            | Self::DayCounts
            | Self::EmployeeDay
            | Self::StoreDay
            | Self::Words
            | Self::Issues => Some(Self::Events),
            Self::EventAudit => Some(Self::Audit),
            Self::ReplyTimes => Some(Self::Replies),
        }
    }

    /// Tells if records are bound to one store: a backup must not restore a session that was ended, a link that was
    /// used, a proposal for another state of the store, or a visit.
    fn is_passing(self) -> bool {
        matches!(self, Self::Sessions | Self::Links | Self::Proposals | Self::Visits)
    }

    /// The tables contained in a backup, in order.
    pub(crate) fn primary() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|table| table.source().is_none() && !table.is_passing())
    }

    /// The name on disk. Never changed: existing stores depend on it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Schedules => "schedules",
            Self::ByDay => "by_day",
            Self::Due => "due",
            Self::Pairs => "pairs",
            Self::DayCounts => "day_counts",
            Self::Employees => "employees",
            Self::EmployeeDay => "employee_day",
            Self::StoreDay => "store_day",
            Self::Words => "words",
            Self::Holidays => "holidays",
            Self::Audit => "audit",
            Self::EventAudit => "event_audit",
            Self::Replies => "replies",
            Self::ReplyTimes => "reply_times",
            Self::Users => "users",
            Self::Sessions => "sessions",
            Self::Tokens => "tokens",
            Self::Links => "links",
            Self::Meta => "meta",
            Self::Findings => "findings",
            Self::IntegrityRuns => "integrity_runs",
            Self::Outbox => "outbox",
            Self::Imports => "imports",
            Self::ImportSteps => "import_steps",
            Self::ImportPeople => "import_people",
            Self::MissingVisits => "missing_visits",
            Self::ListedVisits => "listed_visits",
            Self::Feeds => "feeds",
            Self::Proposals => "proposals",
            Self::Rotations => "rotations",
            Self::Merges => "merges",
            Self::Acceptances => "acceptances",
            Self::Issues => "issues",
            Self::Visits => "visits",
        }
    }
}

/// The range of a whole table: every key is shorter than this bound.
pub(crate) fn everything() -> Range<Vec<u8>> {
    Vec::new()..vec![255; 64]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers in stores that exist.
    const NUMBERS: &str = "events 1, schedules 2, by_day 3, due 4, pairs 5, day_counts 6, employees 7, employee_day 8, \
        store_day 9, words 10, holidays 11, audit 12, event_audit 13, replies 14, reply_times 15, users 16, sessions 17, \
        tokens 18, links 19, meta 20, findings 21, integrity_runs 22, outbox 23, imports 24, import_steps 25, \
        import_people 26, missing_visits 27, listed_visits 28, feeds 29, proposals 30, rotations 31, merges 32, \
        acceptances 33, issues 34, visits 35";

    #[test]
    fn the_numbers_of_the_tables_never_change() {
        let numbers = Table::ALL.map(|table| format!("{} {}", table.name(), table.number()));

        assert_eq!(numbers.join(", "), NUMBERS);
        assert!(Table::ALL.into_iter().all(|table| Table::of_number(table.number()) == Some(table)));
    }
}
