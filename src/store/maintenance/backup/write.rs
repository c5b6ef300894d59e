//! Writes a backup of the store as of one moment, one line per record, while others change it.

use std::{
    collections::BTreeMap,
    io::{self, BufWriter, Write},
};

use chrono::{DateTime, Utc};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::store::{
    FORMAT_VERSION, Store,
    catalog::{Table, everything},
    error::corrupt,
    maintenance::backup::{
        BACKUP_VERSION, BackupError,
        line::{Footer, Header, Line, Stored},
    },
    tables::meta,
    transaction::{Flow, ReadTx},
};

/// Writes a backup of the store as of one moment.
pub(super) fn write(store: &Store, made_at: DateTime<Utc>, out: impl Write) -> Result<(), BackupError> {
    let mut lines = Lines::new(out);
    lines.push(&Header { tandem_backup: BACKUP_VERSION, store_format: FORMAT_VERSION, made_at })?;
    let (moment, all, mut counts) = (store.moment(), everything(), BTreeMap::new());
    for table in Table::primary() {
        let mut count = 0_u64;
        moment.scan(table, &all.start..&all.end, &mut |key, bytes| {
            if table == Table::Meta && meta::is_of_one_life(key) {
                return Ok(Flow::Continue);
            }
            let stored = Stored { table, key: key.to_vec(), bytes: bytes.to_vec() };
            lines.push(&Line::of(&stored).ok_or_else(|| corrupt(table, key))?)?;
            count += 1;
            Ok(Flow::Continue)
        })?;
        counts.insert(table.name().to_owned(), count);
    }
    Ok(lines.end(counts)?)
}

/// Packed lines of JSON, and a footer with their hash.
pub(in crate::store) struct Lines<W: Write> {
    out: GzEncoder<BufWriter<W>>,
    hash: Sha256,
}

impl<W: Write> Lines<W> {
    pub fn new(out: W) -> Self {
        Self { out: GzEncoder::new(BufWriter::new(out), Compression::fast()), hash: Sha256::new() }
    }

    pub fn end(mut self, counts: BTreeMap<String, u64>) -> io::Result<()> {
        let sha256 = self.hash.clone().finalize().into();
        self.push(&Line::End(Footer { counts, sha256 }))?;
        self.out.finish()?.flush()
    }

    pub fn push(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.hash.update(&bytes);
        self.out.write_all(&bytes)
    }
}
