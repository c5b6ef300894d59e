//! The bulk form: a row for each event, with a proposal and remarks.
//!
//! With scripts a row that changes is checked at once, with all the others; without, "Check" shows the same.

mod person;
pub mod reassign;
mod repair;

use maud::{Markup, html};

pub use crate::views::bulk::repair::Repair;
use crate::{
    domain::{
        calendar::{YEAR_MAX, YEAR_MIN},
        change::Shown,
        day::Card,
        format,
        ids::EventId,
    },
    views::{
        FormKeys, Page,
        changes::{
            Person,
            employee_picker::{self, Other},
        },
        components::{
            alert::{self, Problem},
            field,
        },
        unscheduled::{badge, pair_words},
        urls,
    },
};

/// The value of `check` that first assigns events without a person.
pub const GIVE: &str = "give";
/// The option for the best employee despite conflicts.
pub const BEST: &str = "!best";
/// The option that unschedules an event.
pub const RELEASE: &str = "!unschedule";

#[derive(Clone, Debug)]
pub struct Remark {
    /// The row cannot be saved as it is.
    pub refuses: bool,
    pub text: String,
    /// The event it points to.
    pub event: Option<EventId>,
}

/// One event of the form.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent states of a row")]
pub struct Row {
    pub card: Card,
    /// The row is part of the change.
    pub taken: bool,
    pub date: String,
    pub time: String,
    /// An employee's id, [`RELEASE`], [`employee_picker::OTHER`], or empty.
    pub employee: String,
    pub confirm_other_date: bool,
    /// Best first.
    pub people: Vec<Person>,
    /// Those who are not listed.
    pub other: Other,
    pub remarks: Vec<Remark>,
    /// A Supervisor would leave its CORE's date.
    pub leaves_core: bool,
    /// The event changed meanwhile: it is already scheduled, or gone.
    pub stuck: bool,
    /// The finding that the row puts right.
    pub repair: Option<Repair>,
}

impl Row {
    fn needs_employee(&self) -> bool {
        self.repair.as_ref().is_none_or(Repair::needs_employee)
    }

    fn keeps_employee(&self) -> bool {
        self.repair.as_ref().is_some_and(Repair::keeps_employee)
    }

    fn has_employee_field(&self) -> bool {
        self.needs_employee() || self.keeps_employee()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Gives unscheduled events a time and a person.
    Schedule,
    /// Reassigns the events of an employee on a day.
    Reassign,
    /// Puts findings about pairs right.
    Repair,
}

impl Kind {
    fn section(self) -> &'static str {
        match self {
            Self::Schedule => urls::UNSCHEDULED,
            Self::Reassign => urls::HOME,
            Self::Repair => urls::INTEGRITY,
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Schedule => "Schedule",
            Self::Reassign => "Reassign",
            Self::Repair => "Repair",
        }
    }

    fn nothing(self) -> &'static str {
        match self {
            Self::Schedule => "There is nothing to schedule.",
            Self::Reassign => "There is nothing to reassign.",
            Self::Repair => "Nothing left to repair here. The next check updates the list.",
        }
    }
}

#[derive(Debug)]
pub struct PlanView {
    pub kind: Kind,
    pub title: String,
    pub lead: String,
    /// The address that the form is sent to.
    pub action: String,
    /// The page that the form returns to.
    pub back: String,
    /// Hidden fields: names and values.
    pub carried: Vec<(&'static str, String)>,
    pub keys: FormKeys,
    pub rows: Vec<Row>,
    /// Ids and names of all employees who can get events without a person.
    pub all_employees: Vec<(String, String)>,
    pub override_reason: String,
    /// The findings that need a reason.
    pub shown: Shown,
    /// The reason is what is missing: it takes the focus.
    pub asks_reason: bool,
    pub problem: Option<Problem>,
}

impl PlanView {
    fn error_of(&self, name: &str) -> Option<&str> {
        alert::error_of(self.problem.as_ref(), name)
    }

    fn takes_focus(&self, name: &str) -> bool {
        alert::first_error(self.problem.as_ref()) == Some(name)
    }

    fn taken(&self) -> usize {
        self.rows.iter().filter(|row| row.taken).count()
    }

