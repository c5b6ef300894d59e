//! What is known of one table: some of its rows, and ranges of which every row is known.

use std::{
    collections::BTreeMap,
    ops::{Bound, Range},
};

use crate::store::transaction::ScanOrder;

pub(in crate::store::postgres) type Pair = (Vec<u8>, Vec<u8>);

/// What an entry takes in memory beside its bytes.
const ENTRY_BYTES: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Part {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Start and end of each range of which every row is in `rows`. They do not touch each other.
    ranges: BTreeMap<Vec<u8>, Vec<u8>>,
    bytes: usize,
}

impl Part {
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The value of a key; none inside if it has none, none outside if that is not known.
    #[expect(clippy::option_option, reason = "a missing value is an answer, too")]
    pub fn get(&self, key: &[u8]) -> Option<Option<&Vec<u8>>> {
        match self.rows.get(key) {
            Some(value) => Some(Some(value)),
            None => self.range_with(key).map(|_| None),
        }
    }

    /// Rows from one end of a range on, at most `max`, and what is left of the range behind them. None if not even its
    /// first rows are known.
    pub fn rows(&self, order: ScanOrder, range: &Range<Vec<u8>>, max: usize) -> Option<(Vec<Pair>, Range<Vec<u8>>)> {
        let copy = |(key, value): (&Vec<u8>, &Vec<u8>)| (key.clone(), value.clone());
        match order {
            ScanOrder::Ascending => {
                let (_, high) = self.range_with(&range.start)?;
                let end = high.min(&range.end);
                let rows: Vec<_> = self.rows.range(range.start.clone()..end.clone()).take(max).map(copy).collect();
                let start = rows.last().filter(|_| rows.len() == max).map_or_else(|| end.clone(), |row| after(&row.0));
                Some((rows, start..range.end.clone()))
            }
            ScanOrder::Descending => {
                let (low, _) = self.range_before(&range.end)?;
                let start = low.max(&range.start);
                let known = self.rows.range(start.clone()..range.end.clone()).rev();
                let rows: Vec<_> = known.take(max).map(copy).collect();
                let end = rows.last().filter(|_| rows.len() == max).map_or_else(|| start.clone(), |row| row.0.clone());
                Some((rows, range.start.clone()..end))
            }
        }
    }

    /// Notes rows as the database has them.
    pub fn add(&mut self, rows: impl IntoIterator<Item = Pair>) {
        for (key, value) in rows {
            self.bytes += key.len() + value.len() + ENTRY_BYTES;
            if let Some((key, old)) = self.rows.get_key_value(&key) {
                self.bytes -= key.len() + old.len() + ENTRY_BYTES;
            }
            self.rows.insert(key, value);
        }
    }

    /// Notes that every row of a range is known.
    pub fn complete(&mut self, mut range: Range<Vec<u8>>) {
        if range.start >= range.end {
            return;
        }
        // The first one may begin before.
        if let Some((low, high)) = self.range_touching(&range.start) {
            (range.start, range.end) = (low.clone(), high.max(&range.end).clone());
        }
        let within: Vec<_> =
            self.ranges.range(range.start.clone()..=range.end.clone()).map(|one| one.0.clone()).collect();
        for low in within {
            if let Some(high) = self.ranges.remove(&low) {
                self.bytes -= low.len() + high.len() + ENTRY_BYTES;
                range.end = range.end.max(high);
            }
        }
        self.bytes += range.start.len() + range.end.len() + ENTRY_BYTES;
        self.ranges.insert(range.start, range.end);
    }

    /// Notes the new value of a key.
    pub fn set(&mut self, key: &[u8], value: Option<&[u8]>) {
        match value {
            Some(value) => self.add([(key.to_vec(), value.to_vec())]),
            None => {
                if let Some(old) = self.rows.remove(key) {
                    self.bytes -= key.len() + old.len() + ENTRY_BYTES;
                }
            }
        }
    }

