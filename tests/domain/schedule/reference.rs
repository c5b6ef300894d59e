//! The instances of `benches/schedule.rs` against the answers of a reference solver that are checked in beside them.

use std::{fs, thread};

use tandem::domain::schedule::propose;

use super::{
    instances::{self, instance},
    outcome::{by_last_day, spread, vector, whole},
};

/// One seed of each but the largest, which takes too long without optimisation.
const EXACT: [(&str, u64); 7] = [("B1", 0), ("B2", 1), ("B3", 2), ("B4", 2), ("B5", 3), ("B6", 3), ("B7", 1)];
/// One seed of each where no work counts as short.
const STRICT: [(&str, u64); 6] = [("B1", 0), ("B2", 2), ("B3", 2), ("B4", 2), ("B5", 2), ("B6", 2)];
/// The spread of hours is compared for all seeds.
const EVEN: [(&str, u64); 6] = [("B2", 1), ("B2", 2), ("B2", 3), ("B5", 1), ("B5", 2), ("B5", 3)];
/// Times the solver's spread.
const SPREAD_MOST: f64 = 1.1;
/// Units placed where no work counts as short, of a hundred that the solver places.
const STRICT_PERCENT_MIN: usize = 98;

/// The columns of an instance in a file of the reference.
fn row(file: &str, name: &str, seed: u64) -> Vec<String> {
    let path = format!("{}/benches/reference/{file}.tsv", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let row = text.lines().find(|line| line.starts_with(&format!("{name}-{seed}\t"))).unwrap();
    row.split('\t').map(str::to_owned).collect()
}

/// Runs a check of each instance, on all processors.
fn each(instances: &[(&str, u64)], check: impl Fn(&str, u64) + Sync) {
    thread::scope(|scope| {
        for (name, seed) in instances {
            scope.spawn(|| check(name, *seed));
        }
    });
}

#[test]
fn as_much_long_work_is_placed_by_each_last_day_as_a_reference_solver_places() {
    each(&EXACT, |name, seed| {
        let input = instance(name, seed, instances::SHORT_WORK_MINUTES);
        let proposal = propose(&input);
        let long = by_last_day(&input, &whole(&input, &proposal));

        let exact = row("exact", name, seed);

        let placed = long.values().next_back().copied().unwrap_or_default().to_string();
        assert_eq!((&placed, &vector(&long)), (&exact[2], &exact[3]), "{name}-{seed}");
    });
}

#[test]
fn without_short_work_nearly_as_many_units_are_placed_as_a_reference_solver_places() {
    each(&STRICT, |name, seed| {
        let input = instance(name, seed, 0);
        let placed = whole(&input, &propose(&input)).len();

        let most: usize = row("strict", name, seed)[2].parse().unwrap();

        assert!(placed * 100 >= most * STRICT_PERCENT_MIN, "{name}-{seed}: {placed} units instead of {most}");
    });
}

#[test]
fn hours_within_a_title_are_about_as_even_as_a_reference_solver_makes_them() {
    each(&EVEN, |name, seed| {
        let input = instance(name, seed, instances::SHORT_WORK_MINUTES);

        let hours = spread(&input, &propose(&input));

        let least: f64 = row("spread", name, seed)[3].parse().unwrap();
        assert!(hours <= least * SPREAD_MOST, "{name}-{seed}: {hours} hours instead of {least}");
    });
}
