//! Sign-in by name and password, or by a one-time link.

use maud::{Markup, html};

use crate::{
    domain::user::{
        PASSWORD_CHARS_MIN, UserName,
        access::{FORGOTTEN_MINUTES, LinkPurpose},
    },
    views::{
        FormKeys, Page,
        components::{
            alert::{self, Problem},
            field::Field,
        },
        urls,
    },
};

#[derive(Debug)]
pub struct SignInView {
    pub keys: FormKeys,
    pub name: String,
    /// The address after the sign-in.
    pub next: String,
    /// A user who forgot their password gets a link by mail.
    pub sends_links: bool,
    pub has_passwords: bool,
    /// The name of the sign-in provider, if there is one.
    pub provider: Option<String>,
    pub problem: Option<Problem>,
}

pub fn page(view: &SignInView) -> Page {
    let problem = view.problem.as_ref();
    let name = Field::user(&view.name, problem);
    let password = Field::password("password", "Password", "current-password", problem);
    let main = html! {
        form.form action=(urls::SIGN_IN) method="post" novalidate {
            header { h1 #dialog-title tabindex="-1" { "Sign in" } }
            (view.keys.inputs())
            input type="hidden" name="next" value=(view.next);
            @if view.next == urls::UNSENT {
                p.note.info { "Your session has ended. What you entered is kept and comes back after you sign in." }
            }
            @if let Some(problem) = problem { (note(problem)) }
            @if view.has_passwords {
                (name.render())
                (password.render())
            }
            footer {
                @if let Some(provider) = &view.provider {
                    a.btn.primary[!view.has_passwords] href={ (urls::SIGN_IN_PROVIDER) "?" (urls::query(&[("next", &view.next)])) } { "Sign in with " (provider) }
                }
                @if view.has_passwords { button.btn.primary { "Sign in" } }
            }
        }
        p.hint {
            @if view.sends_links {
                a href=(urls::FORGOT_PASSWORD) { "Forgot your password?" } " No password yet? Ask an admin for a link to set one."
            } @else if view.has_passwords {
                "No password yet, or forgot it? Ask an admin for a link to set one."
            } @else {
                "Your company's sign-in lets you in here."
            }
        }
    };
    Page::narrow("Sign in", main).bare()
}

/// The page after a sign-out, which leads on to the provider.
pub fn signed_out_page(url: &str, provider: &str) -> Page {
    let main = html! {
        section.form aria-labelledby="dialog-title" {
            header { div { h1 #dialog-title tabindex="-1" { "Signed out" } } }
            p { "You are signed out of Tandem. You may still be signed in with " (provider) "." }
            footer { a.btn.primary href=(url) { "Sign out there too" } }
        }
    };
    Page::narrow("Signed out", main).bare()
}

/// The step of a user who forgot their password.
#[derive(Debug)]
pub enum Progress {
    Ask(Option<Problem>),
    /// A link was sent, if there is such a user.
    Sent,
    /// No mail can be sent.
    Unavailable,
}

#[derive(Debug)]
pub struct ForgottenView {
    pub keys: FormKeys,
    /// The name or address as typed.
    pub given: String,
    pub progress: Progress,
}

pub fn forgotten_page(view: &ForgottenView) -> Page {
    let title = "Forgotten password";
    let told = |heading: &str, sentence: &Markup| {
        html! {
            section.form aria-labelledby="dialog-title" {
                header { div { h1 #dialog-title tabindex="-1" { (heading) } } }
                p { (sentence) }
                footer { a.btn href=(urls::SIGN_IN) { "Back to sign-in" } }
            }
        }
    };
    let main = html! {
        @match &view.progress {
            Progress::Ask(problem) => {
                form.form action=(urls::FORGOT_PASSWORD) method="post" novalidate {
                    header { div { h1 #dialog-title tabindex="-1" { (title) } p.sub { "You get a link by mail to choose a new one." } } }
                    (view.keys.inputs())
                    @if let Some(problem) = problem { (note(problem)) }
                    (Field { label: "Name or e-mail address", ..Field::user(&view.given, problem.as_ref()) }.render())
                    footer { a.btn.quiet href=(urls::SIGN_IN) { "Cancel" } button.btn.primary { "Send link" } }
                }
            }
            Progress::Sent => (told("Look at your mail", &html! {
                "If there is such a user with an e-mail address, a link is on its way. It works once, within "
                (FORGOTTEN_MINUTES) " minutes. If none arrives, ask an admin."
            })),
            Progress::Unavailable => (told(title, &html! { "This server sends no links by mail. Ask an admin for a link to set a new password." })),
        }
    };
    Page::narrow(title, main).bare()
}

/// The form for a code of the second factor.
#[derive(Debug)]
pub struct CodeView {
    pub keys: FormKeys,
    /// Proof that the password was right.
    pub ticket: String,
    pub next: String,
    pub problem: Option<Problem>,
}

pub fn code_page(view: &CodeView) -> Page {
    let problem = view.problem.as_ref();
    let main = html! {
        form.form action=(urls::SIGN_IN_CODE) method="post" novalidate {
            header { div { h1 #dialog-title tabindex="-1" { "Enter your code" } p.sub { "Your password is right. Now the second factor." } } }
            (view.keys.inputs())
            input type="hidden" name="ticket" value=(view.ticket);
            input type="hidden" name="next" value=(view.next);
            @if let Some(problem) = problem { (note(problem)) }
            (code_field("From your authenticator app, or one of your recovery codes.", problem))
            footer { a.btn.quiet href=(urls::sign_in(&view.next)) { "Start again" } button.btn.primary { "Sign in" } }
        }
        p.hint { "Lost your device and your recovery codes? Ask an admin to turn off your second factor." }
    };
    Page::narrow("Enter your code", main).bare()
}

/// The note of a form that changes nothing by itself.
fn note(problem: &Problem) -> Markup {
    html! {
        @match problem {
            Problem::Other { sentence } => section.note.bad.summary tabindex="-1" role="alert" autofocus { p { (sentence) } },
            problem => (alert::problem(problem)),
        }
    }
}

/// The field of a code.
pub fn code_field(hint: &str, problem: Option<&Problem>) -> Markup {
    let field = Field::new("code", "Code", "", problem);
    Field { hint: Some(hint), autocomplete: "one-time-code", verbatim: true, ..field }.render()
}

/// Data shown by the page of a one-time link.
#[derive(Debug)]
pub struct WelcomeView {
    pub keys: FormKeys,
    pub token: String,
    pub purpose: LinkPurpose,
    /// The entered name of the first admin.
    pub name: String,
    pub problem: Option<Problem>,
}

pub fn welcome_page(view: &WelcomeView) -> Page {
    let problem = view.problem.as_ref();
    let (title, lead, button) = words(&view.purpose);
    let name = Field::user(&view.name, problem);
    let main = html! {
        form.form action=(urls::welcome(&view.token)) method="post" novalidate {
            header { div { h1 #dialog-title tabindex="-1" { (title) } p.sub { (lead) } } }
            (view.keys.inputs())
            @if let Some(problem) = problem { (note(problem)) }
            @match &view.purpose {
                LinkPurpose::FirstAdmin => { (name.render()) (passwords(problem)) }
                LinkPurpose::Password(user) | LinkPurpose::Forgotten(user) => { (hidden_name(user)) (passwords(problem)) }
                LinkPurpose::SignIn(_) => {}
            }
            footer { button.btn.primary { (button) } }
        }
    };
    Page::narrow(title, main).bare()
}

fn words(purpose: &LinkPurpose) -> (String, &'static str, &'static str) {
    match purpose {
        LinkPurpose::FirstAdmin => (
            "Welcome to Tandem".to_owned(),
            "Set up the first admin account. It can add all other users.",
            "Create account",
        ),
        LinkPurpose::Password(name) => (
            format!("Welcome, {name}"),
            "Choose a password. All your other sessions will be signed out.",
            "Save and sign in",
        ),
        LinkPurpose::Forgotten(name) => (
            format!("A new password for {name}"),
            "Choose another password. All your sessions will be signed out.",
            "Save",
        ),
        LinkPurpose::SignIn(name) => (
            "Welcome to the demo".to_owned(),
            "This link signs you in once, as its admin.",
            if name.as_str().is_empty() { "Sign in" } else { "Look around" },
        ),
    }
}

/// For password managers, which keep a password under a name.
fn hidden_name(user: &UserName) -> Markup {
    html! { input type="text" name="name" value=(user) autocomplete="username" hidden readonly; }
}

/// A new password, twice.
pub fn passwords(problem: Option<&Problem>) -> Markup {
    let hint = format!("At least {PASSWORD_CHARS_MIN} characters. A few unrelated words work well.");
    let new = Field { hint: Some(&hint), ..Field::password("password", "New password", "new-password", problem) };
    let again = Field::password("again", "Confirm password", "new-password", problem);
    html! { (new.render()) (again.render()) }
}
