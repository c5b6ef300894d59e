//! What does a proposal cost, and how many units does it place, beside the old way and what a solver finds?
//!
//! `cargo bench --bench schedule -- --write FOLDER` writes the instances for `reference/solve.py`, `-- --table` prints the
//! figures without timing them well.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a bench that cannot go on has failed")]

#[path = "support/greedy.rs"]
mod greedy;
#[path = "support/instances.rs"]
mod instances;
#[path = "support/outcome.rs"]
mod outcome;
#[path = "support/solver.rs"]
mod solver;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, SamplingMode};
use tandem::domain::schedule::propose;

use instances::{NAMES, SEEDS, SHORT_WORK_MINUTES, instance};

/// Instances whose strict mode is compared.
const STRICT: [&str; 5] = ["B2", "B3", "B4", "B5", "B6"];
/// Instances whose hours are compared.
const FAIR: [&str; 2] = ["B2", "B5"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|one| one == "--write") {
        return write(Path::new(arguments.get(at + 1).expect("a folder")));
    }
    table();
    if arguments.iter().any(|one| one == "--table") {
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("propose");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(3));
    for name in ["B1", "B2", "B8"] {
        let input = instance(name, 1, SHORT_WORK_MINUTES);
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| bencher.iter(|| propose(&input)));
    }
    group.finish();
    criterion.final_summary();
}

fn write(folder: &Path) {
    let put = |kind: &str, name: &str, seed: u64, short: u32| {
        let folder = folder.join(kind);
        fs::create_dir_all(&folder).expect("a folder");
        let text = solver::as_json(&instance(name, seed, short)).to_string();
        fs::write(folder.join(format!("{name}-{seed}.json")), text).expect("an instance is written");
    };
    for seed in SEEDS {
        for name in NAMES {
            put("usual", name, seed, SHORT_WORK_MINUTES);
        }
        for name in STRICT {
            put("strict", name, seed, 0);
        }
        for name in FAIR {
            put("fair", name, seed, SHORT_WORK_MINUTES);
        }
    }
    put("usual", "B1", 0, SHORT_WORK_MINUTES);
    put("strict", "B1", 0, 0);
}

/// One line for each instance: units and events placed, long work by last day, time, the old way, spread of hours.
fn table() {
    println!("instance\tmode\tunits\tevents\tlong\tms\told way\tspread h\tlong by last day");
    for name in ["B1"].into_iter().chain(NAMES) {
        for seed in if name == "B1" { &SEEDS[..1] } else { &SEEDS[..] } {
            line(name, *seed, "usual", SHORT_WORK_MINUTES);
            if name == "B1" || STRICT.contains(&name) {
                line(name, *seed, "strict", 0);
            }
        }
    }
}

fn line(name: &str, seed: u64, mode: &str, short: u32) {
    let input = instance(name, seed, short);
    let times: Vec<_> = (0..3)
        .map(|_| {
            let begun = Instant::now();
            std::hint::black_box(propose(&input));
            begun.elapsed()
        })
        .collect();
    let least = times.into_iter().min().unwrap_or_default().as_secs_f64() * 1000.0;
    let proposal = propose(&input);
    let placed = outcome::whole(&input, &proposal);
    let long = outcome::by_last_day(&input, &placed);
    // The old algorithm checks every employee for every event: minutes for the largest.
    let old = if name == "B8" { "-".to_owned() } else { greedy::greedy(&input).len().to_string() };
    println!(
        "{name}-{seed}\t{mode}\t{}\t{}\t{}\t{least:.1}\t{old}\t{:.2}\t{}",
        placed.len(),
        proposal.placed(),
        long.values().next_back().copied().unwrap_or_default(),
        outcome::spread(&input, &proposal),
        outcome::vector(&long),
    );
}
