//! What the command line of this machine asks a running server for. Nobody else may know that it is there.
//!
//! Rule of this file: the word that lets somebody in is made anew at every start, and is only in the lock file of the
//! data folder, which our own user alone may read.

use std::{
    fs::File,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use rocket::{
    Orbit, Request, Rocket, State,
    fairing::{AdHoc, Fairing},
    get,
    http::{ContentType, Status},
    request::{FromRequest, Outcome},
};
use tracing::{error, warn};

use super::failure::Failure;
use crate::{
    context::Context,
    store::{
        Notice,
        backup::{BackupError, to_temporary},
    },
};

const TOKEN_BYTES: usize = 32;

/// The word of this start.
struct Token(String);

/// Our own command line, on this machine and of this user.
#[derive(Debug)]
pub struct LocalAdmin;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for LocalAdmin {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let given = request.headers().get_one("Authorization").and_then(|given| given.strip_prefix("Bearer "));
        match given.zip(request.rocket().state::<Token>()) {
            Some((given, Token(token))) if is_same(given, token) => Outcome::Success(Self),
            _ => Outcome::Forward(Status::NotFound),
        }
    }
}

/// Compares without telling by its time how much was right.
fn is_same(given: &str, token: &str) -> bool {
    let differences = given.bytes().zip(token.bytes()).fold(0, |found, (one, other)| found | (one ^ other));
    given.len() == token.len() && differences == 0
}

/// Makes the word.
pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("local administration", |rocket| async {
        let mut halves = [[0; TOKEN_BYTES / 2]; 2];
        if let Err(error) = getrandom::fill(halves.as_flattened_mut()) {
            error!(%error, "no randomness: `tandem backup` cannot reach this server");
            return rocket;
        }
        let [one, other] = halves.map(u128::from_be_bytes);
        let token = format!("{one:032x}{other:032x}");
        rocket.manage(Token(token))
    })
}

/// Writes the word and the address beside the data, once the server listens.
pub fn announce(rocket: &Rocket<Orbit>) {
    let (Some(context), Some(Token(token))) = (rocket.state::<Context>(), rocket.state::<Token>()) else { return };
    let config = rocket.config();
    let ip = if config.address.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { config.address };
    let notice = Notice { address: SocketAddr::new(ip, config.port), token: token.clone() };
    if let Err(error) = context.store.blocking().announce(&notice) {
        warn!(%error, "the lock file cannot be written: `tandem backup` cannot reach this server");
    }
}

/// `GET /admin/backup`: a backup as of now. It is made whole before it is sent, so that a slow reader holds nobody up.
#[get("/admin/backup")]
pub async fn backup(_admin: LocalAdmin, context: &State<Context>) -> Result<(ContentType, File), Failure> {
    let now = context.clock.now();
    let made = context.store.run(move |store| to_temporary(store, now)).await;
    let file = made.map_err(BackupError::into_store_error)?;
    Ok((ContentType::new("application", "gzip"), file))
}
