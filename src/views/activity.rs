//! The activity log: all changes, newest first, and the page of one change with undo and revert.

use chrono::NaiveDateTime;
use maud::{Markup, html};

use crate::{
    domain::{
        audit::{About, Action, Fact, Outcome},
        change::Warning,
        event::EventType,
        format,
    },
    views::{
        FormKeys, Page,
        components::{
            alert::{self, Problem},
            field,
            layout::dialog_header,
        },
        urls,
    },
};

/// One event of an entry, before and after, in words.
#[derive(Clone, Debug)]
pub struct StepView {
    pub event: u64,
    pub name: String,
    pub event_type: EventType,
    pub before: String,
    pub after: String,
}

/// The action that an entry offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    Undo,
    Revert,
    /// Nothing was changed, or it was undone already.
    None,
}

/// An entry in words.
#[derive(Clone, Debug)]
pub struct EntryView {
    pub sequence: u64,
    /// Local time.
    pub at: NaiveDateTime,
    pub who: String,
    pub source: &'static str,
    pub action: Action,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub subject: Option<(u64, String)>,
    pub about: Option<About>,
    /// The first of them in a list, all on the entry's own page.
    pub steps: Vec<StepView>,
    /// The number of changed events.
    pub events: usize,
    pub facts: Vec<Fact>,
    /// Each with the event that it is about.
    pub notes: Vec<(String, Option<u64>)>,
    pub undoes: Option<u64>,
    pub undone_by: Option<u64>,
    pub request_id: String,
    pub remedy: Remedy,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub event: String,
    pub who: String,
    /// Number, or part of the name, of the employee concerned.
    pub employee: String,
    pub action: String,
    pub from: String,
    pub to: String,
}