    fn range_touching(&self, key: &[u8]) -> Option<(&Vec<u8>, &Vec<u8>)> {
        let before = (Bound::Unbounded, Bound::Included(key));
        self.ranges.range::<[u8], _>(before).next_back().filter(|(_, high)| key <= high.as_slice())
    }

    fn range_with(&self, key: &[u8]) -> Option<(&Vec<u8>, &Vec<u8>)> {
        self.range_touching(key).filter(|(_, high)| key < high.as_slice())
    }

    /// The range with the keys right before this one.
    fn range_before(&self, key: &[u8]) -> Option<(&Vec<u8>, &Vec<u8>)> {
        let before = (Bound::Unbounded, Bound::Excluded(key));
        self.ranges.range::<[u8], _>(before).next_back().filter(|(_, high)| key <= high.as_slice())
    }
}

/// The next key in order.
pub(in crate::store::postgres) fn after(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> Vec<u8> {
        vec![number]
    }

    fn pair(number: u8) -> Pair {
        (key(number), vec![number, number])
    }

    /// All that can be read of a range, row by row, and what is left of it.
    fn read(part: &Part, order: ScanOrder, low: u8, high: u8) -> (Vec<u8>, Range<Vec<u8>>) {
        let (mut found, mut left) = (Vec::new(), key(low)..key(high));
        while left.start < left.end {
            let Some((rows, rest)) = part.rows(order, &left, 2) else { break };
            found.extend(rows.iter().map(|row| row.0[0]));
            left = rest;
        }
        (found, left)
    }

    #[test]
    fn ranges_grow_together_and_answer_in_both_directions() {
        let mut part = Part::default();
        part.add([pair(3), pair(5)]);
        part.complete(key(2)..key(6));
        part.add([pair(9)]);
        part.complete(key(8)..key(12));
        assert_eq!(read(&part, ScanOrder::Ascending, 2, 20), (vec![3, 5], key(6)..key(20)));
        assert_eq!(read(&part, ScanOrder::Descending, 1, 12), (vec![9], key(1)..key(8)));
        assert_eq!(part.rows(ScanOrder::Ascending, &(key(6)..key(9)), 9), None);

        part.add([pair(6), pair(7)]);
        part.complete(key(6)..key(8));

        assert_eq!(read(&part, ScanOrder::Ascending, 2, 12), (vec![3, 5, 6, 7, 9], key(12)..key(12)));
        assert_eq!(read(&part, ScanOrder::Descending, 4, 10), (vec![9, 7, 6, 5], key(4)..key(4)));
        assert_eq!(part.ranges.len(), 1);
    }

    #[test]
    fn a_missing_row_is_known_inside_a_range_only() {
        let mut part = Part::default();
        part.add([pair(3), pair(30)]);
        part.complete(key(2)..key(6));
        assert_eq!(part.get(&key(3)), Some(Some(&vec![3, 3])));
        assert_eq!(part.get(&key(4)), Some(None));
        assert_eq!(part.get(&key(6)), None);
        assert_eq!(part.get(&key(30)), Some(Some(&vec![30, 30])));

        for number in [3, 30] {
            part.set(&key(number), None);
        }
        part.set(&key(4), Some(&[1]));

        assert_eq!((part.get(&key(3)), part.get(&key(30))), (Some(None), None));
        assert_eq!(part.get(&key(4)), Some(Some(&vec![1])));
    }

    #[test]
    fn bytes_are_counted_once() {
        let mut part = Part::default();
        part.add([pair(3), pair(4)]);
        part.add([pair(3), pair(4)]);
        part.complete(key(1)..key(9));
        part.complete(key(1)..key(3));
        part.complete(key(2)..key(9));
        assert_eq!(part.bytes(), 2 * (3 + ENTRY_BYTES) + 2 + ENTRY_BYTES);
        part.set(&key(3), None);
        assert_eq!(part.bytes(), 3 + ENTRY_BYTES + 2 + ENTRY_BYTES);
    }
}
