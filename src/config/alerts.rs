//! Settings of alerts: where they go, and how.
//!
//! Rule of this file: what is missing makes a channel silent, with a sentence that says what is missing; only what is
//! impossible stops the start.

use std::{fmt, fs, path::PathBuf};

use serde::{Deserialize, Serialize, Serializer};

use crate::config::{ConfigError, Raw, value};

/// Ports by security, unless configured.
const PORT_STARTTLS: u16 = 587;
const PORT_TLS: u16 = 465;
const PORT_PLAIN: u16 = 25;
/// Most recipients of alerts.
const ALERT_EMAILS_MAX: usize = 50;
/// Shortest secret that changes are signed with, in characters.
pub(super) const WEBHOOK_SECRET_CHARS_MIN: usize = 16;
/// What stands in the place of a secret wherever settings are shown.
const MASK: &str = "***";

/// A text that is never shown.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself, for whoever must send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn shown(&self) -> &'static str {
        if self.0.is_empty() { "" } else { MASK }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

/// How the mail server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    StartTls,
    Tls,
    /// In the clear; loopback only.
    None,
}

/// The mail server, and who sends.
#[derive(Clone, Debug)]
pub struct Mail {
    pub server: String,
    pub port: u16,
    pub security: MailSecurity,
    /// Name and password, where the server asks for them.
    pub login: Option<(String, Secret)>,
    pub sender: String,
}

/// Another program that is sent every change.
#[derive(Clone, Debug)]
pub struct Webhook {
    pub url: Secret,
    pub secret: Secret,
}

/// Where alerts go. What cannot be used says why.
#[derive(Clone, Debug)]
pub struct Alerts {
    pub slack: Result<Secret, String>,
    pub webhook: Result<Webhook, String>,
    pub mail: Result<Mail, String>,
    /// Who gets alerts by mail.
    pub emails: Vec<String>,
    /// Whether employees are told of their own changes by mail.
    pub staff_notices: bool,
    /// Where links in messages lead, without a slash at the end.
    pub public_url: String,
}

impl Alerts {
    pub(super) fn check(raw: &Raw, public_url: String) -> Result<Self, ConfigError> {
        if raw.alert_emails.len() > ALERT_EMAILS_MAX {
            let allowed = format!("at most {ALERT_EMAILS_MAX} addresses are allowed");
            return Err(value("alert_emails", &raw.alert_emails.len().to_string(), &allowed));
        }
        for email in &raw.alert_emails {
            check_email("alert_emails", email)?;
        }
        Ok(Self {
            slack: slack(raw)?,
            webhook: webhook(raw)?,
            mail: mail(raw)?,
            emails: raw.alert_emails.clone(),
            staff_notices: raw.staff_notices,
            public_url,
        })
    }

    /// Why nobody is alerted; none if somebody is.
    pub fn silence(&self) -> Option<String> {
        match (&self.slack, self.mail_trouble()) {
            (Ok(_), _) | (_, None) => None,
            (Err(slack), Some(mail)) => Some(format!("Nobody is alerted. Slack: {slack}. E-mail: {mail}.")),
        }
    }

    /// Why alerts do not go out by mail; none if they do.
    pub fn mail_trouble(&self) -> Option<String> {
        match &self.mail {
            Err(missing) => Some(missing.clone()),
            Ok(_) if self.emails.is_empty() => Some("alert_emails is not set".to_owned()),
            Ok(_) => None,
        }
    }
}

fn slack(raw: &Raw) -> Result<Result<Secret, String>, ConfigError> {
    let url = secret("slack_webhook_url", &raw.slack_webhook_url, &raw.slack_webhook_url_file)?;
    if url.reveal().is_empty() {
        return Ok(Err("slack_webhook_url is not set".to_owned()));
    }
    let allowed = "allowed is an address that begins with https://";
    if is_private_way(url.reveal()) { Ok(Ok(url)) } else { Err(value("slack_webhook_url", MASK, allowed)) }
}

