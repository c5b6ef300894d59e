//! The help page: keyboard shortcuts.

use maud::{Markup, html};

use crate::{
    domain::user::Role,
    views::{Page, urls},
};

const KEYS: [(&[&str], &str); 6] = [
    (&["←", "→", "↑", "↓"], "Move between days"),
    (&["Home", "End"], "Start and end of the week"),
    (&["Enter"], "Open the day"),
    (&["PageUp", "PageDown"], "Previous and next month"),
    (&["t"], "Today"),
    (&["?"], "This list"),
];

/// The help page for a role.
pub fn page(role: Role) -> Page {
    Page::narrow("Help", list(role))
}

fn list(role: Role) -> Markup {
    html! {
        div.form {
            header {
                div {
                    h1 #dialog-title tabindex="-1" { "Keyboard shortcuts" }
                    p.sub { "Tab works everywhere, too." }
                }
                a.btn.quiet.icon href=(urls::HOME) data-close aria-label="Close" { "×" }
            }
            dl.keys {
                @for (keys, words) in KEYS {
                    dt { @for key in keys { kbd { (key) } " " } }
                    dd { (words) }
                }
            }
            div.field.check {
                input #keys type="checkbox" data-keys checked;
                label for="keys" { "Use the shortcuts t and ?" }
            }
            footer {
                @if role >= Role::Admin { a.btn.quiet href=(urls::SETTINGS) { "Settings" } }
                a.btn.quiet href=(urls::API_REFERENCE) { "API" }
                a.btn href=(urls::HOME) data-close { "Close" }
            }
        }
    }
}
