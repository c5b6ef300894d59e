//! One row of a table: its cells by their headings, and what is wrong with it as a whole.

use std::borrow::Cow;

use csv::StringRecord;

use crate::{
    domain::{
        alike::{plain_value, text_key},
        event::names,
    },
    import::{
        Note, Place, Rejected, cells,
        clean::{self, NUMBER_MARK},
        records::Lines,
        table::{Column, Table, WrittenBy},
        text::Text,
        values,
    },
};

/// What the first cell of a row of totals says, in several languages; a sign or a number may follow.
const TOTALS: [&str; 17] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sub total",
    "sum",
    "count",
    "average",
    "mean",
    "summe",
    "gesamt",
    "gesamtsumme",
    "ergebnis",
    "gesamtergebnis",
    "anzahl",
    "totale",
    "total general",
];

/// First words of a footer that stands alone in its row.
const FOOTERS: [&str; 8] = ["generated", "printed", "exported", "created", "updated", "filtered", "page", "seite"];
/// What a footer counts.
const COUNTED: [&str; 6] = ["visits", "events", "rows", "records", "entries", "results"];

/// One row of a table.
#[derive(Debug)]
pub struct Row<'t> {
    table: &'t Table<'t>,
    record: StringRecord,
    lines: Lines,
}

impl<'t> Row<'t> {
    pub(super) fn of(table: &'t Table<'t>, record: StringRecord, lines: Lines) -> Self {
        Self { table, record, lines }
    }
}

