//! The form that asks who is out on a day.

use chrono::NaiveDate;
use maud::html;

use crate::{
    domain::format,
    views::{Page, urls},
};

/// An employee, and the number of their events that day.
#[derive(Clone, Debug)]
pub struct Held {
    pub id: String,
    pub name: String,
    pub events: usize,
}

pub fn page(date: NaiveDate, held: &[Held], problem: Option<&str>) -> Page {
    let (action, back) = (urls::reassign(date), urls::day(date));
    let main = html! {
        form.form action=(action) method="get" {
            header {
                div { h1 #dialog-title tabindex="-1" { "Reassign " (format::date_short(date)) } p.sub { "Choose who is out. Nothing is saved until you confirm." } }
                a.btn.quiet.icon href=(back) data-close aria-label="Close" { "×" }
            }
            @if let Some(problem) = problem { p #employee-err .note.bad role="alert" { (problem) } }
            @if held.is_empty() {
                p.empty { "No one is scheduled that day." }
                footer { a.btn href=(back) data-close { "Close" } }
            } @else {
                div.field {
                    label for="employee" { "Who is out" }
                    select #employee name="employee" required aria-invalid=[problem.map(|_| "true")]
                        aria-describedby=[problem.map(|_| "employee-err")] {
                        @for one in held {
                            option value=(one.id) { (one.name) ", " (format::count(one.events as u64, "event")) }
                        }
                    }
                }
                footer { a.btn href=(back) data-close { "Cancel" } button.btn.primary { "Find replacements" } }
            }
        }
    };
    Page::narrow(format!("Reassign {}", format::date_short(date)), main)
}
