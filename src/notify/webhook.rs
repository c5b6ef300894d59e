//! Signed JSON for another program.
//!
//! The signature covers the body and the time of sending, so that neither can be changed and an old message cannot be
//! replayed.

use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::{
    config::{Secret, Webhook},
    notify::{Failure, post},
};

/// `t=1760533200,v1=5257a869…`
pub const SIGNATURE: &str = "Tandem-Signature";
/// The message number; a repeated delivery has the same.
pub const DELIVERY: &str = "Tandem-Delivery";

/// Posts a body, signed with a time in seconds since 1970.
pub async fn send(
    webhook: &Webhook,
    delivery: u64,
    body: String,
    moment_s: i64,
    timeouts: Duration,
) -> Result<(), Failure> {
    let signature = signature(&webhook.secret, moment_s, &body).map_err(Failure::retry)?;
    let headers = [(SIGNATURE, signature), (DELIVERY, delivery.to_string())];
    post::json("The webhook", &webhook.url, &headers, body, timeouts).await
}

/// `HMAC-SHA256(secret, "<moment>.<body>")` in hex, with the time.
fn signature(secret: &Secret, moment_s: i64, body: &str) -> Result<String, String> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes());
    let mut mac = mac.map_err(|error| format!("webhook_secret cannot sign: {error}"))?;
    mac.update(format!("{moment_s}.{body}").as_bytes());
    Ok(format!("t={moment_s},v1={}", hex::encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected value is from OpenSSL: `printf '1760533200.{"a":1}'
    /// openssl dgst -sha256 -hmac 'a secret of twenty signs'`.
    #[test]
    fn the_signature_is_the_one_that_other_programs_compute() {
        let secret = Secret::new("a secret of twenty signs");

        let text = signature(&secret, 1_760_533_200, r#"{"a":1}"#);

        assert_eq!(
            text.as_deref(),
            Ok("t=1760533200,v1=a23de73684dfad079fd0901c53adb099ff252581c1baaf9a58df0d1de915b1dd")
        );
    }
}
