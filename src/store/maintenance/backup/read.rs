//! Reads a backup. Its content is valid only once its end has been read and verified.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read},
    mem,
};

use flate2::bufread::GzDecoder;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::store::{
    FORMAT_VERSION,
    maintenance::backup::{
        BACKUP_VERSION, BackupError, Contents,
        line::{Footer, Header, LINE_BYTES_MAX, Line, Stored},
    },
};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Yields the records of a backup, or of another file of such lines with a header of its own, and rejects incomplete
/// ones.
pub(in crate::store) struct Reader<R: BufRead, H = Header> {
    lines: BufReader<GzDecoder<R>>,
    hash: Sha256,
    counts: BTreeMap<String, u64>,
    pub header: H,
    /// Number of the last line read; the first is 1.
    pub line: u64,
    last: Option<Stored>,
}

/// Header fields common to all versions.
#[derive(Deserialize)]
struct Versions {
    tandem_backup: u32,
    store_format: u32,
}

impl<R: BufRead> Reader<R> {
    pub fn new(source: R) -> Result<Self, BackupError> {
        Self::with_header(source, header_of_a_backup)
    }

    /// Reads to the end and returns the contents.
    pub fn finish(mut self) -> Result<Contents, BackupError> {
        while self.next()?.is_some() {}
        Ok(self.into_contents())
    }

    /// The contents, once [`Self::next`] has returned none.
    pub fn into_contents(self) -> Contents {
        Contents { made_at: self.header.made_at, counts: self.counts }
    }
}

fn header_of_a_backup(first: &[u8]) -> Result<Header, BackupError> {
    let versions: Versions = serde_json::from_slice(first)
        .map_err(|_| BackupError::NotABackup("it does not begin with the header of a backup"))?;
    for (what, found, max) in
        [("format", versions.tandem_backup, BACKUP_VERSION), ("store format", versions.store_format, FORMAT_VERSION)]
    {
        if found > max {
            return Err(BackupError::Newer { what, found });
        }
    }
    serde_json::from_slice(first).map_err(|error| BackupError::Damaged { line: 1, why: error.to_string() })
}

impl<R: BufRead, H> Reader<R, H> {
    /// Reads the first line with `header`.
    pub fn with_header<E: From<BackupError>>(
        mut source: R,
        header: impl FnOnce(&[u8]) -> Result<H, E>,
    ) -> Result<Self, E> {
        if !source.fill_buf().map_err(BackupError::from)?.starts_with(&GZIP_MAGIC) {
            return Err(BackupError::NotABackup("it is not a gzip file").into());
        }
        let mut lines = BufReader::new(GzDecoder::new(source));
        let first = next_line(&mut lines, 1)?;
        let (header, hash) = (header(&first)?, Sha256::new_with_prefix(&first));
        Ok(Self { lines, hash, counts: BTreeMap::new(), header, line: 1, last: None })
    }

    /// The next record; none at the end, after everything has been compared with the footer.
    pub fn next(&mut self) -> Result<Option<&Stored>, BackupError> {
        self.line += 1;
        let bytes = next_line(&mut self.lines, self.line)?;
        let line = serde_json::from_slice(&bytes).map_err(|error| self.damaged(error.to_string()))?;
        if let Line::End(footer) = line {
            return self.end(&footer).map(|()| None);
        }
        let stored = line.stored().map_err(|error| self.damaged(error.to_string()))?;
        let Some(stored) = stored else { return Ok(None) };
        if self.last.as_ref().is_some_and(|last| (last.table, &last.key) >= (stored.table, &stored.key)) {
            return Err(self.damaged("a record is there twice, or not in its place".to_owned()));
        }
        self.hash.update(&bytes);
        *self.counts.entry(stored.table.name().to_owned()).or_default() += 1;
        Ok(Some(&*self.last.insert(stored)))
    }

    fn end(&mut self, footer: &Footer) -> Result<(), BackupError> {
        let counted = |(table, expected): (&String, &u64)| {
            let found = self.counts.get(table).copied().unwrap_or(0);
            (found != *expected).then(|| format!("it should hold {expected} records of {table}, it holds {found}"))
        };
        if let Some(why) = footer.counts.iter().find_map(counted) {
            return Err(self.damaged(why));
        }
        if let Some(table) = self.counts.keys().find(|table| !footer.counts.contains_key(*table)) {
            return Err(self.damaged(format!("it should hold no records of {table}")));
        }
        let found: [u8; 32] = mem::take(&mut self.hash).finalize().into();
        if found != footer.sha256 {
            return Err(self.damaged("its checksum is wrong".to_owned()));
        }
        self.nothing_follows()
    }

    /// Reading to the end of the file also verifies gzip's own checksum.
    fn nothing_follows(&mut self) -> Result<(), BackupError> {
        let mut rest = [0];
        let more = self.lines.read(&mut rest).map_err(|error| unreadable(error, self.line))?;
        if more > 0 || !self.lines.get_mut().get_mut().fill_buf()?.is_empty() {
            return Err(self.damaged("something follows after its end".to_owned()));
        }
        Ok(())
    }

    fn damaged(&self, why: String) -> BackupError {
        BackupError::Damaged { line: self.line, why }
    }
}

fn next_line(lines: &mut impl BufRead, line: u64) -> Result<Vec<u8>, BackupError> {
    let mut bytes = Vec::new();
    lines.take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes).map_err(|error| unreadable(error, line))?;
    if bytes.ends_with(b"\n") {
        Ok(bytes)
    } else if bytes.len() as u64 == LINE_BYTES_MAX {
        Err(BackupError::Damaged { line, why: "it is longer than a line can be".to_owned() })
    } else {
        Err(BackupError::CutShort { line: line - 1 })
    }
}

/// The decoder reports errors of the file as invalid input; others are the disk's.
fn unreadable(error: io::Error, line: u64) -> BackupError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => BackupError::CutShort { line: line.saturating_sub(1) },
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            BackupError::Damaged { line, why: error.to_string() }
        }
        _ => BackupError::Io(error),
    }
}
