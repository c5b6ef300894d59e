//! The stages of a check.

use crate::store::catalog::Table;

/// The stages, in order.
pub(super) const STAGES: [Stage; 24] = [
    Stage::Events,
    Stage::Count(Table::Schedules),
    Stage::Entries(Table::Schedules),
    Stage::Count(Table::ByDay),
    Stage::Entries(Table::ByDay),
    Stage::Count(Table::Due),
    Stage::Entries(Table::Due),
    Stage::Count(Table::Pairs),
    Stage::Entries(Table::Pairs),
    Stage::Count(Table::EmployeeDay),
    Stage::Entries(Table::EmployeeDay),
    Stage::Count(Table::StoreDay),
    Stage::Entries(Table::StoreDay),
    Stage::Count(Table::Words),
    Stage::Entries(Table::Words),
    Stage::Groups,
    Stage::Rules,
    Stage::Count(Table::Issues),
    Stage::Entries(Table::Issues),
    Stage::Counters,
    Stage::Audit,
    Stage::Listed,
    Stage::Unlisted,
    Stage::Lists,
];

#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// Records, and their index entries.
    Events,
    /// Number of index entries: equal to the number the records require, unless something is wrong.
    Count(Table),
    /// Index entries one by one, if their number is wrong.
    Entries(Table),
    Counters,
    /// COREs and Supervisors by store and number, with the same pairing as moves. Before the counters, because pairs
    /// are counted too.
    Groups,
    /// Assignments by employee and day, with the same rules as changes.
    Rules,
    Audit,
    /// The index of audit entries by event, as a whole.
    Listed,
    /// The events of audit entries one by one, if that index is wrong.
    Unlisted,
    /// Its entries one by one, if it is wrong.
    Lists,
}

impl Stage {
    pub fn table(self) -> Table {
        match self {
            Self::Events => Table::Events,
            Self::Count(table) | Self::Entries(table) => table,
            Self::Counters => Table::DayCounts,
            Self::Groups => Table::Pairs,
            Self::Rules => Table::EmployeeDay,
            Self::Audit | Self::Unlisted => Table::Audit,
            Self::Listed | Self::Lists => Table::EventAudit,
        }
    }
}
