//! The form that asks who is out, and on which days.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::format,
    views::{Page, components::layout::dialog_header, urls},
};

/// An employee, and the number of their events on the first day.
#[derive(Clone, Debug)]
pub struct Held {
    pub id: String,
    pub name: String,
    pub events: usize,
}

/// The form, as it was sent.
#[derive(Clone, Debug)]
pub struct WhoForm {
    /// The day from which the form was opened.
    pub date: NaiveDate,
    pub first: String,
    pub last: String,
    pub employee: String,
    pub time_off: bool,
    pub people: Vec<Held>,
    pub problem: Option<String>,
}

pub fn page(view: &WhoForm) -> Page {
    let (action, back) = (urls::reassign(view.date), urls::day(view.date));
    let invalid = view.problem.as_ref().map(|_| "true");
    let described = view.problem.as_ref().map(|_| "out-err");
    let or_date = |text: &str| if text.is_empty() { view.date.to_string() } else { text.to_owned() };
    let title = format!("Reassign {}", format::date_short(view.date));
    let main = html! {
        form.form action=(action) method="get" {
            (dialog_header(&title, &html! { "Choose who is out, and until when. Nothing is saved until you confirm." }, &back))
            @if let Some(problem) = &view.problem { p #out-err .note.bad role="alert" { (problem) } }
            @if view.people.is_empty() {
                p.empty { "There are no employees." }
                footer { a.btn href=(back) data-close { "Close" } }
            } @else {
                div.field {
                    label for="employee" { "Who is out" }
                    select #employee name="employee" required aria-invalid=[invalid] aria-describedby=[described] { (options(view)) }
                }
                div.fields {
                    @for (name, label, value) in [("first", "From", &view.first), ("last", "To", &view.last)] {
                        div.field {
                            label for=(name) { (label) }
                            input id=(name) type="date" name=(name) value=(or_date(value)) aria-invalid=[invalid] aria-describedby=[described];
                        }
                    }
                }
                div.field.check {
                    input #time_off type="checkbox" name="time_off" value="true" checked[view.time_off];
                    label for="time_off" { "Also record these days as time off" }
                }
                footer { a.btn href=(back) data-close { "Cancel" } button.btn.primary { "Find replacements" } }
            }
        }
    };
    Page::narrow(title, main)
}

/// Those with events on the first day, then the others.
fn options(view: &WhoForm) -> Markup {
    let (busy, free) = view.people.split_at(view.people.partition_point(|one| one.events > 0));
    let option = |one: &Held| {
        html! {
            option value=(one.id) selected[one.id == view.employee] { (format::isolated(&one.name)) @if one.events > 0 { ", " (format::count(one.events as u64, "event")) } }
        }
    };
    html! {
        @if !busy.is_empty() { optgroup label={ "Scheduled on " (format::date_near(view.date, view.date)) } { @for one in busy { (option(one)) } } }
        @if !free.is_empty() { optgroup label="Other employees" { @for one in free { (option(one)) } } }
    }
}
