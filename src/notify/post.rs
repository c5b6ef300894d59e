//! Sends one HTTP request and classifies its response.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{Client, Response, StatusCode, header, redirect};

use crate::{config::Secret, notify::Failure};

/// Longest response text that is quoted, in characters.
const ANSWER_CHARS_MAX: usize = 100;
/// Most bytes read of a response.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Posts JSON once. A response other than success is a failure by its status. `receiver` is the name used in
/// messages.
pub async fn json(
    receiver: &str,
    url: &Secret,
    headers: &[(&'static str, String)],
    body: String,
    timeouts: Duration,
) -> Result<(), Failure> {
    let client = Client::builder().timeout(timeouts).redirect(redirect::Policy::none()).no_proxy().build();
    let client = client.map_err(|error| Failure::retry(format!("no client: {}", describe(receiver, &error))))?;
    let mut request = client.post(url.reveal()).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let answer = request.body(body).send().await;
    let answer = answer.map_err(|error| Failure::retry(describe(receiver, &error)))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let after = answer.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse::<u32>().ok());
    let quoted: String = beginning(answer).await.chars().take(ANSWER_CHARS_MAX).collect();
    let why = format!("{receiver} answered {}: {quoted}", status.as_u16());
    if is_for_good(status) {
        return Err(Failure::Permanent(why));
    }
    Err(Failure::Retry { why, after: after.map(|seconds| TimeDelta::seconds(seconds.into())) })
}

/// The beginning of a response body.
async fn beginning(mut answer: Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(piece)) = answer.chunk().await {
        bytes.extend_from_slice(&piece);
        if bytes.len() >= ANSWER_BYTES_MAX {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A repeated request would get the same response: the receiver does not exist any more or does not accept the
/// message.
fn is_for_good(status: StatusCode) -> bool {
    let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    !status.is_server_error() && !passing.contains(&status)
}

/// Text of an error without the address, which may be a secret.
fn describe(receiver: &str, error: &reqwest::Error) -> String {
    let kind = match (error.is_timeout(), error.is_connect()) {
        (true, _) => format!("{receiver} did not answer in time"),
        (false, true) => format!("{receiver} could not be reached"),
        (false, false) => format!("{receiver} hung up"),
    };
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    cause.map_or_else(|| kind.clone(), |cause| format!("{kind}: {cause}"))
}
