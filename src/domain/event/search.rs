//! Words: what of a text can be searched for, and whether a text has what somebody looks for.
//!
//! Rule of this file: texts and questions are taken apart by the same function, so that whatever is on a card can be
//! typed into the search.

use thiserror::Error;

use crate::domain::ids::EventId;

/// Shortest word, in characters; a single letter finds too much to be a question.
pub const WORD_CHARS_MIN: usize = 2;
/// Longest word that is told apart, in characters; what follows is cut off, in texts and in questions.
pub const WORD_CHARS_MAX: usize = 24;
/// Most words of one text. The longest real name has 21.
pub const WORDS_MAX: usize = 32;

/// The words of a text, in order, each once: lower case, without signs. A word of several capitalised parts
/// (`BaconRanchBurger`) also counts as its parts.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let joined = text.replace(['\'', '’'], "");
    let mut words: Vec<String> = Vec::new();
    for whole in joined.split(|c: char| !c.is_alphanumeric()) {
        let parts = parts(whole);
        let whole = std::iter::once(whole).filter(|_| parts.len() != 1);
        for word in whole.chain(parts.iter().copied()).filter_map(shaped) {
            if words.len() < WORDS_MAX && !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words
}

/// A word as it is compared; none if it is too short.
fn shaped(word: &str) -> Option<String> {
    let word: String = word.chars().flat_map(char::to_lowercase).take(WORD_CHARS_MAX).collect();
    (word.chars().count() >= WORD_CHARS_MIN).then_some(word)
}

/// `BaconRanchBurger` as its three parts: a part begins where a capital follows a small letter.
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

/// Whether each of the `asked` words begins some word of the `texts`.
#[must_use]
pub fn has_all(asked: &[String], texts: &[&str]) -> bool {
    let words: Vec<String> = texts.iter().flat_map(|text| words(text)).collect();
    asked.iter().all(|asked| words.iter().any(|word| word.starts_with(asked.as_str())))
}

/// Longest question, in characters.
pub const QUESTION_CHARS_MAX: usize = 100;

/// Why a question cannot be asked. The sentence says what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QuestionError {
    #[error("a search needs a word of at least {WORD_CHARS_MIN} letters or digits")]
    TooShort,
    #[error("a search has at most {QUESTION_CHARS_MAX} characters")]
    TooLong,
}

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// As typed, without blanks around it.
    pub text: String,
    /// Each must begin a word of what is found.
    pub words: Vec<String>,
}

impl Question {
    /// None where nothing was typed.
    ///
    /// # Errors
    /// [`QuestionError`] for a question that would find nothing or everything.
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

    /// The event of that reference, if the question is one.
    #[must_use]
    pub fn reference(&self) -> Option<EventId> {
        self.text.trim_start_matches('#').parse().ok()
    }

    /// Whether each word of the question begins some word of the texts.
    #[must_use]
    pub fn fits(&self, texts: &[&str]) -> bool {
        !self.words.is_empty() && has_all(&self.words, texts)
    }
}

/// The words of a question: as [`words`], but none is taken apart; its parts would find what nobody asked for.
fn whole_words(text: &str) -> Vec<String> {
    words(&text.to_lowercase())
}
