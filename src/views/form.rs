//! The form of a change: what is asked, what will move, what to look at first.
//!
//! The same markup is a page without scripts and a dialog with them.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::{
    FormKeys, Page,
    address::{self, Deed},
    card::store_words,
    note::{self, Problem},
};
use crate::domain::{
    audit::REASON_CHARS_MAX,
    calendar::{YEAR_MAX, YEAR_MIN},
    change::Warning,
    day::Card,
    event::EventType,
    words,
};

/// What somebody typed, kept as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    pub date: String,
    pub time: String,
    pub employee: String,
    pub override_reason: String,
    pub confirm_other_date: bool,
}

/// Somebody in the list of employees, best first.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub name: String,
    /// Why not, or what to know.
    pub remark: String,
    pub may: bool,
}

/// One event of the preview, before and after.
#[derive(Clone, Debug)]
pub struct Move {
    pub event_type: EventType,
    pub name: String,
    pub before: String,
    /// None while nothing is chosen that would change it.
    pub after: Option<String>,
}

/// Everything the form shows.
#[derive(Debug)]
pub struct FormView {
    pub deed: Deed,
    pub card: Card,
    /// The day that the form was opened from and returns to.
    pub from: NaiveDate,
    pub keys: FormKeys,
    pub typed: Typed,
    pub people: Vec<Person>,
    pub moves: Vec<Move>,
    pub warnings: Vec<Warning>,
    pub problem: Option<Problem>,
}

impl FormView {
    fn has_when(&self) -> bool {
        matches!(self.deed, Deed::Schedule | Deed::Reschedule)
    }

    fn has_employee(&self) -> bool {
        self.deed != Deed::Unschedule
    }

    fn asks_reason(&self) -> bool {
        matches!(self.problem, Some(Problem::Refused { .. })) || !self.typed.override_reason.is_empty()
    }

    fn asks_other_date(&self) -> bool {
        matches!(self.problem, Some(Problem::OtherDate { .. })) || self.typed.confirm_other_date
    }
}

pub fn page(view: &FormView) -> Page {
    Page::narrow(title(view), form(view))
}

fn title(view: &FormView) -> String {
    let name = &view.card.event.name;
    match view.deed {
        Deed::Schedule => format!("Schedule {name}"),
        Deed::Reschedule => format!("Reschedule {name}"),
        Deed::Unschedule => format!("Unschedule {name}?"),
        Deed::ChangeEmployee => format!("Change employee of {name}"),
    }
}

fn form(view: &FormView) -> Markup {
    let event = &view.card.event;
    let (action, back) = (address::action(event.id, view.deed), address::day(view.from));
    html! {
        form.form action=(action) method="post" hx-post=(action) hx-target="#dialog" novalidate {
            (header(view, &back))
            input type="hidden" name="revision" value=(event.revision);
            input type="hidden" name="from" value=(view.from);
            (view.keys.inputs())
            @if let Some(problem) = &view.problem { (note::problem(problem)) }
            @if view.has_when() { (when_fields(view)) }
            @if view.has_employee() { (employee_field(view)) }
            @if view.asks_reason() { (reason_field(view)) }
            @if view.asks_other_date() { (other_date_field(view)) }
            (preview(view, &action))
            footer {
                a.btn href=(back) data-close { "Cancel" }
                @if view.has_when() {
                    noscript { button.btn formmethod="get" formaction=(action) { "Check first" } }
                }
                button class={ "btn " (if view.deed == Deed::Unschedule { "danger" } else { "primary" }) } { (submit_label(view)) }
            }
        }
    }
}

fn header(view: &FormView, back: &str) -> Markup {
    let (event, now) = (&view.card.event, view.card.event.schedule.as_ref());
    html! {
        header {
            div {
                h1 #dialog-title tabindex="-1" { (title(view)) }
                p.sub {
                    (event.event_type.label())
                    @if let Some(store) = store_words(event) { " · " (store) }
                    @if let Some(now) = now {
                        " · " (view.card.employee_name().unwrap_or(now.employee.as_str()))
                        " · now " (words::moment_near(now.start, view.from))
                    } @else { " · not scheduled" }
                    @if let Some(due) = event.due { " · due " (words::date_near(due.date, view.from)) }
                }
            }
            a.btn.quiet.icon href=(back) data-close aria-label="Close" { "×" }
        }
    }
}

fn when_fields(view: &FormView) -> Markup {
    let keeps = view.card.event.start().map(|start| words::time(start.time()));
    let date_label = if view.deed == Deed::Reschedule { "New date" } else { "Date" };
    let date = Field { view, name: "date", label: date_label, kind: "date" };
    let time = Field { view, name: "time", label: "Start", kind: "time" };
    html! {
        div.fields {
            (date.render(&view.typed.date, None))
            (time.render(&view.typed.time, keeps.map(|keeps| format!("Empty keeps {keeps}"))))
        }
    }
}

/// A labelled input with its hint and its error.
struct Field<'a> {
    view: &'a FormView,
    name: &'a str,
    label: &'a str,
    kind: &'a str,
}

