//! Sign-in through a provider: `OpenID` Connect, authorization code flow with PKCE.
//!
//! [`Relay::begin`] leads a browser to the provider, [`Relay::finish`] takes what it brings back. Between the two the browser
//! keeps a [`Pending`] sign-in in a signed cookie; the server keeps nothing. The ID token is verified against the keys of the
//! provider: signature, issuer, audience, expiry and nonce.

mod http;

use std::{collections::BTreeMap, error::Error};

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AdditionalClaims, AuthenticationFlow, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, IdTokenFields, IssuerUrl,
    LogoutRequest, Nonce, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout,
    RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use tokio::sync::Mutex;

use crate::{
    config::Provider,
    domain::{
        email::Email,
        user::{Identity, external::ExternalUser},
    },
};

/// Minutes for which the addresses and keys of the provider are believed.
const METADATA_MINUTES: i64 = 60;
/// Minutes in which a sign-in at the provider must be completed.
const PENDING_MINUTES: i64 = 10;
/// Most values of the claim that decides on the role.
const GROUPS_MAX: usize = 500;

/// Claims that are not part of the standard.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Claims {
    #[serde(flatten)]
    all: BTreeMap<String, Value>,
}

impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Connect = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why a sign-in through the provider failed. The text is for the log.
#[derive(Debug, Error)]
pub enum OidcError {
    #[error("the discovery document cannot be used: {0}")]
    Discovery(String),
    #[error("the code was not exchanged: {0}")]
    Exchange(String),
    #[error("the ID token is not accepted: {0}")]
    Token(String),
    #[error("the setting oidc_issuer or public_url is not an address: {0}")]
    Address(String),
}

/// A sign-in that was begun: kept by the browser until it comes back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    pub state: String,
    nonce: String,
    verifier: String,
    /// The address after the sign-in.
    pub next: String,
    ends_ms: i64,
}

impl Pending {
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now.timestamp_millis() >= self.ends_ms
    }
}

/// The connection to the provider.
#[derive(Debug)]
pub struct Relay {
    settings: Provider,
    /// The address to which the provider redirects browsers.
    callback: String,
    client: reqwest::Client,
    metadata: Mutex<Option<(ProviderMetadataWithLogout, DateTime<Utc>)>>,
}

impl Relay {
    /// # Errors
    /// If the HTTP client cannot be made.
    pub fn new(settings: Provider, callback: String) -> Result<Self, reqwest::Error> {
        Ok(Self { settings, callback, client: http::client()?, metadata: Mutex::default() })
    }

    /// The addresses and keys of the provider, fetched once an hour.
    async fn metadata(&self, now: DateTime<Utc>) -> Result<ProviderMetadataWithLogout, OidcError> {
        let mut known = self.metadata.lock().await;
        if let Some((metadata, since)) = &*known
            && now < *since + TimeDelta::minutes(METADATA_MINUTES)
        {
            return Ok(metadata.clone());
        }
        let issuer =
            IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| OidcError::Address(error.to_string()))?;
        let send = |request: HttpRequest| http::send(self.client.clone(), request);
        let found = ProviderMetadataWithLogout::discover_async(issuer, &send).await;
        let metadata = found.map_err(|error| OidcError::Discovery(chain(&error)))?;
        *known = Some((metadata.clone(), now));
        Ok(metadata)
    }

    async fn connect(&self, now: DateTime<Utc>) -> Result<Connect, OidcError> {
        let secret = self.settings.client_secret.reveal();
        let secret = (!secret.is_empty()).then(|| ClientSecret::new(secret.to_owned()));
        let id = ClientId::new(self.settings.client_id.clone());
        let callback =
            RedirectUrl::new(self.callback.clone()).map_err(|error| OidcError::Address(error.to_string()))?;
        Ok(Connect::from_provider_metadata(self.metadata(now).await?, id, secret).set_redirect_uri(callback))
    }

    /// Begins a sign-in: the address to lead the browser to, and what it must bring back.
    pub async fn begin(&self, next: String, now: DateTime<Utc>) -> Result<(String, Pending), OidcError> {
        let connect = self.connect(now).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        // The library asks for the scope "openid" by itself.
        let scopes = self.settings.scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new);
        let request = connect.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let (url, state, nonce) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
        let ends_ms = (now + TimeDelta::minutes(PENDING_MINUTES)).timestamp_millis();
        let (state, nonce, verifier) = (state.secret().clone(), nonce.secret().clone(), verifier.secret().clone());
        Ok((url.to_string(), Pending { state, nonce, verifier, next, ends_ms }))
    }

    /// Exchanges the code that the browser brought back, and verifies the ID token.
    pub async fn finish(&self, code: String, pending: Pending, now: DateTime<Utc>) -> Result<ExternalUser, OidcError> {
        let connect = self.connect(now).await?;
        let send = |request: HttpRequest| http::send(self.client.clone(), request);
        let exchange = connect.exchange_code(AuthorizationCode::new(code));
        let exchange = exchange.map_err(|error| OidcError::Exchange(error.to_string()))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(pending.verifier));
        let answer = exchange.request_async(&send).await.map_err(|error| OidcError::Exchange(chain(&error)))?;
        let token = answer.id_token().ok_or_else(|| OidcError::Token("there is none".to_owned()))?;
        let verifier = connect.id_token_verifier().set_time_fn(move || now);
        let claims = token.claims(&verifier, &Nonce::new(pending.nonce));
        let claims = match claims {
            Ok(claims) => claims,
            Err(error) => {
                // The provider may have new keys: the next sign-in fetches them.
                *self.metadata.lock().await = None;
                return Err(OidcError::Token(chain(&error)));
            }
        };
        let extra = &claims.additional_claims().all;
        let email = claims.email().filter(|_| claims.email_verified() == Some(true));
        let name = match self.settings.name_claim.as_str() {
            "sub" => Some(claims.subject().as_str()),
            "email" => email.map(|email| email.as_str()),
            "preferred_username" => claims.preferred_username().map(|name| name.as_str()),
            other => extra.get(other).and_then(Value::as_str),
        };
        Ok(ExternalUser {
            identity: Identity { issuer: claims.issuer().to_string(), subject: claims.subject().to_string() },
            name: name.and_then(|name| name.parse().ok()),
            email: email.and_then(|email| email.as_str().parse::<Email>().ok()),
            groups: texts(extra.get(&self.settings.role_claim)),
        })
    }

    /// The address that also ends the session at the provider, if it has one.
    pub async fn logout(&self, back: String, now: DateTime<Utc>) -> Option<String> {
        let metadata = self.metadata(now).await.ok()?;
        let end = metadata.additional_metadata().end_session_endpoint.clone()?;
        let back = PostLogoutRedirectUrl::new(back).ok()?;
        let request = LogoutRequest::from(end).set_client_id(ClientId::new(self.settings.client_id.clone()));
        Some(request.set_post_logout_redirect_uri(back).http_get_url().to_string())
    }

    pub fn settings(&self) -> &Provider {
        &self.settings
    }
}

/// The values of a claim: one text, or several.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).take(GROUPS_MAX).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// An error with its causes.
fn chain(error: &dyn Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}
