//! A copy of what this process has read of the store, so that a transaction asks the database for the rest only.
//!
//! Rule: it is the copy of one version, and a transaction uses it only while that is the version which the transaction
//! reads, as the database says: under the gate for a write, in the snapshot for a read. Versions alone do not tell two
//! histories apart, so the nonce of the version is compared as well, see [`Replica::catch_up`].

mod part;

use std::{
    collections::BTreeMap,
    mem,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use self::part::Part;
pub(super) use self::part::{Pair, after};
use crate::store::{
    catalog::Table,
    transaction::{ScanOrder, Writes},
};

/// Most changes of others that are caught up with; after more, the copy begins anew.
pub(super) const BEHIND_MAX: u64 = 64;

#[derive(Debug)]
pub(super) struct Replica {
    state: Mutex<State>,
    bytes_max: usize,
}

#[derive(Debug, Default)]
struct State {
    /// The version of the copy; none if it is empty.
    at: Option<Stamp>,
    /// How often the copy has begun anew.
    epoch: u64,
    /// The database had another write in place of one that this process has seen.
    diverged: bool,
    tables: BTreeMap<Table, Part>,
}

/// A version, and the nonce of the write that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub version: u64,
    pub nonce: Vec<u8>,
}

/// A change in the news.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub stamp: Stamp,
    /// The news lists the keys of the change.
    pub is_listed: bool,
}

/// A key that was changed, with its value now.
pub(super) type Changed = (Table, Vec<u8>, Option<Vec<u8>>);

/// Lets a transaction use the copy, as long as it stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    version: u64,
    epoch: u64,
}

/// What the copy can be for a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Usable(Pass),
    /// The changes since this version are missing.
    Behind(u64),
    /// The transaction reads an older version.
    Ahead,
}

impl Replica {
    pub fn of(bytes_max: usize) -> Self {
        Self { state: Mutex::default(), bytes_max }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version of the copy.
    pub fn version(&self) -> Option<u64> {
        self.state().at.as_ref().map(|at| at.version)
    }

    /// Makes the copy one of `version`, which a transaction has just begun to read. `news` is the news of that version and
    /// of those before it, back to the version of the copy; `changed` every key that was changed since then, if it was read.
    /// `is_newest` tells that no version is newer.
    ///
    /// If the news of the version of the copy has the nonce of the copy, the copy is part of the history of the database,
    /// and what was not changed since is as it was. In every other case nothing of the copy is kept.
    pub fn catch_up(&self, version: u64, news: &[Change], changed: Option<&[Changed]>, is_newest: bool) -> Standing {
        let mut state = self.state();
        if let Some(at) = &state.at {
            let is_of_this_history = news.iter().any(|one| one.stamp == *at);
            if at.version == version && is_of_this_history {
                return Standing::Usable(state.pass(version));
            }
            if at.version > version && !is_newest {
                return Standing::Ahead;
            }
            if at.version < version && is_of_this_history && is_complete(news, at.version, version) {
                let Some(changed) = changed else { return Standing::Behind(at.version) };
                for (table, key, value) in changed {
                    state.set(*table, key, value.as_deref());
                }
                state.at = news.last().map(|one| one.stamp.clone());
                state.limit(self.bytes_max);
                return Standing::Usable(state.pass(version));
            }
        }
        if let Some(at) = &state.at {
            let is_another = |one: &Change| one.stamp.version == at.version && one.stamp.nonce != at.nonce;
            state.diverged |= news.iter().any(is_another);
        }
        // Without a nonce nothing tells this version from one of another history.
        let newest = news.last().filter(|one| one.stamp.version == version && !one.stamp.nonce.is_empty());
        state.begin_anew(newest.map(|one| one.stamp.clone()));
        Standing::Usable(state.pass(version))
    }

    /// Tells, once, that the database had another write in place of one that this process has seen.
    pub fn take_divergence(&self) -> bool {
        mem::take(&mut self.state().diverged)
    }

    pub fn has_diverged(&self) -> bool {
        self.state().diverged
    }

    /// Makes the copy one of the version that a write under the gate has made.
    pub fn advance(&self, pass: Pass, writes: &Writes, made: Stamp) {
        let mut state = self.state();
        if state.is_open_to(pass) {
            for ((table, key), value) in writes {
                state.set(*table, key, value.as_deref());
            }
            state.at = Some(made);
            state.limit(self.bytes_max);
        }
    }

    pub fn is_open_to(&self, pass: Pass) -> bool {
        self.state().is_open_to(pass)
    }

    /// The value of a key; none outside if it is not known.
    #[expect(clippy::option_option, reason = "a missing value is an answer, too")]
    pub fn get(&self, pass: Pass, table: Table, key: &[u8]) -> Option<Option<Vec<u8>>> {
        let state = self.state();
        if !state.is_open_to(pass) {
            return None;
        }
        state.tables.get(&table)?.get(key).map(Option::<&_>::cloned)
    }

    /// See [`Part::rows`].
    pub fn rows(
        &self,
        pass: Pass,
        order: ScanOrder,
        table: Table,
        range: &Range<Vec<u8>>,
        max: usize,
    ) -> Option<(Vec<Pair>, Range<Vec<u8>>)> {
        let state = self.state();
        if !state.is_open_to(pass) {
            return None;
        }
        state.tables.get(&table)?.rows(order, range, max)
    }

    /// Notes rows that a transaction has read, and ranges of which it has read every row.
    pub fn learn(
        &self,
        pass: Pass,
        table: Table,
        rows: impl IntoIterator<Item = Pair>,
        complete: impl IntoIterator<Item = Range<Vec<u8>>>,
    ) {
        let mut state = self.state();
        if state.is_open_to(pass) {
            let part = state.tables.entry(table).or_default();
            part.add(rows);
            complete.into_iter().for_each(|range| part.complete(range));
            state.limit(self.bytes_max);
        }
    }
}

impl State {
    fn pass(&self, version: u64) -> Pass {
        Pass { version, epoch: self.epoch }
    }

