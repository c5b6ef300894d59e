//! A text to copy: a field that shows it whole, and a button where scripts can copy.

use maud::{Markup, html};

/// A read-only field with a Copy button, which a script shows.
pub fn field(id: &str, label: &str, text: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            div.copy {
                input id=(id) type="text" value=(text) readonly spellcheck="false";
                button.btn type="button" data-copy=(id) hidden { "Copy" }
            }
        }
    }
}
