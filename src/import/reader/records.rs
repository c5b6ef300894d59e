//! The records of a CSV text that hold something, each with the lines where it stands.

use csv::{Reader, ReaderBuilder, StringRecord};

/// First and last line of a record.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    pub first: u64,
    pub last: u64,
}

/// Records that hold something, with their lines.
///
/// The csv crate counts a record's line from where the one before ended, which is wrong after blank lines and after
/// CRLF, so lines are counted here from its byte positions.
pub struct Records<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    /// The start of the record read last, and its line.
    byte: usize,
    line: u64,
}

impl<'t> Records<'t> {
    /// The records of a text whose quotes inside quoted cells are doubled, or have a backslash before them.
    pub fn of(text: &'t str, separator: u8, has_backslashes: bool) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(separator)
            .escape(has_backslashes.then_some(b'\\'))
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        Self { text, reader, byte: 0, line: 1 }
    }

    fn reader_byte(&self) -> usize {
        usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX).min(self.text.len())
    }

    /// The lines of a record between two byte positions, which may begin with line ends of what came before.
    fn lines(&mut self, from: usize, to: usize) -> Lines {
        let bytes = self.text.as_bytes();
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let start = from + bytes[from..to].iter().take_while(|byte| is_end(byte)).count();
        let end = to - bytes[start..to].iter().rev().take_while(|byte| is_end(byte)).count();
        self.line += line_ends(&bytes[self.byte..start]);
        self.byte = start;
        Lines { first: self.line, last: self.line + line_ends(&bytes[start..end]) }
    }
}

impl Iterator for Records<'_> {
    type Item = (Lines, csv::Result<StringRecord>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let from = self.reader_byte();
            let mut record = StringRecord::new();
            let read = self.reader.read_record(&mut record);
            let lines = self.lines(from, self.reader_byte());
            match read {
                Ok(false) => return None,
                Ok(true) if record.iter().all(|cell| cell.trim().is_empty()) => {}
                Ok(true) => return Some((lines, Ok(record))),
                Err(error) => return Some((lines, Err(error))),
            }
        }
    }
}

/// The cells of a row that was quoted as a whole; of another row None.
pub fn unwrapped(record: &StringRecord, separator: u8) -> Option<StringRecord> {
    let whole = record.get(0).filter(|cell| record.len() == 1 && cell.as_bytes().contains(&separator))?;
    let (_, inner) = Records::of(whole, separator, false).next()?;
    inner.ok()
}

/// Line ends in `bytes`: LF, CRLF or a lone CR.
fn line_ends(bytes: &[u8]) -> u64 {
    let mut ends = 0;
    let mut after_cr = false;
    for byte in bytes {
        ends += u64::from(*byte == b'\r' || (*byte == b'\n' && !after_cr));
        after_cr = *byte == b'\r';
    }
    ends
}
