//! Numbers, dates and times of day, in every unambiguous way that spreadsheets and databases write them.
//!
//! Rule of this file: nothing is guessed. Numbers with slashes or dashes are a date with its month first, as the retailer
//! writes it, with points one with its day first; `date_order.rs` tells where a column contradicts that.

use std::borrow::Cow;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use crate::{
    domain::{alike::plain_value, calendar},
    import::date_order::{Numbers, numbers},
};

/// Two-digit years from this one on are of the 1900s, those below of the 2000s.
const YEAR_OF_1900S_MIN: i32 = 70;
/// Seconds of a day, for times that a spreadsheet writes as a part of one.
const DAY_SECONDS: f64 = 86_400.0;
/// Digits of a spreadsheet's number of a day in our years. Six digits are rather a date without its signs, `102025`.
const SERIAL_DIGITS: usize = 5;
/// Digits of its fraction that tell the minute; with fewer only quarters of an hour can be told.
const FRACTION_DIGITS_MIN: usize = 4;
const MINUTE_SECONDS: i64 = 60;
const QUARTER_SECONDS: i64 = 900;

/// A date, or a date and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    pub date: NaiveDate,
    pub time: Option<NaiveTime>,
}

/// Why a number cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWhole {
    /// `1.31E+08`: a spreadsheet kept only its first digits.
    Shortened,
    /// `4.177`: a fraction, or thousands.
    Point,
    /// No whole number at all.
    Other,
}

/// A whole number: `121874442`, `121,874,442`, `131000001.0`, `131000001,0`, `#4177`, `="4177"`.
pub fn whole(text: &str) -> Result<u64, NotWhole> {
    let value = plain_value(text);
    let value = value.strip_prefix('#').unwrap_or(value).trim();
    if is_shortened(value) {
        return Err(NotWhole::Shortened);
    }
    let value = &*with_point(value);
    if has_doubtful_point(value) {
        return Err(NotWhole::Point);
    }
    let is_grouped = value.matches('.').count() > 1;
    let (digits, fraction) = value.split_once('.').filter(|_| !is_grouped).unwrap_or((value, ""));
    if !fraction.bytes().all(|byte| byte == b'0') || value.ends_with('.') {
        return Err(NotWhole::Other);
    }
    let digits = ungrouped(digits).ok_or(NotWhole::Other)?;
    digits.parse().map_err(|_| NotWhole::Other)
}

/// Whether the point of a number may stand before a fraction or between thousands: `4.177`, `4.000`.
pub fn has_doubtful_point(value: &str) -> bool {
    is_doubtful(value, '.')
}

/// Same for the comma: `4,177`.
pub fn has_doubtful_comma(value: &str) -> bool {
    is_doubtful(plain_value(value), ',')
}

/// A number with a point before its fraction, where it has a comma there that cannot stand between thousands: `6,5`, `1.080,25`.
fn with_point(value: &str) -> Cow<'_, str> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match value.split_once(',') {
        Some((whole, fraction)) if digits(fraction) && !has_doubtful_comma(value) => {
            ungrouped(whole).map_or(Cow::Borrowed(value), |whole| Cow::Owned(format!("{whole}.{fraction}")))
        }
        _ => Cow::Borrowed(value),
    }
}

fn is_doubtful(value: &str, separator: char) -> bool {
    let Some((first, rest)) = value.split_once(separator) else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&first.len()) && !first.starts_with('0') && rest.len() == 3 && digits(first) && digits(rest)
}

/// Whether a spreadsheet shortened a number to a power of ten: `1.31E+08`.
pub fn is_shortened(value: &str) -> bool {
    let Some((mantissa, exponent)) = value.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (bare, signed) = (mantissa.replacen(['.', ','], "", 1), exponent.len() < value.len() - mantissa.len() - 1);
    (signed || mantissa.contains(['.', ','])) && digits(&bare) && digits(exponent)
}

/// Digits without the commas, points or blanks that group them by three; None where they stand otherwise.
fn ungrouped(digits: &str) -> Option<String> {
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits(digits) {
        return Some(digits.to_owned());
    }
    let separator = digits.chars().find(|sign| !sign.is_ascii_digit())?;
    if !matches!(separator, ',' | '.' | ' ' | '\u{A0}' | '\u{202F}' | '\'' | '’') {
        return None;
    }
    let mut groups = digits.split(separator);
    let first = groups.next()?;
    let fits = all_digits(first) && first.len() <= 3 && groups.all(|group| group.len() == 3 && all_digits(group));
    fits.then(|| digits.split(separator).collect())
}

