//! Hidden fields of forms that change data: the CSRF token and the idempotency key.
//!
//! Invariant: a form that changes data contains [`FormKeys::inputs`]; nothing else writes these fields.

use maud::{Markup, html};

use crate::domain::user::Role;

/// The field of the token that only our own pages know.
pub const TOKEN_FIELD: &str = "csrf";

/// The idempotency key and the CSRF token of a form, and the role of the user, so that a page offers only what the user
/// may do.
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

    /// Tells if the user of the page has a role.
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
