//! The forms that change one event: fields, preview and findings.
//!
//! Invariant: the same markup is the page without scripts and the dialog with them. One frame holds every form;
//! a file each for what only some of them have.

pub mod employee_picker;
mod employees;
pub(super) mod field;
pub mod move_day;
mod pair;
mod preview;
mod trade;

use maud::{Markup, html};

pub use crate::views::changes::employees::{Person, SupervisorChoice, options};
pub use crate::views::changes::pair::{PairFrame, Sibling, nothing_page};
pub use crate::views::changes::preview::{Move, Preview};
pub use crate::views::changes::trade::{Offer, TRADES_MAX};

use crate::{
    domain::{change::ChangeKind, day::Card, event::EventType, format, ids::EventId},
    views::{
        FormKeys, Page,
        calendar::day_page::DayPage,
        components::{
            alert::{self, Problem},
            field::default_button,
            layout::dialog_header,
        },
        urls,
    },
};

/// The parameters of a preview: all fields except the keys, which must not get into addresses.
const NO_KEYS: &str = "not key,csrf,shown";

/// Data shown by the form of one event.
#[derive(Debug)]
pub struct FormView {
    pub change_kind: ChangeKind,
    pub card: Card,
    /// The day that the form was opened from and returns to.
    pub from: DayPage,
    /// The CORE from whose card the form of its Supervisor was opened.
    pub core: Option<EventId>,
    /// The pair of a Supervisor, if the form was opened from its CORE.
    pub pair: Option<PairFrame>,
    pub keys: FormKeys,
    /// The values of the fields, as entered.
    pub date: String,
    pub time: String,
    pub employee: String,
    pub supervisor_employee: String,
    pub override_reason: String,
    pub confirm_other_date: bool,
    /// The address of the form that fits the event, with the same values, where this one does not.
    pub instead: Option<(ChangeKind, String)>,
    /// Best first.
    pub people: Vec<Person>,
    /// Other employees for the Supervisor that follows, if a rule refuses its own.
    pub supervisor: Option<SupervisorChoice>,
    /// Clear ones first.
    pub offers: Vec<Offer>,
    pub preview: Preview,
    pub problem: Option<Problem>,
}

impl FormView {
    fn has_when(&self) -> bool {
        matches!(self.change_kind, ChangeKind::Schedule | ChangeKind::Reschedule)
    }

    fn has_employee(&self) -> bool {
        matches!(self.change_kind, ChangeKind::Schedule | ChangeKind::Reschedule | ChangeKind::ChangeEmployee)
    }

    fn asks_reason(&self) -> bool {
        let refused = matches!(self.problem, Some(Problem::Refused { .. })) || self.preview.needs_reason;
        refused || self.error_of("override_reason").is_some()
    }

    fn asks_other_date(&self) -> bool {
        self.is_asked_to_confirm() || self.preview.leaves_core.is_some()
    }

    /// The form came back for the second confirmation, which then stands right below the note.
    fn is_asked_to_confirm(&self) -> bool {
        matches!(self.problem, Some(Problem::OtherDate { .. }))
    }

    fn error_of(&self, name: &str) -> Option<&str> {
        alert::error_of(self.problem.as_ref(), name)
    }

    /// Tells if a field takes the focus: it is the first one with an error.
    fn takes_focus(&self, name: &str) -> bool {
        alert::first_error(self.problem.as_ref()) == Some(name)
    }

    fn action(&self) -> String {
        urls::action(self.card.event.id, self.change_kind)
    }
}

pub fn page(view: &FormView) -> Page {
    Page::narrow(title(view), form(view))
}

fn title(view: &FormView) -> String {
    let name = view.card.event.product();
    if let Some(pair) = &view.pair {
        return format!("Supervisor event of {}", pair.core.name);
    }
    match view.change_kind {
        ChangeKind::Schedule => format!("Schedule {name}"),
        ChangeKind::Reschedule => format!("Reschedule {name}"),
        ChangeKind::Unschedule => format!("Unschedule {name}?"),
        ChangeKind::ChangeEmployee => format!("Change employee of {name}"),
        ChangeKind::Trade => format!("Swap employees of {name}"),
    }
}

