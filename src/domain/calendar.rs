//! Months and days of the calendar. Local dates only, without time zones.

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use chrono_tz::Tz;
use thiserror::Error;

use crate::domain::format::{self, quote};

/// First and last year of the calendar.
pub const YEAR_MIN: i32 = 1970;
pub const YEAR_MAX: i32 = 2200;

pub const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(YEAR_MIN, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

pub const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(YEAR_MAX, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// A text that is not a date or time of this calendar. The message states what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalendarError {
    #[error("\"{0}\" is not a date: write YYYY-MM-DD, between {YEAR_MIN} and {YEAR_MAX}, for example 2025-10-20")]
    Date(String),
    #[error("\"{0}\" is not a time of day: write HH:MM, for example 09:45")]
    Time(String),
    #[error(
        "\"{0}\" is not a date, or date and time: write YYYY-MM-DD or YYYY-MM-DDTHH:MM, between {YEAR_MIN} and {YEAR_MAX}"
    )]
    Moment(String),
}

/// A month of the calendar, within its years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    pub fn new(year: i32, month: u32) -> Option<Self> {
        let within = (YEAR_MIN..=YEAR_MAX).contains(&year) && (1..=12).contains(&month);
        within.then_some(Self { year, month })
    }

    pub fn of(date: NaiveDate) -> Self {
        Self { year: date.year(), month: date.month() }
    }

    pub fn year(self) -> i32 {
        self.year
    }

    pub fn number(self) -> u32 {
        self.month
    }

    pub fn first(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default()
    }

    pub fn last(self) -> NaiveDate {
        self.first() + Months::new(1) - Days::new(1)
    }

    /// Every day, first to last.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        let last = self.last();
        self.first().iter_days().take_while(move |day| *day <= last)
    }

    /// None before the first month of the calendar.
    pub fn previous(self) -> Option<Self> {
        let day = self.first() - Days::new(1);
        Self::new(day.year(), day.month())
    }

    /// None after the last month of the calendar.
    pub fn next(self) -> Option<Self> {
        let day = self.last() + Days::new(1);
        Self::new(day.year(), day.month())
    }

    /// The month as 4 to 6 weeks, with the days of the months beside it that fill the first and the last.
    pub fn weeks(self, week_start: Weekday) -> Vec<[NaiveDate; 7]> {
        let lead = self.first().weekday().days_since(week_start);
        let mut days = (self.first() - Days::new(lead.into())).iter_days();
        let mut weeks = Vec::new();
        while weeks.last().is_none_or(|week: &[NaiveDate; 7]| week[6] < self.last()) {
            weeks.push(std::array::from_fn(|_| days.next().unwrap_or(NaiveDate::MAX)));
        }
        weeks
    }
}

/// The seven weekdays, beginning with `week_start`.
pub fn weekdays(week_start: Weekday) -> [Weekday; 7] {
    std::array::from_fn(|at| (0..at).fold(week_start, |day, _| day.succ()))
}

/// The week that contains a date, beginning with `week_start`. Days after the last possible date repeat it.
pub fn week_of(date: NaiveDate, week_start: Weekday) -> [NaiveDate; 7] {
    let back = Days::new(u64::from(date.weekday().days_since(week_start)));
    let first = date.checked_sub_days(back).unwrap_or(date);
    std::array::from_fn(|at| first.checked_add_days(Days::new(at as u64)).unwrap_or(NaiveDate::MAX))
}

/// Tells if a date lies within the calendar's years.
pub fn is_within(date: NaiveDate) -> bool {
    (YEAR_MIN..=YEAR_MAX).contains(&date.year())
}

/// A day or a month that a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    Day(NaiveDate),
    Month(Month),
}

/// Reads a date as people type it: "2025-10-15", "oct 15", "15 october 2025", "10/15", "friday", "next friday", "tomorrow",
/// "october". Without a year it is the nearest to `today`; a weekday is today or the next one. None for any other text.
pub fn typed(text: &str, today: NaiveDate) -> Option<Typed> {
    let text = text.trim().to_lowercase();
    if let Ok(date) = parse_date(&text) {
        return Some(Typed::Day(date));
    }
    let mut words: Vec<&str> = text.split([' ', ',', '.', '/']).filter(|word| !word.is_empty()).collect();
    if let (Some(_), true) = (words.first().and_then(|word| weekday_named(word)), words.len() > 1) {
        words.remove(0);
    }
    let number = |word: &str| word.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>().ok();
    let year = |word: &str| i32::try_from(number(word)?).ok().map(|year| if year < 100 { 2000 + year } else { year });
    let near = |month: u32, day: u32| {
        let years = [today.year() - 1, today.year(), today.year() + 1];
        let dates = years.into_iter().filter_map(|year| NaiveDate::from_ymd_opt(year, month, day));
        dates.min_by_key(|date| (*date - today).num_days().abs())
    };
    let date = match *words.as_slice() {
        ["today"] => Some(today),
        ["tomorrow"] => today.succ_opt(),
        ["yesterday"] => today.pred_opt(),
        [word] if weekday_named(word).is_some() => next(weekday_named(word)?, today),
        ["next", word] => next(weekday_named(word)?, today.succ_opt()?),
        ["last", word] => next(weekday_named(word)?, today.checked_sub_days(Days::new(7))?),
        [word] => return Some(Typed::Month(Month::of(near(month_named(word)?, 1)?))),
        [month, day] if text.contains('/') => near(number(month)?, number(day)?),
        [month, day, last] if text.contains('/') => NaiveDate::from_ymd_opt(year(last)?, number(month)?, number(day)?),
        [one, other] => match (month_named(one), month_named(other)) {
            (Some(month), None) if other.len() == 4 => return Month::new(year(other)?, month).map(Typed::Month),
            (Some(month), None) => near(month, number(other)?),
            (None, Some(month)) => near(month, number(one)?),
            _ => None,
        },
        [one, other, last] => match (month_named(one), month_named(other)) {
            (Some(month), None) => NaiveDate::from_ymd_opt(year(last)?, month, number(other)?),
            (None, Some(month)) => NaiveDate::from_ymd_opt(year(last)?, month, number(one)?),
            _ => None,
        },
        _ => None,
    };
    date.filter(|date| is_within(*date)).map(Typed::Day)
}

