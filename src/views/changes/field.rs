//! Fields that several forms share: date and time, the reason for passing over a rule, the second confirmation.

use maud::{Markup, html};

use crate::{
    domain::{
        calendar::{YEAR_MAX, YEAR_MIN},
        change::ChangeKind,
        format,
    },
    views::{changes::FormView, components::field},
};

/// Date and start.
pub fn when(view: &FormView) -> Markup {
    let keeps = view.card.event.start().map(|start| format::time(start.time()));
    let date_label =
        if view.change_kind == ChangeKind::Reschedule && view.pair.is_none() { "New date" } else { "Date" };
    let date = Field { view, name: "date", label: date_label, kind: "date" };
    let time = Field { view, name: "time", label: "Start", kind: "time" };
    html! {
        div.fields {
            (date.render(&view.date, None))
            (time.render(&view.time, keeps.map(|keeps| format!("Leave blank to keep {keeps}"))))
        }
    }
}

/// The day of the events that are offered for a swap.
pub fn swap_day(view: &FormView) -> Markup {
    Field { view, name: "date", label: "Swap with a CORE on", kind: "date" }.render(&view.date, None)
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
        let error = view.error_of(name);
        let bounds = (kind == "date").then(|| (format!("{YEAR_MIN}-01-01"), format!("{YEAR_MAX}-12-31")));
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value) autofocus[view.takes_focus(name)]
                    min=[bounds.as_ref().map(|bounds| &bounds.0)] max=[bounds.as_ref().map(|bounds| &bounds.1)]
                    aria-invalid=[error.map(|_| "true")] aria-describedby=[field::described_by(name, error, hint.is_some())];
                @if let Some(hint) = hint { p.hint id={ (name) "-hint" } { (hint) } }
                (field::message(name, error))
            }
        }
    }
}

/// The override reason. The style hides it until the preview or the response asks for it, so that its text survives a
/// preview.
pub fn reason(view: &FormView) -> Markup {
    let hint = "Needed to schedule despite a conflict. The reason is saved with the change.";
    html! {
        div #reason-field .field.on-demand data-shown-for="reason" {
            (field::override_reason(&view.override_reason, view.problem.as_ref(), hint, false))
        }
    }
}

/// The second, explicit confirmation that a Supervisor leaves its CORE's date.
pub fn other_date(view: &FormView) -> Markup {
    html! {
        div #other-date-field .field.check.on-demand data-shown-for="other-date" {
            input #confirm_other_date type="checkbox" name="confirm_other_date" value="true" checked[view.confirm_other_date];
            label for="confirm_other_date" { "Allow a different date from its CORE" }
        }
    }
}
