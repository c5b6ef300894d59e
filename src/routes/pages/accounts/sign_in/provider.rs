//! Sign-in through a provider: the way there, and the way back.

use std::sync::Arc;

use rocket::{
    fairing::{AdHoc, Fairing},
    get,
    http::{CookieJar, Status},
    response::Redirect,
    time::Duration,
};
use tracing::{error, info, warn};

use crate::{
    config::SignIn,
    context::{Context, PerTeam, Teams},
    domain::user::{User, access::Session},
    notify,
    oidc::{OidcError, Pending, Relay},
    routes::{
        auth::{Anonymous, cookies, csrf_form::CsrfVerified, redirect_target, visitor::Visitor},
        http::{error::Failure, team::of_team},
        pages::{
            accounts::sign_in::{self, UNKNOWN_USER},
            sentence,
        },
        render::{FormResponse, Refused},
    },
    secret::{self, SecretToken},
    services::accounts::{self, AccessError, Arrival},
    views::{
        FormKeys,
        auth::sign_in::{self as view, SignInView},
        components::alert::Problem,
        urls,
    },
};

/// Minutes in which a sign-in that was begun at the provider may be finished.
const PENDING_MINUTES: i64 = 10;
/// Keeps these cookies apart from other signed texts.
const SIGNED: &str = "provider";

/// The connection to the provider; none if no provider is set.
#[derive(Clone, Debug, Default)]
pub struct ProviderState(Option<Arc<Relay>>);

of_team!(ProviderState);

impl ProviderState {
    /// The address that also ends the session at the provider.
    pub async fn logout(&self, context: &Context) -> Option<String> {
        let relay = self.0.as_ref()?;
        let back = format!("{}{}", context.config.alerts.public_url, urls::SIGN_IN);
        relay.logout(back, context.clock.now()).await
    }
}

/// Makes the connection. Nothing is fetched before the first sign-in.
pub fn stage() -> impl Fairing {
    AdHoc::try_on_ignite("sign-in provider", |rocket| async {
        let Some(teams) = rocket.state::<Teams>() else { return Err(rocket) };
        match PerTeam::try_new(teams, connection) {
            Ok(connections) => Ok(rocket.manage(connections)),
            Err(error) => {
                error!(%error, "the connection to the sign-in provider cannot be made");
                Err(rocket)
            }
        }
    })
}

fn connection(context: &Context) -> Result<ProviderState, String> {
    let config = &context.config;
    let provider = config.provider.clone().filter(|_| config.access.sign_in == SignIn::Password);
    let Some(provider) = provider else { return Ok(ProviderState::default()) };
    let callback = format!("{}{}", config.alerts.public_url, urls::SIGN_IN_CALLBACK);
    notify::use_one_tls_provider();
    let relay = Relay::new(provider, callback).map_err(|error| error.to_string())?;
    Ok(ProviderState(Some(Arc::new(relay))))
}

/// `GET /sign-in/provider?next=`: leads to the provider.
#[get("/sign-in/provider?<next>")]
pub async fn begin(
    next: Option<&str>,
    _client: Anonymous,
    keys: FormKeys,
    jar: &CookieJar<'_>,
    provider: &ProviderState,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let next = redirect_target::own_path(next.unwrap_or_default());
    let relay = relay(provider)?;
    match relay.begin(next.clone(), context.clock.now()).await {
        Ok((url, pending)) => {
            let text = serde_json::to_string(&pending).map_err(|_| Failure::Internal)?;
            let value = secret::sign(context.team(), &format!("{SIGNED}~{}", hex::encode(text)));
            cookies::PENDING.set(jar, value, Duration::minutes(PENDING_MINUTES), &context.config);
            Ok(FormResponse::Next(Redirect::to(url)))
        }
        Err(error) => again(Err(unavailable(&error)), next, keys, context),
    }
}

