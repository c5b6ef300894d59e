//! The cases. Numbers are those of the acceptance plan.

mod access;
mod changes;
mod day;
mod dialog;
mod everywhere;
mod imports;
mod journey;
mod live;
mod month;
mod several;
mod sizes;
mod waiting;

use super::runner::Case;

pub fn all() -> Vec<Case> {
    [
        month::CASES,
        day::CASES,
        dialog::CASES,
        changes::CASES,
        several::CASES,
        access::CASES,
        everywhere::CASES,
        imports::CASES,
        journey::CASES,
        sizes::CASES,
        live::CASES,
        waiting::CASES,
    ]
    .concat()
}
