//! HTML: functions from typed arguments to markup. A page is a fragment in a layout.
//!
//! Invariant: no I/O, no clock, no inline style or script.

pub mod activity;
pub mod api_reference;
pub mod auth;
pub mod auto_schedule;
pub mod bulk;
pub mod calendar;
pub mod changes;
pub mod components;
pub mod digest;
pub mod employees;
pub mod feeds;
pub mod help;
pub mod import;
pub mod integrity;
pub mod look_alikes;
pub mod reports;
pub mod search;
pub mod settings;
pub mod unscheduled;
pub mod urls;

pub use crate::views::components::form_tokens::FormKeys;
pub use crate::views::components::layout::Page;
