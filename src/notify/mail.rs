//! Mail, by SMTP, with text and HTML in one message.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart, header},
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use maud::{DOCTYPE, html};

use crate::{
    config::{Mail, MailSecurity},
    domain::notification::{Item, Notification, OutboxMessage},
    notify::Failure,
};

/// Sends a notification to one address.
pub async fn send(mail: &Mail, to: &str, outbox_message: &OutboxMessage, timeouts: Duration) -> Result<(), Failure> {
    let message = message(mail, to, outbox_message)?;
    let transport = transport(mail, timeouts).map_err(|error| classify(&error))?;
    match tokio::time::timeout(timeouts, transport.send(message)).await {
        Ok(sent) => sent.map(drop).map_err(|error| classify(&error)),
        Err(_) => Err(Failure::retry("the mail server did not answer in time")),
    }
}

fn transport(mail: &Mail, timeouts: Duration) -> Result<AsyncSmtpTransport<Tokio1Executor>, Error> {
    let tls = match mail.security {
        MailSecurity::StartTls => Tls::Required(TlsParameters::new(mail.server.clone())?),
        MailSecurity::Tls => Tls::Wrapper(TlsParameters::new(mail.server.clone())?),
        MailSecurity::None => Tls::None,
    };
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.server)
        .port(mail.port)
        .hello_name(ClientId::default())
        .timeout(Some(timeouts))
        .tls(tls);
    Ok(match &mail.login {
        Some((name, password)) => {
            builder.credentials(Credentials::new(name.clone(), password.reveal().to_owned())).build()
        }
        None => builder.build(),
    })
}

/// Classifies an SMTP error: a rejection (5xx) is permanent, other errors may pass.
fn classify(error: &Error) -> Failure {
    let mut why = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let cause_text = deeper.to_string();
        if !why.contains(&cause_text) {
            why = format!("{why}: {cause_text}");
        }
        cause = deeper.source();
    }
    if error.is_permanent() { Failure::Permanent(why) } else { Failure::retry(why) }
}

fn message(mail: &Mail, to: &str, outbox_message: &OutboxMessage) -> Result<Message, Failure> {
    let mailbox = |address: &str| {
        let parsed = address.parse::<Mailbox>();
        parsed.map_err(|error| Failure::Permanent(format!("{address} is not a mail address: {error}")))
    };
    let sender = mailbox(&mail.sender)?;
    // A repeated delivery has the same message id, so that mail programs may show it once.
    let id = format!(
        "<tandem-{}-{}@{}>",
        outbox_message.sequence,
        outbox_message.made.timestamp_millis(),
        sender.email.domain()
    );
    Message::builder()
        .from(sender)
        .to(mailbox(to)?)
        .subject(one_line(&outbox_message.notification.title))
        .message_id(Some(id))
        .date(outbox_message.made.into())
        .header(header::MIME_VERSION_1_0)
        .multipart(MultiPart::alternative_plain_html(
            plain(&outbox_message.notification),
            html(&outbox_message.notification),
        ))
        .map_err(|error| Failure::Permanent(error.to_string()))
}

fn one_line(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).collect()
}

fn plain(notification: &Notification) -> String {
    let line = |item: &Item| match &item.link {
        Some(link) => format!("{}\n  {link}", item.text),
        None => item.text.clone(),
    };
    let items = notification.items.iter().map(|item| format!("- {}", line(item)));
    let parts = [notification.intro.clone()].into_iter().chain(items).chain(notification.closing.as_ref().map(line));
    parts.collect::<Vec<_>>().join("\n\n")
}

fn html(notification: &Notification) -> String {
    let item = |item: &Item| {
        html! {
            @match &item.link {
                Some(link) => a href=(link) { (item.text) },
                None => (item.text),
            }
        }
    };
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (notification.title) } }
            body {
                h1 { (notification.title) }
                p { (notification.intro) }
                @if !notification.items.is_empty() { ul { @for one in &notification.items { li { (item(one)) } } } }
                @if let Some(closing) = &notification.closing { p { (item(closing)) } }
            }
        }
    };
    body.into_string()
}
