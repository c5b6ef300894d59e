//! Notes of a form: errors, findings, changes made meanwhile.

use std::borrow::Cow;

use maud::{Markup, html};

use crate::{
    domain::{change::Warning, format, ids::EventId, rules::Finding},
    views::urls,
};

/// The error of a field. Without a name it is about the whole form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub name: Cow<'static, str>,
    pub message: String,
}

/// The reason for rendering a form again. Nothing was changed.
#[derive(Clone, Debug)]
pub enum Problem {
    Fields(Vec<FieldError>),
    /// Rules refuse; each alternative is a person or a time, and the address of the form with it.
    Refused {
        findings: Vec<Finding>,
        alternatives: Vec<(String, String)>,
    },
    /// The event changed meanwhile: (before, now), and the user and time if known.
    Stale {
        what: Vec<(String, String)>,
        by: Option<String>,
        /// The entered values.
        typed: Option<String>,
    },
    /// A Supervisor would leave the date of its CORE.
    OtherDate {
        sentence: String,
    },
    /// Conflicts of a bulk change: the anchor of the row, and the reason.
    Several(Vec<(String, String)>),
    /// Anything else, in a sentence.
    Other {
        sentence: String,
    },
}

/// The error of a field.
pub fn error_of<'a>(problem: Option<&'a Problem>, name: &str) -> Option<&'a str> {
    match problem {
        Some(Problem::Fields(errors)) => {
            errors.iter().find(|error| error.name == name).map(|error| error.message.as_str())
        }
        _ => None,
    }
}

/// The first field that cannot be used.
pub fn first_error(problem: Option<&Problem>) -> Option<&str> {
    match problem {
        Some(Problem::Fields(errors)) => errors.first().map(|error| error.name.as_ref()),
        _ => None,
    }
}

/// The note at the top of a form with a problem. It takes the focus, unless a field does.
pub fn problem(problem: &Problem) -> Markup {
    let (kind, heading, content) = match problem {
        Problem::Fields(errors) => (
            "bad",
            "Please correct. Nothing was changed".to_owned(),
            html! { ul { @for error in errors { li { (field_error(error)) } } } },
        ),
        Problem::Refused { findings, alternatives } => (
            "bad",
            "Can't be scheduled. Nothing was changed".to_owned(),
            html! {
                ul { @for finding in findings { li data-rule=(finding.rule) { (sentence(finding)) } } }
                (fills(alternatives))
            },
        ),
        Problem::Stale { what, by, typed } => (
            "warn",
            format!("Changed by {} while this was open", by.as_deref().unwrap_or("someone else")),
            html! {
                dl.beside {
                    @for (before, now) in what {
                        div { dt { "You saw" } dd { s { (before) } } }
                        div { dt { "Now" } dd { (now) } }
                    }
                    @if let Some(typed) = typed { div { dt { "You entered" } dd { (typed) } } }
                }
                p { "Your changes were not saved. They are still in the form below: send again to use them anyway." }
            },
        ),
        Problem::Several(refusals) => (
            "bad",
            format!("Nothing was changed: {}", format::count(refusals.len() as u64, "conflict")),
            html! { ul { @for (anchor, sentence) in refusals { li { a href={ "#" (anchor) } { (sentence) } } } } },
        ),
        Problem::OtherDate { sentence } | Problem::Other { sentence } => {
            ("warn", "Nothing was changed yet".to_owned(), html! { p { (sentence) } })
        }
    };
    let is_of_fields = matches!(problem, Problem::Fields(errors) if errors.iter().any(|error| !error.name.is_empty()));
    html! {
        section class={ "note summary " (kind) } tabindex="-1" autofocus[!is_of_fields] role="alert" aria-labelledby="problem" {
            h2 #problem { (heading) }
            (content)
        }
    }
}

/// A link to the field, where there is one to go to.
fn field_error(error: &FieldError) -> Markup {
    html! {
        @if error.name.is_empty() { (error.message) } @else { a href={ "#" (error.name) } { (error.message) } }
    }
}

/// The message of a finding, with a link to the conflicting event.
pub fn sentence(finding: &Finding) -> Markup {
    pointing(&finding.message, finding.clash)
}

/// A sentence, and a link to the event that it is about.
fn pointing(message: &str, event: Option<EventId>) -> Markup {
    html! {
        (message)
        @if let Some(id) = event { " " (look_at(id)) }
    }
}

/// A link to an event. It opens in a new tab, so that the values of an open form are not lost.
pub fn look_at(event: EventId) -> Markup {
    html! { a href=(urls::event(event)) target="_blank" rel="noopener" { "View event" span.vh { " in a new tab" } } }
}

/// Links to the same form with values that pass all rules.
fn fills(alternatives: &[(String, String)]) -> Markup {
    html! {
        @if !alternatives.is_empty() {
            p { "Suggestions" }
            div.alts { @for (words, href) in alternatives { a.btn href=(href) hx-get=(href) hx-target="#dialog" { (words) } } }
        }
    }
}

/// Warnings to read before confirming, and suggestions.
pub fn warnings(warnings: &[Warning], alternatives: &[(String, String)]) -> Markup {
    html! {
        @if !warnings.is_empty() {
            section.note.warn aria-labelledby="look-first" {
                h2 #look-first { "Conflicts" }
                ul {
                    @for warning in warnings {
                        li data-rule=(warning.id()) {
                            (pointing(&warning.message(), warning.event()))
                        }
                    }
                }
                (fills(alternatives))
            }
        }
    }
}
