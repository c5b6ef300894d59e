//! The page of an employee: profile, time off, status.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        email::EMAIL_CHARS_MAX,
        employee::{
            Employee, JobTitle, PERSON_CHARS_MAX,
            availability::{DayPart, Hours, NOTE_CHARS_MAX, TimeOff, WEEKDAYS, WeeklyHours},
        },
        format,
        ids::EMPLOYEE_ID_CHARS_MAX,
    },
    views::{
        FormKeys, Page,
        components::{
            alert::{self, Problem},
            field::{Field, described_by, is_first, select},
            message::Message,
        },
        employees::{Held, held},
        urls,
    },
};

/// The name of a weekday's fields, and the id of the first of them.
pub const DAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The values of a weekday of the form. Empty times mean the whole day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayValues {
    pub works: bool,
    pub from: String,
    pub to: String,
}

/// The values of the form about an employee.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileValues {
    pub number: String,
    pub name: String,
    pub title: String,
    pub email: String,
    pub weekly_hours_max: String,
    /// From Monday on.
    pub days: [DayValues; 7],
}

impl ProfileValues {
    /// A blank form: available all week.
    pub fn blank() -> Self {
        Self { days: [(); 7].map(|()| DayValues { works: true, ..DayValues::default() }), ..Self::default() }
    }

