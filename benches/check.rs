//! How long does an integrity check of everything take?
#![allow(clippy::expect_used, reason = "a bench that cannot go on has failed")]

mod support;

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use tandem::store::maintenance::check;

use support::{Filled, sizes};

fn integrity(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("integrity");
    // A run takes seconds where there are many events.
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for store_events in sizes() {
        let Filled { store, folder: _folder } = Filled::october(store_events);
        assert!(check::run_in_slices(&store).expect("a check").is_clean(), "made-up events have no problem");
        group.bench_function(BenchmarkId::new("run", store_events), |bencher| {
            bencher.iter(|| check::run_in_slices(&store).expect("a check"));
        });
    }
    group.finish();
}

criterion_group!(benches, integrity);
criterion_main!(benches);
