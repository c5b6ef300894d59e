//! Users and tokens, for admins.

use chrono::NaiveDateTime;
use maud::{Markup, html};

use crate::{
    domain::{
        format,
        ids::Revision,
        user::{Role, Scope, UserName, access::LINK_HOURS},
    },
    views::{
        FormKeys, Page,
        auth::account::{self, SessionView},
        components::{
            alert::{self, Problem},
            copy,
            field::{self, Field},
        },
        urls,
    },
};

/// A user in words.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct UserView {
    pub name: UserName,
    pub role: Role,
    pub active: bool,
    pub has_password: bool,
    pub has_second_factor: bool,
    /// Signs in through a provider.
    pub is_external: bool,
    /// Empty for none.
    pub email: String,
    pub last_sign_in: Option<NaiveDateTime>,
    pub revision: Revision,
}

/// A token or feed in words.
#[derive(Debug)]
pub struct TokenView {
    pub id: String,
    pub label: String,
    pub purpose: String,
    pub made_by: Option<UserName>,
    pub made: NaiveDateTime,
    pub ends: Option<NaiveDateTime>,
    pub is_over: bool,
    pub used: Option<NaiveDateTime>,
}

#[derive(Clone, Debug, Default)]
pub struct FormValues {
    pub name: String,
    pub role: String,
    pub email: String,
    pub label: String,
    pub scope: String,
    pub ends: String,
}

/// The form that is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    User,
    Token,
}

#[derive(Debug)]
pub struct UsersView {
    pub keys: FormKeys,
    pub users: Vec<UserView>,
    pub tokens: Vec<TokenView>,
    pub typed: FormValues,
    pub problem: Option<(Part, Problem)>,
}

impl UsersView {
    fn problem(&self, part: Part) -> Option<&Problem> {
        self.problem.as_ref().filter(|(of, _)| *of == part).map(|(_, problem)| problem)
    }
}