    /// The number of rows without an employee.
    fn without(&self) -> usize {
        self.rows.iter().filter(|row| row.employee.is_empty() && row.needs_employee() && !row.stuck).count()
    }
}

/// The name of a field of a row, and the id of its control: `date-1001`.
pub fn field_name(name: &str, event: EventId) -> String {
    format!("{name}-{event}")
}

pub fn page(view: &PlanView) -> Page {
    Page::new(view.title.clone(), html! { div.page { (form(view)) } }).in_section(view.kind.section())
}

/// The parts that htmx replaces after a row changed: all remarks, and the row's own checkbox and select.
pub fn pieces(view: &PlanView, changed: Option<EventId>) -> Markup {
    html! {
        @for row in &view.rows {
            (remarks(row, true))
            @if Some(row.card.event.id) == changed { (tick(row, true)) (person::field(view, row, true)) }
        }
        (needs(view, true))
        (confirm(view, true))
    }
}

fn form(view: &PlanView) -> Markup {
    html! {
        form.form.plan action=(view.action) method="post" novalidate {
            header {
                div { h1 #title tabindex="-1" { (view.title) } p.sub { (view.lead) } }
                a.btn.quiet.icon href=(view.back) aria-label="Close" { "×" }
            }
            (field::default_button())
            @for (name, value) in &view.carried { input type="hidden" name=(name) value=(value); }
            (view.keys.inputs())
            @if let Some(problem) = &view.problem { (alert::problem(problem)) }
            @if view.rows.is_empty() {
                @if view.problem.is_none() { p.empty { (view.kind.nothing()) } }
                footer { a.btn href=(view.back) { "Back" } }
            } @else {
                (give(view))
                (table(view))
                (employee_picker::names(&view.all_employees))
                (needs(view, false))
                div.foot {
                    (reason(view))
                    footer {
                        a.btn href=(view.back) { "Cancel" }
                        noscript { button.btn name="check" value="true" { "Check" } }
                        (confirm(view, false))
                    }
                }
            }
        }
    }
}

fn table(view: &PlanView) -> Markup {
    html! {
        table.list.bank {
            thead {
                tr {
                    td {} th scope="col" { "Type" } th scope="col" { "Event" }
                    @if view.kind == Kind::Schedule { th scope="col" { "Date" } }
                    th scope="col" { @if view.kind == Kind::Repair { "Repair" } @else { "Start" } } th scope="col" { "Employee" }
                }
            }
            tbody { @for row in &view.rows { (table_row(view, row)) } }
        }
    }
}

fn table_row(view: &PlanView, row: &Row) -> Markup {
    let event = &row.card.event;
    let id = event.id;
    let prefix = |field: &str| format!("row.{id}.{field}");
    html! {
        tr id={ "row-" (id) } hx-post=(view.action) hx-trigger="change" hx-include="closest form" hx-params="not key"
            hx-vals=(format!(r#"{{"check":"true","changed":"{id}"}}"#)) hx-swap="none" hx-sync="closest form:replace" data-quiet {
            td {
                input type="hidden" name=(prefix("seen")) value=(event.revision);
                (tick(row, false))
            }
            td { (badge(event.event_type)) }
            th scope="row" {
                span title=(event.name) { (event.product()) }
                span.meta {
                    @if let Some(store) = event.location.label() { (store) " · " }
                    (format::duration(event.minutes))
                    @if let Some(due) = event.due { " · " (due.words(event.day().unwrap_or_default())) }
                    (pair_words(&row.card, event.day().unwrap_or_default()))
                }
                @if let Some(repair) = &row.repair { p.meta { (repair.message) " " (alert::look_at(id)) } }
                (remarks(row, false))
            }
            @if view.kind == Kind::Schedule {
                td { (input(view, row, "date", &row.date)) }
                td { (input(view, row, "time", &row.time)) }
            } @else if let Some(repair) = &row.repair {
                td { (repair::remedies(id, repair)) }
            } @else {
                td { @if let Some(start) = event.start() { (format::moment_near(start, start.date())) } }
            }
            td { (person::field(view, row, false)) }
        }
    }
}

/// The checkbox of a row. A row without an employee is selected as soon as one is chosen.
fn tick(row: &Row, out_of_band: bool) -> Markup {
    let event = &row.card.event;
    let waits = row.employee.is_empty() && row.has_employee_field() && !row.taken;
    html! {
        div id={ "tick-" (event.id) } hx-swap-oob=[out_of_band.then_some("true")] {
            @if waits { input type="hidden" name={ "row." (event.id) ".open" } value="true"; }
            label.tick {
                input id=(field_name("take", event.id)) type="checkbox" name={ "row." (event.id) ".take" } value="true"
                    checked[row.taken] disabled[row.stuck] aria-label={ "Include " (event.label()) };
            }
        }
    }
}

fn input(view: &PlanView, row: &Row, kind: &str, value: &str) -> Markup {
    let (id, label) = (row.card.event.id, if kind == "date" { "Date" } else { "Start" });
    let name = field_name(kind, id);
    let error = view.error_of(&name);
    let bounds = (kind == "date").then(|| (format!("{YEAR_MIN}-01-01"), format!("{YEAR_MAX}-12-31")));
    html! {
        input id=(name) name={ "row." (id) "." (kind) } type=(kind) value=(value) disabled[row.stuck] autofocus[view.takes_focus(&name)]
            min=[bounds.as_ref().map(|bounds| &bounds.0)] max=[bounds.as_ref().map(|bounds| &bounds.1)]
            aria-label={ (label) " of " (row.card.event.label()) } aria-invalid=[error.map(|_| "true")]
            aria-describedby=[field::described_by(&name, error, false)];
        (field::message(&name, error))
    }
}

fn remarks(row: &Row, out_of_band: bool) -> Markup {
    let id = row.card.event.id;
    html! {
        div id={ "remarks-" (id) } .remarks hx-swap-oob=[out_of_band.then_some("true")] {
            @for remark in &row.remarks {
                (self::remark(remark))
            }
            @if row.leaves_core {
                label.check {
                    input type="checkbox" name={ "row." (id) ".confirm" } value="true" checked[row.confirm_other_date];
                    " Allow a different date from its CORE"
                }
            }
        }
    }
}

fn remark(remark: &Remark) -> Markup {
    html! {
        p class=(if remark.refuses { "err" } else { "warned" }) {
            span aria-hidden="true" { (if remark.refuses { "✕ " } else { "▲ " }) } (remark.text)
            @if let Some(event) = remark.event { " " (alert::look_at(event)) }
        }
    }
}

/// Tells the style which fields to show, and carries what the reason is for.
fn needs(view: &PlanView, out_of_band: bool) -> Markup {
    // A typed reason stays visible.
    let needs =
        !view.shown.is_empty() || !view.override_reason.is_empty() || view.error_of("override_reason").is_some();
    html! { span #plan-needs data-needs=[needs.then_some("reason")] hx-swap-oob=[out_of_band.then_some("true")] { input type="hidden" name="shown" value=(view.shown); } }
}

/// Assigns all rows without an employee at once.
fn give(view: &PlanView) -> Markup {
    let without = view.without();
    html! {
        @if without > 0 {
            div.bar.give.note.warn {
                label for="give" { "No one is available for " (format::count(without as u64, "event")) ". Assign to" }
                select #give name="give" {
                    option value=(BEST) { "anyone qualified, fewest events first" }
                    @for (id, name) in &view.all_employees { option value=(id) { (format::isolated(name)) } }
                }
                button.btn name="check" value=(GIVE) autofocus[view.problem.is_none()] { "Assign" }
            }
        }
    }
}

fn reason(view: &PlanView) -> Markup {
    let hint = "Needed to save events that have conflicts. One reason for all; it is saved with the change.";
    html! {
        div.field.on-demand data-shown-for="reason" {
            (field::override_reason(&view.override_reason, view.problem.as_ref(), hint, view.asks_reason))
        }
    }
}

/// The button says what it does.
fn confirm(view: &PlanView, out_of_band: bool) -> Markup {
    html! {
        button #confirm .btn.primary hx-swap-oob=[out_of_band.then_some("true")] {
            (view.kind.verb()) " " (format::count(view.taken() as u64, "event"))
        }
    }
}