    fn is_open_to(&self, pass: Pass) -> bool {
        self.epoch == pass.epoch && self.at.as_ref().is_some_and(|at| at.version == pass.version)
    }

    fn set(&mut self, table: Table, key: &[u8], value: Option<&[u8]>) {
        self.tables.entry(table).or_default().set(key, value);
    }

    fn begin_anew(&mut self, at: Option<Stamp>) {
        *self = Self { at, epoch: self.epoch + 1, diverged: self.diverged, tables: BTreeMap::new() };
    }

    /// Forgets the largest tables until half of the space is free: the small ones are read again and again.
    fn limit(&mut self, bytes_max: usize) {
        let mut bytes: usize = self.tables.values().map(Part::bytes).sum();
        if bytes <= bytes_max {
            return;
        }
        while bytes > bytes_max / 2 {
            let largest = self.tables.iter().max_by_key(|(_, part)| part.bytes()).map(|(table, _)| *table);
            let Some(part) = largest.and_then(|table| self.tables.remove(&table)) else { return };
            bytes -= part.bytes();
        }
    }
}

/// Tells if the news lists the keys of every change after one version, up to another.
fn is_complete(news: &[Change], after: u64, upto: u64) -> bool {
    let newer = news.iter().filter(|one| one.stamp.version > after);
    let expected = (after + 1..=upto).map(Some).chain([None]);
    let found = newer.map(|one| one.is_listed.then_some(one.stamp.version)).chain([None]);
    found.eq(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table = Table::Events;
    const MANY: usize = 1 << 20;

    fn change(version: u64) -> Change {
        Change { stamp: Stamp { version, nonce: format!("write {version}").into_bytes() }, is_listed: true }
    }

    fn changes(versions: std::ops::RangeInclusive<u64>) -> Vec<Change> {
        versions.map(change).collect()
    }

    /// A copy of version 5 in which `key` is known.
    fn filled(key: &[u8]) -> (Replica, Pass) {
        let replica = Replica::of(MANY);
        let Standing::Usable(pass) = replica.catch_up(5, &changes(5..=5), None, false) else {
            unreachable!("an empty copy can begin")
        };
        replica.learn(pass, TABLE, [(key.to_vec(), vec![5])], []);
        assert_eq!(replica.get(pass, TABLE, key), Some(Some(vec![5])));
        (replica, pass)
    }

    fn pass_of(standing: &Standing) -> Pass {
        let Standing::Usable(pass) = standing else { unreachable!("{standing:?}") };
        *pass
    }

    #[test]
    fn what_was_not_changed_stays_known_and_what_was_changed_is_replaced() {
        let (replica, old) = filled(b"a");
        replica.learn(old, TABLE, [(b"b".to_vec(), vec![5])], []);
        assert_eq!(replica.catch_up(7, &changes(5..=7), None, false), Standing::Behind(5));

        let changed = [(TABLE, b"b".to_vec(), Some(vec![7])), (TABLE, b"c".to_vec(), None)];
        let pass = pass_of(&replica.catch_up(7, &changes(5..=7), Some(&changed), false));

        assert_eq!(replica.get(pass, TABLE, b"a"), Some(Some(vec![5])));
        assert_eq!(replica.get(pass, TABLE, b"b"), Some(Some(vec![7])));
        assert_eq!(replica.get(pass, TABLE, b"c"), None);
        assert_eq!(replica.get(old, TABLE, b"a"), None, "a transaction of an older version");
    }

    #[test]
    fn a_transaction_of_an_older_version_neither_reads_nor_adds() {
        let (replica, old) = filled(b"a");
        let writes = Writes::from([((TABLE, b"a".to_vec()), Some(vec![6]))]);
        replica.advance(old, &writes, change(6).stamp);

        replica.learn(old, TABLE, [(b"a".to_vec(), vec![5])], [b"a".to_vec()..b"z".to_vec()]);
        assert_eq!(replica.catch_up(5, &changes(5..=5), None, false), Standing::Ahead);

        let pass = pass_of(&replica.catch_up(6, &changes(6..=6), None, true));
        assert_eq!(replica.get(pass, TABLE, b"a"), Some(Some(vec![6])));
        assert_eq!(replica.get(pass, TABLE, b"b"), None);
        replica.advance(old, &writes, change(9).stamp);
        assert_eq!(replica.version(), Some(6), "a write that began at another version");
    }

    #[test]
    fn nothing_is_kept_of_another_history_or_across_unlisted_changes() {
        let other = |version| Change { stamp: Stamp { version, nonce: b"other".to_vec() }, is_listed: true };
        let unlisted = Change { is_listed: false, ..change(6) };
        for (version, news) in [
            (5, vec![other(5)]),
            (6, vec![other(5), change(6)]),
            (6, vec![change(6)]),
            (7, vec![change(5), change(7)]),
            (7, vec![change(5), change(6)]),
            (6, vec![change(5), unlisted]),
            (5, vec![]),
        ] {
            let (replica, old) = filled(b"a");
            let pass = pass_of(&replica.catch_up(version, &news, Some(&[]), false));
            assert_eq!(replica.get(pass, TABLE, b"a"), None, "{news:?}");
            assert_eq!(replica.get(old, TABLE, b"a"), None, "{news:?}");
            let is_other = news.first().is_some_and(|one| one.stamp == other(5).stamp);
            assert_eq!((replica.take_divergence(), replica.take_divergence()), (is_other, false), "{news:?}");
        }
        // Under the gate no version is newer: the database has lost some.
        let (replica, _) = filled(b"a");
        let pass = pass_of(&replica.catch_up(4, &changes(4..=4), Some(&[]), true));
        assert_eq!(replica.get(pass, TABLE, b"a"), None);
    }

    #[test]
    fn a_full_copy_forgets_its_largest_table() {
        let replica = Replica::of(4096);
        let pass = pass_of(&replica.catch_up(5, &changes(5..=5), None, false));
        replica.learn(pass, Table::Meta, [(b"a".to_vec(), vec![1])], []);
        for number in 0..100 {
            replica.learn(pass, TABLE, [(vec![number], vec![0; 64])], []);
        }
        assert_eq!(replica.get(pass, Table::Meta, b"a"), Some(Some(vec![1])));
        assert_eq!(replica.get(pass, TABLE, &[0]), None);
        assert!(replica.get(pass, TABLE, &[99]).is_some());
    }
}