fn relay(provider: &ProviderState) -> Result<Arc<Relay>, Failure> {
    let none = || Failure::NotFound("No sign-in provider is set.".to_owned());
    provider.0.clone().ok_or_else(none)
}

/// `GET /sign-in/callback`: the browser comes back with a code, or with an error of the provider. The state shows that this
/// browser was sent there: another site cannot sign this browser in as another user.
#[expect(clippy::too_many_arguments, reason = "parameters and guards of a route")]
#[get("/sign-in/callback?<code>&<state>&<error>")]
pub async fn finish(
    code: Option<&str>,
    state: Option<&str>,
    error: Option<&str>,
    _client: Anonymous,
    visit: Visitor,
    keys: FormKeys,
    jar: &CookieJar<'_>,
    provider: &ProviderState,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (relay, now) = (relay(provider)?, context.clock.now());
    let pending = pending(jar, context).filter(|pending| !pending.is_over(now));
    cookies::PENDING.remove(jar, &context.config);
    let proof = pending.as_ref().and_then(|pending| CsrfVerified::by_state(state.unwrap_or_default(), &pending.state));
    let begun = pending.zip(proof);
    let next = begun.as_ref().map(|(pending, _)| pending.next.clone()).unwrap_or_default();
    let signed_in = async {
        let Some((pending, proof)) = begun else {
            return Err(Refused::sentence("That took too long, or was begun in another browser. Sign in again."));
        };
        let Some(code) = code else {
            info!(from = visit.from, error = error.unwrap_or_default(), "the sign-in provider refused a sign-in");
            return Err(Refused::sentence("The sign-in was cancelled or refused by the provider."));
        };
        let external = relay.finish(code.to_owned(), pending, now).await.map_err(|error| unavailable(&error))?;
        let (token, device) = (SecretToken::new()?, visit.device()?);
        let (origin, lifetime) = (visit.origin(UNKNOWN_USER, proof, context), context.config.access.lifetime);
        let (policy, from) = (relay.settings().policy.clone(), visit.from.clone());
        let (shared, given, known) = (context.clone(), token.clone(), device.clone());
        let arrival = move |user: &User| {
            let arrival = visit.arrival(user, &given, &known, &shared);
            Arrival { session: Session { is_external: true, ..arrival.session }, ..arrival }
        };
        let sign_in =
            move |store: &_| accounts::sign_in_external(store, &external, &policy, arrival, lifetime, &origin);
        let user = context.store.run(sign_in).await.map_err(|error| match error {
            AccessError::Refused(refusal) => Refused::sentence(sentence(&refusal)),
            AccessError::Store(error) => error.into(),
        })?;
        info!(who = user.name.as_str(), from, "signed in through the provider");
        cookies::set_session(jar, token.as_str(), &context.config);
        cookies::set_device(jar, device, &context.config);
        context.watch.wake.notify_one();
        Ok(FormResponse::Next(Redirect::to(next.clone())))
    };
    again(signed_in.await, next, keys, context)
}

fn pending(jar: &CookieJar<'_>, context: &Context) -> Option<Pending> {
    let cookie = cookies::PENDING.value(jar, &context.config)?;
    let text = secret::signed(context.team(), &cookie)?.strip_prefix(SIGNED)?.strip_prefix('~')?;
    serde_json::from_slice(&hex::decode(text).ok()?).ok()
}

/// The way on; for a refused sign-in, the sign-in page with what stands against it.
fn again(
    done: Result<FormResponse, Refused>,
    next: String,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    FormResponse::of(done, |problem| {
        Ok(view::page(&SignInView { next, problem: Some(problem), ..sign_in::empty(keys, context) }))
    })
}

fn unavailable(error: &OidcError) -> Refused {
    warn!(%error, "a sign-in through the provider failed");
    let sentence =
        "The sign-in provider did not answer as expected. Try again in a moment, or ask an admin.".to_owned();
    Refused::form(Problem::Other { sentence }, Status::BadGateway)
}
