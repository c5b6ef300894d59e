//! A labelled input with its hint and its error, as every form of accounts has it.

use maud::{Markup, html};

use super::note::{self, Problem};

/// An input.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub kind: &'a str,
    pub value: &'a str,
    pub hint: Option<&'a str>,
    pub autocomplete: Option<&'a str>,
    pub problem: Option<&'a Problem>,
}

impl<'a> Field<'a> {
    /// A line of text.
    pub fn new(name: &'a str, label: &'a str, value: &'a str, problem: Option<&'a Problem>) -> Self {
        Self { name, label, kind: "text", value, hint: None, autocomplete: None, problem }
    }

    pub fn render(&self) -> Markup {
        let Self { name, label, kind, value, hint, autocomplete, problem } = *self;
        let error = note::error_of(problem, name);
        let mut described = Vec::new();
        if error.is_some() {
            described.push(format!("{name}-err"));
        }
        if hint.is_some() {
            described.push(format!("{name}-hint"));
        }
        let described = (!described.is_empty()).then(|| described.join(" "));
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value) autocomplete=[autocomplete] autocapitalize="none"
                    spellcheck="false" autofocus[note::first_error(problem) == Some(name)] aria-invalid=[error.map(|_| "true")] aria-describedby=[described];
                @if let Some(hint) = hint { p.hint id={ (name) "-hint" } { (hint) } }
                @if let Some(error) = error { p.err id={ (name) "-err" } { (error) } }
            }
        }
    }
}
