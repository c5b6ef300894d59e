//! Users, their sessions, tokens and links.
//!
//! Invariant: every administrative command goes through [`execute`]: the command, its effect and its audit entry are
//! one transaction. Only digests and hashes of tokens and passwords reach this module.

mod external;
mod forgotten;
mod second_factor;
mod sign_in;

use std::fmt::Display;

use crate::services::accounts::sign_in::refused;
pub use crate::services::accounts::{
    external::sign_in_external,
    forgotten::{forgotten, recipient},
    second_factor::use_code,
    sign_in::{Arrival, Choice, confirm, failed, leave, rotate, sign_in, use_link},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::info;

use crate::{
    domain::{
        audit::{About, Action, Entry, Fact, Origin, Outcome, Topic},
        change::employee_edit::EMAIL_FACT,
        email::Email,
        ids::Revision,
        user::{
            Role, User, UserName,
            access::{
                AdminCommand, Digest, LABEL_CHARS_MAX, LINK_HOURS, Link, LinkPurpose, Refusal, TOKENS_MAX, Token,
                USERS_MAX,
            },
            second_factor::SecondFactor,
        },
    },
    services::audited_write::{Rejectable, audited_write},
    store::{
        ReadTx, Store, StoreError, Tx,
        tables::{
            accounts::{links, sessions, tokens, users},
            audit,
        },
    },
};

/// Reason for which a command was not executed.
#[derive(Debug, Error)]
pub enum AccessError {
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Effect of a command, for the audit.
struct Effect {
    action: Action,
    about: About,
    /// Empty if nothing changed; then there is no entry.
    facts: Vec<Fact>,
}

type Attempt = Result<Effect, AccessError>;

impl Rejectable for AccessError {
    fn rejection(&self) -> Option<String> {
        if let Self::Refused(refusal) = self { Some(refusal.to_string()) } else { None }
    }

    fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Store(StoreError::InDoubt(_)))
    }

    fn is_audited(&self) -> bool {
        !matches!(self, Self::Refused(Refusal::UnknownSession | Refusal::UnknownToken))
    }
}

/// Executes a command and audits it, or its refusal. A command that finds nothing to end leaves no entry. `by` is the user
/// who asks; none at the command line.
pub fn execute(store: &Store, order: &AdminCommand, by: Option<&UserName>, origin: &Origin) -> Result<(), AccessError> {
    let (action, about) = subject(order);
    let entry = |_: &Tx<'_>, outcome| Ok(Entry { about: Some(about.clone()), ..Entry::new(origin, action, outcome) });
    let outcome = audited_write(store, entry, |tx| {
        let Effect { action, about, facts } = attempt(tx, order, by, origin.at)?;
        if facts.is_empty() {
            return Ok(());
        }
        let entry = Entry { about: Some(about), facts, ..Entry::new(origin, action, Outcome::Done) };
        Ok(audit::append(tx, entry).map(drop)?)
    });
    let refusal = outcome.as_ref().err().and_then(AccessError::rejection).unwrap_or_default();
    let (request_id, who) = (origin.request_id.as_str(), origin.who.as_str());
    if !matches!(outcome, Err(AccessError::Store(_))) {
        info!(request_id, who, action = action.slug(), about = about.id, refusal, "administration");
    }
    outcome
}

fn about(topic: Topic, id: &dyn Display) -> About {
    About { topic, id: id.to_string() }
}

fn fact(name: &str, before: &dyn Display, after: &dyn Display) -> Fact {
    Fact { name: name.to_owned(), before: before.to_string(), after: after.to_string() }
}

pub fn action_of(order: &AdminCommand) -> Action {
    subject(order).0
}

