//! The cases. Numbers are those of the acceptance plan.

mod access;
mod changes;
mod day;
mod dialog;
mod drag;
mod everywhere;
mod imports;
mod journey;
mod live;
mod month;
mod search;
mod several;
mod sizes;
mod waiting;

use super::runner::Case;

pub fn all() -> Vec<Case> {
    [
        month::CASES,
        day::CASES,
        drag::CASES,
        dialog::CASES,
        changes::CASES,
        several::CASES,
        access::CASES,
        everywhere::CASES,
        imports::CASES,
        journey::CASES,
        search::CASES,
        sizes::CASES,
        live::CASES,
        waiting::CASES,
    ]
    .concat()
}
