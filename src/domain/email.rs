//! E-mail addresses, validated by their syntax.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::format::quote;

/// Longest address, and longest part before its @, in characters (RFC 5321, 4.5.3.1).
pub const EMAIL_CHARS_MAX: usize = 254;
const LOCAL_CHARS_MAX: usize = 64;

/// A text that is not an address. The message is for users.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not an e-mail address: write it like ada.bell@example.com, with at most {EMAIL_CHARS_MAX} characters"
)]
pub struct EmailError(String);

/// An e-mail address as entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

text_in_json!(Email, EmailError);
shown_as!(as_str: Email);

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let fits = text.len() <= EMAIL_CHARS_MAX
            && text.rsplit_once('@').is_some_and(|(local, domain)| is_local(local) && is_domain(domain));
        if fits { Ok(Self(text.to_owned())) } else { Err(EmailError(quote(text))) }
    }
}

/// Words of letters, digits and punctuation that needs no quotes, joined by dots.
fn is_local(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    text.len() <= LOCAL_CHARS_MAX && text.split('.').all(|word| !word.is_empty() && word.bytes().all(allowed))
}

/// At least two labels of letters, digits and inner dashes.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(allowed) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.contains('.') && text.split('.').all(is_label)
}
