//! Routes for the command line of this machine. All other clients get 404.
//!
//! A new token of each team is made at every start. It is stored only in the lock file of the data folder, which only the
//! server's user may read.

use std::{
    fs::File,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use rocket::{
    Orbit, Request, Rocket, Route,
    fairing::{AdHoc, Fairing},
    get,
    http::{ContentType, Status},
    post,
    request::{FromRequest, Outcome},
    routes,
    serde::json::Json,
};
use serde_json::Value;
use tracing::{error, warn};

use crate::{
    context::{Context, PerTeam, Teams},
    domain::{
        audit::{Action, Origin, Source},
        user::access::{AdminCommand, Refusal},
    },
    routes::{
        auth::json_body::JsonBody,
        health,
        http::{
            error::{CallFailure, Failure},
            request_id::RequestId,
            team,
        },
    },
    secret::{SecretToken, is_same},
    services::{
        accounts::{self, AccessError, AccessList},
        files,
    },
    store::{
        ServerAddress,
        maintenance::backup::{BackupError, to_temporary},
    },
};

struct Token(SecretToken);

/// Guard for the command line, run by the same user on this machine.
#[derive(Debug)]
pub struct LocalAdmin;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for LocalAdmin {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let given = request.headers().get_one("Authorization").and_then(|header| header.strip_prefix("Bearer "));
        match given.zip(team::state::<Token>(request)) {
            Some((given, Token(token))) if is_same(given, token.as_str()) => Outcome::Success(Self),
            _ => Outcome::Forward(Status::NotFound),
        }
    }
}

pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("local administration", |rocket| async {
        let Some(teams) = rocket.state::<Teams>() else { return rocket };
        match PerTeam::try_new(teams, |_| SecretToken::new().map(Token)) {
            Ok(tokens) => rocket.manage(tokens),
            Err(error) => {
                error!(%error, "the command line cannot reach this server");
                rocket
            }
        }
    })
}

/// Writes the token of each team and the address to its lock file, once the server listens.
pub fn announce(rocket: &Rocket<Orbit>) {
    let (Some(teams), Some(tokens)) = (rocket.state::<Teams>(), rocket.state::<PerTeam<Token>>()) else { return };
    let config = rocket.config();
    let ip = if config.address.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { config.address };
    let address = SocketAddr::new(ip, config.port);
    for (context, Token(token)) in teams.all().iter().zip(tokens.all()) {
        let server = ServerAddress { address, token: token.as_str().to_owned() };
        if let Err(error) = context.store.blocking().announce(&server) {
            let team = context.config.team.as_ref().map(|team| team.name.as_str());
            warn!(team, %error, "the lock file cannot be written: `tandem backup` cannot reach this server");
        }
    }
}

pub fn routes() -> Vec<Route> {
    routes![backup, ready, list_accounts, order_accounts]
}

fn origin(request_id: &RequestId, context: &Context) -> Origin {
    Origin::new("command line", Source::CommandLine, &request_id.0, context.clock.now())
}

/// `GET /admin/backup`: a backup of the current state. It is written to a file first, so that a slow client holds no snapshot.
#[get("/admin/backup")]
pub async fn backup(
    _admin: LocalAdmin,
    request_id: RequestId,
    context: &Context,
) -> Result<(ContentType, File), Failure> {
    let origin = origin(&request_id, context);
    let made = context.store.run(move |store| {
        let file = to_temporary(store, origin.at)?;
        files::record(store, Action::Backup, "backup", &origin);
        Ok(file)
    });
    let file = made.await.map_err(BackupError::into_store_error)?;
    Ok((ContentType::new("application", "gzip"), file))
}

/// `GET /admin/ready`: as `/health/ready` of the team, with the reasons.
#[get("/admin/ready")]
pub async fn ready(_admin: LocalAdmin, context: &Context) -> Result<Json<Value>, Failure> {
    let (_, state, _) = health::state(context, None).await?;
    Ok(Json(state))
}

/// `GET /admin/accounts`: users, sessions and tokens.
#[get("/admin/accounts")]
pub async fn list_accounts(_admin: LocalAdmin, context: &Context) -> Result<Json<AccessList>, Failure> {
    Ok(Json(context.read(|tx| accounts::access_list(tx)).await?))
}

/// `POST /admin/accounts`: executes a command. An error is JSON, from which the command line reads its sentence.
#[post("/admin/accounts", data = "<command>")]
pub async fn order_accounts(
    _admin: LocalAdmin,
    command: Result<JsonBody<AdminCommand>, CallFailure>,
    request_id: RequestId,
    context: &Context,
) -> Result<Json<Result<(), Refusal>>, CallFailure> {
    let origin = origin(&request_id, context);
    let (command, _) = command?.into_parts();
    match context.store.run(move |store| accounts::execute(store, &command, None, &origin)).await {
        Ok(()) => Ok(Json(Ok(()))),
        Err(AccessError::Refused(refusal)) => Ok(Json(Err(refusal))),
        Err(AccessError::Store(error)) => Err(error.into()),
    }
}
