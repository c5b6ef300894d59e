//! What does a search cost, for a word that many events have and for one that few have?
#![allow(clippy::expect_used, reason = "a bench that cannot go on has failed")]

mod support;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tandem::{domain::event::search::Question, store::queries::search};

use support::{Filled, origin, sizes};

/// In the name of two events of five, and in none.
const QUESTIONS: [(&str, &str); 3] = [("common", "core"), ("two words", "core pretzel"), ("unknown", "zzyzx")];

fn find(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("search");
    for store_events in sizes() {
        let Filled { store, folder: _folder } = Filled::october(store_events);
        for (what, words) in QUESTIONS {
            let question = Question::parse(words).expect("a question").expect("words");
            let today = origin().at.date_naive();
            group.bench_function(BenchmarkId::new(what, store_events), |bencher| {
                bencher.iter(|| store.read(|view| search::run(view, &question, today)).expect("an answer"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, find);
criterion_main!(benches);
