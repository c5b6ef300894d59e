//! A select with the best employees, and a field for the name or number of any other.
//!
//! It works without scripts: the style shows the field while its option is selected.

use maud::{Markup, html};

use crate::domain::format;

/// The option for an employee who is entered by name.
pub const OTHER: &str = "!other";
/// The id of the names to choose from while typing.
const NAMES: &str = "all_employees";

/// The employee entered by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Other {
    /// The number of employees that the list leaves out.
    pub unlisted: usize,
    pub typed: String,
}

/// The last option of a list that leaves employees out, or whose entered name could not be used.
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
            input.other-person name=(name) value=(other.typed) list=(NAMES) autocomplete="off" placeholder="Name or number"
                aria-label=(label);
        }
    }
}

/// The names and numbers of all employees, once for all lists of a page.
pub fn names(all_employees: &[(String, String)]) -> Markup {
    html! { datalist id=(NAMES) { @for (id, name) in all_employees { option value={ (format::closed(name)) " (" (id) ")" } {} } } }
}