impl Field<'_> {
    fn render(&self, value: &str, hint: Option<String>) -> Markup {
        let Self { view, name, label, kind } = *self;
        let error = note::error_of(view.problem.as_ref(), name);
        let mut described = Vec::new();
        if error.is_some() {
            described.push(format!("{name}-err"));
        }
        if hint.is_some() {
            described.push(format!("{name}-hint"));
        }
        let described = (!described.is_empty()).then(|| described.join(" "));
        let bounds = (kind == "date").then(|| (format!("{YEAR_MIN}-01-01"), format!("{YEAR_MAX}-12-31")));
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value)
                    min=[bounds.as_ref().map(|bounds| &bounds.0)] max=[bounds.as_ref().map(|bounds| &bounds.1)]
                    aria-invalid=[error.map(|_| "true")] aria-describedby=[described];
                @if let Some(hint) = hint { p.hint id={ (name) "-hint" } { (hint) } }
                @if let Some(error) = error { p.err id={ (name) "-err" } { (error) } }
            }
        }
    }
}

fn employee_field(view: &FormView) -> Markup {
    let error = note::error_of(view.problem.as_ref(), "employee");
    let (may, may_not): (Vec<_>, Vec<_>) = view.people.iter().partition(|person| person.may);
    let keeps = view.card.employee_name().filter(|_| view.deed == Deed::Reschedule);
    let option = |person: &Person| {
        html! {
            option value=(person.id) selected[person.id == view.typed.employee] {
                (person.name) @if !person.remark.is_empty() { ": " (person.remark) }
            }
        }
    };
    html! {
        div #employee-field .field {
            label for="employee" { (if view.deed == Deed::ChangeEmployee { "New employee" } else { "Employee" }) }
            select #employee name="employee" aria-invalid=[error.map(|_| "true")]
                aria-describedby=(if error.is_some() { "employee-err employee-hint" } else { "employee-hint" }) {
                @match keeps {
                    Some(name) => option value="" { (name) " (stays)" },
                    None => option value="" { "Choose…" },
                }
                @if !may.is_empty() { optgroup label="May work it, best first" { @for one in &may { (option(one)) } } }
                @if !may_not.is_empty() { optgroup label="A rule refuses; needs a reason" { @for one in &may_not { (option(one)) } } }
            }
            p #employee-hint .hint {
                (words::count(may.len() as u64, "person").replace("persons", "people")) " may, best first. "
                (may_not.len()) " may not."
            }
            @if let Some(error) = error { p #employee-err .err { (error) } }
        }
    }
}

fn reason_field(view: &FormView) -> Markup {
    let error = note::error_of(view.problem.as_ref(), "override_reason");
    html! {
        div.field {
            label for="override_reason" { "Or do it anyway, because" }
            textarea #override_reason name="override_reason" rows="2" maxlength=(REASON_CHARS_MAX) aria-invalid=[error.map(|_| "true")]
                aria-describedby=(if error.is_some() { "override_reason-err override-hint" } else { "override-hint" }) {
                (view.typed.override_reason)
            }
            p #override-hint .hint { "The reason is kept with the change." }
            @if let Some(error) = error { p #override_reason-err .err { (error) } }
        }
    }
}

fn other_date_field(view: &FormView) -> Markup {
    html! {
        div.field.check {
            input #confirm_other_date type="checkbox" name="confirm_other_date" value="true" checked[view.typed.confirm_other_date];
            label for="confirm_other_date" { "Yes, it may leave the date of its CORE" }
        }
    }
}

/// What will move, and what the rules say of it. With scripts it follows the fields.
fn preview(view: &FormView, action: &str) -> Markup {
    let follows = view.has_when() || view.has_employee();
    html! {
        div #preview .preview hx-get=[follows.then_some(action)] hx-trigger=[follows.then_some("change from:closest form")]
            hx-include="closest form" hx-target="this" hx-select="#preview" hx-select-oob=[view.has_employee().then_some("#employee-field")]
            hx-swap="outerHTML" data-quiet {
            (moves(view))
            (note::warnings(&view.warnings))
        }
    }
}

fn moves(view: &FormView) -> Markup {
    html! {
        ul.moves aria-label="What will change" {
            @for one in &view.moves {
                li class=(one.event_type.slug()) {
                    b { (one.name) }
                    span {
                        @match &one.after {
                            Some(after) => { s { span.vh { "from " } (one.before) } " → " (after) },
                            None => (one.before),
                        }
                    }
                }
            }
        }
    }
}

/// The button says what it does.
fn submit_label(view: &FormView) -> String {
    let verb = match view.deed {
        Deed::Schedule => "Schedule",
        Deed::Reschedule => "Move",
        Deed::Unschedule => "Unschedule",
        Deed::ChangeEmployee => return "Change the employee".to_owned(),
    };
    match view.moves.len() {
        0 | 1 => verb.to_owned(),
        number => format!("{verb} {number} events"),
    }
}
