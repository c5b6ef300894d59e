//! The page for a form that was not saved, for a reason outside its fields: it keeps what was entered, shows it, and sends it again.

use maud::{Markup, html};

use crate::{
    domain::format,
    views::{FormKeys, Page, components::form_tokens::TOKEN_FIELD, urls},
};

/// Fields that a person did not enter.
const TECHNICAL: [&str; 9] =
    [TOKEN_FIELD, "key", "revision", "from", "core", "check", "supervisor", "changed", "token"];

/// A form that was not saved.
#[derive(Debug)]
pub struct UnsentForm<'a> {
    pub sentences: &'a [String],
    pub action: &'a str,
    /// Names and values as they were sent, with the attempt's own key.
    pub fields: &'a [(String, String)],
    /// The field that must be changed.
    pub wrong: Option<&'a str>,
    pub button: &'a str,
}

pub fn page(form: &UnsentForm<'_>, keys: &FormKeys) -> Page {
    let title = "Not saved yet";
    let main = html! {
        form.form action=(form.action) method="post" hx-post=(form.action) hx-target="#dialog" {
            header {
                h1 #dialog-title tabindex="-1" { (title) }
                a.btn.quiet.icon href=(urls::HOME) data-close aria-label="Close" { "×" }
            }
            section.note.warn.summary tabindex="-1" role="alert" {
                @for sentence in form.sentences { p { (sentence) } }
            }
            (keys.token_input())
            @for (name, value) in form.fields { (field(name, value, form.wrong == Some(name))) }
            footer {
                a.btn href=(urls::HOME) data-close { "Cancel" }
                button.btn.primary { (form.button) }
            }
        }
    };
    Page::narrow(title, main)
}

fn field(name: &str, value: &str, is_wrong: bool) -> Markup {
    let is_shown =
        is_wrong || !(value.is_empty() || value == "true" || name.contains('.') || TECHNICAL.contains(&name));
    html! {
        @if is_shown {
            div.field {
                label for=(name) { (label(name)) }
                @if value.contains('\n') {
                    textarea id=(name) name=(name) rows="3" aria-invalid=[is_wrong.then_some("true")] { (value) }
                } @else {
                    input id=(name) type="text" name=(name) value=(value) autocomplete="off" aria-invalid=[is_wrong.then_some("true")];
                }
            }
        } @else if name != TOKEN_FIELD {
            input type="hidden" name=(name) value=(value);
        }
    }
}

/// "Override reason", of the field `override_reason`.
pub fn label(name: &str) -> String {
    format::capitalized(&name.replace(['_', '-'], " "))
}
