//! What every form that writes carries unseen, and who may have one.
//!
//! Rule of this file: a form that writes holds [`FormKeys::inputs`], and nothing else writes these fields.

use maud::{Markup, html};

use crate::domain::user::Role;

/// The field of the token that only our own pages know.
pub const TOKEN_FIELD: &str = "csrf";

/// Names one attempt, so that sending a form twice does it once; proves that the form is ours; and knows the role of whom
/// a page is for, so that it offers nobody what would be refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormKeys {
    attempt: String,
    token: String,
    role: Role,
}

impl FormKeys {
    /// `attempt` is unique among the pages that were ever answered; `token` is that of the session which is answered, and
    /// `role` that of its user.
    pub fn new(attempt: String, token: String, role: Role) -> Self {
        Self { attempt, token, role }
    }

    /// Whether whoever gets the page may do what needs a role.
    pub fn lets(&self, needed: Role) -> bool {
        self.role >= needed
    }

    /// The keys of one of several forms on a page.
    #[must_use]
    pub fn of_part(&self, part: &str) -> Self {
        Self { attempt: format!("{}-{part}", self.attempt), ..self.clone() }
    }

    /// The hidden fields.
    pub fn inputs(&self) -> Markup {
        html! {
            input type="hidden" name="key" value=(self.attempt);
            (self.token_input())
        }
    }

    /// The token alone, for a form that keeps the attempt it was sent with.
    pub fn token_input(&self) -> Markup {
        html! { input type="hidden" name=(TOKEN_FIELD) value=(self.token); }
    }
}
