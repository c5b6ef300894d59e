//! Hidden fields of forms that change data: the CSRF token and the idempotency key.
//!
//! Invariant: a form that changes data contains [`FormKeys::inputs`]; nothing else writes these fields.

use maud::{Markup, html};

use crate::{
    domain::user::{Role, access::CONFIRMED_MINUTES},
    views::components::{alert::Problem, field::Field},
};

/// The field of the token that only our own pages know.
pub const TOKEN_FIELD: &str = "csrf";

/// The idempotency key and the CSRF token of a form, and the role of the user, so that a page offers only what the user
/// may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormKeys {
    attempt: String,
    token: String,
    role: Role,
    is_unconfirmed: bool,
}

/// The field of the password that confirms a session.
const CONFIRMATION: &str = "confirm";

/// Fields of passwords, codes and the like, which are never kept and never shown again.
const SECRET_FIELDS: [&str; 4] = ["again", "current", "code", CONFIRMATION];

/// Tells if a form field holds a secret.
pub fn is_secret(name: &str) -> bool {
    name.contains("password") || SECRET_FIELDS.contains(&name)
}

/// The id of that field in a form, under which its error is reported.
pub fn confirmation_id(part: &str) -> String {
    format!("{part}-{CONFIRMATION}")
}

impl FormKeys {
    /// `attempt` is unique among the pages that were ever answered; `token` is that of the session which is answered, and
    /// `role` that of its user.
    pub fn new(attempt: String, token: String, role: Role) -> Self {
        Self { attempt, token, role, is_unconfirmed: false }
    }

    /// The same for a session that must be confirmed before sensitive actions.
    #[must_use]
    pub fn unconfirmed(self, is_unconfirmed: bool) -> Self {
        Self { is_unconfirmed, ..self }
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

    pub fn inputs(&self) -> Markup {
        html! {
            input type="hidden" name="key" value=(self.attempt);
            (self.token_input())
        }
    }

    /// The field for the password, in a form that needs a confirmed session. `part` tells the forms of a page apart.
    pub fn confirmation(&self, part: &str, problem: Option<&Problem>) -> Markup {
        let id = confirmation_id(part);
        let hint = format!(
            "You gave it more than {CONFIRMED_MINUTES} minutes ago. A code of your authenticator app works too."
        );
        let password = Field::password(CONFIRMATION, "Your password", "current-password", problem);
        let field = Field { id: &id, hint: Some(&hint), ..password };
        html! { @if self.is_unconfirmed { (field.render()) } }
    }

    /// The token alone, for a form that keeps the attempt it was sent with.
    pub fn token_input(&self) -> Markup {
        html! { input type="hidden" name=(TOKEN_FIELD) value=(self.token); }
    }
}
