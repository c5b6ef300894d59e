//! A check in steps. It can stop after any number of records and continue in a later snapshot.

use std::{collections::BTreeMap, mem};

use chrono::NaiveDate;

use crate::{
    domain::{
        audit::seal::AuditKeys,
        event::{
            Event,
            counts::{DayCounts, NO_DATE},
            pairing::Pair,
        },
        ids::EventId,
        integrity::{
            StoreReport,
            look_alikes::{self, StoreSpellings},
            number_in_pair,
        },
    },
    store::{
        catalog::{Table, everything},
        error::StoreError,
        maintenance::check::{
            audit_chain, index,
            listings::Listings,
            stage::{STAGES, Stage},
        },
        tables::{
            days, employees, events,
            issues::{self, Evaluator},
            keys::last_u64,
            name_index,
        },
        transaction::{Flow, ReadTx},
    },
};

/// A check in progress.
#[derive(Debug, Default)]
pub struct IncrementalCheck {
    pub(super) report: StoreReport,
    stage: usize,
    /// The key to continue from.
    from: Vec<u8>,
    words: name_index::Check,
    stores: StoreSpellings,
    /// Number of index entries required by the records.
    required: BTreeMap<Table, usize>,
    /// Number of index entries of the table that was counted last.
    counted: usize,
    last_event: Option<EventId>,
    /// Expected counters; those that were compared are removed.
    recount: BTreeMap<NaiveDate, DayCounts>,
    /// Key prefix, store and number, of the events in `group`.
    prefix: Vec<u8>,
    group: Vec<EventId>,
    /// Key prefix, employee and date, of the assignments that were checked last.
    day: Vec<u8>,
    /// The hash that the next audit entry must contain; none before the first stage of the audit, and after a missing
    /// entry.
    pub(super) hash: Option<[u8; 32]>,
    pub(super) listings: Listings,
    /// Compare the seals of audit entries.
    pub(super) audit_keys: Option<AuditKeys>,
}

impl IncrementalCheck {
    /// A check that also compares the seals of audit entries.
    pub fn with_keys(audit_keys: Option<AuditKeys>) -> Self {
        Self { audit_keys, ..Self::default() }
    }

    pub fn into_report(mut self) -> StoreReport {
        self.report.pairs.sort();
        self.report
    }

    /// Checks about `rows_max` further records; false once everything was checked. `moved` tells if anything was
    /// written since the first step.
    pub fn step(&mut self, tx: &dyn ReadTx, rows_max: usize, moved: bool) -> Result<bool, StoreError> {
        let Some(stage) = STAGES.get(self.stage).copied() else { return Ok(false) };
        if self.is_settled(stage) {
            self.begin_next();
            return Ok(true);
        }
        let (from, mut rows, mut next) = (mem::take(&mut self.from), 0, None);
        let mut evaluator = Evaluator::new(tx);
        if matches!(stage, Stage::Audit) && from.is_empty() {
            audit_chain::begin(tx, self)?;
        }
        tx.scan(stage.table(), &from..&everything().end, &mut |key, value| {
            if rows >= rows_max && !self.is_within_group(stage, key) {
                next = Some(key.to_vec());
                return Ok(Flow::Stop);
            }
            rows += 1;
            self.look(stage, &mut evaluator, (key, value), moved)?;
            Ok(Flow::Continue)
        })?;
        if let Some(key) = next {
            self.end_slice(tx)?;
            self.from = key;
        } else {
            self.finish(stage, tx, moved)?;
            self.begin_next();
        }
        Ok(true)
    }

    fn begin_next(&mut self) {
        self.stage += 1;
        if matches!(STAGES.get(self.stage), Some(Stage::Count(_))) {
            self.counted = 0;
        }
    }