/// A number with a fraction: `6.5`, `6,5`, `360.0`, `1,080`.
#[must_use]
pub fn decimal(text: &str) -> Option<f64> {
    let value = &*with_point(plain_value(text));
    let (digits, fraction) = value.split_once('.').unwrap_or((value, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let digits = if digits.is_empty() { "0".to_owned() } else { ungrouped(digits)? };
    if !plain(fraction) || value.is_empty() || value == "." {
        return None;
    }
    format!("{digits}.{fraction}0").parse().ok()
}

/// Hours and minutes as a clock shows them: `6:30` is 6.5, `0:05` five minutes.
#[must_use]
pub fn clock_hours(text: &str) -> Option<f64> {
    let (hours, minutes) = plain_value(text).split_once(':')?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes.strip_suffix(":00").unwrap_or(minutes), 2)?);
    let is_whole = hours.1.is_empty() && minutes.1.is_empty() && minutes.0 < 60;
    is_whole.then(|| f64::from(hours.0) + f64::from(minutes.0) / 60.0)
}

/// A date, or a date and a time: ISO 8601, month first, with the month's name, or a spreadsheet's serial number. Seconds are
/// cut off; None for what is no date, or lies outside the calendar's years.
#[must_use]
pub fn when(text: &str) -> Option<When> {
    let text = without_weekday(plain_value(text));
    if let Some(serial) = serial(text) {
        return Some(serial);
    }
    let (date, rest) = date_at_start(text)?;
    let rest = rest.strip_prefix([',', 'T', 't']).unwrap_or(rest).trim();
    let time = if rest.is_empty() { None } else { Some(time_of_day(rest)?) };
    calendar::is_within(date).then_some(When { date, time })
}

/// Tells a spreadsheet's number of a moment from other texts.
#[must_use]
pub fn is_serial(text: &str) -> bool {
    serial(plain_value(text)).is_some()
}

/// A text behind the day of the week that it opens with.
fn without_weekday(text: &str) -> &str {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = text[..letters].to_ascii_lowercase();
    let is_it = |day: &&str| *day == word || (word.len() == 3 && day.starts_with(&word));
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    if days.iter().any(is_it) { text[letters..].trim_start_matches(['.', ',', ' ']) } else { text }
}

/// Why a text is no date although it looks like one, to stand behind "is not a date"; empty where nothing is known.
#[must_use]
pub fn not_a_date(text: &str) -> &'static str {
    let text = plain_value(text);
    let is_moment = |text: &str| when(text).is_some_and(|when| when.time.is_some());
    let is_zone = |zone: &str| {
        let letters = zone.trim_start_matches(|sign: char| matches!(sign, '+' | '-' | ':') || sign.is_ascii_digit());
        (zone.starts_with(['+', '-']) && letters.is_empty())
            || (letters.len() == zone.len()
                && !matches!(zone, "AM" | "PM")
                && letters.bytes().all(|byte| byte.is_ascii_uppercase()))
    };
    let zoned = text.rfind(['+', '-', 'Z', ' ']).is_some_and(|at| is_moment(&text[..at]) && is_zone(text[at..].trim()));
    if numbers(text).is_some_and(Numbers::is_contrary) {
        if text.contains('.') { ", and its month comes before its day" } else { ", and its day comes before its month" }
    } else if zoned {
        ", because it names a time zone where the local time alone belongs"
    } else if text.contains(" 24:") || text.contains("T24:") {
        ", because 24:00 is 0:00 of the day after"
    } else if text.split_once(['.', ',']).is_some_and(|(days, part)| {
        days.len() == SERIAL_DIGITS && is_moment(&format!("{days}.5")) && part.len() < FRACTION_DIGITS_MIN
    }) {
        ", because a spreadsheet shortened it to a part of a day that tells no minute"
    } else {
        ""
    }
}

/// The date that a text opens with, and what follows it.
fn date_at_start(text: &str) -> Option<(NaiveDate, &str)> {
    iso(text).or_else(|| month_first(text)).or_else(|| day_first(text)).or_else(|| named_month(text))
}

/// `2025-10-15`, also with slashes.
fn iso(text: &str) -> Option<(NaiveDate, &str)> {
    let (year, rest) = number(text, 4)?;
    let sign = rest.chars().next().filter(|sign| matches!(sign, '-' | '/'))?;
    let (month, rest) = number(&rest[1..], 2)?;
    let (day, rest) = number(rest.strip_prefix(sign)?, 2)?;
    let has_year = text.get(..4).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    has_year.then_some((date, rest))
}

/// `10/15/2025`, `10/15/25`, `10-15-2025`.
fn month_first(text: &str) -> Option<(NaiveDate, &str)> {
    let (month, rest) = number(text, 2)?;
    let sign = rest.chars().next().filter(|sign| matches!(sign, '/' | '-'))?;
    let (day, rest) = number(&rest[1..], 2)?;
    let (year, rest) = year(rest.strip_prefix(sign)?)?;
    Some((NaiveDate::from_ymd_opt(year, month, day)?, rest))
}

/// `15.10.2025`, `15.10.25`: with points, the day comes first.
fn day_first(text: &str) -> Option<(NaiveDate, &str)> {
    let (day, rest) = number(text, 2)?;
    let (month, rest) = number(rest.strip_prefix('.')?, 2)?;
    let (year, rest) = year(rest.strip_prefix('.')?)?;
    Some((NaiveDate::from_ymd_opt(year, month, day)?, rest))
}

