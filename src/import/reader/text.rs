//! Bytes of a file as text, whatever encoding a spreadsheet chose.
//!
//! Rule of this file: one wrong byte spoils its own line and no other. A file that is something else is named for what
//! it is.

use std::{borrow::Cow, io::Cursor, iter, sync::LazyLock};

use regex::{Captures, Regex};
use zip::ZipArchive;

use crate::import::{FILE_BYTES_MAX, FileError};

/// How much of a file is looked at to tell what it is, in bytes.
const PROBE_BYTES: usize = 4096;
/// What old programs end a text with.
const END_OF_FILE: char = '\u{1A}';
/// The entry of a workbook with a password, as its container writes it.
const ENCRYPTED: &str = "EncryptedPackage";

/// The text of a file, or of a sheet of a workbook, and what is to be known of it.
#[derive(Debug, Default)]
pub struct Text<'a> {
    pub content: Cow<'a, str>,
    /// Lines that were read as Windows-1252, from 1.
    pub doubtful: Vec<u64>,
    /// Other lines are UTF-8, so the doubtful ones are exceptions.
    pub has_utf_8: bool,
    /// Quotes inside a quoted cell have a backslash before them.
    pub has_backslashes: bool,
    /// How many days the numbers of its moments are too small.
    pub days_short: u32,
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self { content: text, ..Self::default() }
    }
}

/// Decodes a file: UTF-8 with or without a byte order mark, UTF-16 in both orders, else Windows-1252, line by line.
///
/// # Errors
/// [`FileError`] where the file is too large or no text.
pub fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<Text<'a>, FileError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLarge { file: file.to_owned(), bytes: bytes.len() });
    }
    if let Some(what) = other_format(bytes) {
        return Err(FileError::OtherFormat { file: file.to_owned(), what });
    }
    if let Some(encoding) = utf_16(bytes) {
        let (text, _) = encoding.decode_with_bom_removal(bytes);
        let text = without_nul(file, text)?.trim_end_matches(END_OF_FILE).to_owned();
        return Ok(Text::from(Cow::Owned(text)));
    }
    if let Some(byte) = bytes.iter().position(|byte| *byte == 0) {
        return Err(FileError::NotText { file: file.to_owned(), byte: byte + 1 });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\x1A").unwrap_or(bytes);
    let text = match str::from_utf8(bytes) {
        Ok(text) => Text::from(Cow::Borrowed(text)),
        Err(_) => line_by_line(bytes),
    };
    Ok(Text { has_backslashes: has_backslashes(&text.content), ..text })
}

/// Whether quotes have a backslash before them: then one stands where neither a cell nor a doubled quote can end.
fn has_backslashes(text: &str) -> bool {
    let ends = [',', ';', '\t', '|', '\r', '\n', '"'];
    text.split("\\\"").skip(1).any(|rest| !rest.is_empty() && !rest.starts_with(ends))
}

/// Each line by itself: UTF-8 where it is, else Windows-1252, in which every line can be read.
fn line_by_line(bytes: &[u8]) -> Text<'static> {
    let (mut text, mut doubtful, mut has_utf_8) = (String::with_capacity(bytes.len()), Vec::new(), false);
    for (number, line) in (1..).zip(lines(bytes)) {
        if let Ok(line) = str::from_utf8(line) {
            has_utf_8 |= !line.is_ascii();
            text.push_str(line);
        } else {
            text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(line).0);
            doubtful.push(number);
        }
    }
    Text { content: Cow::Owned(text), doubtful, has_utf_8, ..Text::default() }
}

/// Lines with their ends: LF, CRLF or a lone CR.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    iter::from_fn(move || {
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let length = match end {
            Some(end) if rest[end..].starts_with(b"\r\n") => end + 2,
            Some(end) => end + 1,
            None => rest.len(),
        };
        let (line, behind) = rest.split_at(length);
        rest = behind;
        (!line.is_empty()).then_some(line)
    })
}

