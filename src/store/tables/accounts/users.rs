//! Users by name in lower case.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::Revision,
        user::{PasswordHash, Role, User, UserName},
    },
    store::tables::accounts::{all_of, millis, moment},
    store::{
        error::StoreError,
        tables::{
            catalog::Table,
            keys::{Key, everything},
            record::{Record, corrupt, decode, encode},
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// Version 1 of a user's layout. The role is an index into [`Role::ALL`].
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct UserV1 {
    name: String,
    role: u8,
    password: Option<String>,
    active: bool,
    revision: u32,
    made_ms: i64,
    signed_in_ms: Option<i64>,
}

impl Record for UserV1 {
    const VERSION: u8 = 1;
    const TABLE: Table = Table::Users;
}

impl UserV1 {
    pub fn key(&self) -> Vec<u8> {
        Key::new().text(&self.name.to_lowercase()).done()
    }
}

fn key(name: &UserName) -> Vec<u8> {
    Key::new().text(&name.folded()).done()
}

/// A user by name.
pub fn get(tx: &dyn ReadTx, name: &UserName) -> Result<Option<User>, StoreError> {
    let key = key(name);
    tx.get(Table::Users, &key)?.map(|bytes| from_bytes(&bytes, &key)).transpose()
}

/// Every user, by name.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<User>, StoreError> {
    all_of(tx, Table::Users, from_bytes)
}

/// True while there is no user.
pub fn are_none(tx: &dyn ReadTx) -> Result<bool, StoreError> {
    let (range, mut none) = (everything(), true);
    tx.scan(Table::Users, &range.start..&range.end, &mut |_, _| {
        none = false;
        Ok(Flow::Stop)
    })?;
    Ok(none)
}

/// Writes a user.
pub(crate) fn put(tx: &mut Tx<'_>, user: &User) -> Result<(), StoreError> {
    let key = key(&user.name);
    let record = UserV1 {
        name: user.name.to_string(),
        role: user.role as u8,
        password: user.password.as_ref().map(|hash| hash.0.clone()),
        active: user.active,
        revision: user.revision.0,
        made_ms: millis(user.made_at),
        signed_in_ms: user.last_sign_in.map(millis),
    };
    let bytes = encode(&record, &key)?;
    tx.put(Table::Users, key, bytes)
}

/// Stores the time of a sign-in. The revision stays.
pub(crate) fn signed_in(tx: &mut Tx<'_>, user: &User, now: DateTime<Utc>) -> Result<(), StoreError> {
    put(tx, &User { last_sign_in: Some(now), ..user.clone() })
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<User, StoreError> {
    let record: UserV1 = decode(bytes, key)?;
    let (name, made_at) = (record.name.parse().ok(), moment(record.made_ms));
    let role = Role::ALL.get(usize::from(record.role)).copied();
    let read = name.zip(role).zip(made_at).map(|((name, role), made_at)| User {
        name,
        role,
        password: record.password.map(PasswordHash),
        active: record.active,
        revision: Revision(record.revision),
        made_at,
        last_sign_in: record.signed_in_ms.and_then(moment),
    });
    read.ok_or_else(|| corrupt(Table::Users, key))
}
