//! A labelled input with its hint and its error, as forms of accounts and of people have it.

use maud::{Markup, html};

use crate::views::components::alert::{self, Problem};

/// An input.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub kind: &'a str,
    pub value: &'a str,
    pub hint: Option<&'a str>,
    pub chars_max: Option<usize>,
    /// The `autocomplete` attribute.
    pub autocomplete: &'a str,
    /// Turns off capitalization and correction: user names and passwords.
    pub verbatim: bool,
    pub problem: Option<&'a Problem>,
}

impl<'a> Field<'a> {
    /// A line of text.
    pub fn new(name: &'a str, label: &'a str, value: &'a str, problem: Option<&'a Problem>) -> Self {
        let (kind, hint, chars_max) = ("text", None, None);
        Self { name, label, kind, value, hint, chars_max, autocomplete: "off", verbatim: false, problem }
    }

    /// The name of an account.
    pub fn user(value: &'a str, problem: Option<&'a Problem>) -> Self {
        Self { autocomplete: "username", verbatim: true, ..Self::new("name", "Name", value, problem) }
    }

    /// A password, which is never shown again.
    pub fn password(name: &'a str, label: &'a str, autocomplete: &'a str, problem: Option<&'a Problem>) -> Self {
        Self { kind: "password", autocomplete, verbatim: true, ..Self::new(name, label, "", problem) }
    }

    pub fn render(&self) -> Markup {
        let Self { name, label, kind, value, hint, chars_max, autocomplete, verbatim, problem } = *self;
        let error = alert::error_of(problem, name);
        let described = described(name, hint.is_some(), error.is_some());
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value) maxlength=[chars_max] autocomplete=(autocomplete)
                    autocapitalize=[verbatim.then_some("none")] spellcheck=[verbatim.then_some("false")]
                    autofocus[is_first(problem, name)] aria-invalid=[error.map(|_| "true")] aria-describedby=[described];
                @if let Some(hint) = hint { p.hint id={ (name) "-hint" } { (hint) } }
                @if let Some(error) = error { p.err id={ (name) "-err" } { (error) } }
            }
        }
    }
}

/// The ids of what describes a field.
pub fn described(name: &str, hint: bool, error: bool) -> Option<String> {
    let error = error.then(|| format!("{name}-err"));
    let hint = hint.then(|| format!("{name}-hint"));
    let ids: Vec<_> = error.into_iter().chain(hint).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Tells if the field takes the focus: it is the first one with an error.
pub fn is_first(problem: Option<&Problem>, name: &str) -> bool {
    alert::first_error(problem) == Some(name)
}