fn subject(order: &AdminCommand) -> (Action, About) {
    match order {
        AdminCommand::AddUser { name, .. } => (Action::AddUser, about(Topic::User, &name)),
        AdminCommand::SetRole { name, .. }
        | AdminCommand::SetActive { name, .. }
        | AdminCommand::SetEmail { name, .. } => (Action::ChangeUser, about(Topic::User, &name)),
        AdminCommand::SetSecondFactor { name, .. }
        | AdminCommand::SetRecoveryCodes { name, .. }
        | AdminCommand::RemoveSecondFactor { name } => (Action::SecondFactor, about(Topic::User, &name)),
        AdminCommand::SetPassword { name, .. } | AdminCommand::GiveLink { name, .. } => {
            (Action::SetPassword, about(Topic::User, &name))
        }
        AdminCommand::EndSessions { name, .. } => (Action::EndSession, about(Topic::User, &name)),
        AdminCommand::MakeToken { label, .. } => (Action::MakeToken, about(Topic::Token, &label)),
        AdminCommand::EndToken { token } => (Action::EndToken, about(Topic::Token, &token)),
    }
}

fn attempt(tx: &mut Tx<'_>, order: &AdminCommand, by: Option<&UserName>, now: DateTime<Utc>) -> Attempt {
    match order {
        AdminCommand::AddUser { name, role, password, link, email } => {
            let (password, email) = (password.clone(), email.clone());
            add_user(tx, &User { password, email, ..User::new(name.clone(), *role, now) }, *link)
        }
        AdminCommand::SetEmail { name, email } => {
            let shown = |email: &Option<Email>| email.as_ref().map(ToString::to_string).unwrap_or_default();
            // A link that was mailed to the old address is of no use any more.
            links::forget_mailed(tx, name)?;
            change_user(tx, name, None, |user| {
                let changed = fact(EMAIL_FACT, &shown(&user.email), &shown(email));
                (User { email: email.clone(), ..user.clone() }, changed)
            })
        }
        AdminCommand::SetSecondFactor { .. }
        | AdminCommand::SetRecoveryCodes { .. }
        | AdminCommand::RemoveSecondFactor { .. } => change_factor(tx, order, now),
        AdminCommand::SetRole { name, role, seen } => change_user(tx, name, *seen, |user| {
            let changed = fact("role", &user.role, &role);
            (User { role: *role, ..user.clone() }, changed)
        }),
        AdminCommand::SetActive { name, active, seen } => {
            let state = |active: bool| if active { "active" } else { "disabled" };
            let done = change_user(tx, name, *seen, |user| {
                let changed = fact("state", &state(user.active), &state(*active));
                (User { active: *active, ..user.clone() }, changed)
            })?;
            if !active {
                end_sessions(tx, name, None, None)?;
                links::forget(tx, name)?;
            }
            Ok(done)
        }
        AdminCommand::SetPassword { name, password, keep } => {
            let Some(user) = users::get(tx, name)? else { return Err(unknown(name).into()) };
            // Who has the server's command line may do everything, also let a user in whose provider is gone.
            by.map_or(Ok(()), |_| check_not_external(&user))?;
            let user = User { password: Some(password.clone()), revision: user.revision.next(), ..user };
            users::put(tx, &user)?;
            links::forget(tx, name)?;
            let ended = end_sessions(tx, name, None, *keep)?;
            Ok(effect(order, vec![fact("password", &"", &"chosen anew"), fact("sessions ended", &"", &ended)]))
        }
        AdminCommand::GiveLink { name, link } => {
            let Some(user) = users::get(tx, name)? else { return Err(unknown(name).into()) };
            check_not_external(&user)?;
            give_link(tx, name, *link, now)?;
            let given = format!("given, good for {LINK_HOURS} hours");
            Ok(effect(order, vec![fact("link to choose a password", &"", &given)]))
        }
        AdminCommand::EndSessions { name, session, keep } => {
            let ended = end_sessions(tx, name, session.as_deref(), *keep)?;
            if session.is_some() && ended == 0 {
                return Err(Refusal::UnknownSession.into());
            }
            let facts = if ended == 0 { Vec::new() } else { vec![fact("sessions ended", &"", &ended)] };
            Ok(effect(order, facts))
        }
        AdminCommand::MakeToken { digest, label, purpose, ends_at } => {
            let (made_by, label) = (by.cloned(), label.trim().to_owned());
            let purpose = purpose.clone();
            let token =
                Token { digest: *digest, label, purpose, made_by, made_at: now, ends_at: *ends_at, used_at: None };
            make_token(tx, &token)
        }
        AdminCommand::EndToken { token } => end_token(tx, token),
    }
}

