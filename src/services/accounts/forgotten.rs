//! A forgotten password: a link for the user, by mail.

use chrono::TimeDelta;

use crate::{
    domain::{
        audit::{Action, Entry, Origin, Outcome, Topic},
        email::Email,
        user::{
            User, UserName,
            access::{Digest, FORGOTTEN_MINUTES, Link, LinkPurpose},
        },
    },
    services::accounts::{about, fact},
    store::{
        ReadTx, Store, StoreError,
        tables::{
            accounts::{links, users},
            audit,
        },
    },
};

/// Audited reasons for which no link was sent.
const UNKNOWN: &str = "no active user with an address has this name or address";
const TOO_MANY: &str = "too many links for this user";

/// The user who is meant by a name or an e-mail address, and where to send their link; none if there is no such user, or if
/// they have no address.
pub fn recipient(store: &Store, given: &str) -> Result<Option<(UserName, Email)>, StoreError> {
    store.read(|tx| find(tx, given))
}

/// Makes a link for the user with a name or e-mail address. Returns where to send it; none as [`recipient()`], or if the user
/// `has_too_many`. The work is the same in all cases: every user is read and one entry is audited.
pub fn forgotten(
    store: &Store,
    given: &str,
    has_too_many: bool,
    link: Digest,
    from: &str,
    origin: &Origin,
) -> Result<Option<(UserName, Email)>, StoreError> {
    store.write(|tx| {
        let meant = find(tx, given)?;
        let name = meant.as_ref().map_or_else(|| "unknown".to_owned(), |(name, _)| name.to_string());
        let refused = match &meant {
            None => Some(UNKNOWN),
            Some(_) if has_too_many => Some(TOO_MANY),
            Some((name, _)) => {
                let ends_at = origin.at + TimeDelta::minutes(FORGOTTEN_MINUTES);
                let purpose = LinkPurpose::Forgotten(name.clone());
                links::create(tx, &Link { digest: link, purpose, ends_at }, origin.at)?;
                None
            }
        };
        let outcome = if refused.is_some() { Outcome::Refused } else { Outcome::Done };
        let entry = Entry {
            about: Some(about(Topic::User, &name)),
            facts: vec![fact("from", &"", &from)],
            reason: refused.map(str::to_owned),
            ..Entry::new(origin, Action::ForgotPassword, outcome)
        };
        audit::append(tx, entry)?;
        Ok(meant.filter(|_| refused.is_none()))
    })
}

/// The active user with a name, or the only one with an address, who signs in with a password.
fn find(tx: &dyn ReadTx, given: &str) -> Result<Option<(UserName, Email)>, StoreError> {
    let given = given.trim().to_lowercase();
    let reachable = |user: User| {
        let has_password = user.password.is_some() || user.identity.is_none();
        user.email.filter(|_| user.active && has_password).map(|email| (user.name, email))
    };
    let all: Vec<_> = users::all(tx)?.into_iter().filter_map(reachable).collect();
    let by_address: Vec<_> = all.iter().filter(|(_, email)| email.as_str().to_lowercase() == given).collect();
    let by_name = all.iter().find(|(name, _)| name.folded() == given);
    Ok(by_name
        .or(match by_address[..] {
            [only] => Some(only),
            _ => None,
        })
        .cloned())
}