impl Row<'_> {
    /// The cell under a heading, trimmed; empty where it holds a word for nothing, where the row ends before it or the file
    /// has no such column.
    #[must_use]
    pub fn get(&self, heading: &str) -> &str {
        let text = self.table.position(heading).map_or("", |position| self.shown(position));
        match self.table.written_by {
            WrittenBy::Others if clean::is_nothing(text) => "",
            WrittenBy::Others => plain_value(text),
            WrittenBy::OursAsCsv | WrittenBy::OursAsJson => text,
        }
    }

    /// The number in a cell of a workbook, whatever it is shown as; otherwise as [`Row::get`].
    #[must_use]
    pub fn number(&self, heading: &str) -> &str {
        let cell = self.table.position(heading).and_then(|position| self.record.get(position));
        cell.and_then(|cell| cell.split_once(NUMBER_MARK)).map_or_else(|| self.get(heading), |(_, number)| number)
    }

    /// A cell that is to hold a moment: as [`Row::get`], numbers of a spreadsheet counted from 1900.
    #[must_use]
    pub fn moment(&self, heading: &str) -> Cow<'_, str> {
        let (text, days_short) = (self.get(heading), self.table.text.days_short);
        match text.parse::<f64>() {
            Ok(number) if days_short > 0 => Cow::Owned((number + f64::from(days_short)).to_string()),
            _ => Cow::Borrowed(text),
        }
    }

    /// Whether a date under a heading may have been meant with day and month the other way round.
    #[must_use]
    pub fn is_doubtful_date(&self, heading: &str, text: &str) -> bool {
        let column = self.table.shape.columns.iter().position(|(column, _)| column.heading == heading);
        column.is_some_and(|column| self.table.is_doubtful_date(column, text))
    }

    /// Whether `tandem export` wrote the file.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.table.written_by != WrittenBy::Others
    }

    /// All cells, as people see them.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.width()).map(|position| self.shown(position))
    }

    /// Whether it has more cells than there are headings.
    pub(super) fn is_too_wide(&self) -> bool {
        self.filled() > self.table.shape.headings.len()
    }

    /// How many cells it has up to the last filled one.
    pub(super) fn filled(&self) -> usize {
        (0..self.width()).rev().find(|cell| !self.shown(*cell).is_empty()).map_or(0, |last| last + 1)
    }

    /// How many cells it has.
    pub(super) fn width(&self) -> usize {
        self.record.len()
    }

    /// A cell as people see it.
    pub(super) fn shown(&self, position: usize) -> &str {
        let cell = self.record.get(position).unwrap_or_default();
        cell.split_once(NUMBER_MARK).map_or(cell, |(shown, _)| shown).trim()
    }

    /// A cell that is no value: the error of a formula, or another one than in the same column before.
    pub(super) fn wrong_cell(&self) -> Option<(Column, String)> {
        if self.is_ours() {
            return None;
        }
        let shape = &self.table.shape;
        let read = shape.columns.iter().filter_map(|(column, position)| Some((*column, self.shown((*position)?))));
        let error = read.clone().find(|(_, cell)| clean::is_error(cell)).map(|(column, cell)| {
            (
                column,
                format!("{} is an error of a formula and no value: correct it in the spreadsheet", cells::quote(cell)),
            )
        });
        error.or_else(|| {
            let differs = |(column, again): &&(Column, usize)| {
                read.clone().any(|(first, cell)| first.heading == column.heading && cell != self.shown(*again))
            };
            let (column, again) = shape.again.iter().find(differs)?;
            let other = cells::quote(self.shown(*again));
            Some((*column, format!("stands twice in the file, and says {other} the second time; one may be there")))
        })
    }

    #[must_use]
    pub fn place(&self) -> Place {
        Place { file: self.table.file.clone(), line: self.lines.first }
    }

    /// What to tell of a row whose letters had to be guessed.
    #[must_use]
    pub fn doubt(&self) -> Option<Note> {
        let Text { doubtful, has_utf_8, .. } = &self.table.text;
        let at = doubtful.partition_point(|line| *line < self.lines.first);
        let is_in = doubtful.get(at).is_some_and(|line| *line <= self.lines.last);
        let is_first = at == 0 || doubtful.get(at - 1).is_some_and(|line| *line <= self.table.shape.line);
        let message = if *has_utf_8 {
            "is no UTF-8 although the rest of the file is; it was read as Windows-1252: look at its letters"
        } else {
            "the file is no UTF-8, so it was read as Windows-1252; this is its first row with other letters than A to Z: if \
             they are wrong, save the file as UTF-8"
        };
        (is_in && (*has_utf_8 || is_first)).then(|| Note { place: self.place(), message: message.to_owned() })
    }

    /// The rejection of this row. One that spans several lines says so: mostly a quote was never closed.
    #[must_use]
    pub fn reject(&self, column: Option<&str>, reason: impl Into<String>) -> Rejected {
        let mut reason = reason.into();
        if self.lines.last > self.lines.first {
            reason = format!(
                "{reason}. (The row runs from line {} to {}: is a quote not closed?)",
                self.lines.first, self.lines.last
            );
        }
        Rejected { place: self.place(), column: column.map(str::to_owned), reason }
    }

    /// Whether a row holds totals: most cells that are read are empty, and the first filled one is a word for totals, or begins
    /// with one before a colon, or begins or ends with one where all others are numbers. Or it has nothing but numbers, none
    /// of them in the first columns.
    pub(super) fn is_totals(&self) -> bool {
        let filled = || self.cells().filter(|cell| !cell.is_empty());
        let first = filled().next().unwrap_or_default().to_lowercase();
        let bare = first.trim_end_matches(|sign: char| !sign.is_alphabetic());
        let word = bare.split(|sign: char| !sign.is_alphabetic()).next().unwrap_or_default();
        let mut words = first.split(|sign: char| !sign.is_alphabetic()).filter(|word| !word.is_empty());
        let ends = [words.next(), words.next_back()];
        let is_number = |cell: &str| values::decimal(cell).is_some();
        let is_event = || names::read(&first, None).number.is_some();
        let has_word = ends.into_iter().flatten().any(|word| TOTALS.contains(&word));
        let is_named = || has_word && filled().skip(1).all(is_number) && !is_event();
        let begins = || TOTALS.contains(&word) && first[word.len()..].trim_start().starts_with(':');
        let says = TOTALS.contains(&bare) || begins() || is_named();
        let is_bare = || self.shown(0).is_empty() && self.shown(1).is_empty() && filled().all(is_number);
        let read = self.table.shape.columns.iter().filter(|(_, position)| position.is_some());
        let (empty, all) = read.fold((0, 0), |(empty, all), (column, _)| {
            (empty + usize::from(self.get(column.heading).is_empty()), all + 1)
        });
        (empty * 2 > all && (says || is_bare())) || (empty * 2 == all && is_named())
    }

    /// Whether a row has one filled cell that says when the file was made, which page it is or how much it lists.
    pub(super) fn is_footer(&self) -> bool {
        let mut filled = self.cells().filter(|cell| !cell.is_empty());
        let (Some(only), None) = (filled.next(), filled.next()) else { return false };
        let only = only.to_lowercase();
        let mut words = only.split_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let counts = values::decimal(first).is_some() && COUNTED.contains(&second) && words.next().is_none();
        FOOTERS.contains(&first.trim_end_matches(':')) || counts
    }

    /// Whether a row says the headings again, as in files that were put together.
    pub(super) fn repeats_headings(&self) -> bool {
        let shape = &self.table.shape;
        let mut read = shape.columns.iter().filter_map(|(column, position)| Some((column, (*position)?)));
        read.all(|(column, position)| text_key(self.shown(position)) == text_key(column.heading))
    }
}
