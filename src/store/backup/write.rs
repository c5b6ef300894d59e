//! Writing a backup, in two steps: records are copied raw while the store is held still, which is quick, and become
//! lines afterwards, while people go on working.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, BufWriter, Read, Seek, Write},
    path::Path,
};

use chrono::{DateTime, Utc};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    super::{
        FORMAT_VERSION, Store,
        error::StoreError,
        keys::everything,
        meta,
        record::corrupt,
        table::Table,
        view::{Flow, View},
    },
    BACKUP_VERSION, BackupError,
    line::{Footer, Header, Line, Stored},
};

/// Writes a backup of the store as of one moment. `scratch` is a folder with room for the raw records.
pub(super) fn write(store: &Store, scratch: &Path, made_at: DateTime<Utc>, out: impl Write) -> Result<(), BackupError> {
    let mut spool = Spool { file: BufWriter::new(tempfile::tempfile_in(scratch)?), records: 0 };
    store.read(|view| spool.fill(view))?;
    let mut records = spool.rewind()?;
    let mut lines = Lines { out: GzEncoder::new(BufWriter::new(out), Compression::fast()), hash: Sha256::new() };
    lines.push(&Header { tandem_backup: BACKUP_VERSION, store_format: FORMAT_VERSION, made_at })?;
    let mut counts: BTreeMap<String, u64> = Table::primary().map(|table| (table.name().to_owned(), 0)).collect();
    while let Some(stored) = records.next()? {
        let line = Line::of(&stored).ok_or_else(|| corrupt(stored.table, &stored.key))?;
        lines.push(&line)?;
        *counts.entry(stored.table.name().to_owned()).or_default() += 1;
    }
    let sha256 = lines.hash.clone().finalize().into();
    lines.push(&Line::End(Footer { counts, sha256 }))?;
    Ok(lines.out.finish()?.flush()?)
}

/// Records in a temporary file without a name.
struct Spool {
    file: BufWriter<File>,
    records: u64,
}

impl Spool {
    fn fill(&mut self, view: &dyn View) -> Result<(), StoreError> {
        let all = everything();
        for table in Table::primary() {
            view.scan(table, &all.start..&all.end, &mut |key, bytes| {
                if table == Table::Meta && meta::is_of_one_life(key) {
                    return Ok(Flow::Continue);
                }
                self.file.write_all(&[table as u8])?;
                for part in [key, bytes] {
                    let length = u32::try_from(part.len()).map_err(|_| corrupt(table, key))?;
                    self.file.write_all(&length.to_be_bytes())?;
                    self.file.write_all(part)?;
                }
                self.records += 1;
                Ok(Flow::Continue)
            })?;
        }
        Ok(())
    }

    fn rewind(self) -> Result<Spooled, BackupError> {
        let mut file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Spooled { file: BufReader::new(file), left: self.records })
    }
}

struct Spooled {
    file: BufReader<File>,
    left: u64,
}

impl Spooled {
    fn next(&mut self) -> Result<Option<Stored>, BackupError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut place = [0];
        self.file.read_exact(&mut place)?;
        let table = Table::ALL[usize::from(place[0])];
        Ok(Some(Stored { table, key: self.part()?, bytes: self.part()? }))
    }

    fn part(&mut self) -> Result<Vec<u8>, BackupError> {
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        let mut part = vec![0; u32::from_be_bytes(length) as usize];
        self.file.read_exact(&mut part)?;
        Ok(part)
    }
}

struct Lines<W: Write> {
    out: GzEncoder<W>,
    hash: Sha256,
}

impl<W: Write> Lines<W> {
    fn push(&mut self, line: &impl Serialize) -> Result<(), BackupError> {
        let mut bytes = serde_json::to_vec(line).map_err(std::io::Error::from)?;
        bytes.push(b'\n');
        self.hash.update(&bytes);
        Ok(self.out.write_all(&bytes)?)
    }
}
