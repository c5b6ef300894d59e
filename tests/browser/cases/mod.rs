//! The cases. Numbers are those of the acceptance plan.

mod day;
mod deeds;
mod dialog;
mod everywhere;
mod journey;
mod live;
mod month;
mod sizes;
mod waiting;

use super::runner::Case;

pub fn all() -> Vec<Case> {
    [
        month::CASES,
        day::CASES,
        dialog::CASES,
        deeds::CASES,
        everywhere::CASES,
        journey::CASES,
        sizes::CASES,
        live::CASES,
        waiting::CASES,
    ]
    .concat()
}
