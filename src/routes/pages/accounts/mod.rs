//! Sign-in, the own account, and users.

pub mod account;
mod commands;
pub mod confirm;
mod new_password;
pub mod sign_in;
mod user_record;
pub mod users;
