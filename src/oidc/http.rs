//! Requests to the sign-in provider: one client, no redirects, short answers, within seconds.

use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse, http};
use reqwest::{Client, redirect};
use thiserror::Error;

/// Longest time for an answer, in seconds.
const ANSWER_SECONDS_MAX: u64 = 10;
/// Most bytes read of an answer: a list of keys with certificates is the longest.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

#[derive(Debug, Error)]
pub enum HttpError {
    #[error("the provider cannot be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
    #[error("the answer of the provider is longer than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    #[error("the answer of the provider cannot be read: {0}")]
    Malformed(#[from] http::Error),
}

/// A client. Redirects are not followed: a provider could lead requests into the network of the server.
pub fn client() -> Result<Client, reqwest::Error> {
    let timeout = Duration::from_secs(ANSWER_SECONDS_MAX);
    Client::builder().timeout(timeout).redirect(redirect::Policy::none()).no_proxy().build()
}

pub async fn send(client: Client, request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let mut answer = client.execute(request.try_into()?).await?;
    let mut builder = http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        builder = builder.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        body.extend_from_slice(&piece);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(HttpError::TooLong);
        }
    }
    Ok(builder.body(body)?)
}
