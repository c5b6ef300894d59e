//! Pieces that several pages share.

pub mod alert;
pub mod error;
pub mod field;
pub mod filter;
pub mod form_tokens;
pub mod message;
pub mod pager;
pub mod print;
pub mod rate_limited;
