//! The repair form: a row for each finding, with its remedies and remarks.

use maud::{Markup, html};

use crate::{
    domain::{audit::REASON_CHARS_MAX, integrity::repair::Remedy},
    views::{
        FormKeys, Page,
        changes::{
            Person,
            employee_picker::{self, Other},
        },
        components::alert::{self, Problem},
        urls,
    },
};

/// One finding, with its repair.
#[derive(Clone, Debug)]
pub struct Row {
    /// The Supervisor, which every repair changes.
    pub event: u64,
    pub revision: u32,
    pub name: String,
    /// The message of the finding.
    pub message: String,
    pub taken: bool,
    pub remedies: Vec<Remedy>,
    pub chosen: Option<Remedy>,
    /// Best first; who may be given it.
    pub people: Vec<Person>,
    /// Those who are not listed.
    pub other: Other,
    pub employee: String,
    /// Findings as (refuses, message).
    pub remarks: Vec<(bool, String)>,
}

/// The form.
#[derive(Debug)]
pub struct RepairView {
    pub check: String,
    pub event: String,
    pub keys: FormKeys,
    pub rows: Vec<Row>,
    /// Ids and names of all employees who can be entered.
    pub all_employees: Vec<(String, String)>,
    /// There are more findings than one change may touch.
    pub more: bool,
    pub override_reason: String,
    pub needs_reason: bool,
    pub problem: Option<Problem>,
}

pub fn page(view: &RepairView) -> Page {
    let taken = view.rows.iter().filter(|row| row.taken).count();
    let form = html! {
        form.form.plan action=(urls::REPAIR) method="post" {
            header {
                div {
                    h1 #dialog-title tabindex="-1" { "Repair" }
                    p.sub { "Selected items are saved together, with one undo." }
                }
                a.btn.quiet.icon href=(urls::INTEGRITY) aria-label="Back to Issues" { "×" }
            }
            (view.keys.inputs())
            input type="hidden" name="check_slug" value=(view.check);
            input type="hidden" name="event" value=(view.event);
            @if let Some(problem) = &view.problem { (alert::problem(problem)) }
            @if view.rows.is_empty() { p.note.info { "Nothing left to repair here. The next check updates the list." } }
            @if view.more { p.note.info { "These are the first. Repeat for the rest." } }
            ul.entries { @for row in &view.rows { (row_of(row)) } }
            (employee_picker::names(&view.all_employees))
            (reason(view))
            footer {
                a.btn href=(urls::INTEGRITY) { "Cancel" }
                @if !view.rows.is_empty() {
                    button.btn name="preview" value="true" { "Check again" }
                    button.btn.primary { "Repair " (taken) }
                }
            }
        }
    };
    Page::new("Repair", html! { div.page { (form) } }).in_section(urls::INTEGRITY)
}

fn row_of(row: &Row) -> Markup {
    let name = |field: &str| format!("row[{}].{field}", row.event);
    let id = |field: &str| format!("{field}-{}", row.event);
    let no_one = row.taken && row.employee.is_empty();
    html! {
        li.entry id=(id("row")) {
            input type="hidden" name=(name("seen")) value=(row.revision);
            div.field.check {
                input id=(id("take")) type="checkbox" name=(name("take")) value="true" checked[row.taken];
                label for=(id("take")) { (row.name) }
            }
            p.meta { (row.message) " " a href={ "/events/" (row.event) } { "Show" } }
            div.fields {
                @if row.remedies.len() > 1 {
                    div.field {
                        label for=(id("how")) { "Repair" }
                        select id=(id("how")) name=(name("how")) {
                            @for remedy in &row.remedies {
                                option value=(remedy.slug()) selected[Some(*remedy) == row.chosen] { (remedy.label()) }
                            }
                        }
                    }
                } @else if let Some(remedy) = row.chosen {
                    p { (remedy.label()) }
                    input type="hidden" name=(name("how")) value=(remedy.slug());
                }
                @if matches!(row.chosen, Some(Remedy::Schedule(_))) {
                    div.field {
                        label for=(id("employee")) { "Employee" }
                        select id=(id("employee")) name=(name("employee")) aria-invalid=[no_one.then_some("true")]
                            aria-describedby=[no_one.then(|| id("remarks"))] {
                            option value="" { "Choose…" }
                            @for person in &row.people {
                                option value=(person.id) selected[person.id == row.employee] { (person.name) " – " (person.remark) }
                            }
                            (employee_picker::option(&row.other, &row.employee))
                        }
                        (employee_picker::input(&row.other, &row.employee, &name("other"), &format!("Name for {}", row.name)))
                    }
                }
            }
            @if !row.remarks.is_empty() {
                ul id=(id("remarks")) class={ "note " (if row.remarks.iter().any(|(refuses, _)| *refuses) { "bad" } else { "warn" }) } {
                    @for (_, remark) in &row.remarks { li { (remark) } }
                }
            }
        }
    }
}

/// One override reason for all conflicts.
fn reason(view: &RepairView) -> Markup {
    let wrong = alert::error_of(view.problem.as_ref(), "override_reason");
    html! {
        @if view.needs_reason || !view.override_reason.is_empty() {
            div.field {
                label for="override_reason" { "Override reason" }
                textarea #override_reason name="override_reason" rows="2" maxlength=(REASON_CHARS_MAX)
                    aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| "override_reason-error")] { (view.override_reason) }
                @if let Some(wrong) = wrong { p.err #override_reason-error { (wrong) } }
            }
        }
    }
}