fn webhook(raw: &Raw) -> Result<Result<Webhook, String>, ConfigError> {
    let url = secret("webhook_url", &raw.webhook_url, &raw.webhook_url_file)?;
    let secret = secret("webhook_secret", &raw.webhook_secret, &raw.webhook_secret_file)?;
    if !secret.reveal().is_empty() && secret.reveal().chars().count() < WEBHOOK_SECRET_CHARS_MIN {
        return Err(value(
            "webhook_secret",
            MASK,
            &format!("at least {WEBHOOK_SECRET_CHARS_MIN} characters are needed"),
        ));
    }
    match (url.reveal().is_empty(), secret.reveal().is_empty()) {
        (true, _) => Ok(Err("webhook_url is not set".to_owned())),
        (false, true) => Ok(Err("webhook_url is set, webhook_secret is not".to_owned())),
        (false, false) if is_private_way(url.reveal()) => Ok(Ok(Webhook { url, secret })),
        (false, false) => Err(value("webhook_url", MASK, "allowed is an address that begins with https://")),
    }
}

/// Whether what is sent to an address is read by nobody else: encrypted, or on this machine.
fn is_private_way(address: &str) -> bool {
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

fn mail(raw: &Raw) -> Result<Result<Mail, String>, ConfigError> {
    let loopback = ["localhost", "127.0.0.1", "::1"].contains(&raw.mail_server.as_str());
    let (security, usual_port) = match raw.mail_security.as_str() {
        "starttls" => (MailSecurity::StartTls, PORT_STARTTLS),
        "tls" => (MailSecurity::Tls, PORT_TLS),
        "none" if loopback || raw.mail_server.is_empty() => (MailSecurity::None, PORT_PLAIN),
        "none" => {
            return Err(value(
                "mail_security",
                "none",
                "none is allowed only where mail_server is this machine itself",
            ));
        }
        other => return Err(value("mail_security", other, "allowed are starttls, tls and none")),
    };
    let password = secret("mail_password", &raw.mail_password, &raw.mail_password_file)?;
    let login = match (raw.mail_username.is_empty(), password.reveal().is_empty()) {
        (true, true) => None,
        (false, false) => Some((raw.mail_username.clone(), password)),
        (false, true) => return Ok(Err("mail_username is set, mail_password is not".to_owned())),
        (true, false) => return Ok(Err("mail_password is set, mail_username is not".to_owned())),
    };
    if raw.mail_server.is_empty() {
        return Ok(Err("mail_server is not set".to_owned()));
    }
    if raw.mail_sender.is_empty() {
        return Ok(Err("mail_sender is not set".to_owned()));
    }
    check_email("mail_sender", &raw.mail_sender)?;
    let port = if raw.mail_port == 0 { usual_port } else { raw.mail_port };
    Ok(Ok(Mail { server: raw.mail_server.clone(), port, security, login, sender: raw.mail_sender.clone() }))
}

/// A secret that is set, or the first line of the file that holds it.
pub(super) fn secret(name: &'static str, set: &Secret, file: &PathBuf) -> Result<Secret, ConfigError> {
    if file.as_os_str().is_empty() {
        return Ok(set.clone());
    }
    if !set.reveal().is_empty() {
        return Err(value(name, MASK, &format!("give it here or in {name}_file, not both")));
    }
    let text = fs::read_to_string(file).map_err(|error| {
        let allowed = format!("the file of {name}_file cannot be read: {error}");
        value(name, &file.display().to_string(), &allowed)
    })?;
    Ok(Secret(text.lines().next().unwrap_or_default().trim().to_owned()))
}

fn check_email(name: &'static str, email: &str) -> Result<(), ConfigError> {
    let address = email.rsplit_once('<').map_or(email, |(_, address)| address.trim_end_matches('>'));
    let fits = address.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
        && !address.contains(|sign: char| sign.is_whitespace() || sign.is_control() || sign == ',')
        && !email.contains(char::is_control);
    if fits { Ok(()) } else { Err(value(name, email, "allowed are mail addresses, like ops@example.com")) }
}
