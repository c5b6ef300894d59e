//! The cases. Numbers are those of the acceptance plan.

mod day;
mod deeds;
mod dialog;
mod doors;
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
        deeds::CASES,
        several::CASES,
        doors::CASES,
        everywhere::CASES,
        imports::CASES,
        journey::CASES,
        sizes::CASES,
        live::CASES,
        waiting::CASES,
    ]
    .concat()
}