/// Sets up, changes or removes a second factor. A new one ends the other sessions of the user.
fn change_factor(tx: &mut Tx<'_>, order: &AdminCommand, now: DateTime<Utc>) -> Attempt {
    let (AdminCommand::SetSecondFactor { name, .. }
    | AdminCommand::SetRecoveryCodes { name, .. }
    | AdminCommand::RemoveSecondFactor { name }) = order
    else {
        return Ok(effect(order, Vec::new()));
    };
    let Some(user) = users::get(tx, name)? else { return Err(unknown(name).into()) };
    let state = |factor: &Option<SecondFactor>| if factor.is_some() { "on" } else { "off" };
    let (factor, mut facts) = match (order, &user.second_factor) {
        (AdminCommand::SetSecondFactor { secret, step, recovery, .. }, _) => {
            let (secret, recovery) = (secret.clone(), recovery.clone());
            (Some(SecondFactor { secret, last_step: *step, recovery, since: now }), Vec::new())
        }
        (AdminCommand::SetRecoveryCodes { recovery, .. }, Some(factor)) => {
            let made = fact("recovery codes", &factor.recovery.len(), &format!("{} new", recovery.len()));
            (Some(SecondFactor { recovery: recovery.clone(), ..factor.clone() }), vec![made])
        }
        (_, None) => return Err(Refusal::NoSecondFactor(name.to_string()).into()),
        (_, Some(_)) => (None, Vec::new()),
    };
    if facts.is_empty() {
        facts.push(fact("second factor", &state(&user.second_factor), &state(&factor)));
    }
    if let AdminCommand::SetSecondFactor { keep, .. } = order {
        let ended = end_sessions(tx, name, None, *keep)?;
        facts.push(fact("sessions ended", &"", &ended));
    }
    users::put(tx, &User { second_factor: factor, revision: user.revision.next(), ..user })?;
    Ok(effect(order, facts))
}

fn effect(order: &AdminCommand, facts: Vec<Fact>) -> Effect {
    let (action, about) = subject(order);
    Effect { action, about, facts }
}

fn check_not_external(user: &User) -> Result<(), Refusal> {
    if user.is_external() { Err(Refusal::NoPasswordHere(user.name.to_string())) } else { Ok(()) }
}

fn unknown(name: &UserName) -> Refusal {
    Refusal::UnknownUser(name.to_string())
}

fn add_user(tx: &mut Tx<'_>, user: &User, link: Option<Digest>) -> Attempt {
    if users::get(tx, &user.name)?.is_some() {
        return Err(Refusal::NameTaken(user.name.to_string()).into());
    }
    if users::all(tx)?.len() >= USERS_MAX {
        return Err(Refusal::TooMany(USERS_MAX).into());
    }
    users::put(tx, user)?;
    if let Some(link) = link {
        give_link(tx, &user.name, link, user.made_at)?;
    }
    let mut facts = vec![fact("role", &"", &user.role)];
    facts.extend(user.email.as_ref().map(|email| fact(EMAIL_FACT, &"", email)));
    Ok(Effect { action: Action::AddUser, about: about(Topic::User, &user.name), facts })
}

fn give_link(tx: &mut Tx<'_>, name: &UserName, digest: Digest, now: DateTime<Utc>) -> Result<(), StoreError> {
    let ends_at = now + chrono::TimeDelta::hours(LINK_HOURS);
    links::create(tx, &Link { digest, purpose: LinkPurpose::Password(name.clone()), ends_at }, now)
}

fn change_user(
    tx: &mut Tx<'_>,
    name: &UserName,
    seen: Option<Revision>,
    change: impl FnOnce(&User) -> (User, Fact),
) -> Attempt {
    let Some(user) = users::get(tx, name)? else { return Err(unknown(name).into()) };
    if seen.is_some_and(|seen| seen != user.revision) {
        return Err(Refusal::Stale(user.name.to_string()).into());
    }
    let (changed, fact) = change(&user);
    if takes_last_admin(&users::all(tx)?, &user, &changed) {
        return Err(Refusal::LastAdmin(user.name.to_string()).into());
    }
    users::put(tx, &User { revision: user.revision.next(), ..changed })?;
    Ok(Effect { action: Action::ChangeUser, about: about(Topic::User, &user.name), facts: vec![fact] })
}

