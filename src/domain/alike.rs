//! One way of comparing what spreadsheets and people write differently and mean alike.
//!
//! Rule of this file: nothing is shown from here. A key is for comparing; what is shown is what a source wrote.

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// A text with its look-alike signs made one: every dash is a hyphen, every blank (no-break, line end, several in a
/// row) one space, signs without width are gone, letters and their accents are joined (Unicode NFC).
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

/// A text with its letters as they are typed without accents: `José`, joined or not, is `Jose`, `İ` is `I`, `ł` is `l`. For
/// searches only: names with and without accents stay two names.
pub fn unaccented(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let mut plain = String::with_capacity(apart.len());
    for sign in apart.chars().filter(|sign| !is_accent(*sign) && !is_zero_width(*sign)) {
        match sign {
            'ı' => plain.push('i'),
            'ł' => plain.push('l'),
            'Ł' => plain.push('L'),
            'ø' => plain.push('o'),
            'Ø' => plain.push('O'),
            'đ' => plain.push('d'),
            'Đ' => plain.push('D'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'Æ' => plain.push_str("AE"),
            'œ' => plain.push_str("oe"),
            'Œ' => plain.push_str("OE"),
            _ => plain.push(sign),
        }
    }
    Cow::Owned(plain)
}

/// Normalizes a text for search: lower case, without accents and look-alike signs.
pub fn search_key(text: &str) -> String {
    unaccented(&folded(text)).to_lowercase()
}

/// Marks that join the letter before them.
fn is_accent(sign: char) -> bool {
    matches!(sign, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Whether two texts are the same but for look-alike signs and case.
pub fn is_alike(one: &str, other: &str) -> bool {
    one == other || text_key(one) == text_key(other)
}

/// Key for comparing texts: headings, names.
pub fn text_key(text: &str) -> String {
    folded(text).to_lowercase()
}

/// Key for comparing identifiers: numbers of stores and of employees, and names of stores without a number. Without
/// case, blanks, leading zeros, and what [`identifier`] drops. A whole number with a fraction of zeros is that number.
pub fn number_key(text: &str) -> Cow<'_, str> {
    if is_number_key(text) {
        return Cow::Borrowed(text);
    }
    let mut key = stripped(text);
    // What is left may begin with a sign that is dropped, too. A key is its own key: it comes back from addresses.
    while !is_number_key(&key) {
        let shorter = stripped(&key);
        if shorter.len() >= key.len() {
            break;
        }
        key = shorter;
    }
    Cow::Owned(key)
}

fn stripped(text: &str) -> String {
    let upper = identifier(text).replace(' ', "").to_uppercase();
    // A capital may be written with marks of its own, which are joined as in what was read.
    let upper = folded(&upper);
    let bare = without_fraction(&upper).trim_start_matches('0');
    if bare.is_empty() && !upper.is_empty() { "0".to_owned() } else { bare.to_owned() }
}

/// An identifier as it is shown: not as a formula or after an apostrophe, without a leading `#` and blanks around it.
pub fn identifier(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(plain_value(&folded(text)).trim_start_matches('#').trim_start().to_owned())
}

/// Whether a text is its own [`number_key`], told without copying it. False for some that are.
fn is_number_key(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    !text.starts_with('0') && text.bytes().all(is_plain)
}

/// `410.0` as `410`.
fn without_fraction(text: &str) -> &str {
    let whole = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((number, zeros)) if whole(number) && whole(zeros) && zeros.bytes().all(|byte| byte == b'0') => number,
        _ => text,
    }
}

/// The value in a cell that was written so that a spreadsheet leaves it alone: `="0410"` or `'0410`.
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
pub fn is_dash(sign: char) -> bool {
    matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' | '\u{AD}')
}

/// Blanks of every width, line ends among them.
pub fn is_blank(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, '\u{2800}' | '\u{3164}')
}

/// Signs that nothing shows.
pub fn is_zero_width(sign: char) -> bool {
    matches!(sign, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}
