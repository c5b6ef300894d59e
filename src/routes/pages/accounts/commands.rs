//! Administrative commands of pages. A command takes a [`Confirmed`]; only those that end access need none.

use crate::{
    context::Context,
    domain::{
        audit::Origin,
        user::{UserName, access::AdminCommand},
    },
    routes::{auth::authenticate::Caller, http::error::Failure, pages::accounts::confirm::Confirmed},
    services::accounts::{self, AccessError},
};

/// Executes a command in a confirmed session.
pub async fn execute(
    command: AdminCommand,
    _confirmed: Confirmed,
    who: &Caller,
    origin: Origin,
    context: &Context,
) -> Result<(), Failure> {
    run(command, who, origin, context).await
}

/// Ends one session of a user, by its short digest, or all except that of the caller.
pub async fn end_sessions(
    name: UserName,
    session: Option<String>,
    who: &Caller,
    origin: Origin,
    context: &Context,
) -> Result<(), Failure> {
    run(AdminCommand::EndSessions { name, session, keep: who.session() }, who, origin, context).await
}

/// Ends an API token, by its short digest.
pub async fn end_token(token: String, who: &Caller, origin: Origin, context: &Context) -> Result<(), Failure> {
    run(AdminCommand::EndToken { token }, who, origin, context).await
}

async fn run(command: AdminCommand, who: &Caller, origin: Origin, context: &Context) -> Result<(), Failure> {
    let by = who.user().cloned();
    let done = context.store.run(move |store| accounts::execute(store, &command, by.as_ref(), &origin)).await;
    done.map_err(|error: AccessError| error.into())
}
