//! Sign-in, account and users.

pub mod account;
pub mod second_factor;
pub mod sign_in;
pub mod users;
