//! Words of texts and search queries.
//!
//! Texts and queries are split by the same function, so that any text on a card can be searched for.

use thiserror::Error;

use crate::domain::{
    alike::{folded, identifier, unaccented},
    ids::EventId,
};

/// Shortest word, in characters; a single character would match too much.
pub const WORD_CHARS_MIN: usize = 2;
/// Longest word compared, in characters; the rest is cut off, in texts and in queries.
pub const WORD_CHARS_MAX: usize = 24;
/// Most words of one text. The longest real name has 21.
pub const WORDS_MAX: usize = 32;

/// The words of a text, in order, each once: lower case, without punctuation and accents. A word of several capitalized parts
/// (`BaconRanchBurger`) also counts as its parts, and a number with leading zeros also without them.
pub fn words(text: &str) -> Vec<String> {
    let joined = unaccented(&folded(text)).replace(['\'', '’'], "");
    let mut words: Vec<String> = Vec::new();
    for whole in joined.split(|c: char| !c.is_alphanumeric()) {
        let parts = parts(whole);
        let whole = std::iter::once(whole).filter(|_| parts.len() != 1);
        for word in whole.chain(parts.iter().copied()).filter_map(normalized) {
            let bare = without_zeros(&word).map(ToOwned::to_owned);
            for word in [Some(word), bare].into_iter().flatten() {
                if words.len() < WORDS_MAX && !words.contains(&word) {
                    words.push(word);
                }
            }
        }
    }
    words
}

/// A number without its leading zeros. None if it has none, or if too little would be left to search for.
fn without_zeros(word: &str) -> Option<&str> {
    let bare = word.trim_start_matches('0');
    (bare.len() != word.len() && bare.chars().count() >= WORD_CHARS_MIN).then_some(bare)
}

/// A word in normal form; none if it is too short.
fn normalized(word: &str) -> Option<String> {
    let word: String = word.chars().flat_map(char::to_lowercase).take(WORD_CHARS_MAX).collect();
    (word.chars().count() >= WORD_CHARS_MIN).then_some(word)
}

/// `BaconRanchBurger` as its three parts: a part begins at a capital after a small letter.
fn parts(word: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let mut after_small = false;
    for (at, c) in word.char_indices() {
        if after_small && c.is_uppercase() {
            starts.push(at);
        }
        after_small = c.is_lowercase();
    }
    let ends = starts.iter().skip(1).copied().chain([word.len()]);
    starts.iter().zip(ends).map(|(start, end)| &word[*start..end]).collect()
}

/// Tells if each of the `wanted` words is a prefix of some word of the `texts`.
pub fn has_all(wanted: &[String], texts: &[&str]) -> bool {
    let words: Vec<String> = texts.iter().flat_map(|text| words(text)).collect();
    wanted.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted.as_str())))
}

/// Longest query, in characters.
pub const QUESTION_CHARS_MAX: usize = 100;

/// An invalid query. The message states what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QuestionError {
    #[error("a search needs a word of at least {WORD_CHARS_MIN} letters or digits")]
    TooShort,
    #[error("a search has at most {QUESTION_CHARS_MAX} characters")]
    TooLong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The input, trimmed.
    pub text: String,
    /// Each must be a prefix of a word.
    pub words: Vec<String>,
}

impl Question {
    /// None for blank input.
    ///
    /// # Errors
    /// [`QuestionError`] for a query that would match nothing or everything.
    pub fn parse(text: &str) -> Result<Option<Self>, QuestionError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().count() > QUESTION_CHARS_MAX {
            return Err(QuestionError::TooLong);
        }
        let words = whole_words(text);
        if words.is_empty() && text.parse::<EventId>().is_err() {
            return Err(QuestionError::TooShort);
        }
        Ok(Some(Self { text: text.to_owned(), words }))
    }

    /// The event with that reference number, if the query is one.
    pub fn reference(&self) -> Option<EventId> {
        identifier(&self.text).parse().ok()
    }

    /// Tells if each word of the query is a prefix of some word of the texts.
    pub fn fits(&self, texts: &[&str]) -> bool {
        !self.words.is_empty() && has_all(&self.words, texts)
    }
}

/// The words of a query: as [`words`], but without the parts of capitalized words, which would match too much, and
/// numbers without leading zeros only, so that they match any spelling.
fn whole_words(text: &str) -> Vec<String> {
    let mut words = words(&unaccented(text).to_lowercase());
    words.retain(|word| without_zeros(word).is_none());
    words
}
