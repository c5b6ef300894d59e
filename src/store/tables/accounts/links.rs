//! One-time links. Like sessions they are not part of a backup.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::user::{
        UserName,
        access::{Digest, Link, LinkPurpose},
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            accounts::{digest_of, millis, moment},
            record::{self, decode, records},
        },
        transaction::{ReadTx, Tx},
    },
};

const FIRST_ADMIN: u8 = 0;
const PASSWORD: u8 = 1;
const SIGN_IN: u8 = 2;
const FORGOTTEN: u8 = 3;

/// Version 1 of a link's layout.
#[derive(Serialize, Deserialize)]
struct LinkV1 {
    purpose: u8,
    /// Empty for the first admin's.
    user: String,
    ends_ms: i64,
}

records!(Links: LinkV1 = 1);

/// The link of a token, if it is valid.
pub fn good(tx: &dyn ReadTx, digest: Digest, now: DateTime<Utc>) -> Result<Option<Link>, StoreError> {
    Ok(record::get(tx, Table::Links, &digest.0, from_bytes)?.filter(|link| now < link.ends_at))
}

/// Writes a link. It replaces all others for the same purpose; expired ones are deleted too.
pub fn create(tx: &mut Tx<'_>, link: &Link, now: DateTime<Utc>) -> Result<(), StoreError> {
    for other in all(tx)? {
        if other.purpose == link.purpose || now >= other.ends_at {
            remove(tx, other.digest);
        }
    }
    let (purpose, user) = match &link.purpose {
        LinkPurpose::FirstAdmin => (FIRST_ADMIN, String::new()),
        LinkPurpose::Password(user) => (PASSWORD, user.to_string()),
        LinkPurpose::SignIn(user) => (SIGN_IN, user.to_string()),
        LinkPurpose::Forgotten(user) => (FORGOTTEN, user.to_string()),
    };
    record::put(tx, link.digest.0.to_vec(), &LinkV1 { purpose, user, ends_ms: millis(link.ends_at) })
}

pub(crate) fn forget(tx: &mut Tx<'_>, name: &UserName) -> Result<(), StoreError> {
    for link in all(tx)? {
        if link.purpose.user() == Some(name) {
            remove(tx, link.digest);
        }
    }
    Ok(())
}

/// Deletes the link that was mailed to a user.
pub(crate) fn forget_mailed(tx: &mut Tx<'_>, name: &UserName) -> Result<(), StoreError> {
    let mailed = LinkPurpose::Forgotten(name.clone());
    for link in all(tx)?.into_iter().filter(|link| link.purpose == mailed) {
        remove(tx, link.digest);
    }
    Ok(())
}

pub(crate) fn remove(tx: &mut Tx<'_>, digest: Digest) {
    tx.remove(Table::Links, digest.0.to_vec());
}

fn all(tx: &dyn ReadTx) -> Result<Vec<Link>, StoreError> {
    record::all(tx, Table::Links, from_bytes)
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Link, StoreError> {
    let record: LinkV1 = decode(bytes, key)?;
    read(key, &record).ok_or_else(|| corrupt(Table::Links, key))
}

fn read(key: &[u8], record: &LinkV1) -> Option<Link> {
    let purpose = match record.purpose {
        FIRST_ADMIN => LinkPurpose::FirstAdmin,
        PASSWORD => LinkPurpose::Password(record.user.parse().ok()?),
        SIGN_IN => LinkPurpose::SignIn(record.user.parse().ok()?),
        FORGOTTEN => LinkPurpose::Forgotten(record.user.parse().ok()?),
        _ => return None,
    };
    Some(Link { digest: digest_of(key)?, purpose, ends_at: moment(record.ends_ms)? })
}
