//! Text of messages about an account.

use chrono::{DateTime, Utc};

use crate::{
    config::Config,
    domain::{
        format,
        notification::{Item, Notification, Purpose},
        user::{UserName, access::FORGOTTEN_MINUTES},
    },
};

/// A link with which a user chooses another password.
pub fn forgotten(name: &UserName, link: String) -> Notification {
    Notification {
        purpose: Purpose::Account,
        title: "Tandem: a new password".to_owned(),
        intro: format!(
            "Someone asked for a new password for {name}. If it was you, open the link within {FORGOTTEN_MINUTES} minutes. \
             It works once. If it was not you, you need not do anything: your password stays as it is."
        ),
        items: vec![Item { text: "Choose a new password".to_owned(), link: Some(link) }],
        closing: None,
    }
}

/// A sign-in with a browser that the user has not used before.
pub fn new_sign_in(config: &Config, name: &UserName, (browser, from): (&str, &str), at: DateTime<Utc>) -> Notification {
    let at = format::moment(at.with_timezone(&config.zone).naive_local());
    let account = Some(format!("{}/account", config.alerts.public_url));
    Notification {
        purpose: Purpose::Account,
        title: format!("Tandem: {name} signed in with a new browser"),
        intro: format!("{name} signed in on {at} with {browser}, from the address {from}."),
        items: Vec::new(),
        closing: Some(Item::new("If it was not you, end that session and change your password", account)),
    }
}
