//! The form that asks for a proposal, and the page of a proposal.

pub mod proposal;
pub mod rotation;
pub mod rotation_copy;
mod unplaced;

use maud::{Markup, html};

use crate::{
    domain::{
        calendar::{YEAR_MAX, YEAR_MIN},
        event::{EventType, Location},
        format,
        schedule::{DAYS_MAX, saved::Saved},
    },
    views::{
        FormKeys, Page,
        components::{
            alert::{self, Problem},
            field,
        },
        urls,
    },
};

/// The text of a form while its proposal is computed.
pub const WAIT: &str = "Looking for places. Nothing is scheduled yet.";

/// The options as they were typed.
#[derive(Clone, Debug, Default)]
pub struct FormValues {
    pub from: String,
    pub to: String,
    pub types: Vec<String>,
    pub stores: Vec<String>,
    pub leave_out: Vec<String>,
    pub move_scheduled: bool,
}

#[derive(Debug)]
pub struct OptionsView {
    pub values: FormValues,
    pub stores: Vec<Location>,
    /// Active employees: id and name.
    pub people: Vec<(String, String)>,
    /// Valid proposals, the newest first.
    pub recent: Vec<Saved>,
    pub keys: FormKeys,
    pub problem: Option<Problem>,
}

pub fn page(view: &OptionsView) -> Page {
    let main = html! {
        div.page.narrow {
            form.form action=(urls::AUTO_SCHEDULE) method="post" novalidate data-wait=(WAIT) {
                header { div {
                    h1 #title tabindex="-1" { "Auto-schedule" }
                    p.sub { a href=(urls::ROTATION) { "Rotation: who does Juicer events and who is primary lead" } }
                    p.sub { "Proposes who does each unscheduled event and when. Nothing is scheduled until you accept the proposal." }
                } }
                (view.keys.inputs())
                @if let Some(problem) = &view.problem { (alert::problem(problem)) }
                (day(view, "from", "First day", &view.values.from))
                (day(view, "to", &format!("Last day, at most {DAYS_MAX} days in all"), &view.values.to))
                (choices("Types of events (none ticked: all)", "types", &view.values.types,
                    EventType::ALL.map(|one| (one.slug().to_owned(), one.label().to_owned())).as_slice()))
                @if view.stores.len() > 1 { (choices("Stores (none ticked: all)", "stores", &view.values.stores, &stores(view))) }
                (choices("Do not schedule", "leave_out", &view.values.leave_out, &view.people))
                label.check {
                    input type="checkbox" name="move_scheduled" value="true" checked[view.values.move_scheduled];
                    " Scheduled events may move where that gives an unscheduled one a place"
                }
                p.sub.waits {}
                footer { a.btn href=(urls::UNSCHEDULED) { "Cancel" } button.btn.primary { "Propose" } }
            }
            (recent(view))
        }
    };
    Page::new("Auto-schedule", main).in_section(urls::AUTO_SCHEDULE)
}

fn day(view: &OptionsView, name: &str, label: &str, value: &str) -> Markup {
    let error = alert::error_of(view.problem.as_ref(), name);
    html! {
        div.field {
            label for=(name) { (label) }
            input id=(name) name=(name) type="date" value=(value) aria-invalid=[error.map(|_| "true")]
                aria-describedby=[field::described_by(name, error, false)] min={ (YEAR_MIN) "-01-01" } max={ (YEAR_MAX) "-12-31" } required;
            (field::message(name, error))
        }
    }
}

fn stores(view: &OptionsView) -> Vec<(String, String)> {
    let words = |store: &Location| store.label().unwrap_or_else(|| "No store".to_owned());
    view.stores.iter().map(|store| (store.key().into_owned(), words(store))).collect()
}

/// Check boxes with one name.
fn choices(legend: &str, name: &str, ticked: &[String], all: &[(String, String)]) -> Markup {
    html! {
        fieldset.choices id=(name) tabindex="-1" {
            legend { (legend) }
            @for (value, words) in all {
                label.check {
                    input type="checkbox" name=(name) value=(value) checked[ticked.contains(value)]; " " (words)
                }
            }
        }
    }
}

fn recent(view: &OptionsView) -> Markup {
    html! {
        @if !view.recent.is_empty() {
            section aria-labelledby="recent" {
                h2 #recent { "Proposals of the last 24 hours" }
                ul.rows {
                    @for saved in &view.recent {
                        li {
                            a href=(urls::proposal(saved.id)) { (format::dates(saved.options.from, saved.options.to)) }
                            " · " (format::count(saved.proposal.rows.len() as u64, "event")) " · by " (saved.who)
                            @if saved.accepted.is_some() { " · accepted" }
                        }
                    }
                }
            }
        }
    }
}
