//! Long records in chunks, so that no page of the engine can grow so large that it is written outside the database
//! file.
//!
//! Behavior of sled 0.34.7, from its source: `Log::reserve_inner` writes a page of more than `PAGE_BYTES_MAX` bytes
//! to a file of its own in `blobs`, which it never syncs. A page contains 17 entries at most when it is written: a
//! thread that traverses one of more than 16 splits it first (`Node::should_split`, `Tree::view_for_key`). A page of
//! fewer than 4 entries is merged into its left neighbor (`Node::should_merge`), which makes 20; each thread that
//! traverses it at the same moment may add another 3 before the next one splits the page.
//!
//! Therefore an entry has at most [`ENTRY_BYTES_MAX`] bytes, of which 30 fit into a page. A longer record is stored
//! as its beginning, in its own table, and chunks in a separate tree.

use crate::store::{
    catalog::Table,
    error::{StoreError, corrupt},
};

/// Largest page that sled writes into the database file: a quarter of a segment of 512 KiB, less the header of a
/// segment and that of a message (`SEG_HEADER_LEN`, `MAX_MSG_HEADER_LEN`).
#[cfg(test)]
pub const PAGE_BYTES_MAX: usize = 512 * 1024 / 4 - 20 - 32;
/// Most entries of one page: 17, three merges, and a margin.
#[cfg(test)]
pub const PAGE_ENTRIES_MAX: usize = 30;
/// Largest entry of the engine, key and value, in bytes.
pub const ENTRY_BYTES_MAX: usize = 4_300;
/// First byte of a record that continues in chunks. Versions of layouts are far below.
const CONTINUED: u8 = 255;
/// The mark, and the length of the whole record.
const HEAD_BYTES: usize = 1 + size_of::<u32>();
/// Length of a chunk's key besides the key of its record: the name of the table, a zero, and a number.
const NAME_BYTES_MAX: usize = 20;

/// Tells if records of a table may be split. Others begin with no version byte, so they cannot be marked.
pub fn may_split(table: Table) -> bool {
    table.source().is_none() && table != Table::Meta
}

/// A record as the engine stores it.
pub struct Split {
    pub head: Vec<u8>,
    pub pieces: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Splits a record that is longer than an entry may be; none if it is not.
pub fn split(table: Table, key: &[u8], value: &[u8]) -> Result<Option<Split>, StoreError> {
    if key.len() + value.len() <= ENTRY_BYTES_MAX {
        return Ok(None);
    }
    let max = ENTRY_BYTES_MAX.saturating_sub(key.len() + HEAD_BYTES + NAME_BYTES_MAX);
    let length = u32::try_from(value.len()).ok().filter(|_| may_split(table) && max > 0);
    let too_large = StoreError::TooLarge { table, bytes: key.len() + value.len(), max: ENTRY_BYTES_MAX };
    let length = length.ok_or(too_large)?;
    let (first, rest) = value.split_at(max);
    let head = [&[CONTINUED], length.to_be_bytes().as_slice(), first].concat();
    let pieces = rest.chunks(max).zip(0..).map(|(piece, number)| (piece_key(table, key, number), piece.to_vec()));
    Ok(Some(Split { head, pieces: pieces.collect() }))
}

/// Joins a record with its chunks; none if it is not split.
pub fn join(
    table: Table,
    key: &[u8],
    value: &[u8],
    piece: impl Fn(&[u8]) -> Result<Option<sled::IVec>, StoreError>,
) -> Result<Option<Vec<u8>>, StoreError> {
    let (Some(&[CONTINUED, a, b, c, d]), true) = (value.first_chunk(), may_split(table)) else { return Ok(None) };
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    let mut whole = value[HEAD_BYTES..].to_vec();
    let mut number = 0;
    while whole.len() < length {
        let found = piece(&piece_key(table, key, number))?.filter(|piece| !piece.is_empty());
        whole.extend_from_slice(&found.ok_or_else(|| corrupt(table, key))?);
        number += 1;
    }
    if whole.len() == length { Ok(Some(whole)) } else { Err(corrupt(table, key)) }
}

/// The beginning of the keys of a table's chunks.
pub fn prefix(table: Table) -> Vec<u8> {
    [table.name().as_bytes(), &[0]].concat()
}

/// The key of a chunk: table, key of the record, number. Keys are unique because the number has a fixed length.
pub fn piece_key(table: Table, key: &[u8], number: u32) -> Vec<u8> {
    [prefix(table).as_slice(), key, &number.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Splits and joins a value.
    fn there_and_back(value: &[u8]) -> Result<(usize, Vec<u8>), StoreError> {
        let Some(Split { head, pieces }) = split(Table::Audit, &[0; 8], value)? else { return Ok((0, value.to_vec())) };
        let pieces: BTreeMap<_, _> = pieces.into_iter().collect();
        for (key, value) in pieces.iter().chain([(&vec![0; 8], &head)]) {
            assert!(key.len() + value.len() <= ENTRY_BYTES_MAX, "an entry of {} bytes", key.len() + value.len());
        }
        let piece = |key: &[u8]| Ok(pieces.get(key).map(|piece| piece.as_slice().into()));
        let whole = join(Table::Audit, &[0; 8], &head, piece)?;
        Ok((pieces.len(), whole.unwrap_or_default()))
    }

    #[test]
    fn a_record_of_any_length_comes_back_as_it_was() -> Result<(), StoreError> {
        for length in [0, 1, 4_291, 4_292, 4_293, 4_294, 8_500, 8_600, 16_000, 100_000, 262_000] {
            let value: Vec<u8> = (0..=250).cycle().take(length).collect();
            let (pieces, whole) = there_and_back(&value)?;
            assert!(whole == value, "{length} bytes in {pieces} pieces");
            assert_eq!(pieces > 0, length + 8 > ENTRY_BYTES_MAX, "{length}");
        }
        Ok(())
    }

    #[test]
    fn a_record_whose_piece_is_missing_cannot_be_read() -> Result<(), StoreError> {
        let split = split(Table::Audit, &[7; 8], &[1; 9_000])?;
        let head = split.map(|split| split.head).unwrap_or_default();

        let read = join(Table::Audit, &[7; 8], &head, |_| Ok(None));

        assert!(matches!(read, Err(StoreError::Corrupt { table: Table::Audit, .. })), "{read:?}");
        Ok(())
    }

    #[test]
    fn a_long_entry_of_a_table_without_versions_is_refused() {
        let refused = split(Table::Meta, b"name", &[0; ENTRY_BYTES_MAX]);

        assert!(matches!(refused, Err(StoreError::TooLarge { table: Table::Meta, .. })));
    }

    #[test]
    fn names_of_tables_fit_into_the_keys_of_pieces() {
        for table in Table::ALL {
            assert!(piece_key(table, &[], 0).len() <= NAME_BYTES_MAX, "{}", table.name());
        }
    }

    #[test]
    fn the_largest_page_fits_into_the_database_file() {
        // An entry has two lengths, of at most three bytes each; a page has two bounds, no longer than keys, and a
        // header.
        let entries = PAGE_ENTRIES_MAX * (ENTRY_BYTES_MAX + 2 * 3);
        assert!(entries + 2 * 512 + 64 <= PAGE_BYTES_MAX, "{entries} of {PAGE_BYTES_MAX}");
    }
}
