//! A check under way. It can stop after any number of records and go on in another moment.

use std::{collections::BTreeMap, mem};

use chrono::NaiveDate;

use super::{StoreReport, audit_chain, index};
use crate::{
    domain::{
        counts::{DayCounts, NO_DATE},
        event::Event,
        ids::EventId,
        integrity::number_in_pair,
        pairing::Pair,
    },
    store::{
        days,
        error::StoreError,
        events,
        keys::{everything, last_u64},
        table::Table,
        view::{Flow, View},
        words,
    },
};

/// What is looked at, in this order.
const STAGES: [Stage; 13] = [
    Stage::Events,
    Stage::Index(Table::Schedules),
    Stage::Index(Table::ByDay),
    Stage::Index(Table::Due),
    Stage::Index(Table::Pairs),
    Stage::Index(Table::EmployeeDay),
    Stage::Index(Table::StoreDay),
    Stage::CountWords,
    Stage::Words,
    Stage::Counters,
    Stage::Groups,
    Stage::Audit,
    Stage::Lists,
];

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Records, and whether each has its index entries.
    Events,
    /// Index entries, and whether each has its record.
    Index(Table),
    CountWords,
    /// Entries of words one by one, where there are more than the records ask for.
    Words,
    Counters,
    /// COREs and Supervisors by store and number, with the pairing that moves them.
    Groups,
    Audit,
    /// Which entries changed which event.
    Lists,
}

impl Stage {
    fn table(self) -> Table {
        match self {
            Self::Events => Table::Events,
            Self::Index(table) => table,
            Self::CountWords | Self::Words => Table::Words,
            Self::Counters => Table::DayCounts,
            Self::Groups => Table::Pairs,
            Self::Audit => Table::Audit,
            Self::Lists => Table::EventAudit,
        }
    }
}

/// A check under way.
#[derive(Debug)]
pub struct Walk {
    pub(super) report: StoreReport,
    stage: usize,
    /// The key to go on from.
    from: Vec<u8>,
    words: words::Check,
    word_entries: usize,
    last_event: EventId,
    /// Counters as they should be; what was found is taken out.
    recount: BTreeMap<NaiveDate, DayCounts>,
    /// Store and number of the events in `group`, as they begin a key.
    prefix: Vec<u8>,
    group: Vec<EventId>,
    /// What the next audit entry must hold; none after one that is missing.
    pub(super) seal: Option<[u8; 32]>,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            report: StoreReport::default(),
            stage: 0,
            from: Vec::new(),
            words: words::Check::default(),
            word_entries: 0,
            last_event: EventId(0),
            recount: BTreeMap::new(),
            prefix: Vec::new(),
            group: Vec::new(),
            seal: Some([0; 32]),
        }
    }
}

impl Walk {
    pub fn into_report(mut self) -> StoreReport {
        self.report.pairs.sort();
        self.report
    }

    /// Looks at the next records, about `rows_max` of them; false once everything was looked at. `moved` says whether
    /// anything was written since the first step.
    pub fn step(&mut self, view: &dyn View, rows_max: usize, moved: bool) -> Result<bool, StoreError> {
        let Some(stage) = STAGES.get(self.stage).copied() else { return Ok(false) };
        if matches!(stage, Stage::Words) && self.word_entries <= self.words.wanted() {
            self.stage += 1;
            return Ok(true);
        }
        let (from, mut rows, mut next) = (mem::take(&mut self.from), 0, None);
        view.scan(stage.table(), &from..&everything().end, &mut |key, value| {
            if rows >= rows_max && !self.is_within_group(stage, key) {
                next = Some(key.to_vec());
                return Ok(Flow::Stop);
            }
            rows += 1;
            self.look(stage, view, key, value, moved)?;
            Ok(Flow::Continue)
        })?;
        if let Some(key) = next {
            self.end_slice(view)?;
            self.from = key;
        } else {
            self.finish(stage, view, moved)?;
            self.stage += 1;
        }
        Ok(true)
    }

