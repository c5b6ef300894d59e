//! HTML: functions from typed arguments to markup. A page is a fragment in a layout.
//!
//! Rule of this room: no I/O, no clock, no style or script inline.

pub mod account;
pub mod activity;
pub mod address;
pub mod card;
pub mod day;
pub mod error;
pub mod feeds;
pub mod field;
pub mod filter;
pub mod form;
pub mod help;
pub mod import;
pub mod integrity;
pub mod keys;
pub mod later;
pub mod layout;
pub mod message;
pub mod month;
pub mod note;
mod pager;
pub mod people;
pub mod plan;
pub mod print;
pub mod reassign;
pub mod reference;
pub mod repair;
pub mod search;
pub mod settings;
pub mod sign_in;
pub mod unscheduled;
pub mod users;

pub use keys::FormKeys;
pub use layout::Page;
