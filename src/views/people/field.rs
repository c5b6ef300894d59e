//! Fields of the forms about people: a label, an input, a hint, and what is wrong with it.

use maud::{Markup, html};

use crate::views::note::{self, Problem};

/// A labelled input.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub kind: &'a str,
    pub value: &'a str,
    pub hint: Option<&'a str>,
    pub chars_max: Option<usize>,
    pub problem: Option<&'a Problem>,
}

impl<'a> Field<'a> {
    pub fn new(name: &'a str, label: &'a str, value: &'a str, problem: Option<&'a Problem>) -> Self {
        Self { name, label, kind: "text", value, hint: None, chars_max: None, problem }
    }

    pub fn render(&self) -> Markup {
        let Self { name, label, kind, value, hint, chars_max, problem } = *self;
        let error = note::error_of(problem, name);
        let described = described(name, hint.is_some(), error.is_some());
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value) maxlength=[chars_max] autocomplete="off"
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

/// Whether the focus belongs to this field: it is the first that cannot be used.
pub fn is_first(problem: Option<&Problem>, name: &str) -> bool {
    note::first_error(problem) == Some(name)
}
