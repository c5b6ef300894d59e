//! An event name in parts for people: the product first, then what else the name says.
//!
//! Rule of this file: nothing is decided from these parts. They are for reading; the whole name stays in titles, search
//! and exports. The table in `tests/domain/readable.rs` is the specification.

use crate::domain::{alike, event::Event, format::small};

/// Longest part that is taken for a code, in characters: AF, LKD, FSK, JJSF.
const CODE_CHARS_MAX: usize = 4;
/// Fewest small letters before a capital or a digit for a new word to begin there.
const SMALL_BEFORE_DIGIT_MIN: usize = 3;

/// The parts of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readable {
    /// "Red & Green Grapes". Never empty, unless the name is.
    pub product: String,
    /// Program code, brand, task: "LKD-AF"; "Tyson"; "09.26-DD", "Kinder's", "Digital Refresh".
    pub details: Vec<String>,
}

pub fn readable(name: &str) -> Readable {
    let folded = alike::folded(name);
    let (body, tail) = without_program(folded.trim());
    let (number, body) = without_number(body);
    let (date, body) = without_date(body);
    let mut parts: Vec<&str> = parts(body);
    if let Some(readable) = short_form(&parts) {
        return readable;
    }
    let mut codes: Vec<&str> = date.into_iter().collect();
    let mut details = Vec::new();
    if number || date.is_some() || parts.first().is_some_and(|first| is_week(first)) {
        while parts.len() > 1 && (is_code(parts[0]) || is_week(parts[0])) {
            codes.push(parts.remove(0));
        }
        let mut after: Vec<&str> = Vec::new();
        // "Mott's-CO-9AM": a time, and codes before it.
        while parts.len() > 1 && parts.last().is_some_and(|last| is_time(last) || (!after.is_empty() && is_code(last)))
        {
            after.extend(parts.pop());
        }
        if !codes.is_empty() {
            details.push(codes.join("-"));
        }
        let names_brand = codes.iter().all(|code| Some(*code) == date) || codes.last() == Some(&"DD");
        if names_brand && parts.len() > 1 && !is_type_word(parts[0]) {
            details.push(spaced(parts.remove(0)));
        }
        details.extend(after.into_iter().rev().map(str::to_owned));
    }
    details.extend(task(tail).filter(|task| !codes.contains(&task.as_str())));
    let joined = if parts.iter().all(|part| is_shouted(part)) { parts.join(" ") } else { parts.join("-") };
    let product = spaced(&joined);
    if product.is_empty() {
        Readable { product: folded.trim().to_owned(), details }
    } else {
        Readable { product, details }
    }
}

/// The product alone.
pub fn product(name: &str) -> String {
    readable(name).product
}

/// The name of an event on pages. It is parsed once for all three parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titles {
    /// "Red & Green Grapes"
    pub product: String,
    /// As [`Event::label`].
    pub label: String,
    /// The parts of the name besides the product: "612202 · CORE · LKD-AF · (250822530262)".
    pub facts: String,
}

impl Event {
    /// The product that its name names.
    pub fn product(&self) -> String {
        product(&self.name)
    }

    /// "Red & Green Grapes (CORE 612202)", "Daily Service (Freeosk)": what sentences call it.
    pub fn label(&self) -> String {
        self.label_with(&self.product())
    }

    pub fn titles(&self) -> Titles {
        let Readable { product, details } = readable(&self.name);
        let label = self.label_with(&product);
        let mut facts = self.number.map_or_else(String::new, |number| format!("{number} · "));
        facts.push_str(self.event_type.label());
        for detail in &details {
            facts.extend([" · ", detail]);
        }
        if let Some(program) = self.program {
            facts.extend([" · (", &program.0.to_string(), ")"]);
        }
        Titles { product, label, facts }
    }

    fn label_with(&self, product: &str) -> String {
        match self.number {
            Some(number) => format!("{product} ({} {number})", self.event_type),
            None => format!("{product} ({})", self.event_type),
        }
    }
}

