//! Builds and parses keys whose byte order is the order of reading.

use std::ops::Range;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

/// Builds a key, part by part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub fn new() -> Self {
        Self::default()
    }

    /// A key that continues another.
    pub fn starting(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub fn u64(mut self, number: u64) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    pub fn u32(mut self, number: u32) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    /// Days since the year 0; no date of the calendar is earlier.
    pub fn date(self, date: NaiveDate) -> Self {
        self.u32(date.num_days_from_ce().unsigned_abs())
    }

    pub fn moment(self, at: NaiveDateTime) -> Self {
        self.date(at.date()).u32(at.num_seconds_from_midnight())
    }

    /// A text of any length, terminated by 0 0; a 0 inside becomes 0 255, so that no encoded text is a prefix of
    /// another.
    pub fn text(mut self, text: &str) -> Self {
        for byte in text.bytes() {
            self.0.push(byte);
            if byte == 0 {
                self.0.push(255);
            }
        }
        self.0.extend([0, 0]);
        self
    }

    /// The common beginning of all texts that begin with `text`; see [`prefix`](Self::prefix).
    pub fn text_start(mut self, text: &str) -> Self {
        self = self.text(text);
        self.0.truncate(self.0.len() - 2);
        self
    }

    pub fn done(self) -> Vec<u8> {
        self.0
    }

    /// The range of keys that begin with this one.
    pub fn prefix(self) -> Range<Vec<u8>> {
        let mut end = self.0.clone();
        while end.last() == Some(&255) {
            end.pop();
        }
        if let Some(last) = end.last_mut() {
            *last += 1;
        }
        self.0..end
    }
}

/// The text at the beginning of a key, and the rest.
pub(crate) fn first_text(key: &[u8]) -> Option<(String, &[u8])> {
    let (mut text, mut rest) = (Vec::new(), key);
    loop {
        match rest {
            [0, 0, rest @ ..] => return Some((String::from_utf8(text).ok()?, rest)),
            [0, 255, after @ ..] => (text, rest) = ([text, vec![0]].concat(), after),
            [byte, after @ ..] if *byte != 0 => {
                text.push(*byte);
                rest = after;
            }
            _ => return None,
        }
    }
}

/// The number at the end of a key.
pub(crate) fn last_u64(key: &[u8]) -> Option<u64> {
    key.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))
}

pub(crate) fn first_date(key: &[u8]) -> Option<NaiveDate> {
    let days = u32::from_be_bytes(*key.first_chunk::<4>()?);
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?)
}
