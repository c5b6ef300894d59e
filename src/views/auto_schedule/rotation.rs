//! The rotation: a weekly template and its exceptions.

use chrono::{NaiveDate, Weekday};
use maud::{Markup, html};

use crate::{
    domain::{
        employee::{Employee, availability::WEEKDAYS},
        event::Location,
        format,
        ids::EmployeeId,
        schedule::{
            Role, RotationEntry, When,
            rotation_edit::{REASON_CHARS_MAX, Week},
        },
    },
    views::{
        FormKeys, Page,
        components::{
            alert::{self, Problem},
            field::Field,
            message::Message,
        },
        urls,
    },
};

/// The fields of an exception, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExceptionValues {
    pub date: String,
    pub role: String,
    pub person: String,
    pub reason: String,
}

#[derive(Debug)]
pub struct RotationView {
    /// The key of the store whose rotation is shown; None for the one that every store has.
    pub store: Option<String>,
    pub stores: Vec<Location>,
    /// The template in the form, and the stored one.
    pub week: Week,
    pub stored: Week,
    /// Those of this store, by date and role.
    pub exceptions: Vec<RotationEntry>,
    pub people: Vec<Employee>,
    pub today: NaiveDate,
    pub values: ExceptionValues,
    pub week_problem: Option<Problem>,
    pub exception_problem: Option<Problem>,
    pub keys: FormKeys,
    pub message: Option<Message>,
}

impl RotationView {
    fn name(&self, id: &EmployeeId) -> String {
        self.people.iter().find(|one| one.id == *id).map_or_else(|| id.to_string(), |one| one.name.clone())
    }

    /// Active people whose title may do the work of a role, and the present one.
    fn choices<'a>(&'a self, role: Role, chosen: Option<&'a EmployeeId>) -> impl Iterator<Item = &'a Employee> {
        let may = move |one: &&Employee| one.active && one.title.may_work(role.asks_for()) || Some(&one.id) == chosen;
        self.people.iter().filter(may)
    }
}

pub fn page(view: RotationView) -> Page {
    let main = html! {
        div.bar { a href=(urls::AUTO_SCHEDULE) { "‹ Auto-schedule" } h1 #title tabindex="-1" { "Rotation" } }
        p.sub {
            "Auto-schedule gives a day’s Juicer events to its Juicer person, and its Freeosk and Digitals events and the first CORE to its "
            "primary lead. Someone who is away is replaced, and the proposal says so."
        }
        @if view.stores.len() > 1 || view.store.is_some() { (scope(&view)) }
        (template(&view))
        (exceptions(&view))
    };
    Page::narrow("Rotation", main).in_section(urls::AUTO_SCHEDULE).with_message(view.message)
}

/// Whose rotation is shown.
fn scope(view: &RotationView) -> Markup {
    let words = |store: &Location| store.label().unwrap_or_else(|| "No store".to_owned());
    html! {
        form.filter action=(urls::ROTATION) method="get" {
            div.field {
                label for="store" { "Store" }
                select #store name="store" {
                    option value="" selected[view.store.is_none()] { "Every store" }
                    @for store in &view.stores {
                        option value=(store.key()) selected[view.store.as_deref() == Some(store.key().as_ref())] { (words(store)) }
                    }
                }
            }
            button.btn { "Show" }
        }
    }
}

fn template(view: &RotationView) -> Markup {
    html! {
        form.form action=(urls::ROTATION) method="post" novalidate {
            h2 #template-title { "Every week" }
            @if view.store.is_some() { p.sub { "A day without a person follows the rotation of every store." } }
            (view.keys.of_part("week").inputs())
            (store_field(view))
            input type="hidden" name="seen" value=(view.stored);
            @if let Some(problem) = &view.week_problem { (alert::problem(problem)) }
            table.rotation aria-labelledby="template-title" {
                thead { tr { th scope="col" { "Day" } @for role in Role::ALL { th scope="col" { (format::capitalized(role.label())) } } } }
                tbody {
                    @for weekday in WEEKDAYS {
                        tr {
                            th scope="row" { (format::weekday(weekday)) }
                            @for role in Role::ALL { td { (person(view, role, weekday)) } }
                        }
                    }
                }
            }
            footer { button.btn.primary { "Save" } }
        }
    }
}

