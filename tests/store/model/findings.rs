//! The findings of the store beside those of the model.

use std::collections::{BTreeMap, BTreeSet};

use tandem::{
    domain::{
        integrity::Check,
        rules::{
            RULES, Weight,
            stored::{RuleIssues, RuleSet},
        },
    },
    store::tables::issues,
};

use super::{Sequence, read};
use crate::domain::date;

impl Sequence {
    /// The rules that refuse assignments as they stand, open or accepted.
    pub fn standing(&self, which: impl Fn(RuleIssues) -> RuleSet) -> BTreeMap<u64, BTreeSet<&'static str>> {
        let refusing: Vec<_> = RULES.iter().filter(|rule| rule.weight == Weight::Refuses).map(|rule| rule.id).collect();
        let rows = read(&self.store, |tx| issues::all_rules(tx));
        let of = |issues: RuleIssues| {
            let set = which(issues);
            refusing.iter().copied().filter(|rule| set.contains(rule)).collect::<BTreeSet<_>>()
        };
        let found = rows.iter().map(|row| (row.event.0, of(row.issues)));
        found.filter(|(_, rules)| !rules.is_empty()).collect()
    }

    /// The issues agree with the model, and the number in the header with a count.
    pub fn assert_issues(&self) {
        let (rules, pairs) = read(&self.store, |tx| Ok((issues::all_rules(tx)?, issues::all_pairs(tx)?)));
        let (mut found, accepted) = (self.standing(|issues| issues.open), self.standing(|issues| issues.accepted));
        for (event, rules) in &accepted {
            assert!(
                rules.iter().all(|rule| self.model.is_accepted(*event, rule)),
                "{event}: no reason was given for {rules:?}"
            );
            found.entry(*event).or_default().extend(rules);
        }
        assert_eq!(found, self.model.refused());
        for today in date("2025-10-12").iter_days().take(8) {
            let open = rules.iter().filter(|row| row.date >= today).map(|row| row.issues.open.refusals());
            assert_eq!(
                self.store.open_issues(today, true),
                u64::from(open.sum::<u32>()) + pairs.len() as u64,
                "{today}"
            );
        }
        let split = pairs.iter().filter(|row| row.check == Check::DateMismatch).map(|row| row.event.0);
        assert_eq!(split.collect::<BTreeSet<_>>(), self.model.split());
    }
}
