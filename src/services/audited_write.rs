//! The one way to write a change with its audit entry, whatever the outcome.

use tracing::error;

use crate::{
    domain::{
        audit::{Entry, Origin, Outcome, Source},
        change::rejection::Rejection,
        ids::IdempotencyKey,
    },
    services::change::ChangeError,
    store::{
        Store, StoreError, Tx,
        tables::{
            audit,
            idempotency::{self, Fingerprint, Known},
        },
    },
};

/// An error that is either a rejection or a failure of the store.
pub(crate) trait Rejectable: From<StoreError> + std::fmt::Display {
    /// The audited reason of a rejection; none for a failure of the store.
    fn rejection(&self) -> Option<String>;

    /// Tells if it is not known whether the change was made.
    fn is_in_doubt(&self) -> bool;

    /// False for a rejection that leaves no entry: any user may cause it as often as they like.
    fn is_audited(&self) -> bool {
        true
    }
}

/// Runs `write` in one transaction. A rejection is audited in the same transaction. A failure of the store discards the
/// transaction and is audited in another one, if the store is still writable; a commit in doubt is not, because it may not have
/// failed. `entry` is the entry of such an outcome.
pub(crate) fn audited_write<T, E: Rejectable>(
    store: &Store,
    entry: impl Fn(&Tx<'_>, Outcome) -> Result<Entry, StoreError>,
    mut write: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let append = |tx: &mut Tx<'_>, outcome, reason| {
        let entry = entry(tx, outcome)?;
        audit::append(tx, Entry { reason: Some(reason), ..entry }).map(drop)
    };
    let written = store.write(|tx| match write(tx) {
        Ok(done) => Ok(Ok(done)),
        Err(error) => match error.rejection() {
            Some(reason) => {
                if error.is_audited() {
                    append(tx, Outcome::Refused, reason)?;
                }
                Ok(Err(error))
            }
            None => Err(error),
        },
    });
    written.unwrap_or_else(|failure| {
        if failure.is_in_doubt() {
            return Err(failure);
        }
        if let Err(error) = store.write(|tx| append(tx, Outcome::Failed, failure.to_string())) {
            error!(%error, "the failed change could not be audited");
        }
        Err(failure)
    })
}

/// An idempotency key, and the fingerprint of its request.
pub(crate) type Key<'a> = Option<(&'a IdempotencyKey, Fingerprint)>;

/// The audit entry of an earlier request of the same caller with the same key and content.
pub(crate) fn earlier_entry(tx: &Tx<'_>, key: Key<'_>, origin: &Origin) -> Result<Option<u64>, ChangeError> {
    let Some((key, fingerprint)) = key else { return Ok(None) };
    match idempotency::find(tx, &origin.caller(), &origin.who, key, &fingerprint, origin.at)? {
        Some(Known::Same { entry }) => Ok(Some(entry)),
        Some(Known::Other { entry }) if origin.source == Source::Page => {
            Err(Rejection::SentBefore(audit::get(tx, entry)?.map(Box::new)).into())
        }
        Some(Known::Other { .. }) => Err(Rejection::KeyReused.into()),
        None => Ok(None),
    }
}

/// Stores the audit entry of a request with a key.
pub(crate) fn remember(tx: &mut Tx<'_>, key: Key<'_>, entry: &Entry, origin: &Origin) -> Result<(), StoreError> {
    let Some((key, fingerprint)) = key else { return Ok(()) };
    idempotency::remember(tx, &origin.caller(), key, fingerprint, entry.sequence, origin.at)
}