    /// The values of an employee.
    pub fn of(employee: &Employee) -> Self {
        let time = |time: chrono::NaiveTime| time.format("%H:%M").to_string();
        let day = |weekday| match employee.availability.on(weekday) {
            Hours::Off => DayValues::default(),
            Hours::AllDay => DayValues { works: true, ..DayValues::default() },
            Hours::Between { from, to } => DayValues { works: true, from: time(from), to: time(to) },
        };
        Self {
            number: employee.id.to_string(),
            name: employee.name.clone(),
            title: employee.title.label().to_owned(),
            email: employee.email.as_ref().map(ToString::to_string).unwrap_or_default(),
            weekly_hours_max: employee.weekly_hours_max.map(|most| most.to_string()).unwrap_or_default(),
            days: WEEKDAYS.map(day),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeOffValues {
    pub first: String,
    pub last: String,
    pub note: String,
    pub part: String,
    /// The time off that is changed, as [`TimeOffValues::of`] names it; empty for a new one.
    pub was: String,
}

impl TimeOffValues {
    /// The values of a time off that is to be changed.
    pub fn of(off: &TimeOff) -> Self {
        let TimeOff { first, last, part, note } = off;
        Self {
            first: first.to_string(),
            last: last.to_string(),
            note: note.clone().unwrap_or_default(),
            part: part.slug().to_owned(),
            was: format!("{first}.{last}.{}", part.slug()),
        }
    }
}

/// Data shown by the page of an employee.
#[derive(Debug)]
pub struct PersonView {
    pub employee: Employee,
    /// As pages show it.
    pub name: String,
    pub values: ProfileValues,
    pub problem: Option<Problem>,
    pub off: TimeOffValues,
    pub off_problem: Option<Problem>,
    pub today: NaiveDate,
    pub keys: FormKeys,
    pub message: Option<Message>,
}

pub fn page(view: PersonView) -> Page {
    let employee = &view.employee;
    let main = html! {
        div.bar {
            a href=(urls::EMPLOYEES) { "‹ Employees" }
            h1 #title tabindex="-1" { (view.name) @if !employee.active { " " span.pill { "Inactive" } } }
            a.btn href=(urls::week(&employee.id, view.today)) { "Week" }
        }
        (profile_form(&urls::employee(&employee.id), &view.values, Some(employee), view.problem.as_ref(), &view.keys))
        (time_off(&view))
        (state(&view))
    };
    Page::narrow(view.name.clone(), main).in_section(urls::EMPLOYEES).with_message(view.message)
}

pub fn new_page(values: &ProfileValues, problem: Option<&Problem>, keys: &FormKeys) -> Page {
    let main = html! {
        div.bar { a href=(urls::EMPLOYEES) { "‹ Employees" } h1 #title tabindex="-1" { "Add employee" } }
        (profile_form(urls::NEW_EMPLOYEE, values, None, problem, keys))
    };
    Page::narrow("Add employee", main).in_section(urls::EMPLOYEES)
}

fn profile_form(
    action: &str,
    values: &ProfileValues,
    employee: Option<&Employee>,
    problem: Option<&Problem>,
    keys: &FormKeys,
) -> Markup {
    let name = Field { chars_max: Some(PERSON_CHARS_MAX), ..Field::new("name", "Name", &values.name, problem) };
    let hint = Some("Optional");
    let email = Field {
        kind: "email",
        hint,
        chars_max: Some(EMAIL_CHARS_MAX),
        ..Field::new("email", "E-mail", &values.email, problem)
    };
    let most = format!("Hours. Leave blank for {}", WeeklyHours::default());
    let most = Field {
        kind: "number",
        hint: Some(&most),
        ..Field::new("weekly_hours_max", "Weekly maximum", &values.weekly_hours_max, problem)
    };
    html! {
        form.form action=(action) method="post" novalidate {
            (keys.of_part("profile").inputs())
            @if let Some(employee) = employee { input type="hidden" name="revision" value=(employee.revision); }
            @if let Some(problem) = problem { (alert::problem(problem)) }
            div.fields {
                (name.render())
                @if employee.is_none() { (number_field(values, problem)) }
            }
            div.fields { (title_field(values, problem)) (email.render()) }
            div.fields { (most.render()) }
            (week_fields(values, problem))
            footer {
                a.btn href=(urls::EMPLOYEES) { "Cancel" }
                button.btn.primary { (if employee.is_none() { "Add employee" } else { "Save" }) }
            }
        }
    }
}

fn number_field(values: &ProfileValues, problem: Option<&Problem>) -> Markup {
    let hint = Some("The number the retailer uses, for example E10001");
    let chars_max = Some(EMPLOYEE_ID_CHARS_MAX);
    Field { hint, chars_max, ..Field::new("number", "Employee number", &values.number, problem) }.render()
}

fn title_field(values: &ProfileValues, problem: Option<&Problem>) -> Markup {
    let options = html! {
        @if values.title.is_empty() { option value="" { "Choose…" } }
        @for title in JobTitle::ALL {
            option value=(title.label()) selected[title.label() == values.title] { (title.label()) }
        }
    };
    select("job_title", "Job title", problem, &options)
}

fn week_fields(values: &ProfileValues, problem: Option<&Problem>) -> Markup {
    html! {
        fieldset.hours aria-describedby="hours-hint" {
            legend { "Availability" }
            p #hours-hint .hint { "Leave times blank for the whole day." }
            @for ((weekday, name), day) in WEEKDAYS.into_iter().zip(DAY_NAMES).zip(&values.days) {
                @let error = alert::error_of(problem, name);
                @let described = described_by(name, error, false);
                @let word = format::weekday(weekday);
                @let invalid = error.map(|_| "true");
                div.hours-day {
                    label {
                        input type="checkbox" name={ "days[" (name) "].works" } value="true" checked[day.works];
                        span { (word) }
                    }
                    input id=(name) name={ "days[" (name) "].from" } type="time" value=(day.from) aria-label={ (word) " from" }
                        autofocus[is_first(problem, name)] aria-invalid=[invalid] aria-describedby=[described.as_ref()];
                    span aria-hidden="true" { "to" }
                    input name={ "days[" (name) "].to" } type="time" value=(day.to) aria-label={ (word) " to" }
                        aria-invalid=[invalid] aria-describedby=[described.as_ref()];
                    @if let Some(error) = error { p.err id={ (name) "-err" } { (error) } }
                }
            }
        }
    }
}

fn time_off(view: &PersonView) -> Markup {
    let employee = &view.employee;
    html! {
        section.form #time-off aria-labelledby="time-off-title" {
            h2 #time-off-title { "Time off" }
            @if employee.time_off.is_empty() { p.sub { "None." } }
            @else { ul.rows { @for off in &employee.time_off { (off_row(view, off)) } } }
            form.plain action=(urls::employee_part(&employee.id, "time-off")) method="get" novalidate {
                (off_fields(&view.off, view.off_problem.as_ref()))
                footer {
                    @if view.off.was.is_empty() { button.btn { "Add time off" } }
                    @else {
                        a.btn href=(urls::employee(&employee.id)) { "Cancel" }
                        button.btn.primary { "Change time off" }
                    }
                }
            }
        }
    }
}

/// The form's fields, with what is wrong above them.
fn off_fields(values: &TimeOffValues, problem: Option<&Problem>) -> Markup {
    let date = |name, label, value| Field { kind: "date", ..Field::new(name, label, value, problem) };
    html! {
        @if let Some(problem) = problem { (alert::problem(problem)) }
        div.fields {
            (date("first", "First day", &values.first).render())
            (date("last", "Last day", &values.last).render())
            (part_field(values, problem))
        }
        @if !values.was.is_empty() { input type="hidden" name="was" value=(values.was); }
    }
}

fn part_field(values: &TimeOffValues, problem: Option<&Problem>) -> Markup {
    let options = html! {
        @for part in DayPart::ALL {
            option value=(part.slug()) selected[part.slug() == values.part] { (part_words(part)) }
        }
    };
    select("part", "Part of the day", problem, &options)
}

fn part_words(part: DayPart) -> &'static str {
    match part {
        DayPart::WholeDay => "Whole day",
        DayPart::Morning => "Morning, until 12:00 PM",
        DayPart::Afternoon => "Afternoon, from 12:00 PM",
    }
}

fn off_row(view: &PersonView, off: &TimeOff) -> Markup {
    let employee = &view.employee;
    let part = format!("off-{}", off.first);
    html! {
        li {
            span {
                (format::capitalized(&off.words()))
                @if off.last < view.today { " " span.sub { "past" } }
                @if let Some(note) = &off.note { span.meta { (note) } }
            }
            a.btn.quiet href=(urls::change_time_off(&employee.id, &TimeOffValues::of(off).was)) {
                "Change" span.vh { " the time off " (off.words()) }
            }
            form action=(urls::employee_part(&employee.id, "time-off/remove")) method="post" {
                (view.keys.of_part(&part).inputs())
                input type="hidden" name="revision" value=(employee.revision);
                input type="hidden" name="first" value=(off.first);
                input type="hidden" name="last" value=(off.last);
                input type="hidden" name="part" value=(off.part.slug());
                button.btn.quiet { "Remove" span.vh { " the time off " (off.words()) } }
            }
        }
    }
}

fn state(view: &PersonView) -> Markup {
    let employee = &view.employee;
    html! {
        section.form aria-labelledby="state-title" {
            h2 #state-title { "Status" }
            @if employee.active {
                p.sub { "Active: can be assigned to events." }
                footer { a.btn.danger href=(urls::employee_part(&employee.id, "deactivate")) { "Deactivate…" } }
            } @else {
                p.sub { "Inactive: cannot be assigned to events." }
                form.plain action=(urls::employee_part(&employee.id, "reactivate")) method="post" {
                    (view.keys.of_part("reactivate").inputs())
                    input type="hidden" name="revision" value=(employee.revision);
                    footer { button.btn { "Reactivate" } }
                }
            }
        }
    }
}

/// Confirms a deactivation, and lists the employee's events from today on.
pub fn deactivate_page(employee: &Employee, from_now: &Held, keys: &FormKeys) -> Page {
    let title = format!("Deactivate {}?", employee.shown_name());
    let main = html! {
        form.form action=(urls::employee_part(&employee.id, "deactivate")) method="post" {
            h1 #title tabindex="-1" { (title) }
            (keys.inputs())
            input type="hidden" name="revision" value=(employee.revision);
            @if from_now.events.is_empty() {
                p { (employee.shown_name()) " has no events from today on. Inactive employees cannot be assigned. Past events stay." }
            } @else {
                section.note.warn aria-labelledby="held-title" {
                    h2 #held-title { (employee.shown_name()) " still has " (from_now.count()) " from today on" }
                    p { "They stay assigned until they are reassigned. Find replacements first." }
                    (held(&employee.id, from_now))
                }
            }
            footer {
                a.btn href=(urls::employee(&employee.id)) { "Cancel" }
                button.btn.danger { (if from_now.events.is_empty() { "Deactivate" } else { "Deactivate anyway" }) }
            }
        }
    };
    Page::narrow(title, main).in_section(urls::EMPLOYEES)
}

/// Asks before days become time off, for a note too, and lists what is held then.
pub fn off_page(
    employee: &Employee,
    off: &TimeOff,
    values: &TimeOffValues,
    then: &Held,
    problem: Option<&Problem>,
    keys: &FormKeys,
) -> Page {
    let title = format!("Time off for {}", employee.shown_name());
    let (hint, chars_max) = (Some("Optional. Visible to admins."), Some(NOTE_CHARS_MAX));
    let was = values.was.as_str();
    let main = html! {
        form.form action=(urls::employee_part(&employee.id, "time-off")) method="post" {
            h1 #title tabindex="-1" { (title) }
            (keys.inputs())
            input type="hidden" name="revision" value=(employee.revision);
            input type="hidden" name="first" value=(off.first);
            input type="hidden" name="last" value=(off.last);
            input type="hidden" name="part" value=(off.part.slug());
            @if !was.is_empty() { input type="hidden" name="was" value=(was); }
            @if let Some(problem) = problem { (alert::problem(problem)) }
            p { "Off " (off.words()) }
            @if then.events.is_empty() { p.sub { (employee.shown_name()) " has no events then." } }
            @else {
                section.note.warn aria-labelledby="held-title" {
                    h2 #held-title { (employee.shown_name()) " has " (then.count()) " then" }
                    p { "They stay assigned until they are reassigned." }
                    (held(&employee.id, then))
                }
            }
            (Field { hint, chars_max, ..Field::new("note", "Note", &values.note, problem) }.render())
            footer {
                a.btn href=(urls::employee(&employee.id)) { "Cancel" }
                button.btn.primary { (if was.is_empty() { "Add time off" } else { "Change time off" }) }
            }
        }
    };
    Page::narrow(title, main).in_section(urls::EMPLOYEES)
}