fn form(view: &FormView) -> Markup {
    let event = &view.card.event;
    let (action, back) = (view.action(), view.from.address());
    html! {
        form.form.framed action=(action) method="post" hx-post=(action) hx-target="#dialog" novalidate {
            (dialog_header(&title(view), &subtitle(view), &back))
            (default_button())
            div.body {
                input type="hidden" name="revision" value=(event.revision);
                input type="hidden" name="from" value=(view.from);
                @if let Some(core) = view.core { input type="hidden" name="core" value=(core); }
                (view.keys.inputs())
                @if let Some(pair) = &view.pair { (pair::siblings(pair)) (pair::details(view, pair)) }
                @if let Some(problem) = &view.problem { (alert::problem(problem)) }
                @if view.has_when() && view.is_asked_to_confirm() { (field::other_date(view)) }
                @if view.instead.is_none() { (fields(view)) }
                @if view.from.other.is_some() && view.pair.is_none() { (others(view)) }
            }
            @if let Some(instead) = &view.instead {
                (misfit(&back, instead))
            } @else {
                (footer(view))
            }
        }
    }
}

fn subtitle(view: &FormView) -> Markup {
    let (event, now) = (&view.card.event, view.card.event.schedule.as_ref());
    if view.pair.is_some() {
        return html! { "Changes here affect only the Supervisor." };
    }
    html! {
        (event.titles().facts)
        @if let Some(store) = event.location.label() { " · " (store) }
        @if let Some(now) = now {
            " · " (view.card.who.as_deref().unwrap_or(now.employee.as_str()))
            " · now " (format::moment_near(now.start, view.from.date))
        } @else { " · unscheduled" }
        @if let Some(due) = event.due { " · " (due.words(view.from.date)) }
    }
}

fn fields(view: &FormView) -> Markup {
    html! {
        @if view.has_when() { (field::when(view)) }
        @if view.has_employee() { (employees::field(view)) }
        @if view.has_when() && view.card.event.event_type == EventType::Core { (employees::supervisor_field(view)) }
        @if view.change_kind == ChangeKind::Trade { (trade::field(view)) }
        (preview::preview(view))
        @if view.has_when() && !view.is_asked_to_confirm() { (field::other_date(view)) }
        @if view.change_kind != ChangeKind::Unschedule { (field::reason(view)) }
    }
}

fn footer(view: &FormView) -> Markup {
    let unschedule = view.pair.as_ref().filter(|_| view.card.event.schedule.is_some());
    html! {
        footer {
            @if let Some(pair) = unschedule {
                @let href = urls::form_of_pair(view.card.event.id, ChangeKind::Unschedule, &view.from, pair.core.id);
                a #unschedule-it .btn.danger.aside href=(href) hx-get=(href) hx-target="#dialog" { "Unschedule…" }
            }
            a.btn href=(view.from.address()) data-close { "Cancel" }
            @if view.preview.follows { noscript { button.btn name="check" value="true" { "Check" } } }
            button #confirm class={ "btn " (if view.change_kind == ChangeKind::Unschedule { "danger" } else { "primary" }) } { (submit_label(view)) }
        }
    }
}

/// A page without cards opens one form of an event: links to the others, and to its card.
fn others(view: &FormView) -> Markup {
    let event = &view.card.event;
    let kinds = ChangeKind::ALL.into_iter().filter(|kind| kind.fits(event) && *kind != view.change_kind);
    html! {
        p.others {
            @for kind in kinds {
                @let href = urls::form(event.id, kind, &view.from);
                a href=(href) hx-get=(href) hx-target="#dialog" { (kind.label()) "…" } " "
            }
            @if let Some(date) = event.day() { a href=(urls::card(date, event.id)) { "Open its day" } }
        }
    }
}

/// The event is in another condition than the form is for: it changed meanwhile, or the address is old.
fn misfit(back: &str, (instead, href): &(ChangeKind, String)) -> Markup {
    html! {
        footer {
            a.btn href=(back) data-close { "Cancel" }
            a.btn.primary href=(href) hx-get=(href) hx-target="#dialog" { (instead.label()) " instead" }
        }
    }
}

/// The button says what it does.
fn submit_label(view: &FormView) -> String {
    let verb = match view.change_kind {
        ChangeKind::Reschedule if view.pair.is_some() => return "Save".to_owned(),
        ChangeKind::Schedule => "Schedule",
        ChangeKind::Reschedule => "Move",
        ChangeKind::Unschedule => "Unschedule",
        ChangeKind::ChangeEmployee => return "Change employee".to_owned(),
        ChangeKind::Trade => return "Swap employees".to_owned(),
    };
    match view.preview.moves.len() {
        0 | 1 => verb.to_owned(),
        number => format!("{verb} {number} events"),
    }
}
