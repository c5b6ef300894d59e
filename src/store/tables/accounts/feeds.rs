//! Calendar feeds by the hash of their secret: reading the store does not reveal a feed's address.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    domain::{
        audit::{About, Action, Entry, Fact, Origin, Outcome, Topic},
        feed::Feed,
        ids::EmployeeId,
        user::access::Purpose,
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            accounts::users,
            audit, employees, meta,
            record::{self, decode, records},
        },
        transaction::{ReadTx, Tx},
    },
};

pub const FEEDS_MAX: usize = 500;

/// Version 1 of a feed's layout.
#[derive(Serialize, Deserialize)]
pub(crate) struct FeedV1 {
    /// SHA-256 of the secret.
    #[serde(with = "crate::store::tables::record::hex")]
    hash: [u8; 32],
    id: u64,
    employee: Option<String>,
    at_ms: i64,
    who: String,
}

records!(Feeds: FeedV1 = 1 at |feed| feed.hash.to_vec());

/// Numbers a feed, writes it and audits it. None if there are too many, or no such employee.
pub fn make(
    tx: &mut Tx<'_>,
    secret: &str,
    employee: Option<EmployeeId>,
    origin: &Origin,
) -> Result<Option<Feed>, StoreError> {
    let employee = match employee {
        Some(id) => match employees::get(tx, &id)? {
            Some(found) => Some(found.id),
            None => return Ok(None),
        },
        None => None,
    };
    if all(tx)?.len() >= FEEDS_MAX {
        return Ok(None);
    }
    let feed = Feed { id: meta::next(tx, meta::FEEDS)?, employee, at: origin.at, who: origin.who.clone() };
    put(tx, secret, &feed)?;
    audit::append(tx, entry(origin, Action::MakeToken, &feed))?;
    Ok(Some(feed))
}

pub(crate) fn put(tx: &mut Tx<'_>, secret: &str, feed: &Feed) -> Result<(), StoreError> {
    let record = FeedV1 {
        hash: Sha256::digest(secret).into(),
        id: feed.id,
        employee: feed.employee.as_ref().map(ToString::to_string),
        at_ms: feed.at.timestamp_millis(),
        who: feed.who.chars().take(200).collect(),
    };
    record::put(tx, record.key(), &record)
}

/// The audit entry of a new or revoked feed, without its secret.
fn entry(origin: &Origin, action: Action, feed: &Feed) -> Entry {
    let after = Purpose::Feed(feed.employee.clone()).describe();
    let whose = Fact { name: "for".to_owned(), before: String::new(), after };
    let about = About { topic: Topic::Token, id: format!("calendar feed {}", feed.id) };
    Entry { about: Some(about), facts: vec![whose], ..Entry::new(origin, action, Outcome::Done) }
}

/// The feed with this secret. None if it has expired, or if the user who created it is disabled.
pub fn opened_by(tx: &dyn ReadTx, secret: &str, now: DateTime<Utc>) -> Result<Option<Feed>, StoreError> {
    let key = Sha256::digest(secret).to_vec();
    let Some(feed) = record::get(tx, Table::Feeds, &key, from_bytes)? else { return Ok(None) };
    // Without sign-in, `who` is not the name of a user.
    let creator = feed.who.parse().map_or(Ok(None), |name| users::get(tx, &name))?;
    let is_readable = now < feed.ends_at() && creator.is_none_or(|creator| creator.active);
    Ok(is_readable.then_some(feed))
}

/// Every feed, by number.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<Feed>, StoreError> {
    let mut feeds = record::all(tx, Table::Feeds, from_bytes)?;
    feeds.sort_by_key(|feed| feed.id);
    Ok(feeds)
}

/// Deletes a feed and audits that; false if there is none with the number.
pub fn revoke(tx: &mut Tx<'_>, id: u64, origin: &Origin) -> Result<bool, StoreError> {
    let keyed = record::all(tx, Table::Feeds, |bytes, key| Ok((key.to_vec(), from_bytes(bytes, key)?)))?;
    let Some((key, feed)) = keyed.into_iter().find(|(_, feed)| feed.id == id) else { return Ok(false) };
    tx.remove(Table::Feeds, key);
    audit::append(tx, entry(origin, Action::EndToken, &feed))?;
    Ok(true)
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Feed, StoreError> {
    read(decode(bytes, key)?).ok_or_else(|| corrupt(Table::Feeds, key))
}

fn read(record: FeedV1) -> Option<Feed> {
    let employee = record.employee.map(|id| id.parse()).transpose().ok()?;
    Some(Feed { id: record.id, employee, at: DateTime::from_timestamp_millis(record.at_ms)?, who: record.who })
}
