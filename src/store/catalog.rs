//! The tables and their keys. Numbers in keys are big-endian, so that byte order is numeric order.

use std::ops::Range;

/// Declares the tables: number, name, and the table from which one is derived.
macro_rules! tables {
    ($($(#[$keys:meta])* $table:ident = $number:literal, $name:literal $(, from $source:ident)?;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Table {
            $($(#[$keys])* $table,)*
        }

        impl Table {
            pub const ALL: [Self; 35] = [$(Self::$table),*];

            /// The number in a database server. Never changed: existing stores depend on it. A new table gets the next one.
            pub(crate) fn number(self) -> i16 {
                match self {
                    $(Self::$table => $number,)*
                }
            }

            /// The name on disk. Never changed: existing stores depend on it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$table => $name,)*
                }
            }

            /// The table from which this one is derived; none for a table that cannot be rebuilt.
            pub(crate) fn source(self) -> Option<Self> {
                match self {
                    $($(Self::$table => Some(Self::$source),)?)*
                    _ => None,
                }
            }
        }
    };
}

tables! {
    /// event → record
    Events = 1, "events";
    /// schedule → event
    Schedules = 2, "schedules", from Events;
    /// date, second of the day, event → nothing; scheduled events
    ByDay = 3, "by_day", from Events;
    /// due date, event → nothing; unstaffed events, those without a due date after all dates
    Due = 4, "due", from Events;
    /// store, number, event → nothing; COREs and Supervisors with a number
    Pairs = 5, "pairs", from Events;
    /// date → counters; those of the whole calendar after all dates
    DayCounts = 6, "day_counts", from Events;
    /// employee → record
    Employees = 7, "employees";
    /// employee, date, event → nothing
    EmployeeDay = 8, "employee_day", from Events;
    /// store, day or due date, event → nothing; events with a store
    StoreDay = 9, "store_day", from Events;
    /// word of a name, event / 256 → the events' remainders, one byte each, in order
    Words = 10, "words", from Events;
    /// date → record
    Holidays = 11, "holidays";
    /// sequence → entry
    Audit = 12, "audit";
    /// event, sequence → nothing; the entries that changed the event
    EventAudit = 13, "event_audit", from Audit;
    /// idempotency key → audit entry
    Replies = 14, "replies";
    /// time, idempotency key → the key in `Replies`
    ReplyTimes = 15, "reply_times", from Replies;
    /// name in lower case → user
    Users = 16, "users";
    /// digest of a token → session
    Sessions = 17, "sessions";
    /// digest of a token → API token or feed
    Tokens = 18, "tokens";
    /// digest of a token → link
    Links = 19, "links";
    /// name → number
    Meta = 20, "meta";
    /// check, event → finding
    Findings = 21, "findings";
    /// sequence → completed check
    IntegrityRuns = 22, "integrity_runs";
    /// sequence → message
    Outbox = 23, "outbox";
    /// number → import
    Imports = 24, "imports";
    /// number of an import, event → the event before and after
    ImportSteps = 25, "import_steps";
    /// number of an import, employee → their revision when the import brought them
    ImportPeople = 26, "import_people";
    /// event → the import since which its files do not name it
    MissingVisits = 27, "missing_visits";
    /// event, number of an import → whether its files list the visit, which was missing at some time
    ListedVisits = 28, "listed_visits";
    /// hash of a secret → feed
    Feeds = 29, "feeds";
    /// id → a proposal of the auto-scheduler
    Proposals = 30, "proposals";
    /// weekly or dated, store, role, weekday or date → entry of the rotation
    Rotations = 31, "rotations";
    /// number → a merge of records
    Merges = 32, "merges";
    /// event, employee, date → accepted findings of rules
    Acceptances = 33, "acceptances";
    /// kind, date, event → findings of rules, or of pairs
    Issues = 34, "issues", from Events;
    /// name in lower case → when the user was here
    Visits = 35, "visits";
}

impl Table {
    pub(crate) fn of_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.number() == number)
    }

    /// Tells if the keys end with the number of an event, which is read next as a rule.
    pub(crate) fn lists_events(self) -> bool {
        matches!(self, Self::ByDay | Self::Due | Self::Pairs | Self::EmployeeDay | Self::StoreDay)
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
