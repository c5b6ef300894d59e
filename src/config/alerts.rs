//! Settings of notifications: Slack, webhook and e-mail.
//!
//! A channel with a missing setting is off and states what is missing. Only an invalid value stops the start.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::config::{ConfigError, Reader, reader::invalid};

/// Default ports by security.
const PORT_STARTTLS: u16 = 587;
const PORT_TLS: u16 = 465;
const PORT_PLAIN: u16 = 25;
/// Most recipients of alerts.
const ALERT_EMAILS_MAX: usize = 50;
/// Shortest signing secret of the webhook, in characters.
const WEBHOOK_SECRET_CHARS_MIN: usize = 16;
const PRIVATE: &str = "an address that begins with https://";

/// A text that is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Shown in place of a secret.
    pub(super) const MASK: &str = "***";

    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself, for the request that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn masked(&self) -> &'static str {
        if self.0.is_empty() { "" } else { Self::MASK }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.masked())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.masked())
    }
}

/// Encryption of the connection to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    StartTls,
    Tls,
    /// Not encrypted; loopback only.
    None,
}

/// The mail server and the sender.
#[derive(Clone, Debug)]
pub struct Mail {
    pub server: String,
    pub port: u16,
    pub security: MailSecurity,
    /// Name and password, if the server requires them.
    pub login: Option<(String, Secret)>,
    pub sender: String,
}

impl Mail {
    /// The inner error states which setting is missing.
    fn read(from: &mut Reader) -> Result<Result<Self, String>, ConfigError> {
        let server = from.setting("mail_server", "The SMTP server that sends e-mail").text()?;
        let port =
            from.setting("mail_port", "Its port; 0 for the default of mail_security").number(0, 0..=u16::MAX, "")?;
        let security = from.setting("mail_security", "Encryption of the connection to it");
        let security = security
            .choice(&[MailSecurity::StartTls, MailSecurity::Tls, MailSecurity::None], "; none on this machine only")?;
        let username = from.setting("mail_username", "User name at the SMTP server").text()?;
        let password = from.setting("mail_password", "Password at the SMTP server").secret("any text", |_| true)?;
        let is_sender = |text: &str| (text.is_empty() || is_email(text)).then(|| text.to_owned());
        let sender = from.setting("mail_sender", "Sender of e-mails");
        let sender = sender.parsed("", "an e-mail address; empty for none", is_sender)?;
        let default_port = match security {
            MailSecurity::StartTls => PORT_STARTTLS,
            MailSecurity::Tls => PORT_TLS,
            MailSecurity::None if ["", "localhost", "127.0.0.1", "::1"].contains(&server.as_str()) => PORT_PLAIN,
            MailSecurity::None => {
                return Err(invalid("mail_security", "none", "none only if mail_server is this machine"));
            }
        };
        let login = match (username.is_empty(), password.reveal().is_empty()) {
            (true, true) => None,
            (false, false) => Some((username, password)),
            (false, true) => return Ok(Err("mail_username is set, mail_password is not".to_owned())),
            (true, false) => return Ok(Err("mail_password is set, mail_username is not".to_owned())),
        };
        Ok(if server.is_empty() {
            Err("mail_server is not set".to_owned())
        } else if sender.is_empty() {
            Err("mail_sender is not set".to_owned())
        } else {
            Ok(Self { server, port: if port == 0 { default_port } else { port }, security, login, sender })
        })
    }
}

/// A program that receives every change.
#[derive(Clone, Debug)]
pub struct Webhook {
    pub url: Secret,
    pub secret: Secret,
}

impl Webhook {
    /// The inner error states which setting is missing.
    fn read(from: &mut Reader) -> Result<Result<Self, String>, ConfigError> {
        let url = from.setting("webhook_url", "Receives every change as signed JSON").secret(PRIVATE, is_private)?;
        let long = format!("at least {WEBHOOK_SECRET_CHARS_MIN} characters");
        let is_long = |text: &str| text.chars().count() >= WEBHOOK_SECRET_CHARS_MIN;
        let secret = from.setting("webhook_secret", "Key that signs changes").secret(&long, is_long)?;
        Ok(match (url.reveal().is_empty(), secret.reveal().is_empty()) {
            (true, _) => Err("webhook_url is not set".to_owned()),
            (false, true) => Err("webhook_url is set, webhook_secret is not".to_owned()),
            (false, false) => Ok(Self { url, secret }),
        })
    }
}

/// Channels of notifications. A channel that cannot be used holds the reason.
#[derive(Clone, Debug)]
pub struct Alerts {
    pub slack: Result<Secret, String>,
    pub webhook: Result<Webhook, String>,
    pub mail: Result<Mail, String>,
    /// Recipients of alerts by e-mail.
    pub emails: Vec<String>,
    /// Tells employees of their own changes by e-mail.
    pub staff_notices: bool,
    /// Base of links in messages, without a slash at the end.
    pub public_url: String,
}

impl Alerts {
    pub(super) fn read(from: &mut Reader, public_url: String) -> Result<Self, ConfigError> {
        let slack =
            from.setting("slack_webhook_url", "Slack webhook that receives alerts").secret(PRIVATE, is_private)?;
        let slack = Some(slack).filter(|url| !url.reveal().is_empty());
        let (webhook, mail) = (Webhook::read(from)?, Mail::read(from)?);
        let allowed = format!("at most {ALERT_EMAILS_MAX} e-mail addresses, like ops@example.com");
        let are_emails = |emails: &[String]| {
            let fits = emails.len() <= ALERT_EMAILS_MAX && emails.iter().all(|email| is_email(email));
            fits.then(|| emails.to_vec())
        };
        let emails = from.setting("alert_emails", "Recipients of alerts by e-mail").list(&[], &allowed, are_emails)?;
        let staff_notices = from.setting("staff_notices", "Tells employees of their own changes by e-mail");
        Ok(Self {
            slack: slack.ok_or_else(|| "slack_webhook_url is not set".to_owned()),
            webhook,
            mail,
            emails,
            staff_notices: staff_notices.flag(false)?,
            public_url,
        })
    }

    /// The reason why alerts reach no one; None if a channel works.
    pub fn silence(&self) -> Option<String> {
        match (&self.slack, self.mail_trouble()) {
            (Ok(_), _) | (_, None) => None,
            (Err(slack), Some(mail)) => Some(format!("No one is alerted. Slack: {slack}. E-mail: {mail}.")),
        }
    }

    /// The reason why alerts are not sent by e-mail; None if they are.
    pub fn mail_trouble(&self) -> Option<String> {
        match &self.mail {
            Err(missing) => Some(missing.clone()),
            Ok(_) if self.emails.is_empty() => Some("alert_emails is not set".to_owned()),
            Ok(_) => None,
        }
    }
}

/// Tells if requests to an address stay private: encrypted, or on this machine.
pub(super) fn is_private(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let host = authority.rsplit_once(':').filter(|(_, end)| port(end)).map_or(authority, |(host, _)| host);
    match scheme {
        "https" => !host.is_empty(),
        "http" => ["127.0.0.1", "localhost", "[::1]"].contains(&host),
        _ => false,
    }
}

/// Tells if a text is an address, or a name with an address in angle brackets.
fn is_email(email: &str) -> bool {
    let address = email.rsplit_once('<').map_or(email, |(_, address)| address.trim_end_matches('>'));
    address.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
        && !address.contains(|sign: char| sign.is_whitespace() || sign.is_control() || sign == ',')
        && !email.contains(char::is_control)
}