/// The first such weekday from a day on.
fn next(weekday: Weekday, from: NaiveDate) -> Option<NaiveDate> {
    from.checked_add_days(Days::new(u64::from(weekday.days_since(from.weekday()))))
}

/// Fewest letters by which a weekday or a month is known.
const NAME_LETTERS_MIN: usize = 3;

fn weekday_named(word: &str) -> Option<Weekday> {
    weekdays(Weekday::Mon).into_iter().find(|day| begins(format::weekday(*day), word))
}

/// The number of a month.
fn month_named(word: &str) -> Option<u32> {
    let months = (1..=12u8).filter_map(|number| chrono::Month::try_from(number).ok());
    months.into_iter().find(|month| begins(month.name(), word)).map(|month| month.number_from_month())
}

fn begins(name: &str, word: &str) -> bool {
    word.len() >= NAME_LETTERS_MIN && name.to_lowercase().starts_with(word)
}

/// Parses `YYYY-MM-DD` strictly.
///
/// # Errors
/// [`CalendarError::Date`] for anything else, and for a date outside the calendar's years.
pub fn parse_date(text: &str) -> Result<NaiveDate, CalendarError> {
    let text = text.trim();
    let date = if text.len() == DATE_SHAPE.len() && opens_with_date(text) { text.parse().ok() } else { None };
    date.filter(|date| is_within(*date)).ok_or_else(|| CalendarError::Date(quote(text)))
}

const DATE_SHAPE: &str = "0000-00-00";

/// Tells if a text begins with `YYYY-MM-DD`. chrono alone would also accept blanks, signs and years of any length.
fn opens_with_date(text: &str) -> bool {
    let fits = |(byte, shape): (u8, u8)| if shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    text.len() >= DATE_SHAPE.len() && text.bytes().zip(DATE_SHAPE.bytes()).all(fits)
}

/// Parses `HH:MM` or `HH:MM:SS`; seconds are dropped, the calendar works in minutes.
pub fn parse_time(text: &str) -> Result<NaiveTime, CalendarError> {
    let text = text.trim();
    let time = NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"));
    let whole_minute = |time: NaiveTime| time.with_second(0)?.with_nanosecond(0);
    time.ok().and_then(whole_minute).ok_or_else(|| CalendarError::Time(quote(text)))
}

/// A day, or a day and a time. A day alone keeps the current time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Day(NaiveDate),
    At(NaiveDateTime),
}

impl Moment {
    /// The start of something that starts at `time` today.
    pub fn on(self, time: NaiveTime) -> NaiveDateTime {
        match self {
            Self::Day(date) => date.and_time(time),
            Self::At(start) => start,
        }
    }
}

/// Parses a date, or an ISO 8601 date and time. One with an offset is converted to `zone`.
///
/// # Errors
/// [`CalendarError::Moment`] for anything else, and for a date outside the calendar's years.
pub fn parse_moment(text: &str, zone: Tz) -> Result<Moment, CalendarError> {
    let text = text.trim();
    if let Ok(date) = parse_date(text) {
        return Ok(Moment::Day(date));
    }
    if !opens_with_date(text) {
        return Err(CalendarError::Moment(quote(text)));
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"]
        .into_iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let start = local.or_else(|| with_offset(text).map(|moment| moment.with_timezone(&zone).naive_local()));
    start
        .and_then(whole_minute)
        .filter(|start| is_within(start.date()))
        .map(Moment::At)
        .ok_or_else(|| CalendarError::Moment(quote(text)))
}

/// A time with an offset in ISO 8601: `Z`, `-04`, `-04:00` or `-0400`.
fn with_offset(text: &str) -> Option<DateTime<FixedOffset>> {
    ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M%#z"]
        .into_iter()
        .find_map(|format| DateTime::parse_from_str(text, format).ok())
}

fn whole_minute(start: NaiveDateTime) -> Option<NaiveDateTime> {
    start.with_second(0)?.with_nanosecond(0)
}
