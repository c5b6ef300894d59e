//! Formats names of people for pages.
//!
//! Rule of this file: the name stays as its source wrote it in the store, in exports and in the API.

use std::{borrow::Cow, collections::BTreeSet};

use crate::domain::{
    alike,
    employee::Employee,
    format::{isolated, small},
    ids::EmployeeId,
};

/// Roman numerals behind a name.
const NUMERALS: [&str; 4] = ["II", "III", "IV", "VI"];

/// A name in capitals in normal case: BLAKE RIVERS is Blake Rivers, O'NEIL is O'Neil, MCDONALD is `McDonald`. Any other
/// name as it is.
pub fn shown(name: &str) -> Cow<'_, str> {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    if name.contains(char::is_lowercase) || letters < 2 || !name.contains(char::is_uppercase) {
        return Cow::Borrowed(name);
    }
    let words = name.split(' ').map(|word| if stays(word) { word.to_owned() } else { lowered(word) });
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// Initials and numerals: JD, T.J., III.
fn stays(word: &str) -> bool {
    let is_vowel = |c: char| matches!(c, 'A' | 'E' | 'I' | 'O' | 'U' | 'Y');
    let initials = word.chars().count() == 2 && (!word.contains(is_vowel) || word.ends_with('J'));
    initials || NUMERALS.contains(&word) || word.matches('.').count() > 1
}

/// A word with a capital at its beginning, behind a hyphen or an apostrophe, and behind Mc.
fn lowered(word: &str) -> String {
    let mut lowered = String::with_capacity(word.len());
    for (at, sign) in word.char_indices() {
        let before = &word[..at];
        let part = before.rsplit(['-', '\'', '’', '.', '(']).next().unwrap_or(before);
        let rest = word[at..].chars().take_while(|c| c.is_alphabetic()).count();
        // A single letter behind an apostrophe is no name: D'S.
        let begins = part.is_empty() && (before.is_empty() || rest > 1 || !before.ends_with(['\'', '’']));
        if begins || (part == "MC" && rest > 2) {
            lowered.push(sign);
        } else {
            lowered.extend(small(sign));
        }
    }
    lowered
}

impl Employee {
    /// The name as pages show it.
    pub fn shown_name(&self) -> Cow<'_, str> {
        shown(&self.name)
    }

    /// Same for a sentence that is plain text.
    #[must_use]
    pub fn isolated_name(&self) -> Cow<'_, str> {
        match self.shown_name() {
            Cow::Borrowed(name) => isolated(name),
            Cow::Owned(name) => Cow::Owned(isolated(&name).into_owned()),
        }
    }
}

/// People who share their name with another, as pages show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namesakes(BTreeSet<EmployeeId>);

impl Namesakes {
    /// Finds them.
    pub fn among<'a>(people: impl IntoIterator<Item = &'a Employee>) -> Self {
        let mut keys: Vec<_> = people.into_iter().map(|one| (alike::text_key(&one.name), &one.id)).collect();
        keys.sort();
        let same = keys.windows(2).filter(|pair| pair[0].0 == pair[1].0);
        Self(same.flat_map(|pair| [pair[0].1.clone(), pair[1].1.clone()]).collect())
    }

    /// "Jane Doe"; "Jane Doe (102)" where another has the same name.
    pub fn name_of(&self, employee: &Employee) -> String {
        let name = employee.shown_name();
        if self.0.contains(&employee.id) { format!("{name} ({})", employee.id) } else { name.into_owned() }
    }
}
