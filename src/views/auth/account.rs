//! The account page: password and sessions.

use chrono::NaiveDateTime;
use maud::{Markup, html};

use crate::{
    domain::{
        format,
        user::{Role, UserName, browser},
    },
    views::{
        FormKeys, Page,
        auth::{sign_in, users},
        components::{
            alert::{self, Problem},
            field::Field,
        },
        urls,
    },
};

/// A session in words.
#[derive(Debug)]
pub struct SessionView {
    pub id: String,
    pub started: NaiveDateTime,
    pub seen: NaiveDateTime,
    pub from: String,
    pub agent: String,
    /// The one that asks.
    pub is_own: bool,
}

/// Data shown by the account page.
#[derive(Debug)]
pub struct AccountView {
    pub keys: FormKeys,
    pub name: UserName,
    pub role: Role,
    pub has_password: bool,
    /// False if passwords are off, or if the user signs in through the provider.
    pub may_have_password: bool,
    pub has_second_factor: bool,
    /// As typed; empty for none.
    pub email: String,
    pub sessions: Vec<SessionView>,
    pub problem: Option<Problem>,
}

pub fn page(view: &AccountView) -> Page {
    let problem = view.problem.as_ref();
    let main = html! {
        div.page.narrow {
            div.bar { h1 #title tabindex="-1" { (view.name) } span.chip { (view.role) } }
            p.lead { "Role: " (view.role) ", " (view.role.means()) "." }
            @if view.may_have_password { (password_form(view)) }
            @else if let Some(problem) = problem { (alert::problem(problem)) }
            form.form action={ (urls::ACCOUNT) "/email" } method="post" novalidate {
                header { h2 { "E-mail" } }
                (view.keys.of_part("email").inputs())
                (users::email_field(&view.email, problem))
                (view.keys.confirmation("email", problem))
                footer { button.btn { "Save address" } }
            }
            section.form aria-labelledby="factor" {
                header { div { h2 #factor { "Second factor" } p.sub {
                    @if view.has_second_factor { "On: signing in also needs a code of your authenticator app." }
                    @else { "Off: your password alone lets you in." }
                } } }
                footer { a.btn href=(urls::SECOND_FACTOR) { @if view.has_second_factor { "Change" } @else { "Set up" } } }
            }
            (sessions(&view.sessions, &view.keys, &format!("{}/sessions", urls::ACCOUNT)))
            form action=(urls::SIGN_OUT) method="post" {
                (view.keys.of_part("out").inputs())
                button.btn { "Sign out" }
            }
        }
    };
    Page::new("Your account", main).in_section(urls::ACCOUNT)
}

fn password_form(view: &AccountView) -> Markup {
    let problem = view.problem.as_ref();
    html! {
        form.form action={ (urls::ACCOUNT) "/password" } method="post" novalidate {
            header { h2 { "Change password" } }
            (view.keys.of_part("password").inputs())
            @if let Some(problem) = problem { (alert::problem(problem)) }
            input type="text" name="name" value=(view.name) autocomplete="username" hidden readonly;
            @if view.has_password { (current(problem)) }
            (sign_in::passwords(problem))
            @if !view.has_password { (view.keys.confirmation("password", problem)) }
            footer { button.btn.primary { "Change password" } }
        }
    }
}

fn current(problem: Option<&Problem>) -> Markup {
    Field::password("current", "Current password", "current-password", problem).render()
}

/// A list of sessions, each of which can be ended.
pub fn sessions(sessions: &[SessionView], keys: &FormKeys, action: &str) -> Markup {
    html! {
        section.form aria-labelledby="sessions" {
            header { h2 #sessions { "Sessions" } }
            @if sessions.is_empty() { p.empty { "No sessions" } }
            ul.entries {
                @for one in sessions {
                    li.entry {
                        p.entry-head {
                            b { (browser::name(&one.agent)) }
                            @if one.is_own { " " span.chip { "this device" } }
                        }
                        p.meta {
                            "from " (one.from) " · since " (format::moment(one.started)) " · last used " (format::moment(one.seen))
                        }
                        @if !one.is_own {
                            form action=(action) method="post" {
                                (keys.of_part(&one.id).inputs())
                                input type="hidden" name="session" value=(one.id);
                                button.btn { "End" span.vh { " the session of " (browser::name(&one.agent)) " from " (one.from) } }
                            }
                        }
                    }
                }
            }
            @if sessions.iter().any(|one| !one.is_own) {
                form action=(action) method="post" {
                    (keys.of_part("all").inputs())
                    button.btn { "End all" @if sessions.iter().any(|one| one.is_own) { " others" } }
                }
            }
        }
    }
}