    fn look(
        &mut self,
        stage: Stage,
        evaluator: &mut Evaluator<'_>,
        (key, value): (&[u8], &[u8]),
        moved: bool,
    ) -> Result<(), StoreError> {
        let tx = evaluator.tx();
        match stage {
            Stage::Events => self.look_at_event(tx, &events::from_bytes(value, key)?),
            Stage::Count(_) => {
                self.counted += 1;
                Ok(())
            }
            Stage::Entries(Table::Words) => name_index::check_entry(tx, key, value, &mut self.report.storage_problems),
            // Entries that other errors brought about are not reported again.
            Stage::Rules | Stage::Entries(Table::Issues) if !self.report.storage_problems.is_empty() => Ok(()),
            Stage::Rules => self.look_at_day(evaluator, key),
            Stage::Entries(Table::Issues) => issues::check_entry(tx, key, value, &mut self.report.storage_problems),
            Stage::Entries(table) => index::check_entry(tx, table, key, value, &mut self.report.storage_problems),
            Stage::Counters => {
                let (date, stored) = days::from_bytes(key, value)?;
                self.report.days += usize::from(date != NO_DATE);
                let counted = self.recount.remove(&date).unwrap_or_default();
                self.compare(tx, date, Some(stored), counted, moved)
            }
            Stage::Groups => {
                if !self.is_within_group(stage, key) {
                    self.check_group(tx)?;
                    self.prefix = group_of(key).to_vec();
                }
                self.group.extend(last_u64(key).map(EventId));
                Ok(())
            }
            Stage::Audit => audit_chain::check_entry(key, value, self),
            Stage::Listed => {
                self.report.index_entries += 1;
                self.listings.find(tx, key, self.report.audit_entries);
                Ok(())
            }
            Stage::Unlisted => audit_chain::check_unlisted(tx, key, value, &mut self.report),
            Stage::Lists => {
                self.listings.check(tx, key, &mut self.report);
                Ok(())
            }
        }
    }

    fn finish(&mut self, stage: Stage, tx: &dyn ReadTx, moved: bool) -> Result<(), StoreError> {
        match stage {
            Stage::Counters => mem::take(&mut self.recount)
                .into_iter()
                .try_for_each(|(date, counted)| self.compare(tx, date, None, counted, moved)),
            Stage::Audit => audit_chain::check_end(tx, self),
            Stage::Count(_) => {
                self.report.index_entries += self.counted;
                Ok(())
            }
            Stage::Events => {
                self.report.pairs.look_alikes = look_alikes::of_employees(employees::all(tx)?);
                self.report.pairs.look_alikes.extend(mem::take(&mut self.stores).found());
                self.end_slice(tx)
            }
            Stage::Groups => self.end_slice(tx),
            Stage::Entries(_) | Stage::Rules | Stage::Listed | Stage::Unlisted | Stage::Lists => Ok(()),
        }
    }

    /// Tells if entries need not be checked one by one, because their table is right as a whole.
    fn is_settled(&self, stage: Stage) -> bool {
        match stage {
            Stage::Entries(table) => self.fits(table),
            Stage::Unlisted | Stage::Lists => self.listings.fit(),
            _ => false,
        }
    }

    /// Tells if a table has as many entries as the records require, and none is missing.
    fn fits(&self, table: Table) -> bool {
        let required = if table == Table::Words {
            self.words.expected_entries()
        } else {
            self.required.get(&table).copied().unwrap_or(0)
        };
        self.counted == required && self.report.storage_problems.is_empty()
    }

    /// Checks all assignments of an employee on a day, at the first of them.
    fn look_at_day(&mut self, evaluator: &mut Evaluator<'_>, key: &[u8]) -> Result<(), StoreError> {
        if self.day == group_of(key) {
            return Ok(());
        }
        self.day = group_of(key).to_vec();
        let tx = evaluator.tx();
        let first = last_u64(key).map(EventId).map_or(Ok(None), |id| events::get(tx, id))?;
        let Some(now) = first.and_then(|event| event.schedule) else { return Ok(()) };
        let date = now.start.date();
        evaluator.each_of_day(&now.employee, date, |event, findings| {
            if event.date() == Some(date) {
                self.compare_issues(tx, event.id, &issues::entry_of(event, findings)?)?;
                self.report.pairs.add_rules(event, findings);
            }
            Ok(())
        })
    }

