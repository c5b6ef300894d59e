//! Pieces that several pages share.

pub mod alert;
pub mod copy;
pub mod error;
pub mod field;
pub mod filter;
pub mod findings;
pub mod form_tokens;
pub mod layout;
pub mod message;
pub mod no_events;
pub mod pager;
pub mod print;
pub mod unsent;