/// `15-Oct-25`, `15 October 2025`, `Oct 15, 2025`.
fn named_month(text: &str) -> Option<(NaiveDate, &str)> {
    let sign = |text: &str| text.starts_with(['-', ' ', ',']);
    let skip = |text: &'_ str| -> usize { text.len() - text.trim_start_matches(['-', ' ', ',', '.']).len() };
    if let Some((day, rest)) = number(text, 2) {
        let rest = &rest[skip(rest)..];
        let (month, rest) = month_name(rest)?;
        if !sign(rest) {
            return None;
        }
        let (year, rest) = year(&rest[skip(rest)..])?;
        return Some((NaiveDate::from_ymd_opt(year, month, day)?, rest));
    }
    let (month, rest) = month_name(text)?;
    let (day, rest) = number(&rest[skip(rest)..], 2)?;
    if !sign(rest) {
        return None;
    }
    let (year, rest) = year(&rest[skip(rest)..])?;
    Some((NaiveDate::from_ymd_opt(year, month, day)?, rest))
}

/// A month's English name or its first three letters.
fn month_name(text: &str) -> Option<(u32, &str)> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = text[..letters].to_ascii_lowercase();
    let is_it = |name: &&str| {
        **name == word || (word.len() == 3 && name.starts_with(&word)) || word == "sept" && **name == *"september"
    };
    let month = NAMES.iter().position(is_it)?;
    Some((u32::try_from(month).ok()? + 1, &text[letters..]))
}

/// A year of four digits or of two.
pub(super) fn year(text: &str) -> Option<(i32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let year: i32 = text[..digits].parse().ok()?;
    let year = match digits {
        4 => year,
        2 if year >= YEAR_OF_1900S_MIN => 1900 + year,
        2 => 2000 + year,
        _ => return None,
    };
    Some((year, &text[digits..]))
}

/// A number of one to `digits_max` digits at the start of a text, and what follows it.
pub(super) fn number(text: &str, digits_max: usize) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > digits_max {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// `9:15`, `09:15:30`, `9:15:30.25`, `9:15 AM`, `9:15pm`, `9 AM`, to the minute.
pub(super) fn time_of_day(text: &str) -> Option<NaiveTime> {
    let lower = text.trim_end_matches('.').to_ascii_lowercase().replace("a.m", "am").replace("p.m", "pm");
    let (clock, half) = match lower.strip_suffix("am") {
        Some(clock) => (clock, Some(0)),
        None => lower.strip_suffix("pm").map_or((lower.as_str(), None), |clock| (clock, Some(12))),
    };
    let mut parts = clock.trim_end().splitn(3, ':');
    let (hour, rest) = number(parts.next()?, 2)?;
    let minute = match parts.next() {
        Some(text) => number(text, 2).filter(|(_, rest)| rest.is_empty() && text.len() == 2)?.0,
        None => half.map(|_| 0)?,
    };
    let seconds = match parts.next() {
        None => 0.0,
        Some(text) => seconds(text)?,
    };
    let hour = match half {
        None => hour,
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
    };
    let time = NaiveTime::from_hms_opt(hour, minute, 0).filter(|_| rest.is_empty())?;
    // A part of a second may be what a computation left over; the last minute of a day stays in it.
    let (next, days) = time.overflowing_add_signed(TimeDelta::seconds(MINUTE_SECONDS));
    Some(if seconds.round() >= 60.0 && days == 0 { next } else { time })
}

/// `30`, `30.25`: seconds below 60.
fn seconds(text: &str) -> Option<f64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: f64 = text.parse().ok()?;
    (whole.len() == 2 && digits(whole) && digits(part) && seconds < 60.0).then_some(seconds)
}

/// A spreadsheet's own number of a moment: days since December 30, 1899, with the time of day as its fraction.
fn serial(text: &str) -> Option<When> {
    let text = &*with_point(text);
    let (days, fraction) = text.split_once('.').unwrap_or((text, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if days.len() != SERIAL_DIGITS || !plain(days) || !plain(fraction) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "the seconds of one day")]
    let mut seconds = (number.fract() * DAY_SECONDS).round() as i64;
    if fraction.len() == FRACTION_DIGITS_MIN {
        // So many digits are within five seconds of the minute.
        seconds += MINUTE_SECONDS / 2;
    } else if fraction.len() < FRACTION_DIGITS_MIN && seconds % QUARTER_SECONDS != 0 {
        return None;
    }
    let start = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days.parse().ok()?))?;
    let moment: NaiveDateTime = start.and_time(NaiveTime::MIN) + TimeDelta::seconds(seconds);
    let time = moment.time().with_second(0)?;
    let time = (!fraction.trim_matches('0').is_empty()).then_some(time);
    calendar::is_within(moment.date()).then_some(When { date: moment.date(), time })
}