    fn compare_issues(
        &mut self,
        tx: &dyn ReadTx,
        event: EventId,
        required: &[issues::Entry],
    ) -> Result<(), StoreError> {
        for (key, value) in required {
            if tx.get(Table::Issues, key)?.as_ref() != Some(value) {
                let problem = format!("event {event} has no right entry in {}", Table::Issues.name());
                self.report.storage_problems.push(problem);
            }
        }
        *self.required.entry(Table::Issues).or_default() += required.len();
        Ok(())
    }

    fn look_at_event(&mut self, tx: &dyn ReadTx, event: &Event) -> Result<(), StoreError> {
        for table in index::check_record(tx, event, &mut self.report.storage_problems)? {
            *self.required.entry(table).or_default() += 1;
        }
        self.words.add(tx, event, &mut self.report.storage_problems)?;
        self.stores.add(event);
        self.last_event = Some(event.id);
        self.report.pairs.count(event);
        for (date, slot) in DayCounts::slots(event) {
            *self.recount.entry(date).or_default().slot_mut(slot) += 1;
        }
        Ok(())
    }

    /// Compares counters with the number of events. If something was written meanwhile, a differing day is counted
    /// again in this snapshot.
    fn compare(
        &mut self,
        tx: &dyn ReadTx,
        date: NaiveDate,
        stored: Option<DayCounts>,
        counted: DayCounts,
        moved: bool,
    ) -> Result<(), StoreError> {
        let (stored, counted) = if moved && stored.unwrap_or_default() != counted {
            (Some(days::counts(tx, date)?), days::recounted(tx, date)?)
        } else {
            (stored, counted)
        };
        match stored {
            Some(stored) if stored != counted => self
                .report
                .storage_problems
                .push(format!("the counters of {} say {stored:?}, a recount says {counted:?}", day_words(date))),
            Some(_) => {}
            None => {
                let problem = format!("{} has events but no counters", day_words(date));
                self.report.storage_problems.push(problem);
            }
        }
        Ok(())
    }

    /// Tells if the key belongs to the group that is checked in one slice.
    fn is_within_group(&self, stage: Stage, key: &[u8]) -> bool {
        match stage {
            Stage::Groups => !self.group.is_empty() && self.prefix == group_of(key),
            Stage::Events => {
                last_u64(key).zip(self.last_event).is_some_and(|(id, last)| name_index::same_block(EventId(id), last))
            }
            _ => false,
        }
    }

    fn end_slice(&mut self, tx: &dyn ReadTx) -> Result<(), StoreError> {
        self.words.flush(tx, &mut self.report.storage_problems)?;
        self.check_group(tx)
    }

    /// Checks the collected group. Entries without a record are reported by another stage.
    fn check_group(&mut self, tx: &dyn ReadTx) -> Result<(), StoreError> {
        let mut events = Vec::new();
        for id in mem::take(&mut self.group) {
            events.extend(events::get(tx, id)?.filter(|event| number_in_pair(event).is_some()));
        }
        if !events.is_empty() {
            let pair = Pair::among(&events);
            for (date, slot) in DayCounts::pair_slots(&pair) {
                *self.recount.entry(date).or_default().slot_mut(slot) += 1;
            }
            self.report.pairs.check_group(&pair);
            for (event, entry) in issues::entries_of_pair(&events) {
                self.compare_issues(tx, event, &[entry])?;
            }
        }
        Ok(())
    }
}

fn day_words(date: NaiveDate) -> String {
    if date == NO_DATE { "the whole calendar".to_owned() } else { date.to_string() }
}

/// The beginning of a key of [`Table::Pairs`]: store and number.
fn group_of(key: &[u8]) -> &[u8] {
    key.split_last_chunk::<8>().map_or(key, |(group, _)| group)
}
