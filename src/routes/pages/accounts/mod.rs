//! Sign-in, the own account, and users.

pub mod account;
mod commands;
pub mod confirm;
mod new_password;
pub mod sign_in;
pub mod users;

use crate::{
    domain::user::{User, UserName, access::Session},
    routes::http::error::Failure,
    store::{
        Store,
        tables::accounts::{sessions, users as stored},
    },
};

/// A user and their sessions.
fn user_record(store: &Store, name: &UserName) -> Result<(User, Vec<Session>), Failure> {
    store.read(|tx| {
        let user = stored::get(tx, name)?;
        let user = user.ok_or_else(|| Failure::NotFound("There is no such user.".to_owned()))?;
        Ok((user, sessions::of_user(tx, name)?))
    })
}
