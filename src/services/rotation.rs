//! Changes of the rotation, each in one transaction with its audit entry.

use crate::{
    domain::{
        audit::{About, Action, Origin, Topic},
        ids::IdempotencyKey,
        schedule::rotation_edit::{self, RotationCommand},
    },
    services::{
        change::{ChangeError, fingerprint},
        employees::{Attempt, Written},
    },
    store::{
        Store,
        tables::{employees, rotations},
    },
};

/// Changes the rotation.
///
/// # Errors
/// [`Rejection::Proposal`](crate::domain::change::rejection::Rejection::Proposal) with the reason; then nothing was changed.
pub fn change(
    store: &Store,
    command: &RotationCommand,
    key: Option<&IdempotencyKey>,
    origin: &Origin,
) -> Result<Written, ChangeError> {
    let scope = match command {
        RotationCommand::SetWeek { store, .. }
        | RotationCommand::SetException { store, .. }
        | RotationCommand::RemoveException { store, .. }
        | RotationCommand::CopyWeek { store, .. } => store.clone(),
    };
    let about = About { topic: Topic::Rotation, id: scope.unwrap_or_else(|| "all stores".to_owned()) };
    let key = key.map(|key| (key, fingerprint(&format!("{command:?}"))));
    Attempt { about, action: Action::EditRotation, origin }.execute(store, key, |tx| {
        let (entries, facts) = rotation_edit::decide(&rotations::all(tx)?, &employees::all_named(tx)?, command)?;
        entries.iter().try_for_each(|entry| rotations::put(tx, entry))?;
        Ok(facts)
    })
}
