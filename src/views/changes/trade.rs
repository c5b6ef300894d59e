//! The swap form: the other COREs of a day, and the findings for both employees as if
//! they had swapped.

use maud::{Markup, html};

use crate::{
    domain::{format, rules::Finding},
    views::{
        changes::{self, FormView, NO_KEYS},
        components::{alert, field},
    },
};
use chrono::{NaiveDate, NaiveDateTime};

/// Most COREs of a day that are offered.
pub const TRADES_MAX: usize = 200;
/// Offers that are seen at once; the rest is behind "Show all".
const OFFERS_OPEN: usize = 6;

/// A CORE to trade with.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The value of the field `other`.
    pub value: String,
    pub event: String,
    pub person: String,
    pub start: NaiveDateTime,
    /// The findings for both employees after the swap.
    pub findings: Vec<Finding>,
    pub chosen: bool,
}

/// The day, and the choice among its COREs, which follows the day.
pub fn field(view: &FormView) -> Markup {
    html! {
        (changes::field::swap_day(view))
        div #swap-with hx-get=(view.action()) hx-trigger="change from:#date" hx-include="closest form" hx-params=(NO_KEYS)
            hx-target="this" hx-select="#swap-with" hx-swap="outerHTML" hx-sync="this:replace" hx-disinherit="*" data-quiet {
            @if view.offers.is_empty() { p.note.info { "No one else works a CORE that day. Choose another day." } } @else { (offers(view)) }
        }
    }
}

fn offers(view: &FormView) -> Markup {
    let error = view.error_of("other");
    let (first, rest) = view.offers.split_at(view.offers.len().min(OFFERS_OPEN));
    html! {
        div.field {
            p #other-label .label { "Swap with" }
            p #other-hint .hint { "Only the employees change places; those without conflicts are listed first." }
            (field::message("other", error))
            div #other .offers role="radiogroup" tabindex="-1" autofocus[view.takes_focus("other")] aria-labelledby="other-label"
                aria-invalid=[error.map(|_| "true")] aria-describedby=[field::described_by("other", error, true)] {
                @for one in first { (offer(one, view.from.date)) }
                @if !rest.is_empty() {
                    details open[rest.iter().any(|one| one.chosen)] {
                        summary { "Show all " (view.offers.len()) }
                        @for one in rest { (offer(one, view.from.date)) }
                    }
                }
            }
        }
    }
}

fn offer(one: &Offer, near: NaiveDate) -> Markup {
    let id = format!("other-{}", one.value.replace('.', "-"));
    html! {
        div.offer {
            input id=(id) type="radio" name="other" value=(one.value) checked[one.chosen] aria-describedby={ (id) "-said" };
            label for=(id) { b { (one.person) } span { (format::moment_near(one.start, near)) " · " (one.event) } }
            div.said id={ (id) "-said" } {
                @if one.findings.is_empty() { span.ok-word { "No conflicts" } }
                @for finding in &one.findings { p data-rule=(finding.rule) { (alert::sentence(finding)) } }
            }
        }
    }
}
