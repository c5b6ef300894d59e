//! API tokens and secrets of calendar feeds, by digest.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::user::{
        Scope,
        access::{Digest, Purpose, Token},
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            accounts::{digest_of, millis, moment, users},
            record::{self, decode, records},
        },
        transaction::{ReadTx, Tx},
    },
};

/// Minutes after which the use of a token is stored again: reading calls rarely write.
const USED_MINUTES: i64 = 10;

/// Version 1 of a token's layout.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct TokenV1 {
    #[serde(with = "crate::store::tables::record::hex")]
    digest: [u8; 32],
    label: String,
    /// An index into [`Scope::ALL`] for API tokens; none for a feed. Tokens that were made before there were scopes have the
    /// place of their role, which is that of the scope with the same rights.
    role: Option<u8>,
    /// The employee of a feed; none for the team's.
    feed_of: Option<String>,
    made_by: Option<String>,
    made_ms: i64,
    ends_ms: Option<i64>,
    used_ms: Option<i64>,
}

records!(Tokens: TokenV1 = 1 at |token| token.digest.to_vec());

/// The token with this digest, if it is valid: not ended, and its creator is still active. A token can do at
/// most what its creator may.
pub fn good(tx: &dyn ReadTx, digest: Digest, now: DateTime<Utc>) -> Result<Option<Token>, StoreError> {
    let Some(token) = get(tx, digest)?.filter(|token| token.is_good(now)) else { return Ok(None) };
    let Some(maker) = &token.made_by else { return Ok(Some(token)) };
    let maker = users::get(tx, maker)?.filter(|maker| maker.active);
    Ok(maker.map(|maker| match token.purpose {
        Purpose::Calls(scope) => Token { purpose: Purpose::Calls(scope.min(Scope::of(maker.role))), ..token },
        Purpose::Feed(_) => token,
    }))
}

pub(crate) fn get(tx: &dyn ReadTx, digest: Digest) -> Result<Option<Token>, StoreError> {
    record::get(tx, Table::Tokens, &digest.0, from_bytes)
}

/// Every token and feed, newest first.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<Token>, StoreError> {
    let mut all = record::all(tx, Table::Tokens, from_bytes)?;
    all.sort_by_key(|token| std::cmp::Reverse(token.made_at));
    Ok(all)
}

/// Tells if the use of a token should be stored.
pub fn is_unnoted(token: &Token, now: DateTime<Utc>) -> bool {
    token.used_at.is_none_or(|used| now >= used + TimeDelta::minutes(USED_MINUTES))
}

/// Stores the use of a token, if it has not ended meanwhile.
pub fn note(tx: &mut Tx<'_>, digest: Digest, now: DateTime<Utc>) -> Result<(), StoreError> {
    match get(tx, digest)? {
        Some(token) => put(tx, &Token { used_at: Some(now), ..token }),
        None => Ok(()),
    }
}

pub(crate) fn put(tx: &mut Tx<'_>, token: &Token) -> Result<(), StoreError> {
    let (role, feed_of) = match &token.purpose {
        Purpose::Calls(scope) => (Some(*scope as u8), None),
        Purpose::Feed(of) => (None, of.as_ref().map(ToString::to_string)),
    };
    let record = TokenV1 {
        digest: token.digest.0,
        label: token.label.clone(),
        role,
        feed_of,
        made_by: token.made_by.as_ref().map(ToString::to_string),
        made_ms: millis(token.made_at),
        ends_ms: token.ends_at.map(millis),
        used_ms: token.used_at.map(millis),
    };
    record::put(tx, token.digest.0.to_vec(), &record)
}

pub(crate) fn remove(tx: &mut Tx<'_>, digest: Digest) {
    tx.remove(Table::Tokens, digest.0.to_vec());
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Token, StoreError> {
    let record: TokenV1 = decode(bytes, key)?;
    read(key, record).ok_or_else(|| corrupt(Table::Tokens, key))
}

fn read(key: &[u8], record: TokenV1) -> Option<Token> {
    let purpose = match (record.role, record.feed_of) {
        (Some(scope), None) => Purpose::Calls(*Scope::ALL.get(usize::from(scope))?),
        (None, None) => Purpose::Feed(None),
        (None, Some(of)) => Purpose::Feed(Some(of.parse().ok()?)),
        (Some(_), Some(_)) => return None,
    };
    let made_by = record.made_by.map(|name| name.parse()).transpose().ok()?;
    Some(Token {
        digest: digest_of(key)?,
        label: record.label,
        purpose,
        made_by,
        made_at: moment(record.made_ms)?,
        ends_at: record.ends_ms.and_then(moment),
        used_at: record.used_ms.and_then(moment),
    })
}
