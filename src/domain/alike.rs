//! One way of comparing what spreadsheets and people write differently and mean alike.
//!
//! Rule of this file: nothing is shown from here. A key is for comparing; what is shown is what a source wrote.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// A text with its look-alike signs made one: every dash is a hyphen, every blank (no-break, line end, several in a
/// row) one space, signs without width are gone, letters and their accents are joined (Unicode NFC).
#[must_use]
pub fn folded(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let joined = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    let mut folded = String::with_capacity(joined.len());
    for sign in joined.chars().filter(|sign| !is_zero_width(*sign)) {
        if is_blank(sign) {
            if !folded.is_empty() && !folded.ends_with(' ') {
                folded.push(' ');
            }
        } else {
            folded.push(if is_dash(sign) { '-' } else { sign });
        }
    }
    folded.truncate(folded.trim_end().len());
    Cow::Owned(folded)
}

/// Whether two texts are the same but for look-alike signs and case.
#[must_use]
pub fn is_alike(one: &str, other: &str) -> bool {
    one == other || text_key(one) == text_key(other)
}

/// What texts are compared by: headings, names.
#[must_use]
pub fn text_key(text: &str) -> String {
    folded(text).to_lowercase()
}

/// What numbers of stores and of employees are compared by: without a leading `#`, case and leading zeros.
#[must_use]
pub fn number_key(text: &str) -> String {
    let folded = folded(plain_value(text));
    let upper = folded.trim_start_matches('#').trim_start().to_uppercase();
    let bare = upper.trim_start_matches('0');
    if bare.is_empty() && !upper.is_empty() { "0".to_owned() } else { bare.to_owned() }
}

/// The value in a cell that was written so that a spreadsheet leaves it alone: `="0410"` or `'0410`.
#[must_use]
pub fn plain_value(cell: &str) -> &str {
    let cell = cell.trim();
    let formula = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    formula.filter(|value| !value.contains('"')).or_else(|| cell.strip_prefix('\'')).unwrap_or(cell).trim()
}

/// Whether a text is as it would be folded, told without looking at every sign twice.
fn is_plain(text: &str) -> bool {
    text.is_ascii()
        && !text.bytes().any(|byte| byte.is_ascii_control())
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
}

/// Hyphens, dashes and minus signs that are written for one another.
#[must_use]
pub fn is_dash(sign: char) -> bool {
    matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' | '\u{AD}')
}

/// Blanks of every width, line ends among them.
#[must_use]
pub fn is_blank(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, '\u{2800}' | '\u{3164}')
}

/// Signs that nothing shows.
#[must_use]
pub fn is_zero_width(sign: char) -> bool {
    matches!(sign, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}