    fn look(&mut self, stage: Stage, view: &dyn View, key: &[u8], value: &[u8], moved: bool) -> Result<(), StoreError> {
        match stage {
            Stage::Events => self.look_at_event(view, &events::from_bytes(value, key)?),
            Stage::Index(table) => index::check_entry(view, table, key, value, &mut self.report),
            Stage::CountWords => {
                self.word_entries += 1;
                Ok(())
            }
            Stage::Words => words::check_entry(view, key, value, &mut self.report.storage_problems),
            Stage::Counters => {
                let (date, stored) = days::from_bytes(key, value)?;
                self.report.days += usize::from(date != NO_DATE);
                let counted = self.recount.remove(&date).unwrap_or_default();
                self.compare(view, date, Some(stored), counted, moved)
            }
            Stage::Groups => {
                if !self.is_within_group(stage, key) {
                    self.check_group(view)?;
                    self.prefix = group_of(key).to_vec();
                }
                self.group.extend(last_u64(key).map(EventId));
                Ok(())
            }
            Stage::Audit => audit_chain::check_entry(view, key, value, self),
            Stage::Lists => {
                audit_chain::check_listing(view, key, &mut self.report);
                Ok(())
            }
        }
    }

    fn finish(&mut self, stage: Stage, view: &dyn View, moved: bool) -> Result<(), StoreError> {
        match stage {
            Stage::Counters => mem::take(&mut self.recount)
                .into_iter()
                .try_for_each(|(date, counted)| self.compare(view, date, None, counted, moved)),
            Stage::Audit => audit_chain::check_end(view, self),
            Stage::CountWords => {
                self.report.index_entries += self.word_entries;
                Ok(())
            }
            Stage::Events | Stage::Groups => self.end_slice(view),
            Stage::Index(_) | Stage::Words | Stage::Lists => Ok(()),
        }
    }

    fn look_at_event(&mut self, view: &dyn View, event: &Event) -> Result<(), StoreError> {
        index::check_record(view, event, &mut self.report)?;
        self.words.add(view, event, &mut self.report.storage_problems)?;
        self.last_event = event.id;
        self.report.pairs.count(event);
        for (date, slot) in DayCounts::slots(event) {
            *self.recount.entry(date).or_default().slot_mut(slot) += 1;
        }
        Ok(())
    }

    /// Counters against the count of the records. Where something was written meanwhile, a difference may be that, and
    /// the day is counted once more as it is now.
    fn compare(
        &mut self,
        view: &dyn View,
        date: NaiveDate,
        stored: Option<DayCounts>,
        counted: DayCounts,
        moved: bool,
    ) -> Result<(), StoreError> {
        let (stored, counted) = if moved && stored.unwrap_or_default() != counted {
            (Some(days::counts(view, date)?), days::recounted(view, date)?)
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

    /// What belongs together is looked at in one slice.
    fn is_within_group(&self, stage: Stage, key: &[u8]) -> bool {
        match stage {
            Stage::Groups => !self.group.is_empty() && self.prefix == group_of(key),
            Stage::Events => last_u64(key).is_some_and(|id| words::same_block(EventId(id), self.last_event)),
            _ => false,
        }
    }

    fn end_slice(&mut self, view: &dyn View) -> Result<(), StoreError> {
        self.words.flush(view, &mut self.report.storage_problems)?;
        self.check_group(view)
    }

    /// Checks the group that is gathered. Entries without their record are reported by another stage.
    fn check_group(&mut self, view: &dyn View) -> Result<(), StoreError> {
        let mut events = Vec::new();
        for id in mem::take(&mut self.group) {
            events.extend(events::get(view, id)?.filter(|event| number_in_pair(event).is_some()));
        }
        if !events.is_empty() {
            self.report.pairs.check_group(&Pair::among(&events));
        }
        Ok(())
    }
}

fn day_words(date: NaiveDate) -> String {
    if date == NO_DATE { "the whole calendar".to_owned() } else { date.to_string() }
}

/// Store and number, as they begin a key of [`Table::Pairs`].
fn group_of(key: &[u8]) -> &[u8] {
    key.split_last_chunk::<8>().map_or(key, |(group, _)| group)
}
