//! Reads that combine several tables.

pub mod absences;
pub mod audit_list;
pub mod day_cards;
pub mod digest;
pub mod employee_cache;
pub mod filtered_month;
pub mod held;
pub mod reports;
pub mod roster;
pub mod search;
pub mod undo_window;
pub mod unscheduled;
pub(crate) mod warm;
pub mod workloads;
