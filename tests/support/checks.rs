//! Checks of whole imports.

use std::{borrow::Cow, collections::BTreeMap};

use tandem::{
    domain::{
        event::{Event, pairing::Pair},
        ids::EventNumber,
        integrity::{Report, number_in_pair},
    },
    import::{self, Incoming, Plan},
    store::{ReadTx, StoreError},
};

/// Checks every pair among `events`, which need not be stored.
pub fn check_pairs<'a>(events: impl IntoIterator<Item = &'a Event>) -> Report {
    let mut report = Report::default();
    let mut groups: BTreeMap<(Cow<'_, str>, EventNumber), Vec<&Event>> = BTreeMap::new();
    for event in events {
        report.count(event);
        if let Some(number) = number_in_pair(event) {
            groups.entry((event.location.key(), number)).or_default().push(event);
        }
    }
    for group in groups.into_values() {
        report.check_group(&Pair::among(group));
    }
    report.sort();
    report
}

/// A plan with its findings, as a preview shows it.
pub fn checked_plan(tx: &dyn ReadTx, incoming: Incoming) -> Result<Plan, StoreError> {
    let mut plan = import::plan(tx, incoming)?;
    plan.check(tx, 30)?;
    Ok(plan)
}
