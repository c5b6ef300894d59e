//! Choosing somebody where a list holds only the best: anybody else is typed, by name or number.
//!
//! Rule of this file: it works without scripts. The style shows the field while its option is chosen.

use maud::{Markup, html};

/// Stands for the employee who is typed.
pub const OTHER: &str = "!other";
/// The id of the names to choose from while typing.
const NAMES: &str = "everybody";

/// What is typed instead of chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Other {
    /// How many people the list leaves out.
    pub unlisted: usize,
    pub typed: String,
}

/// The last option of a list, if it leaves anybody out or the form came back with a name that could not be used.
pub fn option(other: &Other, chosen: &str) -> Markup {
    let selected = chosen == OTHER;
    html! {
        @if other.unlisted > 0 || selected {
            option value=(OTHER) selected[selected] { "Someone else (" (other.unlisted) " more): enter a name…" }
        }
    }
}

/// The field for the name, right behind its list.
pub fn input(other: &Other, chosen: &str, name: &str, label: &str) -> Markup {
    html! {
        @if other.unlisted > 0 || chosen == OTHER {
            input.somebody name=(name) value=(other.typed) list=(NAMES) autocomplete="off" placeholder="Name or number"
                aria-label=(label);
        }
    }
}

/// Everybody's name and number, once for all lists of a page.
pub fn names(everybody: &[(String, String)]) -> Markup {
    html! { datalist id=(NAMES) { @for (id, name) in everybody { option value={ (name) " (" (id) ")" } {} } } }
}
