//! Who comes in, and how: every request passes here before a handler sees it.
//!
//! Rule of this room: a right, a form's token and a limit are types that handlers take, and what is refused is refused
//! in one place, `denied.rs`.

pub mod account;
pub mod authenticate;
pub mod cookies;
pub mod csrf_form;
pub mod csrf_origin;
pub mod error;
pub mod form_tokens;
pub mod guards;
pub mod new_password;
pub mod one_time_link;
mod password_hash;
pub mod rate_limit;
pub mod redirect_target;
pub mod sign_in;
pub mod users;
pub mod visitor;

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
    config::Patience,
    context::Context,
    domain::user::access::{Digest, hex},
    routes::{auth::rate_limit::Governor, http::idle_connections},
};

/// What the doors of one server know.
pub struct Doors {
    /// Seeds the tokens of forms that no session owns.
    secret: String,
    governor: Option<Governor>,
    passwords: Passwords,
}

impl std::fmt::Debug for Doors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doors").finish_non_exhaustive()
    }
}

impl Doors {
    fn of<'r>(request: &'r Request<'_>) -> Option<&'r Arc<Self>> {
        request.rocket().state()
    }

    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }
}

fn patience(request: &Request<'_>, which: fn(&Patience) -> Duration) -> Duration {
    request.rocket().state::<Context>().map_or(Duration::ZERO, |context| which(&context.config.doors.patience))
}

/// How long the body of a request may take to arrive.
pub fn body_patience(request: &Request<'_>) -> Duration {
    patience(request, |patience| patience.body)
}

/// How long the answer to a request that has arrived may take.
pub fn answer_patience(request: &Request<'_>) -> Duration {
    patience(request, |patience| patience.answer)
}

/// The token of the forms of whoever knows a word. Nobody else can work it out, and it tells nothing of the word.
fn token_of(word: &str) -> String {
    hex(&Digest::of(&format!("tandem form {word}")).0)
}

/// Makes what the doors need. Without the secret of the data folder there is no server.
pub fn stage() -> impl Fairing {
    AdHoc::try_on_ignite("doors", |rocket| async {
        let Some(context) = rocket.state::<Context>() else { return Err(rocket) };
        let secret = match &context.config.doors.secret_key {
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
        let governor = context.config.doors.rates.as_ref().map(Governor::new);
        let doors = Doors { secret, governor, passwords: Passwords::default() };
        #[cfg(target_os = "linux")]
        let rocket = {
            let settings = context.config.doors.clone();
            rocket.attach(idle_connections::stage(settings))
        };
        Ok(rocket.manage(Arc::new(doors)).attach(error::stage()))
    })
}