fn store_field(view: &RotationView) -> Markup {
    html! { input type="hidden" name="store" value=(view.store.as_deref().unwrap_or_default()); }
}

fn person(view: &RotationView, role: Role, weekday: Weekday) -> Markup {
    let chosen = view.week.get(role, weekday);
    html! {
        select name=(role.slug()) aria-label={ (format::capitalized(role.label())) " on " (format::weekday(weekday)) } {
            option value="" { "No one" }
            @for one in view.choices(role, chosen) {
                option value=(one.id) selected[chosen == Some(&one.id)] { (one.name) @if !one.active { " (inactive)" } }
            }
        }
    }
}

fn exceptions(view: &RotationView) -> Markup {
    let (past, coming): (Vec<_>, Vec<_>) =
        view.exceptions.iter().partition(|entry| matches!(entry.when, When::On(date) if date < view.today));
    html! {
        (exception_form(view))
        section.form aria-labelledby="exceptions-title" {
            h2 #exceptions-title { "Exceptions" }
            @if coming.is_empty() { p.sub { "No exceptions are coming up." } }
            (rows(view, &coming))
            @if !view.exceptions.is_empty() { (copy_form(view)) }
        }
        @if !past.is_empty() {
            details.form.past { summary { "Past (" (past.len()) ")" } (rows(view, &past)) }
        }
    }
}

/// Leads to the preview of a copy of one week.
fn copy_form(view: &RotationView) -> Markup {
    html! {
        form.filter action=(urls::COPY_ROTATION) method="get" {
            (store_field(view))
            div.field { label for="week" { "Copy the week of" } input #week name="week" type="date" value=(view.today) required; }
            button.btn { "to the next week…" }
        }
    }
}

fn rows(view: &RotationView, entries: &[&RotationEntry]) -> Markup {
    html! {
        ul.rows {
            @for entry in entries {
                @if let When::On(date) = entry.when {
                    li {
                        span {
                            (format::date_in_full(date)) ", " (entry.role.label()) ": "
                            @match &entry.person { Some(id) => bdi { (view.name(id)) }, None => "no one" }
                            @if !entry.reason.is_empty() { span.meta { (entry.reason) } }
                        }
                        form action=(urls::remove_rotation_exception()) method="post" {
                            (view.keys.of_part(&format!("remove-{date}-{}", entry.role.slug())).inputs())
                            (store_field(view))
                            input type="hidden" name="date" value=(date);
                            input type="hidden" name="role" value=(entry.role.slug());
                            button.btn.quiet { "Remove" span.vh { " the exception of " (format::date_short(date)) } }
                        }
                    }
                }
            }
        }
    }
}

fn exception_form(view: &RotationView) -> Markup {
    let (values, problem) = (&view.values, view.exception_problem.as_ref());
    let date = Field { kind: "date", ..Field::new("date", "Date", &values.date, problem) };
    let hint = Some("Required if no one does it");
    let reason =
        Field { hint, chars_max: Some(REASON_CHARS_MAX), ..Field::new("reason", "Reason", &values.reason, problem) };
    html! {
        form.form action=(urls::ROTATION_EXCEPTIONS) method="post" novalidate {
            h2 { "Add an exception" }
            (view.keys.of_part("exception").inputs())
            (store_field(view))
            @if let Some(problem) = problem { (alert::problem(problem)) }
            div.fields {
                (date.render())
                div.field {
                    label for="role" { "Role" }
                    select #role name="role" {
                        @for role in Role::ALL { option value=(role.slug()) selected[values.role == role.slug()] { (format::capitalized(role.label())) } }
                    }
                }
                div.field {
                    label for="person" { "Person" }
                    select #person name="person" aria-invalid=[alert::error_of(problem, "person").map(|_| "true")] {
                        option value="" { "No one" }
                        @for one in view.people.iter().filter(|one| one.active && Role::ALL.iter().any(|role| one.title.may_work(role.asks_for()))) {
                            option value=(one.id) selected[values.person == one.id.as_str()] { (one.name) ", " (one.title.label()) }
                        }
                    }
                    @if let Some(error) = alert::error_of(problem, "person") { p.err #person-err { (error) } }
                }
                (reason.render())
            }
            footer { button.btn { "Add exception" } }
        }
    }
}