/// True if no active admin would be left after a change of a user.
fn takes_last_admin(all: &[User], before: &User, after: &User) -> bool {
    let is_admin = |user: &User| user.role == Role::Admin && user.active;
    let is_other_admin = |other: &User| is_admin(other) && other.name != before.name;
    is_admin(before) && !is_admin(after) && !all.iter().any(is_other_admin)
}

/// Ends one session of a user, by its short digest, or all except one.
fn end_sessions(
    tx: &mut Tx<'_>,
    name: &UserName,
    one: Option<&str>,
    keep: Option<Digest>,
) -> Result<usize, StoreError> {
    let mut ended = 0;
    for session in sessions::of_user(tx, name)? {
        if Some(session.digest) != keep && one.is_none_or(|one| session.digest.short() == one) {
            sessions::end(tx, session.digest)?;
            ended += 1;
        }
    }
    Ok(ended)
}

fn make_token(tx: &mut Tx<'_>, token: &Token) -> Attempt {
    if token.label.is_empty() || token.label.chars().count() > LABEL_CHARS_MAX {
        return Err(Refusal::Label.into());
    }
    if !token.is_good(token.made_at) {
        return Err(Refusal::Ended.into());
    }
    if tokens::all(tx)?.len() >= TOKENS_MAX {
        return Err(Refusal::TooMany(TOKENS_MAX).into());
    }
    tokens::put(tx, token)?;
    let ends = token.ends_at.map_or_else(|| "never".to_owned(), |ends| ends.format("%Y-%m-%d").to_string());
    let facts = vec![fact("for", &"", &token.purpose.describe()), fact("ends", &"", &ends)];
    Ok(Effect { action: Action::MakeToken, about: about(Topic::Token, &token.label), facts })
}

fn end_token(tx: &mut Tx<'_>, id_or_label: &str) -> Attempt {
    let all = tokens::all(tx)?;
    let by_id: Vec<_> = all.iter().filter(|token| token.digest.short() == id_or_label).collect();
    let found = if by_id.is_empty() { all.iter().filter(|token| token.label == id_or_label).collect() } else { by_id };
    match found.as_slice() {
        [] => Err(Refusal::UnknownToken.into()),
        [token] => {
            tokens::remove(tx, token.digest);
            let facts = vec![fact("for", &token.purpose.describe(), &"ended")];
            Ok(Effect { action: Action::EndToken, about: about(Topic::Token, &token.label), facts })
        }
        [..] => Err(Refusal::AmbiguousToken(id_or_label.to_owned()).into()),
    }
}

/// A user without the password hash.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listed {
    pub name: UserName,
    pub role: Role,
    pub active: bool,
    pub has_password: bool,
    pub has_second_factor: bool,
    pub email: Option<Email>,
    pub last_sign_in: Option<DateTime<Utc>>,
}

/// A token or feed without its secret, which is not stored.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListedToken {
    pub id: String,
    pub label: String,
    pub purpose: String,
    pub ends_at: Option<DateTime<Utc>>,
    pub used_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct AccessList {
    pub users: Vec<Listed>,
    pub tokens: Vec<ListedToken>,
}

/// Lists users and tokens.
pub fn access_list(tx: &dyn ReadTx) -> Result<AccessList, StoreError> {
    let users = users::all(tx)?.into_iter().map(|user| Listed {
        name: user.name,
        role: user.role,
        active: user.active,
        has_password: user.password.is_some(),
        has_second_factor: user.second_factor.is_some(),
        email: user.email,
        last_sign_in: user.last_sign_in,
    });
    let tokens = tokens::all(tx)?.into_iter().map(|token| ListedToken {
        id: token.digest.short(),
        label: token.label,
        purpose: token.purpose.describe(),
        ends_at: token.ends_at,
        used_at: token.used_at,
    });
    Ok(AccessList { users: users.collect(), tokens: tokens.collect() })
}
