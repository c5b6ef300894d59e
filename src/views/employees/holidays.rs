//! The company's holidays: the list, adding and removing.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        employee::holiday::{HOLIDAY_NAME_CHARS_MAX, Holiday},
        format,
    },
    views::{
        FormKeys, Page,
        components::{
            alert::{self, Problem},
            field::Field,
            message::Message,
            pager::pager,
        },
        urls,
    },
};

pub const PAGE_HOLIDAYS_MAX: usize = 50;

#[derive(Debug)]
pub struct HolidaysView {
    /// Those of one page: what is coming by date, then what is past, latest first.
    pub holidays: Vec<Holiday>,
    pub page: usize,
    pub pages: usize,
    pub today: NaiveDate,
    pub date: String,
    pub name: String,
    pub problem: Option<Problem>,
    /// The user may edit holidays.
    pub edits: bool,
    pub keys: FormKeys,
    pub message: Option<Message>,
}

pub fn page(view: HolidaysView) -> Page {
    let (past, coming): (Vec<_>, Vec<_>) = view.holidays.iter().partition(|holiday| holiday.date < view.today);
    let main = html! {
        div.bar { a href=(urls::EMPLOYEES) { "‹ Employees" } h1 #title tabindex="-1" { "Company holidays" } }
        @if view.edits { (add_form(&view)) }
        section.form aria-labelledby="coming-title" {
            h2 #coming-title { "Upcoming" }
            @if coming.is_empty() {
                p.sub { @if view.page == 1 { "None. No one can be scheduled on a holiday without an override reason." } @else { "See the first page." } }
            }
            (rows(&coming, &view))
        }
        @if !past.is_empty() {
            details.form.past open[view.page > 1] { summary { "Past (" (past.len()) ")" } (rows(&past, &view)) }
        }
        (pager(view.page, view.pages, |page| format!("{}?page={page}", urls::HOLIDAYS)))
    };
    Page::narrow("Company holidays", main).in_section(urls::EMPLOYEES).with_message(view.message)
}

fn add_form(view: &HolidaysView) -> Markup {
    let problem = view.problem.as_ref();
    let date = Field { kind: "date", ..Field::new("date", "Date", &view.date, problem) };
    let chars_max = Some(HOLIDAY_NAME_CHARS_MAX);
    let name = Field { chars_max, ..Field::new("name", "Name", &view.name, problem) };
    html! {
        form.form action=(urls::HOLIDAYS) method="post" novalidate {
            (view.keys.inputs())
            @if let Some(problem) = problem { (alert::problem(problem)) }
            div.fields { (date.render()) (name.render()) }
            footer { button.btn.primary { "Add holiday" } }
        }
    }
}

fn rows(holidays: &[&Holiday], view: &HolidaysView) -> Markup {
    html! {
        ul.rows {
            @for Holiday { date, name } in holidays {
                li {
                    span { a href=(urls::day(*date)) { (format::date_in_full(*date)) } span.meta { (name) } }
                    @if view.edits {
                        form action=(urls::remove_holiday(*date)) method="post" {
                            (view.keys.of_part(&format!("remove-{date}")).inputs())
                            button.btn.quiet { "Remove" span.vh { " " (name) } }
                        }
                    }
                }
            }
        }
    }
}
