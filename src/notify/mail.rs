//! Mail, by SMTP: text and HTML in one message.

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

/// Sends a letter to one person.
pub async fn send(mail: &Mail, to: &str, outbox_message: &OutboxMessage, timeouts: Duration) -> Result<(), Failure> {
    let message = message(mail, to, outbox_message)?;
    let transport = transport(mail, timeouts).map_err(|error| sorted(&error))?;
    match tokio::time::timeout(timeouts, transport.send(message)).await {
        Ok(sent) => sent.map(drop).map_err(|error| sorted(&error)),
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

/// A refusal (5xx) is for good; whatever else went wrong may pass.
fn sorted(error: &Error) -> Failure {
    let mut why = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let said = deeper.to_string();
        if !why.contains(&said) {
            why = format!("{why}: {said}");
        }
        cause = deeper.source();
    }
    if error.is_permanent() { Failure::Permanent(why) } else { Failure::retry(why) }
}

fn message(mail: &Mail, to: &str, outbox_message: &OutboxMessage) -> Result<Message, Failure> {
    let mailbox = |address: &str| {
        let parsed = address.parse::<Mailbox>();
        parsed.map_err(|error| Failure::Permanent(format!("{address} is no mail address: {error}")))
    };
    let sender = mailbox(&mail.sender)?;
    // A letter that is sent twice is the same message twice, so that mail programs may show it once.
    let id = format!(
        "<tandem-{}-{}@{}>",
        outbox_message.sequence,
        outbox_message.made.timestamp_millis(),
        sender.email.domain()
    );
    Message::builder()
        .from(sender)
        .to(mailbox(to)?)
        .subject(one_line(&outbox_message.letter.title))
        .message_id(Some(id))
        .date(outbox_message.made.into())
        .header(header::MIME_VERSION_1_0)
        .multipart(MultiPart::alternative_plain_html(plain(&outbox_message.letter), hyper(&outbox_message.letter)))
        .map_err(|error| Failure::Permanent(error.to_string()))
}

fn one_line(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).collect()
}

fn plain(letter: &Notification) -> String {
    let line = |item: &Item| match &item.link {
        Some(link) => format!("{}\n  {link}", item.text),
        None => item.text.clone(),
    };
    let items = letter.items.iter().map(|item| format!("- {}", line(item)));
    let parts = [letter.intro.clone()].into_iter().chain(items).chain(letter.closing.as_ref().map(line));
    parts.collect::<Vec<_>>().join("\n\n")
}

fn hyper(letter: &Notification) -> String {
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
            head { meta charset="utf-8"; title { (letter.title) } }
            body {
                h1 { (letter.title) }
                p { (letter.intro) }
                @if !letter.items.is_empty() { ul { @for one in &letter.items { li { (item(one)) } } } }
                @if let Some(closing) = &letter.closing { p { (item(closing)) } }
            }
        }
    };
    body.into_string()
}
