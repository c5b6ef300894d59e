//! Notes above and below a form: what was wrong, what rules say, what changed meanwhile.

use maud::{Markup, html};

use crate::domain::{change::Warning, rules::Finding};

/// A field that cannot be used, and why. Without a name it is about the form as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub name: &'static str,
    pub message: String,
}

/// Why a form came back. Nothing was changed.
#[derive(Clone, Debug)]
pub enum Problem {
    Fields(Vec<FieldError>),
    /// Rules refuse; each alternative is a person or a time, and the address of the form with it.
    Refused {
        findings: Vec<Finding>,
        alternatives: Vec<(String, String)>,
    },
    /// The event changed meanwhile: what it was and is, who did it and when, as far as known.
    Stale {
        what: Vec<(String, String)>,
        by: Option<String>,
    },
    /// A Supervisor would leave the date of its CORE.
    OtherDate {
        sentence: String,
    },
    /// Anything else, in a sentence.
    Other {
        sentence: String,
    },
}

/// What is wrong with one field.
pub fn error_of<'a>(problem: Option<&'a Problem>, name: &str) -> Option<&'a str> {
    match problem {
        Some(Problem::Fields(errors)) => {
            errors.iter().find(|error| error.name == name).map(|error| error.message.as_str())
        }
        _ => None,
    }
}

/// The note at the top of a form that came back. The script moves the focus to it.
pub fn problem(problem: &Problem) -> Markup {
    match problem {
        Problem::Fields(errors) => summary(
            "bad",
            "Nothing was changed: please correct",
            &html! {
                ul { @for error in errors { li { (field_error(error)) } } }
            },
        ),
        Problem::Refused { findings, alternatives } => summary(
            "bad",
            "A rule refuses. Nothing was changed",
            &html! {
                ul { @for finding in findings { (spoken(finding)) } }
                @if !alternatives.is_empty() {
                    p { "This would do:" }
                    div.alts { @for (name, href) in alternatives { a.btn href=(href) hx-get=(href) hx-target="#dialog" { (name) } } }
                }
            },
        ),
        Problem::Stale { what, by } => {
            let heading = by.as_ref().map_or_else(
                || "Changed while this was open".to_owned(),
                |by| format!("Changed by {by}, while this was open"),
            );
            summary(
                "warn",
                &heading,
                &html! {
                    ul { @for (before, now) in what { li { s { (before) } " → " (now) } } }
                    p { "Nothing of yours was saved. Your values are below: send them again to use them all the same." }
                },
            )
        }
        Problem::OtherDate { sentence } | Problem::Other { sentence } => {
            summary("warn", "Nothing was changed yet", &html! { p { (sentence) } })
        }
    }
}

/// A link to the field, where there is one to go to.
fn field_error(error: &FieldError) -> Markup {
    html! {
        @if error.name.is_empty() { (error.message) } @else { a href={ "#" (error.name) } { (error.message) } }
    }
}

fn summary(kind: &str, heading: &str, content: &Markup) -> Markup {
    html! {
        section class={ "note summary " (kind) } tabindex="-1" role="alert" aria-labelledby="problem" {
            h2 #problem { (heading) }
            (content)
        }
    }
}

fn spoken(finding: &Finding) -> Markup {
    html! {
        li data-rule=(finding.rule) {
            (finding.message)
            @if let Some(id) = finding.clash { " " a href={ "/events/" (id) } { "Look at it" } }
        }
    }
}

/// What to look at before confirming.
pub fn warnings(warnings: &[Warning]) -> Markup {
    html! {
        @if !warnings.is_empty() {
            section.note.warn aria-labelledby="look-first" {
                h2 #look-first { "Please look at this first" }
                ul {
                    @for warning in warnings {
                        li data-rule=(warning.id()) {
                            (warning.message())
                            @if let Warning::Rule(finding) = warning && let Some(id) = finding.clash {
                                " " a href={ "/events/" (id) } { "Look at it" }
                            }
                        }
                    }
                }
            }
        }
    }
}
