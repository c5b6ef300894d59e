//! The list of employees: who may, best first, and why the others may not.

use maud::{Markup, html};

use crate::{
    domain::{change::ChangeKind, rules::Finding},
    views::{
        changes::{FormView, NO_KEYS, field},
        components::alert,
    },
};

/// Most employees whose reasons are listed; the select shows the first reason of each.
const REASONS_MAX: usize = 200;

/// An employee in the list to choose from.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub name: String,
    /// Why not, or what to know; short.
    pub remark: String,
    /// Everything that the rules say.
    pub findings: Vec<Finding>,
    pub may: bool,
}

impl Person {
    /// Tells if the first finding begins with the name.
    fn names_itself(&self) -> bool {
        self.findings.first().is_some_and(|finding| finding.message.starts_with(&self.name))
    }
}

/// The choice, and why others may not. It follows date and time, and leaves a choice alone.
pub fn field(view: &FormView) -> Markup {
    let error = view.error_of("employee");
    let (may, may_not): (Vec<_>, Vec<_>) = view.people.iter().partition(|person| person.may);
    let keeps = view.card.employee_name().filter(|_| view.change_kind == ChangeKind::Reschedule);
    let follows = (view.change_kind != ChangeKind::ChangeEmployee).then(|| view.action());
    html! {
        div #employee-field .field hx-get=[follows.as_ref()] hx-trigger=[follows.as_ref().map(|_| "change delay:150ms from:#date, change delay:150ms from:#time")]
            hx-include="closest form" hx-params=(NO_KEYS) hx-target="this" hx-select="#employee-field" hx-swap="outerHTML"
            hx-sync="this:replace" hx-disinherit="*" data-quiet {
            label for="employee" { (if view.change_kind == ChangeKind::ChangeEmployee { "Assign to" } else { "Employee" }) }
            select #employee name="employee" autofocus[view.takes_focus("employee")] aria-invalid=[error.map(|_| "true")]
                aria-describedby=[field::described_by("employee", error, true)] {
                @match keeps {
                    Some(name) => option value="" { (name) " (no change)" },
                    None => option value="" { "Choose…" },
                }
                (options(view, "Available, best first", &may))
                (options(view, "Unavailable (needs an override reason)", &may_not))
            }
            (field::message("employee", error))
            (reasons(may.len(), &may_not))
        }
    }
}

fn options(view: &FormView, label: &str, people: &[&Person]) -> Markup {
    html! {
        @if !people.is_empty() {
            optgroup label=(label) {
                @for one in people {
                    option value=(one.id) selected[one.id == view.employee] { (one.name) ": " (one.remark) }
                }
            }
        }
    }
}

/// The number of available employees, and the findings for each unavailable one.
fn reasons(may: usize, may_not: &[&Person]) -> Markup {
    html! {
        @if may_not.is_empty() {
            p #employee-hint .hint { (may) " available" }
        } @else {
            details #why-not .why {
                summary { span #employee-hint .hint { (may) " available, " (may_not.len()) " unavailable" } " (why?)" }
                ul tabindex="0" aria-label="Why others are unavailable" {
                    @for one in may_not.iter().take(REASONS_MAX) {
                        li {
                            @if !one.names_itself() { (one.name) ": " }
                            @for finding in &one.findings { (alert::sentence(finding)) " " }
                        }
                    }
                    @if may_not.len() > REASONS_MAX { li { "And " (may_not.len() - REASONS_MAX) " more." } }
                }
            }
        }
    }
}
