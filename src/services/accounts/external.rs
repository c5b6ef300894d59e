//! Sign-in through a provider: the user is found, added or linked, has the role that the provider's groups give, and gets a
//! session, all in one transaction.

use crate::{
    domain::{
        audit::{Action, Entry, Origin, Outcome, Topic},
        user::{
            Role, User,
            access::{Lifetime, Refusal, USERS_MAX},
            external::{ExternalPolicy, ExternalUser},
        },
    },
    services::{
        accounts::{AccessError, Arrival, about, fact, sign_in::enter, takes_last_admin},
        audited_write::audited_write,
    },
    store::{
        Store, StoreError, Tx,
        tables::{
            accounts::{links, users},
            audit,
        },
    },
};

/// Signs in a user that the provider has identified. The audited user is the one who was found.
///
/// # Errors
/// [`Refusal::NoGroup`] if no role is given, [`Refusal::NotLinked`] if the name belongs to another user,
/// [`Refusal::NotAdded`] if unknown users are not added or the name is not valid, [`Refusal::Disabled`].
pub fn sign_in_external(
    store: &Store,
    external: &ExternalUser,
    policy: &ExternalPolicy,
    arrival: impl Fn(&User) -> Arrival,
    lifetime: Lifetime,
    origin: &Origin,
) -> Result<User, AccessError> {
    let name = external.name.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let entry = |_: &Tx<'_>, outcome| {
        Ok(Entry { about: Some(about(Topic::User, &name)), ..Entry::new(origin, Action::SignIn, outcome) })
    };
    audited_write(store, entry, |tx| {
        let role = policy.role_of(&external.groups).ok_or(Refusal::NoGroup)?;
        let all = users::all(tx)?;
        let known = all.iter().find(|user| user.identity.as_ref() == Some(&external.identity));
        let named = || all.iter().find(|user| external.name.as_ref() == Some(&user.name));
        let (user, is_new) = match (known, named()) {
            (Some(user), _) => (user.clone(), false),
            (None, Some(user)) if policy.links_users && user.identity.is_none() => (user.clone(), false),
            (None, Some(user)) => return Err(Refusal::NotLinked(user.name.to_string()).into()),
            (None, None) => match &external.name {
                Some(_) if all.len() >= USERS_MAX => return Err(Refusal::TooMany(USERS_MAX).into()),
                Some(name) if policy.creates_users => (User::new(name.clone(), role, origin.at), true),
                Some(_) | None => return Err(Refusal::NotAdded.into()),
            },
        };
        if !user.active {
            return Err(Refusal::Disabled.into());
        }
        let origin = Origin { who: user.name.to_string(), ..origin.clone() };
        let changed = User {
            role,
            identity: Some(external.identity.clone()),
            email: user.email.clone().or_else(|| external.email.clone()),
            ..user.clone()
        };
        let changed = if takes_last_admin(&all, &user, &changed) {
            audit_kept_role(tx, &user, role, &origin)?;
            User { role: user.role, ..changed }
        } else {
            changed
        };
        audit_difference(tx, &user, &changed, is_new, &origin)?;
        if user.identity.is_none() {
            // A link to choose a first password is of no use any more.
            links::forget(tx, &user.name)?;
        }
        let changed = if changed == user { changed } else { User { revision: user.revision.next(), ..changed } };
        enter(tx, changed.clone(), &arrival(&changed), lifetime, &origin)?;
        Ok(changed)
    })
}

/// Audits that the only active admin stays one, although the provider gives another role.
fn audit_kept_role(tx: &mut Tx<'_>, user: &User, given: Role, origin: &Origin) -> Result<(), StoreError> {
    let entry = Entry::new(origin, Action::ChangeUser, Outcome::Refused);
    let reason = Some(Refusal::LastAdmin(user.name.to_string()).to_string());
    let (about, facts) = (Some(about(Topic::User, &user.name)), vec![fact("role", &user.role, &given)]);
    audit::append(tx, Entry { reason, about, facts, ..entry }).map(drop)
}

/// Audits what the provider changed: a new user, another role, a link to the provider.
fn audit_difference(
    tx: &mut Tx<'_>,
    before: &User,
    after: &User,
    is_new: bool,
    origin: &Origin,
) -> Result<(), StoreError> {
    let mut facts = Vec::new();
    if is_new {
        facts.push(fact("role", &"", &after.role));
    } else if before.role != after.role {
        facts.push(fact("role", &before.role, &after.role));
    }
    if before.identity != after.identity {
        facts.push(fact("sign-in provider", &"", &"linked"));
    }
    if facts.is_empty() {
        return Ok(());
    }
    let action = if is_new { Action::AddUser } else { Action::ChangeUser };
    let entry = Entry::new(origin, action, Outcome::Done);
    audit::append(tx, Entry { about: Some(about(Topic::User, &after.name)), facts, ..entry }).map(drop)
}