/// `606001-CORE-Super Pretzel`, `ABC123-CORE-Grapes`: all behind the type is the product.
fn short_form(parts: &[&str]) -> Option<Readable> {
    let (code, product) = match parts {
        [first, rest @ ..] if is_type_word(first) && !rest.is_empty() => (None, rest),
        [code, second, rest @ ..] if is_type_word(second) && !rest.is_empty() && !code.contains(' ') => {
            (Some((*code).to_owned()), rest)
        }
        _ => return None,
    };
    // "Juicer-Production" is a product of its own.
    if product.iter().all(|part| is_shouted(part)) && product.len() > 1 {
        return None;
    }
    Some(Readable { product: spaced(&product.join("-")), details: code.into_iter().collect() })
}

/// The name before its bracketed id, also one that was cut short, and what follows the id.
fn without_program(name: &str) -> (&str, &str) {
    let Some(open) = name.rfind('(') else { return (name, "") };
    let inner = &name[open + 1..];
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    match inner[digits..].strip_prefix(')') {
        Some(tail) if (10..=14).contains(&digits) => (name[..open].trim_end(), tail.trim_matches([' ', '-'])),
        None if digits == inner.len() => (name[..open].trim_end(), ""),
        _ => (name, ""),
    }
}

fn without_number(name: &str) -> (bool, &str) {
    let opens = name.len() > 7 && name.bytes().take(6).all(|byte| byte.is_ascii_digit());
    match name.get(6..).and_then(|rest| rest.strip_prefix('-')).filter(|_| opens) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, name),
    }
}

/// `09.23-…` and `09-23 …`: month and day at the beginning.
fn without_date(name: &str) -> (Option<&str>, &str) {
    match name.as_bytes().get(5) {
        Some(b'-' | b' ') if name.get(..5).is_some_and(is_date) => (name.get(..5), name[6..].trim_start()),
        _ => (None, name),
    }
}

/// `09.23`
fn is_date(word: &str) -> bool {
    let [m, n, sign, d, e] = word.as_bytes() else { return false };
    [m, n, d, e].into_iter().all(u8::is_ascii_digit) && matches!(sign, b'.' | b'-')
}

