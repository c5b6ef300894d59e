//! Users by name in lower case.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::Revision,
        user::{
            Device, Identity, PasswordHash, Role, User, UserName,
            access::Digest,
            second_factor::{SecondFactor, TotpSecret},
        },
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            accounts::{millis, moment},
            keys::Key,
            record::{self, decode_since, records},
        },
        transaction::{ReadTx, Tx},
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

/// Version 2 adds the e-mail address, the second factor, the identity at a sign-in provider, and known browsers.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct UserV2 {
    pub user: UserV1,
    email: Option<String>,
    second_factor: Option<SecondFactorV1>,
    /// Issuer and subject.
    identity: Option<(String, String)>,
    /// Digests and times of the last sign-in, in milliseconds.
    devices: Vec<([u8; 32], i64)>,
}

#[derive(Serialize, Deserialize)]
struct SecondFactorV1 {
    secret: [u8; 20],
    last_step: u64,
    recovery: Vec<[u8; 32]>,
    since_ms: i64,
}

records!(Users:
    UserV1 = 1 at |user| Key::new().text(&user.name.to_lowercase()).done(),
    UserV2 = 2 at |user| user.user.key()
);

impl From<UserV1> for UserV2 {
    fn from(user: UserV1) -> Self {
        Self { user, email: None, second_factor: None, identity: None, devices: Vec::new() }
    }
}

fn key(name: &UserName) -> Vec<u8> {
    Key::new().text(&name.folded()).done()
}

pub fn get(tx: &dyn ReadTx, name: &UserName) -> Result<Option<User>, StoreError> {
    record::get(tx, Table::Users, &key(name), from_bytes)
}

/// Every user, by name.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<User>, StoreError> {
    record::all(tx, Table::Users, from_bytes)
}

/// True while there is no user.
pub fn are_none(tx: &dyn ReadTx) -> Result<bool, StoreError> {
    record::is_empty(tx, Table::Users)
}

pub(crate) fn put(tx: &mut Tx<'_>, user: &User) -> Result<(), StoreError> {
    record::put(tx, key(&user.name), &layout(user))
}

fn layout(user: &User) -> UserV2 {
    let factor = |factor: &SecondFactor| SecondFactorV1 {
        secret: factor.secret.0,
        last_step: factor.last_step,
        recovery: factor.recovery.iter().map(|digest| digest.0).collect(),
        since_ms: millis(factor.since),
    };
    let base = UserV1 {
        name: user.name.to_string(),
        role: user.role as u8,
        password: user.password.as_ref().map(|hash| hash.0.clone()),
        active: user.active,
        revision: user.revision.0,
        made_ms: millis(user.made_at),
        signed_in_ms: user.last_sign_in.map(millis),
    };
    UserV2 {
        user: base,
        email: user.email.as_ref().map(ToString::to_string),
        second_factor: user.second_factor.as_ref().map(factor),
        identity: user.identity.clone().map(|identity| (identity.issuer, identity.subject)),
        devices: user.devices.iter().map(|device| (device.digest.0, millis(device.seen_at))).collect(),
    }
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<User, StoreError> {
    read(decode_since::<UserV1, _>(bytes, key)?).ok_or_else(|| corrupt(Table::Users, key))
}

fn read(record: UserV2) -> Option<User> {
    let UserV2 { user: base, email, second_factor, identity, devices } = record;
    let factor = |factor: SecondFactorV1| {
        Some(SecondFactor {
            secret: TotpSecret(factor.secret),
            last_step: factor.last_step,
            recovery: factor.recovery.into_iter().map(Digest).collect(),
            since: moment(factor.since_ms)?,
        })
    };
    let device = |(digest, seen_ms)| Some(Device { digest: Digest(digest), seen_at: moment(seen_ms)? });
    Some(User {
        name: base.name.parse().ok()?,
        role: *Role::ALL.get(usize::from(base.role))?,
        password: base.password.map(PasswordHash),
        active: base.active,
        revision: Revision(base.revision),
        made_at: moment(base.made_ms)?,
        last_sign_in: base.signed_in_ms.and_then(moment),
        // An address that is no longer valid is dropped: a user without one can still sign in.
        email: email.and_then(|text| text.parse().ok()),
        second_factor: second_factor.map(|stored| factor(stored).ok_or(())).transpose().ok()?,
        identity: identity.map(|(issuer, subject)| Identity { issuer, subject }),
        devices: devices.into_iter().map(device).collect::<Option<_>>()?,
    })
}
