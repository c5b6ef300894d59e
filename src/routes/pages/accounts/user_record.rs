//! A user and their sessions, for pages.

use crate::{
    domain::user::{User, UserName, access::Session},
    routes::http::error::Failure,
    store::{
        Store,
        tables::accounts::{sessions, users},
    },
};

pub fn read(store: &Store, name: &UserName) -> Result<(User, Vec<Session>), Failure> {
    store.read(|tx| {
        let user = users::get(tx, name)?;
        let user = user.ok_or_else(|| Failure::NotFound("There is no such user.".to_owned()))?;
        Ok((user, sessions::of_user(tx, name)?))
    })
}
