//! Sign-in by password or one-time link, and sign-out. Each is one transaction with its audit entry.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        audit::{Action, Entry, Origin, Outcome, Topic},
        notification::{Channel, Notification},
        user::{
            PasswordHash, Role, User, UserName,
            access::{Digest, Lifetime, LinkPurpose, Refusal, Session},
        },
    },
    services::accounts::{self, AccessError, about, fact},
    store::{
        Store, StoreError, Tx,
        tables::{
            accounts::{links, sessions, users},
            audit, outbox,
        },
    },
};

/// Audited reason of a failed sign-in.
const WRONG: &str = "wrong password";

/// A browser that begins a session.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub session: Session,
    /// The session that the browser had before. It ends.
    pub replaced: Option<Digest>,
    /// The digest of the cookie by which the browser is known again.
    pub device: Option<Digest>,
    /// Sent if the user has not signed in with this browser before.
    pub notice: Option<(Channel, Notification)>,
}

impl From<Session> for Arrival {
    fn from(session: Session) -> Self {
        Self { session, replaced: None, device: None, notice: None }
    }
}

/// Begins a session for a user whose password was correct. Returns false if the user was changed or disabled meanwhile.
pub fn sign_in(
    store: &Store,
    checked: &User,
    arrival: &Arrival,
    lifetime: Lifetime,
    origin: &Origin,
) -> Result<bool, StoreError> {
    store.write(|tx| {
        let now = users::get(tx, &checked.name)?.filter(|now| now.active && now.password == checked.password);
        let Some(user) = now else { return Ok(false) };
        enter(tx, user, arrival, lifetime, origin)?;
        Ok(true)
    })
}

/// Replaces a session by one with a new token, so that the old token is of no use.
pub fn rotate(store: &Store, old: Digest, session: &Session, lifetime: Lifetime) -> Result<(), StoreError> {
    store.write(|tx| {
        end_replaced(tx, Some(old))?;
        sessions::begin(tx, session, lifetime)
    })
}

/// Ends the session that a browser had before.
fn end_replaced(tx: &mut Tx<'_>, replaced: Option<Digest>) -> Result<(), StoreError> {
    replaced.map_or(Ok(()), |digest| sessions::end(tx, digest).map(drop))
}

pub(super) fn enter(
    tx: &mut Tx<'_>,
    mut user: User,
    arrival: &Arrival,
    lifetime: Lifetime,
    origin: &Origin,
) -> Result<(), StoreError> {
    let Arrival { session, replaced, device, notice } = arrival;
    end_replaced(tx, *replaced)?;
    sessions::begin(tx, session, lifetime)?;
    // The first sign-in of all is expected.
    let is_first = user.last_sign_in.is_none();
    let is_new = device.is_some_and(|device| user.remember(device, origin.at));
    if let Some((channel, notification)) = notice
        && is_new
        && !is_first
    {
        outbox::add(tx, channel.clone(), notification.clone(), origin.at)?;
    }
    // The revision stays.
    user.last_sign_in = Some(origin.at);
    users::put(tx, &user)?;
    let entry = Entry::new(origin, Action::SignIn, Outcome::Done);
    audit::append(
        tx,
        Entry { about: Some(about(Topic::User, &user.name)), facts: vec![fact("from", &"", &session.from)], ..entry },
    )?;
    Ok(())
}

/// Audits a wrong password. An unknown name is not stored: it may be a password typed into the wrong field.
pub fn failed(
    store: &Store,
    action: Action,
    name: Option<&UserName>,
    from: &str,
    origin: &Origin,
) -> Result<(), StoreError> {
    store.write(|tx| refused(tx, action, name, WRONG, from, origin))
}

/// Audits that a password or code was refused.
pub(super) fn refused(
    tx: &mut Tx<'_>,
    action: Action,
    name: Option<&UserName>,
    reason: &str,
    from: &str,
    origin: &Origin,
) -> Result<(), StoreError> {
    let entry = Entry::new(origin, action, Outcome::Refused);
    let name = name.map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let (about, facts) = (Some(about(Topic::User, &name)), vec![fact("from", &"", &from)]);
    audit::append(tx, Entry { about, facts, reason: Some(reason.to_owned()), ..entry }).map(drop)
}

