//! Use cases: load facts, decide, and write with an audit entry, in one transaction.
//!
//! A service owns the transaction. Pages, API, command line and jobs call the same services.

pub(crate) mod absences;
pub mod acceptances;
pub mod accounts;
mod audited_write;
pub mod bulk;
pub mod change;
pub mod decision_context;
pub mod employees;
pub mod files;
pub mod merges;
pub mod proposals;
pub mod replacements;
pub mod rotation;
pub mod undo;
