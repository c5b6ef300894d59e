//! Index of the words of event names, by prefix.
//!
//! An entry stands for a word in a block of 256 consecutive ids. Names repeat from store to store and ids are
//! consecutive, so a block has few words, and the index of a million events stays small. Entries are derived from the
//! records alone; only a new, changed or deleted name touches them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::{
    domain::{
        event::{Event, search},
        ids::EventId,
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            events,
            keys::{Key, first_text},
        },
        transaction::{Fix, Flow, ReadTx, Tx},
    },
};

/// Most blocks read for one word. Each covers up to 256 events, so that the most common word of a million events is
/// read completely.
pub const BLOCKS_MAX: usize = 8192;

/// The block of an id, and its position in the block.
fn place(id: EventId) -> (u64, u8) {
    (id.0 >> 8, id.0.to_le_bytes()[0])
}

fn key(word: &str, block: u64) -> Vec<u8> {
    Key::new().text(word).u64(block).done()
}

/// The word and block of a key.
fn read_key(key: &[u8]) -> Option<(String, u64)> {
    let (word, block) = first_text(key)?;
    Some((word, u64::from_be_bytes(block.try_into().ok()?)))
}

/// Moves an event from the words of its old name to those of its new name.
pub(crate) fn replace(tx: &mut Tx<'_>, before: Option<&Event>, after: Option<&Event>) -> Result<(), StoreError> {
    if before.map(|event| (event.id, &event.name)) == after.map(|event| (event.id, &event.name)) {
        return Ok(());
    }
    for (event, stays) in [(before, false), (after, true)] {
        let Some(event) = event else { continue };
        let (block, at) = place(event.id);
        for word in search::words(&event.name) {
            let key = key(&word, block);
            let mut events: BTreeSet<u8> = tx.get(Table::Words, &key)?.unwrap_or_default().into_iter().collect();
            if stays {
                events.insert(at)
            } else {
                events.remove(&at)
            };
            if events.is_empty() {
                tx.remove(Table::Words, key);
            } else {
                tx.put(Table::Words, key, events.into_iter().collect())?;
            }
        }
    }
    Ok(())
}

/// The events whose names have a word with this prefix; true if these are all.
pub fn beginning(tx: &dyn ReadTx, start: &str) -> Result<(BTreeSet<EventId>, bool), StoreError> {
    let Range { start, end } = Key::new().text_start(start).prefix();
    let (mut found, mut blocks, mut complete) = (BTreeSet::new(), 0, true);
    tx.scan(Table::Words, &start..&end, &mut |key, value| {
        if blocks == BLOCKS_MAX {
            complete = false;
            return Ok(Flow::Stop);
        }
        blocks += 1;
        let (_, block) = read_key(key).ok_or_else(|| corrupt(Table::Words, key))?;
        found.extend(value.iter().map(|at| EventId((block << 8) | u64::from(*at))));
        Ok(Flow::Continue)
    })?;
    Ok((found, complete))
}

/// The entries of one block.
pub(crate) type Block = (u64, BTreeMap<String, BTreeSet<u8>>);

/// Collects events, ordered by id, into the entries of their blocks.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    block: Block,
}

impl Blocks {
    /// Adds an event. Returns the block before it, if the event begins a new one.
    pub fn add(&mut self, event: &Event) -> Option<Block> {
        let (number, at) = place(event.id);
        let done = if number == self.block.0 { None } else { self.take() };
        self.block.0 = number;
        for word in search::words(&event.name) {
            self.block.1.entry(word).or_default().insert(at);
        }
        done
    }

    pub fn take(&mut self) -> Option<Block> {
        let block = std::mem::take(&mut self.block);
        (!block.1.is_empty()).then_some(block)
    }
}

/// The entries of a block that are missing or wrong, as writes.
pub(crate) fn missing(tx: &dyn ReadTx, block: Block, fixes: &mut Vec<Fix>) -> Result<(), StoreError> {
    let (number, words) = block;
    for (word, events) in words {
        let (key, value) = (key(&word, number), events.into_iter().collect::<Vec<_>>());
        if tx.get(Table::Words, &key)?.as_ref() != Some(&value) {
            fixes.push((Table::Words, key, Some(value)));
        }
    }
    Ok(())
}

/// The correct value of an entry: those of its events that have its word; none if there are none.
pub(crate) fn right(tx: &dyn ReadTx, key: &[u8], value: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let Some((word, block)) = read_key(key) else { return Ok(None) };
    let mut right = BTreeSet::new();
    for at in value {
        let event = events::get(tx, EventId((block << 8) | u64::from(*at)))?;
        if event.is_some_and(|event| search::words(&event.name).contains(&word)) {
            right.insert(*at);
        }
    }
    Ok((!right.is_empty()).then(|| right.into_iter().collect()))
}

/// Compares the entries with the records: reads each block's entries, and counts the rest.
#[derive(Debug, Default)]
pub(crate) struct Check {
    blocks: Blocks,
    expected_entries: usize,
}

impl Check {
    pub fn add(&mut self, tx: &dyn ReadTx, event: &Event, problems: &mut Vec<String>) -> Result<(), StoreError> {
        self.blocks.add(event).map_or(Ok(()), |block| self.compare(tx, block, problems))
    }

    fn compare(&mut self, tx: &dyn ReadTx, block: Block, problems: &mut Vec<String>) -> Result<(), StoreError> {
        self.expected_entries += block.1.len();
        let mut fixes = Vec::new();
        missing(tx, block, &mut fixes)?;
        problems.extend(fixes.iter().map(|(_, key, _)| sentence(key, "does not list the events that have it")));
        Ok(())
    }

    /// Compares the collected block; the next event is in another block.
    pub fn flush(&mut self, tx: &dyn ReadTx, problems: &mut Vec<String>) -> Result<(), StoreError> {
        self.blocks.take().map_or(Ok(()), |block| self.compare(tx, block, problems))
    }

    /// The correct number of entries. If there are more, each must be checked.
    pub fn expected_entries(&self) -> usize {
        self.expected_entries
    }
}

/// Tells if two events share a block.
pub(crate) fn same_block(one: EventId, other: EventId) -> bool {
    place(one).0 == place(other).0
}

/// Checks a single entry: it must not list events without its word.
pub(crate) fn check_entry(
    tx: &dyn ReadTx,
    key: &[u8],
    value: &[u8],
    problems: &mut Vec<String>,
) -> Result<(), StoreError> {
    if right(tx, key, value)?.is_none() {
        problems.push(sentence(key, "lists events that do not have it"));
    }
    Ok(())
}

/// "the word \"pretzel\", block 3, …"
fn sentence(key: &[u8], what: &str) -> String {
    match read_key(key) {
        Some((word, block)) => format!("words: the entry of \"{word}\" for events {} and on {what}", block << 8),
        None => "words has an entry whose key cannot be read".to_owned(),
    }
}
