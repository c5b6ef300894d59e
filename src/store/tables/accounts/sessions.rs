//! Sessions. They are not part of a backup.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::user::{
        User, UserName,
        access::{Digest, Lifetime, SESSIONS_OF_USER_MAX, Session},
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            accounts::{digest_of, millis, moment, users, visits},
            record::{self, decode_since, records},
        },
        transaction::{ReadTx, Tx},
    },
};

/// Minutes after which the use of a session is stored again: reading pages rarely writes.
pub const SEEN_MINUTES: i64 = 10;
/// Longest stored name of a browser, in characters.
pub const AGENT_CHARS_MAX: usize = 200;

/// Version 1 of a session's layout.
#[derive(Serialize, Deserialize)]
struct SessionV1 {
    user: String,
    started_ms: i64,
    seen_ms: i64,
    from: String,
    agent: String,
}

/// Version 2 adds when the user last confirmed the session, and whether a provider signed them in.
#[derive(Serialize, Deserialize)]
struct SessionV2 {
    session: SessionV1,
    confirmed_ms: i64,
    is_external: bool,
}

records!(Sessions: SessionV1 = 1, SessionV2 = 2);

impl From<SessionV1> for SessionV2 {
    fn from(session: SessionV1) -> Self {
        Self { confirmed_ms: session.started_ms, is_external: false, session }
    }
}

/// The session of a token and its user, if both are valid.
pub fn whose(
    tx: &dyn ReadTx,
    digest: Digest,
    lifetime: Lifetime,
    now: DateTime<Utc>,
) -> Result<Option<(Session, User)>, StoreError> {
    let Some(session) = get(tx, digest)?.filter(|session| is_good(session, lifetime, now)) else { return Ok(None) };
    Ok(users::get(tx, &session.user)?.filter(|user| user.active).map(|user| (session, user)))
}

fn get(tx: &dyn ReadTx, digest: Digest) -> Result<Option<Session>, StoreError> {
    record::get(tx, Table::Sessions, &digest.0, from_bytes)
}

fn is_good(session: &Session, lifetime: Lifetime, now: DateTime<Utc>) -> bool {
    now < session.seen_at + lifetime.idle && now < session.started_at + lifetime.whole
}

/// Tells if the use of a session should be stored.
pub fn is_unnoted(session: &Session, now: DateTime<Utc>) -> bool {
    now >= session.seen_at + TimeDelta::minutes(SEEN_MINUTES)
}

/// Stores the use of a session and the visit of its user, if it has not ended meanwhile.
pub fn note(tx: &mut Tx<'_>, digest: Digest, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Some(session) = get(tx, digest)? else { return Ok(()) };
    visits::note(tx, &session.user, now)?;
    put(tx, &Session { seen_at: now, ..session })
}

/// Stores that the user confirmed a session, if it has not ended meanwhile.
pub fn confirm(tx: &mut Tx<'_>, digest: Digest, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Some(session) = get(tx, digest)? else { return Ok(()) };
    put(tx, &Session { confirmed_at: now, seen_at: now, ..session })
}

/// Begins a session. Deletes expired ones, and the oldest of a user who has too many.
pub(crate) fn begin(tx: &mut Tx<'_>, session: &Session, lifetime: Lifetime) -> Result<(), StoreError> {
    let mut own = Vec::new();
    for other in all(tx)? {
        if !is_good(&other, lifetime, session.started_at) {
            tx.remove(Table::Sessions, other.digest.0.to_vec());
        } else if other.user == session.user {
            own.push(other);
        }
    }
    own.sort_by_key(|other| other.seen_at);
    let surplus = (own.len() + 1).saturating_sub(SESSIONS_OF_USER_MAX);
    for oldest in own.into_iter().take(surplus) {
        tx.remove(Table::Sessions, oldest.digest.0.to_vec());
    }
    visits::note(tx, &session.user, session.seen_at)?;
    put(tx, session)
}

/// Ends a session; false if there was none.
pub(crate) fn end(tx: &mut Tx<'_>, digest: Digest) -> Result<bool, StoreError> {
    let was = tx.get(Table::Sessions, &digest.0)?.is_some();
    tx.remove(Table::Sessions, digest.0.to_vec());
    Ok(was)
}

/// The sessions of a user, last used first.
pub fn of_user(tx: &dyn ReadTx, name: &UserName) -> Result<Vec<Session>, StoreError> {
    let mut own: Vec<_> = all(tx)?.into_iter().filter(|session| session.user == *name).collect();
    own.sort_by_key(|session| std::cmp::Reverse(session.seen_at));
    Ok(own)
}

fn all(tx: &dyn ReadTx) -> Result<Vec<Session>, StoreError> {
    record::all(tx, Table::Sessions, from_bytes)
}

fn put(tx: &mut Tx<'_>, session: &Session) -> Result<(), StoreError> {
    let record = SessionV2 {
        session: SessionV1 {
            user: session.user.to_string(),
            started_ms: millis(session.started_at),
            seen_ms: millis(session.seen_at),
            from: session.from.clone(),
            agent: session.agent.chars().take(AGENT_CHARS_MAX).collect(),
        },
        confirmed_ms: millis(session.confirmed_at),
        is_external: session.is_external,
    };
    record::put(tx, session.digest.0.to_vec(), &record)
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Session, StoreError> {
    let record = decode_since::<SessionV1, _>(bytes, key)?;
    read(key, record).ok_or_else(|| corrupt(Table::Sessions, key))
}

fn read(key: &[u8], record: SessionV2) -> Option<Session> {
    let SessionV2 { session, confirmed_ms, is_external } = record;
    Some(Session {
        digest: digest_of(key)?,
        user: session.user.parse().ok()?,
        started_at: moment(session.started_ms)?,
        seen_at: moment(session.seen_ms)?,
        confirmed_at: moment(confirmed_ms)?,
        is_external,
        from: session.from,
        agent: session.agent,
    })
}
