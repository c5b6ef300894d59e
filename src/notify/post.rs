//! One HTTP request to whoever receives what happens, and what its answer means.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{Client, Response, StatusCode, header, redirect};

use crate::{config::Secret, notify::Failure};

/// Longest answer that is quoted, in characters.
const ANSWER_CHARS_MAX: usize = 100;
/// What is read of an answer, in bytes; the rest is left to the receiver.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Posts JSON once. Whatever is not a success is sorted by its status; `receiver` is what people call it.
pub async fn json(
    receiver: &str,
    url: &Secret,
    headers: &[(&'static str, String)],
    body: String,
    timeouts: Duration,
) -> Result<(), Failure> {
    let client = Client::builder().timeout(timeouts).redirect(redirect::Policy::none()).no_proxy().build();
    let client = client.map_err(|error| Failure::retry(format!("no client: {}", told(receiver, &error))))?;
    let mut request = client.post(url.reveal()).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let answer = request.body(body).send().await;
    let answer = answer.map_err(|error| Failure::retry(told(receiver, &error)))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let after = answer.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse::<u32>().ok());
    let said: String = beginning(answer).await.chars().take(ANSWER_CHARS_MAX).collect();
    let why = format!("{receiver} answered {}: {said}", status.as_u16());
    if is_for_good(status) {
        return Err(Failure::Permanent(why));
    }
    Err(Failure::Retry { why, after: after.map(|seconds| TimeDelta::seconds(seconds.into())) })
}

/// The beginning of an answer, as far as it comes.
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

/// Asking again would get the same answer: the receiver is gone, or does not accept the message.
fn is_for_good(status: StatusCode) -> bool {
    let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    !status.is_server_error() && !passing.contains(&status)
}

/// The address may be a secret, so it is left out.
fn told(receiver: &str, error: &reqwest::Error) -> String {
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
