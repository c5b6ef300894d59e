//! What users do with their accounts: confirm a session, set up a second factor, forget a password.

mod confirm;
mod forgotten;
mod provider;
mod second_factor;

use chrono::TimeDelta;
use tandem::{
    domain::user::{
        access::Digest,
        second_factor::{SecondFactor, TotpSecret, step},
    },
    store::tables::accounts::sessions,
};

use crate::{
    auth::PASSWORD,
    support::{App, page::Page},
};

impl App {
    /// The second factor of a user.
    pub fn second_factor(&self, name: &str) -> SecondFactor {
        self.user(name).unwrap().second_factor.unwrap()
    }

    /// The code that the app of a user shows now.
    pub fn code(&self, name: &str) -> String {
        self.second_factor(name).secret.code(step(self.context.clock.now()))
    }

    /// Sets up a second factor for the signed-in user and returns the recovery codes.
    pub fn set_up_second_factor(&self) -> Vec<String> {
        let page = self.get("/account/second-factor").status(200);
        let form = page.form("/account/second-factor");
        let signed = form.value("secret");
        let hex = signed.rsplit(' ').next().unwrap();
        let secret = TotpSecret(hex::decode(hex).unwrap().try_into().unwrap());
        let code = secret.code(step(self.context.clock.now()));
        let page = form.with("code", &code).send(self).status(200).says("The second factor is on.");
        codes(&page)
    }

    /// Signs in as a user with a second factor.
    pub fn sign_in_with_code(&self, name: &str, code: &str) -> Page {
        let form = self.sign_in(name, PASSWORD).status(200).says("Enter your code").form("/sign-in/code");
        form.with("code", code).send(self)
    }
}

/// A user who signed in a while ago.
fn stale(app: App, name: &str) -> App {
    app.sign_in(name, PASSWORD).status(303);
    make_stale(&app);
    app
}

/// Makes the session of the signed-in user one that was confirmed 16 minutes ago.
fn make_stale(app: &App) {
    make_session_stale(app, app.client().cookies().get("tandem_session").unwrap().value());
}

fn make_session_stale(app: &App, token: &str) {
    let then = app.context.clock.now() - TimeDelta::minutes(16);
    app.store.blocking().write(|tx| sessions::confirm(tx, Digest::of(token), then)).unwrap();
}

/// The recovery codes of a page.
fn codes(page: &Page) -> Vec<String> {
    let codes: Vec<_> = page.text_of("codes").split_whitespace().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10);
    codes
}