/// Stores that the user of a session gave their password or a code.
pub fn confirm(store: &Store, session: Digest, now: DateTime<Utc>) -> Result<(), StoreError> {
    store.write(|tx| sessions::confirm(tx, session, now))
}

/// Ends a session.
pub fn leave(store: &Store, digest: Digest, name: &UserName, origin: &Origin) -> Result<(), StoreError> {
    store.write(|tx| {
        if sessions::end(tx, digest)? {
            let entry = Entry::new(origin, Action::SignOut, Outcome::Done);
            audit::append(tx, Entry { about: Some(about(Topic::User, &name)), ..entry })?;
        }
        Ok(())
    })
}

/// Form values of a one-time link.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Set for the first admin only; other links know their user.
    pub name: Option<UserName>,
    /// None for links that sign in without a new password.
    pub password: Option<PasswordHash>,
}

/// Uses a one-time link: stores the chosen values and begins a session. The audited user is the one of the link. A link
/// does not replace the second factor: a user who has one gets no session and signs in afterwards.
///
/// # Errors
/// [`Refusal::DeadLink`] if the link is not valid any more, [`Refusal::NameTaken`] if the first admin's name is
/// taken.
pub fn use_link(
    store: &Store,
    digest: Digest,
    choice: &Choice,
    arrival: impl Fn(&UserName) -> Arrival,
    lifetime: Lifetime,
    origin: &Origin,
) -> Result<User, AccessError> {
    store.write(|tx| {
        let Some(link) = links::good(tx, digest, origin.at)? else { return Err(Refusal::DeadLink.into()) };
        let user = user_of(tx, &link.purpose, choice, origin)?;
        links::remove(tx, digest);
        let origin = Origin { who: user.name.to_string(), ..origin.clone() };
        if choice.password.is_some() && link.purpose != LinkPurpose::FirstAdmin {
            let entry = Entry::new(&origin, Action::SetPassword, Outcome::Done);
            audit::append(tx, Entry { about: Some(about(Topic::User, &user.name)), ..entry })?;
        }
        if user.second_factor.is_none() {
            enter(tx, user.clone(), &arrival(&user.name), lifetime, &origin)?;
        }
        Ok(user)
    })
}

fn user_of(tx: &mut Tx<'_>, purpose: &LinkPurpose, choice: &Choice, origin: &Origin) -> Result<User, AccessError> {
    match (purpose, choice) {
        (LinkPurpose::FirstAdmin, Choice { name: Some(name), password: Some(password) }) => {
            if !users::are_none(tx)? {
                return Err(Refusal::DeadLink.into());
            }
            let user = User { password: Some(password.clone()), ..User::new(name.clone(), Role::Admin, origin.at) };
            users::put(tx, &user)?;
            let entry = Entry::new(&Origin { who: name.to_string(), ..origin.clone() }, Action::AddUser, Outcome::Done);
            let facts = vec![fact("role", &"", &user.role)];
            audit::append(tx, Entry { about: Some(about(Topic::User, &name)), facts, ..entry })?;
            Ok(user)
        }
        (LinkPurpose::Password(name) | LinkPurpose::Forgotten(name), Choice { password: Some(password), .. }) => {
            let Some(user) = users::get(tx, name)?.filter(|user| user.active && !user.is_external()) else {
                return Err(Refusal::DeadLink.into());
            };
            let user = User { password: Some(password.clone()), revision: user.revision.next(), ..user };
            users::put(tx, &user)?;
            links::forget(tx, name)?;
            accounts::end_sessions(tx, name, None, None)?;
            Ok(user)
        }
        (LinkPurpose::SignIn(name), _) => {
            Ok(users::get(tx, name)?.filter(|user| user.active).ok_or(Refusal::DeadLink)?)
        }
        (LinkPurpose::FirstAdmin | LinkPurpose::Password(_) | LinkPurpose::Forgotten(_), _) => {
            Err(Refusal::DeadLink.into())
        }
    }
}
