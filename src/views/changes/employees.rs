//! The list of employees: who may, best first, and why the others may not.

use maud::{Markup, html};

use crate::{
    domain::{change::ChangeKind, format, rules::Finding},
    views::{
        changes::{FormView, NO_KEYS},
        components::{alert, field},
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
    /// Findings that all of them share.
    pub shared: Vec<Finding>,
    pub may: bool,
}

/// The employees for the Supervisor that follows a CORE.
#[derive(Clone, Debug)]
pub struct SupervisorChoice {
    /// The name of the current employee.
    pub holder: String,
    /// All others, best first.
    pub people: Vec<Person>,
}

impl Person {
    /// Tells if the first finding begins with the name.
    fn names_itself(&self) -> bool {
        self.findings.first().is_some_and(|finding| finding.message.starts_with(&*format::isolated(&self.name)))
    }
}

/// The choice, and why others may not. It follows date and time, and leaves a choice alone.
pub fn field(view: &FormView) -> Markup {
    let error = view.error_of("employee");
    let (may, may_not): (Vec<_>, Vec<_>) = view.people.iter().partition(|person| person.may);
    let keeps = view.card.who.as_deref().filter(|_| view.change_kind == ChangeKind::Reschedule);
    let follows = (view.change_kind != ChangeKind::ChangeEmployee).then(|| view.action());
    html! {
        div #employee-field .field hx-get=[follows.as_ref()] hx-trigger=[follows.as_ref().map(|_| "change delay:150ms from:#date, change delay:150ms from:#time")]
            hx-include="closest form" hx-params=(NO_KEYS) hx-target="this" hx-select="#employee-field" hx-swap="outerHTML"
            hx-sync="this:replace" hx-disinherit="*" data-quiet {
            label for="employee" { (if view.change_kind == ChangeKind::ChangeEmployee { "Assign to" } else { "Employee" }) }
            (shared(view))
            select #employee name="employee" autofocus[view.takes_focus("employee")] aria-invalid=[error.map(|_| "true")]
                aria-describedby=[field::described_by("employee", error, true)] {
                @match keeps {
                    Some(name) => option value="" { (format::isolated(name)) " (no change)" },
                    None => option value="" { "Choose…" },
                }
                (options(&view.employee, "Available, best first", &may))
                (unavailable(&view.employee, &may_not))
            }
            (field::message("employee", error))
            (reasons(may.len(), &may_not))
        }
    }
}

/// The employee for the Supervisor that follows its CORE. Shown if a rule refuses the Supervisor's employee, and
/// follows the other fields.
pub fn supervisor_field(view: &FormView) -> Markup {
    let name = "supervisor_employee";
    let error = view.error_of(name);
    let action = view.action();
    html! {
        div #supervisor-field .field hidden[view.supervisor.is_none()] hx-get=(action)
            hx-trigger="change delay:150ms from:#date, change delay:150ms from:#time, change delay:150ms from:#employee"
            hx-include="closest form" hx-params=(NO_KEYS) hx-target="this" hx-select="#supervisor-field" hx-swap="outerHTML"
            hx-sync="this:replace" hx-disinherit="*" data-quiet {
            @match &view.supervisor {
                Some(choice) => {
                    @let (may, may_not): (Vec<_>, Vec<_>) = choice.people.iter().partition(|person| person.may);
                    label for=(name) { "Employee of the Supervisor event" }
                    select #supervisor_employee name=(name) autofocus[view.takes_focus(name)] aria-invalid=[error.map(|_| "true")]
                        aria-describedby=[field::described_by(name, error, false)] {
                        option value="" { (format::isolated(&choice.holder)) " (no change)" }
                        (options(&view.supervisor_employee, "Available, best first", &may))
                        (unavailable(&view.supervisor_employee, &may_not))
                    }
                }
                // A choice that was made stays while others are tried.
                None if !view.supervisor_employee.is_empty() => input type="hidden" name=(name) value=(view.supervisor_employee);,
                None => {}
            }
            (field::message(name, error))
        }
    }
}

/// Findings about all employees, shown once, unless the preview shows them.
fn shared(view: &FormView) -> Markup {
    let said = |finding: &&Finding| !view.preview.warnings.iter().any(|warning| warning.message() == finding.message);
    let shared = view.people.first().into_iter().flat_map(|one| &one.shared).filter(said);
    html! { @for finding in shared { p.hint.warned { "For everyone: " (alert::sentence(finding)) } } }
}

/// The unavailable people by the rule that refuses them, in the order of the first of each.
fn by_reason<'a>(people: &[&'a Person]) -> Vec<(&'static str, Vec<&'a Person>)> {
    let mut groups: Vec<(&'static str, Vec<&Person>)> = Vec::new();
    for person in people {
        let refusals = || person.findings.iter().filter(|finding| finding.refuses);
        let own = refusals().find(|finding| !person.shared.contains(finding)).or_else(|| refusals().next());
        let reason = own.map_or("", |finding| reason_words(finding.rule));
        match groups.iter_mut().find(|(one, _)| *one == reason) {
            Some((_, group)) => group.push(*person),
            None => groups.push((reason, vec![*person])),
        }
    }
    groups
}

/// A rule that refuses, in two or three words.
fn reason_words(rule: &str) -> &'static str {
    match rule {
        "inactive" => "no longer active",
        "title" => "other job title",
        "time-off" => "time off",
        "holiday" => "company holiday",
        "overlap" => "works then",
        _ => "conflict",
    }
}

/// The unavailable people, grouped by reason.
fn unavailable(chosen: &str, people: &[&Person]) -> Markup {
    html! {
        @for (reason, people) in by_reason(people) {
            (options(chosen, &format!("Unavailable: {reason} (needs an override reason)"), &people))
        }
    }
}

pub fn options(chosen: &str, label: &str, people: &[&Person]) -> Markup {
    html! {
        @if !people.is_empty() {
            optgroup label=(label) {
                @for one in people {
                    option value=(one.id) selected[one.id == chosen] { (format::isolated(&one.name)) ": " (one.remark) }
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
                            @for finding in one.findings.iter().filter(|finding| !one.shared.contains(finding)) { (alert::sentence(finding)) " " }
                        }
                    }
                    @if may_not.len() > REASONS_MAX { li { "And " (may_not.len() - REASONS_MAX) " more." } }
                }
            }
        }
    }
}
