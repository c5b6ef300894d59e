//! Audit entries about files: what left the store, and what replaced it.

use chrono::TimeDelta;
use tracing::warn;

use crate::{
    domain::{
        audit::{About, Action, Entry, Fact, Origin, Outcome, Topic},
        user::access::Digest,
    },
    store::{Store, StoreError, Tx, tables::audit},
};

/// A file that the same person takes again within so many minutes has no further entry: reading must not fill the audit.
const REPEAT_MINUTES: i64 = 10;
/// Newest entries that are looked through for the one before.
const LOOKED_THROUGH_MAX: usize = 50;

/// Audits that a file was taken or brought back. A failure is logged and stops nothing: a backup is needed most while the
/// store cannot be written.
pub fn record(store: &Store, action: Action, file: &str, origin: &Origin) {
    if let Err(error) = store.write(|tx| append(tx, action, file, origin)) {
        warn!(%error, action = action.slug(), file, "a file that was taken could not be audited");
    }
}

fn append(tx: &mut Tx<'_>, action: Action, file: &str, origin: &Origin) -> Result<(), StoreError> {
    let about = About { topic: Topic::File, id: file.to_owned() };
    // Two tokens may have the same label.
    let fact = |token: Digest| Fact { name: "token".to_owned(), before: String::new(), after: token.short() };
    let facts: Vec<_> = origin.token.map(fact).into_iter().collect();
    let since = origin.at - TimeDelta::minutes(REPEAT_MINUTES);
    let last = audit::last(tx)?;
    for sequence in (1..=last).rev().take(LOOKED_THROUGH_MAX) {
        let Some(entry) = audit::get(tx, sequence)? else { break };
        let is_same = entry.action == action
            && entry.who == origin.who
            && entry.about.as_ref() == Some(&about)
            && entry.facts == facts;
        if is_same && entry.at > since {
            return Ok(());
        }
    }
    audit::append(tx, Entry { about: Some(about), facts, ..Entry::new(origin, action, Outcome::Done) }).map(drop)
}