/// The parts between hyphens. A hyphen between blanks is part of a text.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut from) = (Vec::new(), 0);
    for (at, _) in text.match_indices('-') {
        let (before, after) = (text[..at].ends_with(' '), text[at + 1..].starts_with(' '));
        if !(before && after) {
            parts.push(text[from..at].trim());
            from = at + 1;
        }
    }
    parts.push(text[from..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// The text after the bracketed id, without version and date: "Digital Refresh", "Vendor Performed". None if it only
/// names the type.
fn task(tail: &str) -> Option<String> {
    let words: Vec<&str> = tail.split([' ', '-']).filter(|word| !word.is_empty()).collect();
    let is_mark = |word: &&&str| is_version(word) || is_date(word);
    let rest = &words[words.iter().take_while(is_mark).count()..];
    let names_type = rest.iter().all(|word| begins_type_word(word));
    (!names_type).then(|| rest.join(" "))
}

/// `V2`, `V2.7`
fn is_version(word: &str) -> bool {
    let number = word.strip_prefix(['V', 'v']);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

const TYPE_WORDS: [&str; 6] = ["CORE", "SUPERVISOR", "JUICER", "FREEOSK", "DIGITALS", "DIGITAL"];

fn is_type_word(word: &str) -> bool {
    TYPE_WORDS.iter().any(|one| one.eq_ignore_ascii_case(word))
}

/// A type's word, or the beginning of one: names are cut short.
fn begins_type_word(word: &str) -> bool {
    TYPE_WORDS.iter().any(|one| one.get(..word.len()).is_some_and(|cut| cut.eq_ignore_ascii_case(word)))
}

/// A few capitals and digits: `AF`, `LKD`, `ES1`, `8HR`.
fn is_code(part: &str) -> bool {
    (2..=CODE_CHARS_MAX).contains(&part.len())
        && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && part.bytes().any(|byte| byte.is_ascii_uppercase())
        && !is_type_word(part)
}

/// `Wk35`
fn is_week(part: &str) -> bool {
    let number = part.get(2..).filter(|_| part.get(..2).is_some_and(|week| week.eq_ignore_ascii_case("wk")));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `9AM`, `10:30PM`
fn is_time(part: &str) -> bool {
    let clock = part.strip_suffix("AM").or_else(|| part.strip_suffix("PM"));
    clock.is_some_and(|clock| {
        clock.starts_with(|c: char| c.is_ascii_digit()) && clock.chars().all(|c| c.is_ascii_digit() || c == ':')
    })
}

/// Words in capitals only, at least one of them longer than a code.
fn is_shouted(text: &str) -> bool {
    let long = text.split(' ').any(|word| word.chars().filter(|c| c.is_alphabetic()).count() > CODE_CHARS_MAX);
    long && !text.contains(char::is_lowercase)
}

/// A text with blanks where a word begins: `SmokehouseSalt&Pepper/ChickenBreast` is "Smokehouse Salt & Pepper / Chicken
/// Breast". A text in capitals is in small letters.
fn spaced(text: &str) -> String {
    if is_shouted(text) {
        return text.split(' ').map(capitalized).collect::<Vec<_>>().join(" ");
    }
    let signs: Vec<char> = text.chars().collect();
    let mut spaced = String::with_capacity(text.len() + 8);
    let blank = |spaced: &mut String| {
        if !spaced.is_empty() && !spaced.ends_with(' ') {
            spaced.push(' ');
        }
    };
    for (at, sign) in signs.iter().enumerate() {
        let (before, after) = signs.split_at(at);
        let joins_words = joins(*sign) && stands_between_words(before, &after[1..]);
        if *sign == ' ' || joins_words || begins_word(before, after) {
            blank(&mut spaced);
        }
        if *sign != ' ' {
            spaced.push(*sign);
        }
        if joins_words {
            blank(&mut spaced);
        }
    }
    spaced.truncate(spaced.trim_end().len());
    spaced
}

/// "SPCLTY" as "Spclty".
fn capitalized(word: &str) -> String {
    let mut signs = word.chars();
    let first = signs.next().into_iter();
    first.chain(signs.flat_map(small)).collect()
}

fn joins(sign: char) -> bool {
    matches!(sign, '/' | '&')
}

/// Words of at least two letters on both sides: not `P&G`, not `w/`.
fn stands_between_words(before: &[char], after: &[char]) -> bool {
    let letters = |mut signs: &mut dyn Iterator<Item = &char>| {
        let signs = &mut signs;
        signs.take_while(|sign| sign.is_alphabetic() || **sign == '\'').count() >= 2
    };
    letters(&mut before.iter().rev()) && letters(&mut after.iter())
}

/// Tells if a word begins at the first sign of `after`: a capital behind small letters (`HoneyButter`) or behind `%`, the
/// last capital of several before a small letter (`PKKinders`), a digit behind small letters (`Steak100`).
fn begins_word(before: &[char], after: &[char]) -> bool {
    let (Some(last), Some(sign)) = (before.last(), after.first()) else { return false };
    let small = before.iter().rev().take_while(|sign| sign.is_lowercase()).count();
    if sign.is_ascii_digit() {
        return small >= SMALL_BEFORE_DIGIT_MIN;
    }
    if !sign.is_uppercase() {
        return false;
    }
    let capitals = before.iter().rev().take_while(|sign| sign.is_uppercase()).count();
    let is_prefix = before.ends_with(&['M', 'c']) && !before.get(..before.len() - 2).is_some_and(ends_in_letter);
    let small_after =
        |count: usize| after.iter().skip(1).take(count).filter(|sign| sign.is_lowercase()).count() == count;
    // `iPhone` and `eBike` are one word.
    let begins =
        |at: usize| before.get(..at).and_then(<[char]>::last).is_none_or(|sign| matches!(sign, ' ' | '/' | '&'));
    let is_brand = small == 1 && begins(before.len() - 1);
    (last.is_lowercase() && !is_prefix && !is_brand) || *last == '%' || (capitals >= 2 && small_after(2))
}

fn ends_in_letter(signs: &[char]) -> bool {
    signs.last().is_some_and(|sign| sign.is_alphabetic())
}
