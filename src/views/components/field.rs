//! Fields that several forms share: labels, hints, errors, and the override reason.

use maud::{Markup, html};

use crate::{
    domain::audit::REASON_CHARS_MAX,
    views::components::alert::{self, Problem},
};

/// The event of a search field upon which htmx searches: typing, a moment after the last letter.
pub const AS_TYPED: &str = "input changed delay:250ms";

/// An input.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    pub name: &'a str,
    /// The id of the input, under which its error is reported: the name, unless a page has the name twice.
    pub id: &'a str,
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
        Self { name, id: name, label, kind, value, hint, chars_max, autocomplete: "off", verbatim: false, problem }
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
        let Self { name, id, label, kind, value, hint, chars_max, autocomplete, verbatim, problem } = *self;
        let error = alert::error_of(problem, id);
        let described = described_by(id, error, hint.is_some());
        html! {
            div.field {
                label for=(id) { (label) }
                input id=(id) name=(name) type=(kind) value=(value) maxlength=[chars_max] autocomplete=(autocomplete)
                    autocapitalize=[verbatim.then_some("none")] spellcheck=[verbatim.then_some("false")]
                    autofocus[is_first(problem, id)] aria-invalid=[error.map(|_| "true")] aria-describedby=[described];
                @if let Some(hint) = hint { p.hint id={ (id) "-hint" } { (hint) } }
                (message(id, error))
            }
        }
    }
}

/// A list to choose from.
pub fn select(name: &str, label: &str, problem: Option<&Problem>, options: &Markup) -> Markup {
    let error = alert::error_of(problem, name);
    html! {
        div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) autofocus[is_first(problem, name)] aria-invalid=[error.map(|_| "true")]
                aria-describedby=[described_by(name, error, false)] { (options) }
            (message(name, error))
        }
    }
}

pub fn message(name: &str, error: Option<&str>) -> Markup {
    html! { @if let Some(error) = error { p.err id={ (name) "-err" } { (error) } } }
}

/// The ids of what describes a field: its error first.
pub fn described_by(name: &str, error: Option<&str>, hint: bool) -> Option<String> {
    let error = error.map(|_| format!("{name}-err"));
    let hint = hint.then(|| format!("{name}-hint"));
    let ids: Vec<_> = error.into_iter().chain(hint).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// The reason for saving despite conflicts, in a `div.field`.
pub fn override_reason(value: &str, problem: Option<&Problem>, hint: &str, focus: bool) -> Markup {
    let name = "override_reason";
    let error = alert::error_of(problem, name);
    html! {
        label for=(name) { "Override reason" }
        textarea #override_reason name=(name) rows="2" maxlength=(REASON_CHARS_MAX) autofocus[focus || is_first(problem, name)]
            aria-invalid=[error.map(|_| "true")] aria-describedby=[described_by(name, error, true)] { (value) }
        p.hint id={ (name) "-hint" } { (hint) }
        (message(name, error))
    }
}

/// Tells if the field takes the focus: it is the first one with an error.
pub fn is_first(problem: Option<&Problem>, name: &str) -> bool {
    alert::first_error(problem) == Some(name)
}

/// The button that Enter presses, for a form whose first visible button is not the one that saves: browsers take the first of
/// a form.
pub fn default_button() -> Markup {
    html! { button.vh tabindex="-1" aria-hidden="true" {} }
}
