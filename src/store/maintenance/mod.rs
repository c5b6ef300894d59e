//! Check, repair, backup, restore, compact, archives of the audit.

pub mod audit_archive;
pub mod backup;
pub mod check;
pub mod compact;
pub mod repair;
