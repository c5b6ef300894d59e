//! The preview of a change: moved events and findings. With scripts it follows the fields.

use maud::{Markup, html};

use crate::{
    domain::{
        change::{Shown, Warning},
        event::EventType,
    },
    views::{
        changes::{FormView, NO_KEYS},
        components::alert::{self, Problem},
    },
};

/// One event of the preview, before and after.
#[derive(Clone, Debug)]
pub struct Move {
    pub event_type: EventType,
    pub name: String,
    pub before: String,
    /// None while nothing is chosen that would change it.
    pub after: Option<String>,
}

/// The same decision as the change itself, written nowhere.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// The event first, then what follows it.
    pub moves: Vec<Move>,
    pub warnings: Vec<Warning>,
    /// Of the warnings, the findings that refuse.
    pub shown: Shown,
    /// Words and address of forms that would pass.
    pub alternatives: Vec<(String, String)>,
    /// A rule refuses what is in the fields.
    pub needs_reason: bool,
    /// A Supervisor would leave its CORE's date: the sentence.
    pub leaves_core: Option<String>,
    /// The preview has fields to follow.
    pub follows: bool,
}

pub fn preview(view: &FormView) -> Markup {
    let Preview { moves, warnings, shown, alternatives, leaves_core, follows, .. } = &view.preview;
    let follows = follows.then(|| view.action());
    let needs = [(view.asks_reason(), "reason"), (view.asks_other_date(), "other-date")];
    let needs: Vec<_> = needs.into_iter().filter(|(asks, _)| *asks).map(|(_, name)| name).collect();
    // A note above says it already.
    let leaves_core = leaves_core.as_ref().filter(|_| !matches!(view.problem, Some(Problem::OtherDate { .. })));
    html! {
        div #preview .preview data-needs=(needs.join(" ")) hx-get=[follows.as_ref()]
            hx-trigger=[follows.as_ref().map(|_| "change delay:150ms from:closest form")] hx-include="closest form" hx-params=(NO_KEYS)
            hx-target="this" hx-select="#preview" hx-swap="outerHTML" hx-sync="this:replace" hx-disinherit="*" data-quiet {
            input type="hidden" name="shown" value=(shown);
            @if view.pair.is_none() || moves.iter().any(|one| one.after.is_some()) { (list(moves)) }
            (alert::warnings(warnings, alternatives))
            @if let Some(sentence) = leaves_core { p.note.warn { (sentence) } }
        }
    }
}

fn list(moves: &[Move]) -> Markup {
    html! {
        ul.moves aria-label="What will change" {
            @for one in moves {
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
