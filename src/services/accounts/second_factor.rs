//! Codes of a second factor. A code is checked and used up in one transaction, so that it cannot be used twice.

use crate::{
    domain::{
        audit::{Action, Entry, Origin, Outcome, Topic},
        user::{User, UserName, second_factor::Used},
    },
    services::accounts::{about, fact, refused},
    store::{
        Store, StoreError, Tx,
        tables::{accounts::users, audit},
    },
};

/// Audited reason of a wrong code.
const WRONG: &str = "wrong code";

/// Uses a code of an active user. A wrong or used code is audited as a refusal of `action`; false then.
pub fn use_code(
    store: &Store,
    action: Action,
    name: &UserName,
    code: &str,
    from: &str,
    origin: &Origin,
) -> Result<bool, StoreError> {
    store.write(|tx| {
        let user = users::get(tx, name)?.filter(|user| user.active);
        let after = user.and_then(|user| {
            let (factor, used) = user.second_factor.as_ref()?.after(code, origin.at)?;
            Some((User { second_factor: Some(factor), ..user }, used))
        });
        match after {
            Some((user, used)) => {
                users::put(tx, &user)?;
                audit_recovery(tx, &user, used, origin)?;
                Ok(true)
            }
            None => refused(tx, action, Some(name), WRONG, from, origin).map(|()| false),
        }
    })
}

fn audit_recovery(tx: &mut Tx<'_>, user: &User, used: Used, origin: &Origin) -> Result<(), StoreError> {
    let Used::Recovery(left) = used else { return Ok(()) };
    let origin = Origin { who: user.name.to_string(), ..origin.clone() };
    let facts = vec![fact("recovery code", &"", &format!("used, {left} left"))];
    let entry = Entry::new(&origin, Action::SecondFactor, Outcome::Done);
    audit::append(tx, Entry { about: Some(about(Topic::User, &user.name)), facts, ..entry }).map(drop)
}
