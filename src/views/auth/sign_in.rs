//! Sign-in by name and password, or by a one-time link.

use maud::{Markup, html};

use crate::{
    domain::user::{PASSWORD_CHARS_MIN, UserName, access::LinkPurpose},
    views::{
        FormKeys, Page,
        components::{
            alert::{self, Problem},
            field::Field,
        },
        urls,
    },
};

/// The sign-in form.
#[derive(Debug)]
pub struct SignInView {
    pub keys: FormKeys,
    pub name: String,
    /// The address after the sign-in.
    pub next: String,
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
            @match problem {
                Some(Problem::Other { sentence }) => section.note.bad.summary tabindex="-1" role="alert" autofocus { p { (sentence) } },
                Some(problem) => (alert::problem(problem)),
                None => {},
            }
            (name.render())
            (password.render())
            footer { button.btn.primary { "Sign in" } }
        }
        p.hint { "No password yet, or forgot it? Ask an admin for a link to set one." }
    };
    Page::narrow("Sign in", main).bare()
}

/// Data shown by the page of a one-time link.
#[derive(Debug)]
pub struct WelcomeView {
    pub keys: FormKeys,
    pub word: String,
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
        form.form action=(urls::welcome(&view.word)) method="post" novalidate {
            header { div { h1 #dialog-title tabindex="-1" { (title) } p.sub { (lead) } } }
            (view.keys.inputs())
            @if let Some(problem) = problem { (alert::problem(problem)) }
            @match &view.purpose {
                LinkPurpose::FirstAdmin => { (name.render()) (passwords(problem)) }
                LinkPurpose::Password(user) => { (hidden_name(user)) (passwords(problem)) }
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
