//! Findings of the rules about an assignment as it stands.

use maud::{Markup, html};

use crate::{
    domain::format,
    domain::rules::stored::{DayIssues, StoredFinding},
    views::components::alert,
};

/// A line for each finding; an accepted one names who accepted it, and why.
pub fn lines(findings: &[StoredFinding]) -> Markup {
    let tone = |one: &StoredFinding| match (&one.accepted, one.finding.refuses) {
        (Some(_), _) => ("info", "i", "Accepted conflict: "),
        (None, true) => ("bad", "▲", "Conflict: "),
        (None, false) => ("warn", "▲", "Warning: "),
    };
    html! {
        @if !findings.is_empty() {
            div.conflicts {
                @for one in findings {
                    @let (class, sign, words) = tone(one);
                    p class={ "finding " (class) } data-rule=(one.finding.rule) {
                        span aria-hidden="true" { (sign) } " " span.vh { (words) }
                        (alert::sentence(&one.finding))
                        @if let Some(accepted) = &one.accepted { " Accepted by " (accepted.by) ": " bdi { (accepted.reason) } }
                    }
                }
            }
        }
    }
}

/// "2 conflicts", "1 accepted conflict": what is wrong on a day, the most urgent first.
pub fn day_words(issues: &DayIssues) -> Vec<String> {
    let DayIssues { refused, accepted, warned } = *issues;
    let counts = [(refused, "conflict"), (accepted, "accepted conflict"), (warned, "warning")];
    counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format::count(count, unit)).collect()
}