pub fn page(view: &UsersView) -> Page {
    let main = html! {
        div.page {
            div.bar { h1 #title tabindex="-1" { "Users" } }
            ul.entries { @for user in &view.users { (user_row(user)) } }
            @if view.users.is_empty() { p.empty { "No users yet." } }
            div.columns {
                (add_form(view))
                (token_form(view))
            }
            div.bar { h2 #tokens { "Tokens and feeds" } }
            @if view.tokens.is_empty() { p.empty { "None." } }
            ul.entries aria-labelledby="tokens" { @for token in &view.tokens { (token_row(token, &view.keys)) } }
        }
    };
    Page::new("Users", main).in_section(urls::USERS)
}

fn user_row(user: &UserView) -> Markup {
    html! {
        li.entry {
            p.entry-head {
                a href=(urls::user(&user.name)) { (user.name) }
                " " span.chip { (user.role) }
                @if !user.active { " " span.chip.bad { "disabled" } }
                @if user.has_second_factor { " " span.chip { "second factor" } }
                @if user.is_external { " " span.chip { "provider" } }
                @else if !user.has_password { " " span.chip.warn { "no password yet" } }
            }
            p.meta {
                @match user.last_sign_in {
                    Some(at) => { "last signed in " (format::moment(at)) }
                    None => "never signed in",
                }
            }
        }
    }
}

/// The choice of a role.
fn role_field(chosen: &str, problem: Option<&Problem>) -> Markup {
    let options = Role::ALL.map(|role| (role.slug(), format!("{role}: {}", role.means())));
    choice("role", "Role", &options, chosen, problem)
}

fn choice(
    name: &str,
    label: &str,
    options: &[(&'static str, String)],
    chosen: &str,
    problem: Option<&Problem>,
) -> Markup {
    let option =
        |(value, words): &(&str, String)| html! { option value=(value) selected[*value == chosen] { (words) } };
    field::select(name, label, problem, &html! { @for one in options { (option(one)) } })
}

/// The address for messages about the account.
pub fn email_field(value: &str, problem: Option<&Problem>) -> Markup {
    let hint = Some("For a forgotten password and for notices of new sign-ins. Leave blank for none.");
    (Field {
        kind: "email",
        hint,
        autocomplete: "email",
        verbatim: true,
        ..Field::new("email", "E-mail", value, problem)
    })
    .render()
}

fn add_form(view: &UsersView) -> Markup {
    let problem = view.problem(Part::User);
    let name = Field { autocomplete: "off", ..Field::user(&view.typed.name, problem) };
    html! {
        form.form action=(urls::USERS) method="post" novalidate {
            header { div { h2 { "Add a user" } p.sub { "They get a link to set a password, valid once and for " (LINK_HOURS) " hours." } } }
            (view.keys.of_part("user").inputs())
            @if let Some(problem) = problem { (alert::problem(problem)) }
            (name.render())
            (role_field(&view.typed.role, problem))
            (email_field(&view.typed.email, problem))
            (view.keys.confirmation("user", problem))
            footer { button.btn.primary { "Add" } }
        }
    }
}

fn token_form(view: &UsersView) -> Markup {
    let problem = view.problem(Part::Token);
    let label = Field { hint: Some("What it is for."), ..Field::new("label", "Name", &view.typed.label, problem) };
    let ends = Field {
        kind: "date",
        hint: Some("Last valid day. Leave blank for a year from now."),
        ..Field::new("ends", "End date", &view.typed.ends, problem)
    };
    let scopes = Scope::ALL.map(|scope| (scope.slug(), format!("{scope}: {}", scope.means())));
    html! {
        form.form action={ (urls::USERS) "/tokens" } method="post" novalidate {
            header { div { h2 { "Create token" } p.sub { "Lets a program use the API. It is shown once." } } }
            (view.keys.of_part("token").inputs())
            @if let Some(problem) = problem { (alert::problem(problem)) }
            (label.render())
            (choice("scope", "Scope", &scopes, &view.typed.scope, problem))
            (ends.render())
            (view.keys.confirmation("token", problem))
            footer { button.btn.primary { "Create" } }
        }
    }
}

fn token_row(token: &TokenView, keys: &FormKeys) -> Markup {
    html! {
        li.entry {
            p.entry-head {
                b { (token.label) } " " span.chip { (token.purpose) }
                @if token.is_over { " " span.chip.bad { "ended" } }
            }
            p.meta {
                (token.id)
                " · created " (format::moment(token.made)) " by "
                @match &token.made_by { Some(by) => (by), None => "the command line" }
                " · "
                @match token.ends { Some(ends) => { "ends " (format::moment(ends)) } None => "no end date" }
                " · "
                @match token.used { Some(used) => { "last used " (format::moment(used)) } None => "never used" }
            }
            form action={ (urls::USERS) "/tokens/" (token.id) "/end" } method="post" {
                (keys.of_part(&token.id).inputs())
                button.btn { "Revoke" span.vh { " token " (token.label) } }
            }
        }
    }
}

#[derive(Debug)]
pub struct UserPageView {
    pub keys: FormKeys,
    pub user: UserView,
    pub role: String,
    pub email: String,
    pub sessions: Vec<SessionView>,
    pub problem: Option<Problem>,
}

const RESET_LEAD: &str = "Turn it off for a user who lost their device. Make sure that it is really them who asks.";

pub fn user_page(view: &UserPageView) -> Page {
    let user = &view.user;
    let link_lead = if user.has_password {
        "A new link lets them set another password. The current one works until then."
    } else {
        "No password yet. A new link replaces the previous one."
    };
    let (here, problem) = (urls::user(&user.name), view.problem.as_ref());
    let main = html! {
        div.page.narrow {
            nav.bar aria-label="Back" { a href=(urls::USERS) { "‹ Users" } }
            div.bar {
                h1 #title tabindex="-1" { (user.name) }
                span.chip { (user.role) }
                @if !user.active { span.chip.bad { "disabled" } }
            }
            @if let Some(problem) = &view.problem { (alert::problem(problem)) }
            form.form action={ (here) "/role" } method="post" {
                header { h2 { "Role" } }
                (keys(view, "role"))
                (role_field(&view.role, None))
                (view.keys.confirmation("role", problem))
                footer { button.btn.primary { "Change role" } }
            }
            @if user.has_password || !user.is_external { (button_form(view, "link", "link", "Password", link_lead, "Create link")) }
            form.form action={ (here) "/email" } method="post" novalidate {
                header { h2 { "E-mail" } }
                (keys(view, "email"))
                (email_field(&view.email, problem))
                (view.keys.confirmation("email", problem))
                footer { button.btn { "Save address" } }
            }
            @if user.has_second_factor { (button_form(view, "second-factor", "factor", "Second factor", RESET_LEAD, "Turn off second factor")) }
            form.form action={ (here) "/active" } method="post" {
                header { div { h2 { "Access" } p.sub {
                    @if user.active { "Disabling signs the user out at once and revokes their tokens. Their past changes stay." }
                    @else { "Disabled: the user and their tokens have no access." }
                } } }
                (keys(view, "active"))
                input type="hidden" name="active" value=(!user.active);
                (view.keys.confirmation("active", problem))
                footer {
                    @if user.active { button.btn.danger { "Disable " (user.name) } }
                    @else { button.btn.primary { "Enable " (user.name) } }
                }
            }
            (account::sessions(&view.sessions, &view.keys, &format!("{here}/sessions")))
        }
    };
    Page::new(user.name.to_string(), main).in_section(urls::USERS)
}

/// A form of one button.
fn button_form(view: &UserPageView, path: &str, part: &str, title: &str, lead: &str, button: &str) -> Markup {
    html! {
        form.form action={ (urls::user(&view.user.name)) "/" (path) } method="post" {
            header { div { h2 { (title) } p.sub { (lead) } } }
            (keys(view, part))
            (view.keys.confirmation(part, view.problem.as_ref()))
            footer { button.btn { (button) } }
        }
    }
}

fn keys(view: &UserPageView, part: &str) -> Markup {
    html! {
        (view.keys.of_part(part).inputs())
        input type="hidden" name="revision" value=(view.user.revision);
    }
}

/// A secret that is shown once: a link to choose a password, or a token.
#[derive(Debug)]
pub struct OnceView {
    pub title: String,
    pub lead: String,
    pub secret: String,
    pub back: String,
}

pub fn once_page(view: &OnceView) -> Page {
    let main = html! {
        section.form aria-labelledby="dialog-title" {
            header { div { h1 #dialog-title tabindex="-1" { (view.title) } p.sub { (view.lead) } } }
            (copy::field("secret", "Copy it now. It will not be shown again.", &view.secret))
            footer { a.btn.primary href=(view.back) { "Done" } }
        }
    };
    Page::narrow(view.title.clone(), main).in_section(urls::USERS)
}
