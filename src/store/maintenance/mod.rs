//! Check, repair, backup, restore.

pub mod backup;
pub mod check;
pub mod repair;
pub mod restore;
pub mod swap;
