//! The activity log: all changes, newest first, and the page of one change with undo and revert.

use chrono::NaiveDateTime;
use maud::{Markup, html};

use crate::{
    domain::{
        audit::{About, Fact, Outcome, REASON_CHARS_MAX},
        change::{Action, Warning},
        event::EventType,
        format,
    },
    views::{
        FormKeys, Page,
        components::alert::{self, Problem},
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
    /// Nothing was changed, or it was taken back already.
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
    pub notes: Vec<String>,
    pub undoes: Option<u64>,
    pub undone_by: Option<u64>,
    pub request_id: String,
    pub remedy: Remedy,
}

/// The values of the filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub event: String,
    pub who: String,
    pub action: String,
    pub date: String,
}

impl Filter {
    fn fields(&self) -> [(&'static str, &str); 4] {
        [("event", &self.event), ("who", &self.who), ("action", &self.action), ("date", &self.date)]
    }

    /// The filter as a query, for links that keep it.
    fn query(&self) -> String {
        urls::query(&self.fields())
    }
}

/// A page of the list.
#[derive(Debug)]
pub struct ListView {
    pub filter: Filter,
    pub problem: Option<String>,
    pub entries: Vec<EntryView>,
    /// The sequence of the first entry of the next page.
    pub next: Option<u64>,
}

impl EntryView {
    /// Tells if the entry shows the number of its events instead of a name.
    fn is_of_many(&self) -> bool {
        self.events > STEPS_LISTED_MAX || (self.action.is_of_several() && self.events > 1)
    }
}

/// Most events that an entry names in a list.
pub const STEPS_LISTED_MAX: usize = 5;

/// Every kind of change, in the order of the filter.
pub const ACTIONS: [Action; 32] = [
    Action::Schedule,
    Action::Reschedule,
    Action::Unschedule,
    Action::ChangeEmployee,
    Action::Trade,
    Action::ScheduleSeveral,
    Action::ReassignDay,
    Action::Repair,
    Action::AcceptProposal,
    Action::Undo,
    Action::Revert,
    Action::Import,
    Action::AddEmployee,
    Action::EditEmployee,
    Action::DeactivateEmployee,
    Action::ReactivateEmployee,
    Action::AddTimeOff,
    Action::RemoveTimeOff,
    Action::AddHoliday,
    Action::RemoveHoliday,
    Action::SignIn,
    Action::SignOut,
    Action::AddUser,
    Action::ChangeUser,
    Action::SetPassword,
    Action::EndSession,
    Action::MakeToken,
    Action::EndToken,
    Action::TestAlert,
    Action::Export,
    Action::Backup,
    Action::Restore,
];

/// "Change employee"
pub fn action_words(action: Action) -> &'static str {
    match action {
        Action::Schedule => "Schedule",
        Action::Reschedule => "Reschedule",
        Action::Unschedule => "Unschedule",
        Action::ChangeEmployee => "Change employee",
        Action::Trade => "Trade",
        Action::ScheduleSeveral => "Schedule several",
        Action::ReassignDay => "Reassign a day",
        Action::Repair => "Repair",
        Action::AcceptProposal => "Accept a proposal",
        Action::Import => "Import",
        Action::AddEmployee => "Add employee",
        Action::EditEmployee => "Edit employee",
        Action::DeactivateEmployee => "Deactivate employee",
        Action::ReactivateEmployee => "Reactivate employee",
        Action::AddTimeOff => "Add time off",
        Action::RemoveTimeOff => "Remove time off",
        Action::AddHoliday => "Add holiday",
        Action::RemoveHoliday => "Remove holiday",
        Action::Undo => "Undo",
        Action::Revert => "Revert",
        Action::SignIn => "Sign in",
        Action::SignOut => "Sign out",
        Action::AddUser => "Add user",
        Action::ChangeUser => "Change user",
        Action::SetPassword => "New password",
        Action::EndSession => "End sessions",
        Action::MakeToken => "Create token",
        Action::EndToken => "Revoke token",
        Action::TestAlert => "Test alert",
        Action::Export => "Export",
        Action::Backup => "Backup",
        Action::Restore => "Restore",
    }
}

pub fn list_page(view: &ListView) -> Page {
    let main = html! {
        div.page {
            div.bar { h1 #title tabindex="-1" { "Activity" } }
            (filter_form(view))
            @if view.entries.is_empty() && view.problem.is_none() {
                p.empty { "No change matches. " @if view.next.is_none() && view.filter != Filter::default() { "Clear the filter to see all changes." } }
            }
            ul.entries { @for entry in &view.entries { (row(entry)) } }
            @if let Some(next) = view.next {
                a.btn rel="next" href={ (urls::ACTIVITY) "?" (view.filter.query()) "&before=" (next) } { "Older changes" }
            }
        }
    };
    Page::new("Activity", main).in_section(urls::ACTIVITY)
}

fn filter_form(view: &ListView) -> Markup {
    let filter = &view.filter;
    html! {
        form.filter action=(urls::ACTIVITY) method="get" {
            div.field { label for="event" { "Event" } input #event name="event" inputmode="numeric" value=(filter.event); }
            div.field { label for="who" { "Person" } input #who name="who" value=(filter.who); }
            div.field {
                label for="action" { "Action" }
                select #action name="action" {
                    option value="" { "All" }
                    @for action in ACTIONS {
                        option value=(action.slug()) selected[action.slug() == filter.action] { (action_words(action)) }
                    }
                }
            }
            div.field { label for="on" { "Date" } input #on name="date" type="date" value=(filter.date); }
            button.btn { "Filter" }
            @if *filter != Filter::default() { a.btn.quiet href=(urls::ACTIVITY) { "Clear" } }
            a.btn.quiet href={ (urls::ACTIVITY_CSV) "?" (filter.query()) } { "Export CSV" }
        }
        @if let Some(problem) = &view.problem { p.note.bad role="alert" { (problem) } }
    }
}

fn row(entry: &EntryView) -> Markup {
    html! {
        li.entry id={ "entry-" (entry.sequence) } {
            p.entry-head {
                a href=(urls::entry(entry.sequence)) { (action_words(entry.action)) }
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
                    li { a href=(urls::entry(entry.sequence)) { "and " (entry.events - entry.steps.len()) " more" } }
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
    let title = format!("{} of {}", action_words(entry.action), format::moment(entry.at));
    let main = html! {
        div.form {
            header {
                div {
                    h1 #dialog-title tabindex="-1" { (title) }
                    p.sub { "Change " (entry.sequence) " · " (entry.who) " · " (entry.source) " · request " (entry.request_id) (outcome(entry)) }
                }
                a.btn.quiet.icon href=(urls::ACTIVITY) data-close aria-label="Close" { "×" }
            }
            @if let Some(problem) = &view.problem { (alert::problem(problem)) }
            @if let Some((id, name)) = entry.subject.as_ref().filter(|_| !entry.is_of_many()) { p { "About " a href={ "/events/" (id) } { (name) } } }
            @if let Some(About { topic, id }) = &entry.about { p { "About " (topic.slug()) " " b { (id) } } }
            @if let Some(reason) = &entry.reason { p { (reason) } }
            (steps(entry))
            (facts(entry))
            @if !entry.notes.is_empty() { ul.note.info { @for note in &entry.notes { li { (note) } } } }
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
                        label for="override_reason" { "Override reason" }
                        textarea #override_reason name="override_reason" rows="2" maxlength=(REASON_CHARS_MAX) { (view.override_reason) }
                    }
                }
                footer { a.btn href=(urls::ACTIVITY) data-close { "Close" } button.btn.primary { (button("Revert")) } }
            },
        }
    }
}
