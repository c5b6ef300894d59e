//! Who comes in, and how: every request passes here before a handler sees it.
//!
//! Rule of this room: a right, a form's token and a limit are types that handlers take, and what is refused is refused
//! in one place, `denied.rs`.

pub(crate) mod account;
pub(crate) mod authenticate;
pub(crate) mod cookies;
pub(crate) mod csrf_form;
pub(crate) mod csrf_origin;
pub(crate) mod error;
pub(crate) mod form_tokens;
pub(crate) mod guards;
pub(crate) mod new_password;
pub(crate) mod one_time_link;
mod password_hash;
pub(crate) mod rate_limit;
pub(crate) mod redirect_target;
pub(crate) mod sign_in;
pub(crate) mod users;
pub(crate) mod visitor;

use std::{sync::Arc, time::Duration};

use rocket::{
    Request,
    fairing::{AdHoc, Fairing},
};
use tracing::error;

pub use crate::routes::auth::password_hash::{Attempt, Checked, Passwords};
pub use crate::routes::auth::rate_limit::{Limited, Throttled};
pub use crate::routes::http::body_timeout::arrival;
use crate::{
    config::Timeouts,
    context::Context,
    domain::user::access::{Digest, hex},
    routes::{auth::rate_limit::Governor, http::idle_connections},
};

/// What the doors of one server know.
pub struct AuthState {
    /// Seeds the tokens of forms that no session owns.
    secret: String,
    governor: Option<Governor>,
    passwords: Passwords,
}

impl std::fmt::Debug for AuthState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doors").finish_non_exhaustive()
    }
}

impl AuthState {
    fn of<'r>(request: &'r Request<'_>) -> Option<&'r Arc<Self>> {
        request.rocket().state()
    }

    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }
}

fn timeouts(request: &Request<'_>, which: fn(&Timeouts) -> Duration) -> Duration {
    request.rocket().state::<Context>().map_or(Duration::ZERO, |context| which(&context.config.access.timeouts))
}

/// How long the body of a request may take to arrive.
pub fn body_patience(request: &Request<'_>) -> Duration {
    timeouts(request, |timeouts| timeouts.body)
}

/// How long the answer to a request that has arrived may take.
pub fn answer_patience(request: &Request<'_>) -> Duration {
    timeouts(request, |timeouts| timeouts.answer)
}

/// The token of the forms of whoever knows a word. Nobody else can work it out, and it tells nothing of the word.
fn token_of(word: &str) -> String {
    hex(&Digest::of(&format!("tandem form {word}")).0)
}

/// Makes what the doors need. Without the secret of the data folder there is no server.
pub fn stage() -> impl Fairing {
    AdHoc::try_on_ignite("doors", |rocket| async {
        let Some(context) = rocket.state::<Context>() else { return Err(rocket) };
        let secret = match &context.config.access.secret_key {
            Some(configured) => Ok(configured.reveal().to_owned()),
            None => context.store.blocking().secret(),
        };
        let secret = match secret {
            Ok(secret) => secret,
            Err(error) => {
                error!(%error, "the secret key of the data folder cannot be read or made");
                return Err(rocket);
            }
        };
        let governor = context.config.access.rates.as_ref().map(Governor::new);
        let auth = AuthState { secret, governor, passwords: Passwords::default() };
        #[cfg(target_os = "linux")]
        let rocket = {
            let settings = context.config.access.clone();
            rocket.attach(idle_connections::stage(settings))
        };
        Ok(rocket.manage(Arc::new(auth)).attach(error::stage()))
    })
}
