//! Reads that combine several tables.

pub mod employee_cache;
pub mod filtered_month;
pub mod retail_stores;
pub mod search;
pub mod undo_window;
pub mod unscheduled;
