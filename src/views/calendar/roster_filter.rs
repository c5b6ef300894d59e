//! The filter form of a roster or a timeline.

use maud::html;

use crate::{
    domain::{
        day::roster::{RosterFilter, TITLE, TITLES},
        event::{Location, filter::EMPLOYEE},
    },
    views::{Page, components::filter::store_choice},
};

/// Data shown by the form of the filter.
#[derive(Debug)]
pub struct RosterFilterForm {
    /// "roster" or "timeline".
    pub of: &'static str,
    /// The address of that page without a filter, and with the one that it has.
    pub whole: String,
    pub filtered: String,
    pub filter: RosterFilter,
    pub stores: Vec<Location>,
    /// There are more stores than a list holds.
    pub many_stores: bool,
    /// Ids and names of active people.
    pub people: Vec<(String, String)>,
}

pub fn page(form: &RosterFilterForm) -> Page {
    let chosen = |id: &str| form.filter.people.iter().any(|one| one.as_str() == id);
    let title = format!("Filter the {}", form.of);
    let main = html! {
        form.form action=(form.whole) method="get" {
            header {
                div { h1 #dialog-title tabindex="-1" { (title) } }
                a.btn.quiet.icon href=(form.filtered) data-close aria-label="Close" { "×" }
            }
            fieldset.types {
                legend { "Job titles" span.hint { " leave all clear to show everyone" } }
                @for title in TITLES {
                    label {
                        input type="checkbox" name=(TITLE) value=(title.label()) checked[form.filter.titles.contains(&title)];
                        (title.label())
                    }
                }
            }
            (store_choice(form.filter.store.as_deref(), &form.stores, form.many_stores))
            div.field {
                label for="filter-people" { "People" }
                select #filter-people name=(EMPLOYEE) multiple size="6" aria-describedby="filter-people-hint" {
                    @for (id, name) in &form.people { option value=(id) selected[chosen(id)] { (name) } }
                }
                p #filter-people-hint .hint { "Choose several with Ctrl or Shift. None shows everyone." }
            }
            footer {
                a.btn.quiet href=(form.whole) { "Show all" }
                button.btn.primary { "Filter" }
            }
        }
    };
    Page::narrow(title, main)
}
