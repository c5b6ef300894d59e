//! When each user was here. Not part of a backup, as sessions are not.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::user::{UserName, visit::Visit},
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            accounts::{millis, moment},
            keys::Key,
            record::{self, decode, records},
        },
        transaction::{ReadTx, Tx},
    },
};

/// Version 1 of a visit's layout.
#[derive(Serialize, Deserialize)]
struct VisitV1 {
    seen_ms: i64,
    before_ms: Option<i64>,
}

records!(Visits: VisitV1 = 1);

/// The visit of a user; none before the first.
pub fn of(tx: &dyn ReadTx, name: &UserName) -> Result<Option<Visit>, StoreError> {
    record::get(tx, Table::Visits, &key_of(name), |bytes, key| {
        let VisitV1 { seen_ms, before_ms } = decode(bytes, key)?;
        let before = before_ms.map(|before| moment(before).ok_or(())).transpose().ok();
        let visit = moment(seen_ms).zip(before).map(|(seen_at, before)| Visit { seen_at, before });
        visit.ok_or_else(|| corrupt(Table::Visits, key))
    })
}

/// Notes that a user is here.
pub(crate) fn note(tx: &mut Tx<'_>, name: &UserName, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Visit { seen_at, before } = Visit::after(of(tx, name)?, now);
    record::put(tx, key_of(name), &VisitV1 { seen_ms: millis(seen_at), before_ms: before.map(millis) })
}

fn key_of(name: &UserName) -> Vec<u8> {
    Key::new().text(&name.folded()).done()
}