impl Filter {
    fn fields(&self) -> [(&'static str, &str); 6] {
        let (days, people) = (
            [("from", self.from.as_str()), ("to", &self.to)],
            [("who", self.who.as_str()), ("employee", &self.employee)],
        );
        [("event", &self.event), people[0], people[1], ("action", &self.action), days[0], days[1]]
    }

    /// The filter as a query, for links that keep it.
    fn query(&self) -> String {
        urls::query(&self.fields())
    }
}

#[derive(Debug)]
pub struct ListView {
    pub filter: Filter,
    pub problem: Option<String>,
    pub entries: Vec<EntryView>,
    /// The sequence of the first entry of the next page.
    pub next: Option<u64>,
    /// The last entry that is archived; shown at the end of the list.
    pub archived: Option<u64>,
}

impl EntryView {
    /// Tells if the entry shows the number of its events instead of a name.
    fn is_of_many(&self) -> bool {
        self.events > STEPS_LISTED_MAX || (self.action.is_of_several() && self.events > 1)
    }
}

/// Most events that an entry names in a list.
pub const STEPS_LISTED_MAX: usize = 5;

pub fn list_page(view: &ListView) -> Page {
    let main = html! {
        div.page {
            div.bar { h1 #title tabindex="-1" { "Activity" } a.btn href=(urls::DIGEST) { "Since your last visit" } }
            (filter_form(view))
            @if view.entries.is_empty() && view.problem.is_none() {
                p.empty { @if view.next.is_some() { "None of the latest changes matches; older ones may. " } @else { "No change matches. " } @if view.next.is_none() && view.filter != Filter::default() { "Clear the filter to see all changes." } }
            }
            ul.entries { @for entry in &view.entries { (row(entry)) } }
            @if let Some(next) = view.next {
                @if view.filter != Filter::default() { p.hint { "Changes from " (next) " on were searched. Older ones may match too." } }
                a.btn rel="next" href={ (urls::ACTIVITY) "?" (view.filter.query()) "&before=" (next) } { "Older changes" }
            } @else if let Some(last) = view.archived {
                p.note { "Changes 1 to " (last) " are archived: the administrator of the server has the file." }
            }
        }
    };
    Page::new("Activity", main).in_section(urls::ACTIVITY)
}

fn filter_form(view: &ListView) -> Markup {
    let filter = &view.filter;
    html! {
        form.filter action=(urls::ACTIVITY) method="get" {
            div.field { label for="event" { "Event or reference" } input #event name="event" inputmode="numeric" value=(filter.event); }
            div.field { label for="who" { "Changed by" } input #who name="who" value=(filter.who); }
            div.field { label for="employee" { "Employee concerned" } input #employee name="employee" value=(filter.employee); }
            div.field {
                label for="action" { "Action" }
                select #action name="action" {
                    option value="" { "All" }
                    @for action in Action::ALL {
                        option value=(action.slug()) selected[action.slug() == filter.action] { (action.label()) }
                    }
                }
            }
            div.field { label for="from" { "From" } input #from name="from" type="date" value=(filter.from); }
            div.field { label for="to" { "To" } input #to name="to" type="date" value=(filter.to); }
            button.btn { "Filter" }
            @if *filter != Filter::default() { a.btn.quiet href=(urls::ACTIVITY) { "Clear" } }
            a.btn.quiet href={ (urls::ACTIVITY_CSV) "?" (filter.query()) } { "Export CSV" }
        }
        @if let Some(problem) = &view.problem { p.note.bad role="alert" { (problem) } }
    }
}

pub fn row(entry: &EntryView) -> Markup {
    html! {
        li.entry id={ "entry-" (entry.sequence) } {
            p.entry-head {
                a href=(urls::entry(entry.sequence)) { (entry.action.label()) }
                (subject(entry))
                @if let Some(About { topic, id }) = &entry.about { " " (topic.slug()) " " b { (id) } }
                (outcome(entry))
            }
            @if let Some(reason) = &entry.reason { p.meta { (reason) } }
            (steps(entry))
            (facts(entry))
            p.meta {
                time datetime=(entry.at.format("%Y-%m-%dT%H:%M:%S")) { (format::moment(entry.at)) }
                " · " (entry.who) " · " (entry.source)
                @match (entry.undone_by, entry.remedy) {
                    (Some(by), _) => { " · " a href=(urls::entry(by)) { "undone" } }
                    (None, Remedy::Undo) => { " · " a href=(urls::entry(entry.sequence)) { "Undo" } }
                    (None, Remedy::Revert) => { " · " a href=(urls::entry(entry.sequence)) { "Revert" } }
                    (None, Remedy::None) => {},
                }
            }
        }
    }
}

fn outcome(entry: &EntryView) -> Markup {
    html! {
        @match entry.outcome {
            Outcome::Done => {},
            Outcome::Refused => { " " span.chip.warn { "refused" } }
            Outcome::Failed => { " " span.chip.bad { "failed" } }
        }
    }
}

/// The event, or how many there were.
fn subject(entry: &EntryView) -> Markup {
    html! {
        @match &entry.subject {
            _ if entry.is_of_many() => { " " b { (format::count(entry.events as u64, "event")) } }
            Some((_, name)) => { " " b { (name) } }
            None => {},
        }
    }
}

fn steps(entry: &EntryView) -> Markup {
    html! {
        @if !entry.steps.is_empty() {
            ul.moves aria-label="What changed" {
                @for step in &entry.steps {
                    li class=(step.event_type.slug()) {
                        b { a href={ "/events/" (step.event) } { (step.name) } }
                        span { s { span.vh { "from " } (step.before) } " → " (step.after) }
                    }
                }
                @if entry.events > entry.steps.len() {
                    li { a href=(urls::entry(entry.sequence)) { "and " (entry.events.saturating_sub(entry.steps.len())) " more" } }
                }
            }
        }
    }
}

/// Changes besides those of events.
fn facts(entry: &EntryView) -> Markup {
    html! {
        @if !entry.facts.is_empty() {
            ul.moves aria-label="Other changes" {
                @for Fact { name, before, after } in &entry.facts {
                    li {
                        b { (name) }
                        span { @if !before.is_empty() { s { span.vh { "from " } (before) } " → " } (if after.is_empty() { "none" } else { after.as_str() }) }
                    }
                }
            }
        }
    }
}

/// One entry, and a form to take it back.
#[derive(Debug)]
pub struct DetailView {
    pub entry: EntryView,
    pub keys: FormKeys,
    pub override_reason: String,
    pub warnings: Vec<Warning>,
    pub problem: Option<Problem>,
}

pub fn entry_page(view: &DetailView) -> Page {
    let entry = &view.entry;
    let title = format!("{} of {}", entry.action.label(), format::moment(entry.at));
    let subtitle = html! { "Change " (entry.sequence) " · " (entry.who) " · " (entry.source) " · request " (entry.request_id) (outcome(entry)) };
    let main = html! {
        div.form {
            (dialog_header(&title, &subtitle, urls::ACTIVITY))
            @if let Some(problem) = &view.problem { (alert::problem(problem)) }
            @if let Some((id, name)) = entry.subject.as_ref().filter(|_| !entry.is_of_many()) { p { "About " a href={ "/events/" (id) } { (name) } } }
            @if let Some(About { topic, id }) = &entry.about { p { "About " (topic.slug()) " " b { (id) } } }
            @if let Some(reason) = &entry.reason { p { (reason) } }
            (steps(entry))
            (facts(entry))
            @if !entry.notes.is_empty() {
                ul.note.info { @for (message, event) in &entry.notes { li { (message) @if let Some(event) = event { " " a href={ "/events/" (event) } { "Event " (event) } } } } }
            }
            @if let Some(undoes) = entry.undoes { p { "Undoes " a href=(urls::entry(undoes)) { "change " (undoes) } "." } }
            @if let Some(by) = entry.undone_by { p { "Undone by " a href=(urls::entry(by)) { "change " (by) } "." } }
            (remedy(view))
        }
    };
    Page::narrow(title, main).in_section(urls::ACTIVITY)
}

fn remedy(view: &DetailView) -> Markup {
    let (sequence, count) = (view.entry.sequence, view.entry.steps.len());
    let button = |verb: &str| if count == 1 { verb.to_owned() } else { format!("{verb} {count} events") };
    html! {
        @match view.entry.remedy {
            Remedy::None => footer { a.btn href=(urls::ACTIVITY) data-close { "Close" } },
            Remedy::Undo => form.plain action=(urls::undo(sequence)) method="post" {
                (view.keys.inputs())
                footer { a.btn href=(urls::ACTIVITY) data-close { "Close" } button.btn.primary { (button("Undo")) } }
            },
            Remedy::Revert => form.plain action=(urls::revert(sequence)) method="post" {
                (view.keys.inputs())
                (alert::warnings(&view.warnings, &[]))
                @if matches!(view.problem, Some(Problem::Refused { .. })) || !view.override_reason.is_empty() {
                    div.field {
                        @let hint = "Needed to revert despite a conflict. The reason is saved with the change.";
                        (field::override_reason(&view.override_reason, view.problem.as_ref(), hint, false))
                    }
                }
                footer { a.btn href=(urls::ACTIVITY) data-close { "Close" } button.btn.primary { (button("Revert")) } }
            },
        }
    }
}