/// A text whose letters a program took for Windows-1252 and saved as UTF-8, with the letters that were meant, and its first such
/// line: `â€“` was `–`, `Ã©` was `é`. No one writes the signs that these begin with before such others.
pub fn repaired(text: Text<'_>) -> (Text<'_>, Option<u64>) {
    static WRONG: LazyLock<Regex> = LazyLock::new(|| {
        let continued = "[\u{80}-\u{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]";
        #[expect(clippy::expect_used, reason = "a constant pattern, which every test of this file compiles")]
        Regex::new(&format!("[ÂÃ]{continued}|â[€‚„…†]{continued}")).expect("the pattern is valid")
    });
    let Some(first) = WRONG.find(&text.content) else { return (text, None) };
    let line =
        lines(&text.content.as_bytes()[..first.start()]).filter(|line| line.ends_with(b"\n") || line.ends_with(b"\r"));
    let line = u64::try_from(line.count()).unwrap_or(u64::MAX).saturating_add(1);
    let meant = |wrong: &Captures<'_>| {
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&wrong[0]);
        str::from_utf8(&bytes).map_or_else(|_| wrong[0].to_owned(), str::to_owned)
    };
    let content = Cow::Owned(WRONG.replace_all(&text.content, meant).into_owned());
    (Text { content, ..text }, Some(line))
}

/// UTF-16, by its byte order mark, or because bytes of its start are NUL in even or in odd places alone: those of letters
/// that ASCII has, of which a table has many whatever its language.
fn utf_16(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some(encoding_rs::UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(encoding_rs::UTF_16BE),
        _ => {}
    }
    let probe = &bytes[..bytes.len().min(PROBE_BYTES)];
    let nul = |offset: usize| probe.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (nul(0), nul(1), probe.len() / 2);
    if half < 4 {
        return None;
    }
    let mostly = |count: usize, other: usize| count * 4 >= half && other == 0;
    if mostly(odd, even) {
        Some(encoding_rs::UTF_16LE)
    } else if mostly(even, odd) {
        Some(encoding_rs::UTF_16BE)
    } else {
        None
    }
}

fn without_nul<'t>(file: &str, text: Cow<'t, str>) -> Result<Cow<'t, str>, FileError> {
    match text.find('\0') {
        Some(byte) => Err(FileError::NotText { file: file.to_owned(), byte: byte + 1 }),
        None => Ok(text),
    }
}

/// What a file is that people take for a table, in words that end "… is"; with what to do instead.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    let start: &[u8] = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = start.trim_ascii_start();
    let probe = start[..start.len().min(PROBE_BYTES)].to_ascii_lowercase();
    let has = |tag: &[u8]| probe.windows(tag.len()).any(|piece| piece == tag);
    if start.starts_with(b"\xD0\xCF\x11\xE0") {
        let name: Vec<u8> = ENCRYPTED.encode_utf16().flat_map(u16::to_le_bytes).collect();
        Some(if start.windows(name.len()).any(|piece| piece == name) {
            "a workbook with a password: open it, take the password away and save it as .xlsx or as CSV"
        } else {
            "an old Excel workbook (.xls), whatever its name says: open it and save it as .xlsx or as CSV"
        })
    } else if start.starts_with(b"PK\x03\x04") {
        Some(archive(start))
    } else if start.starts_with(b"%PDF") {
        Some("a PDF document: export the report as CSV or .xlsx instead")
    } else if probe.starts_with(b"<?xml") && has(b"spreadsheetml") {
        Some("an XML spreadsheet: open it and save it as .xlsx or as CSV")
    } else if probe.starts_with(b"<") && (has(b"<html") || has(b"<table") || has(b"<!doctype html")) {
        Some("a web page with a table, whatever its name says: open it in a spreadsheet and save it as .xlsx or as CSV")
    } else {
        None
    }
}

/// What a ZIP archive is that is no workbook.
fn archive(bytes: &[u8]) -> &'static str {
    let archive = ZipArchive::new(Cursor::new(bytes));
    let has = |entry: &str| archive.as_ref().is_ok_and(|archive| archive.index_for_name(entry).is_some());
    if has("xl/workbook.bin") {
        "a binary workbook (.xlsb): open it and save it as .xlsx or as CSV"
    } else if has("word/document.xml") {
        "a Word document: put its table into a spreadsheet and save that as .xlsx or as CSV"
    } else if has("content.xml") {
        "an OpenDocument file (.ods): open it and save it as .xlsx or as CSV"
    } else {
        "a ZIP archive: take the files out of it first, or save the workbook as .xlsx or CSV"
    }
}
