//! What every form that writes carries unseen.
//!
//! Rule of this file: a form that writes holds [`FormKeys::inputs`], and nothing else writes these fields.

use maud::{Markup, html};

/// Names one attempt, so that sending a form twice does it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormKeys {
    attempt: String,
}

impl FormKeys {
    /// `attempt` is unique among the pages that were ever answered.
    pub fn new(attempt: String) -> Self {
        Self { attempt }
    }

    /// The keys of one of several forms on a page.
    #[must_use]
    pub fn of_part(&self, part: &str) -> Self {
        Self { attempt: format!("{}-{part}", self.attempt) }
    }

    /// The hidden fields.
    pub fn inputs(&self) -> Markup {
        html! { input type="hidden" name="key" value=(self.attempt); }
    }
}
