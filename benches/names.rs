//! How long does it take to read type, number and program from an event's name?

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tandem::domain::event::names;

/// Both forms, and the names that take the longest way to an answer.
const NAMES: [(&str, &str); 4] = [
    ("export form", "612202-AF-Grapes (250822530262)  - V2-CORE"),
    ("short form", "606001-CORE-Super Pretzel"),
    ("no form", "Quarterly inventory of the back room"),
    ("500 characters", ""),
];

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("names");
    let longest = format!("612202-AF-{} (250822530262)  - V2-CORE", "Grapes ".repeat(66));
    for (form, name) in NAMES {
        let name = if name.is_empty() { longest.as_str() } else { name };
        group.bench_function(form, |bencher| bencher.iter(|| names::read(black_box(name), None)));
    }
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
