//! The filter of a page: its summary and its form.

use maud::{Markup, html};

use crate::{
    domain::{
        employee::Employee,
        event::{
            Condition, EventType, Location,
            filter::{self, Filter},
        },
    },
    views::{Page, urls},
};

/// Most stores and employees in a list to choose from. With more, the form has a text field.
pub const CHOICES_MAX: usize = 500;

/// A filter with the names that its ids stand for.
#[derive(Clone, Debug, Default)]
pub struct FilterSummary {
    pub filter: Filter,
    /// "CORE", "Harbor Club #4101", …; empty if everything is shown.
    pub words: Vec<String>,
}

/// "Filtered: CORE, Harbor Club #4101 · 5 of 24 events · Clear". Nothing where everything is shown.
pub fn summary(words: &[String], shows: Option<&str>, whole: &str) -> Markup {
    html! {
        @if !words.is_empty() {
            p #filtered .filtered {
                "Filtered: " b { (words.join(", ")) }
                @if let Some(shows) = shows { " · " (shows) }
                span.clear { " · " a href=(whole) { "Clear" span.vh { " the filter" } } }
            }
        }
    }
}

/// The link to the form, which htmx opens in place.
pub fn link(address: &str) -> Markup {
    html! { a #filter-link .btn.quiet href=(address) hx-get=(address) hx-target="#dialog" { "Filter" } }
}

#[derive(Debug)]
pub struct FilterForm {
    /// The name of the filtered page: "October 2025".
    pub of: String,
    pub filter: Filter,
    /// Hidden fields of the form.
    carried: Vec<(&'static str, String)>,
    /// The page without a filter.
    whole: String,
    pub stores: Vec<Location>,
    /// Under the names that pages show.
    pub employees: Vec<Employee>,
    /// There are more stores or employees than a list holds: the form has text fields instead.
    pub many_stores: bool,
    pub many_employees: bool,
}

impl FilterForm {
    /// The form of the page `of` at the address `whole`. Its lists are empty.
    pub fn new(of: String, whole: String, filter: Filter) -> Self {
        Self {
            of,
            filter,
            carried: Vec::new(),
            whole,
            stores: Vec::new(),
            employees: Vec::new(),
            many_stores: false,
            many_employees: false,
        }
    }

    /// With a hidden field.
    #[must_use]
    pub fn carrying(mut self, name: &'static str, value: String) -> Self {
        self.carried.push((name, value));
        self
    }
}

pub fn page(form: &FilterForm) -> Page {
    let title = format!("Filter {}", form.of);
    let main = html! {
        form.form action=(urls::HOME) method="get" {
            header {
                div { h1 #dialog-title tabindex="-1" { (title) } }
                a.btn.quiet.icon href=(urls::with_query(form.whole.clone(), &form.filter)) data-close aria-label="Close" { "×" }
            }
            @for (name, value) in &form.carried { input type="hidden" name=(name) value=(value); }
            (types(&form.filter))
            (store_choice(form.filter.store.as_deref(), &form.stores, form.many_stores))
            (choice(filter::EMPLOYEE, "Employee", chosen_employee(form), &employees(form), form.many_employees))
            (choice(filter::CONDITION, "Status", form.filter.condition.map(Condition::slug), &conditions(), false))
            footer {
                a.btn.quiet href=(form.whole) { "Show all" }
                button.btn.primary { "Filter" }
            }
        }
    };
    Page::narrow(title, main)
}

fn types(filter: &Filter) -> Markup {
    html! {
        fieldset.types {
            legend { "Types" span.hint { " leave all clear to show every type" } }
            @for one in EventType::ALL {
                label {
                    input type="checkbox" name=(filter::TYPE) value=(one.slug()) checked[filter.types().contains(&one)];
                    span class={ "swatch " (one.slug()) } {} (one.label())
                }
            }
        }
    }
}

type Choices = Vec<(String, String)>;

fn stores_words(stores: &[Location]) -> Choices {
    stores.iter().map(|store| (store.key().into_owned(), store.label().unwrap_or_default())).collect()
}

/// The number of the employee in the filter, as the list writes it.
fn chosen_employee(form: &FilterForm) -> Option<&str> {
    let id = form.filter.employee.as_ref()?;
    Some(form.employees.iter().map(|one| &one.id).find(|one| *one == id).unwrap_or(id).as_str())
}

fn employees(form: &FilterForm) -> Choices {
    let words = |one: &Employee| if one.active { one.name.clone() } else { format!("{} (inactive)", one.name) };
    form.employees.iter().map(|one| (one.id.to_string(), words(one))).collect()
}

fn conditions() -> Choices {
    Condition::ALL.into_iter().map(|one| (one.slug().to_owned(), condition_words(one).to_owned())).collect()
}

pub fn store_choice(chosen: Option<&str>, stores: &[Location], many: bool) -> Markup {
    choice(filter::STORE, "Store", chosen, &stores_words(stores), many)
}

/// A list to choose one of; a field to type into, with suggestions, where there are too many to choose from.
fn choice(name: &str, label: &str, chosen: Option<&str>, choices: &Choices, typed: bool) -> Markup {
    let unlisted = chosen.filter(|chosen| !choices.iter().any(|(value, _)| value == chosen));
    html! {
        div.field {
            label for={ "filter-" (name) } { (label) }
            @if typed {
                input id={ "filter-" (name) } name=(name) list={ "filter-" (name) "-list" } value=[chosen] autocomplete="off"
                    aria-describedby={ "filter-" (name) "-hint" };
                datalist id={ "filter-" (name) "-list" } { @for (value, words) in choices { option value=(value) { (words) } } }
                p.hint id={ "filter-" (name) "-hint" } { "Enter a number. Leave blank to show all." }
            } @else {
                select id={ "filter-" (name) } name=(name) {
                    option value="" { "All" }
                    @if let Some(value) = unlisted { option value=(value) selected { (value) } }
                    @for (value, words) in choices { option value=(value) selected[Some(value.as_str()) == chosen] { (words) } }
                }
            }
        }
    }
}

/// The condition as pages write it.
pub fn condition_words(condition: Condition) -> &'static str {
    match condition {
        Condition::Scheduled => "Scheduled",
        Condition::Unstaffed => "Unscheduled",
    }
}
