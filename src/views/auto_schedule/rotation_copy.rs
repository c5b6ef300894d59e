//! The preview of a copy of a week's exceptions.

use chrono::{Days, NaiveDate};
use maud::{Markup, html};

use crate::{
    domain::{
        employee::Employee,
        format,
        ids::EmployeeId,
        schedule::{RotationEntry, When, rotation_edit::Copied},
    },
    views::{
        FormKeys, Page,
        components::alert::{self, Problem},
        urls,
    },
};

#[derive(Debug)]
pub struct CopyView {
    /// The key of a store; None for the rotation of every store.
    pub store: Option<String>,
    /// The first day of the week that is copied.
    pub first: NaiveDate,
    pub copied: Copied,
    pub people: Vec<Employee>,
    pub problem: Option<Problem>,
    pub keys: FormKeys,
}

impl CopyView {
    fn name(&self, id: &EmployeeId) -> String {
        let person = self.people.iter().find(|one| one.id == *id);
        person.map_or_else(|| id.to_string(), |one| one.shown_name().into_owned())
    }
}

pub fn page(view: &CopyView) -> Page {
    let (store, count) = (view.store.as_deref().unwrap_or_default(), view.copied.entries.len());
    let next = view.first.checked_add_days(Days::new(7)).unwrap_or(view.first);
    let back = urls::rotation(store);
    let main = html! {
        form.form action=(urls::COPY_ROTATION) method="post" {
            header {
                div {
                    h1 #dialog-title tabindex="-1" { "Copy a week of exceptions" }
                    p.sub { "From the week of " (format::date_short(view.first)) " to the week of " (format::date_short(next)) "." }
                }
                a.btn.quiet.icon href=(back) aria-label="Close" { "×" }
            }
            (view.keys.inputs())
            input type="hidden" name="store" value=(store);
            input type="hidden" name="week" value=(view.first);
            input type="hidden" name="seen" value=(view.copied.words());
            @if let Some(problem) = &view.problem { (alert::problem(problem)) }
            @if count == 0 { p.empty { "There is nothing to copy." } } @else {
                ul.rows aria-label="What will be added" { @for entry in &view.copied.entries { (row(view, entry)) } }
            }
            @if !view.copied.kept.is_empty() {
                div.note.info {
                    p { "These days have an exception already, which stays:" }
                    ul { @for (date, role) in &view.copied.kept { li { (format::date_short(*date)) ", " (role.label()) } } }
                }
            }
            footer {
                a.btn href=(back) { "Cancel" }
                @if count > 0 { button.btn.primary { "Copy " (format::count(count as u64, "exception")) } }
            }
        }
    };
    Page::narrow("Copy a week of exceptions", main).in_section(urls::AUTO_SCHEDULE)
}

fn row(view: &CopyView, entry: &RotationEntry) -> Markup {
    html! {
        li {
            span {
                @if let When::On(date) = entry.when { (format::date_in_full(date)) ", " }
                (entry.role.label()) ": "
                @match &entry.person { Some(id) => bdi { (view.name(id)) }, None => "no one" }
                @if !entry.reason.is_empty() { span.meta { (entry.reason) } }
            }
        }
    }
}
