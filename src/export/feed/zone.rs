//! A time zone as an iCalendar component: each change of the offset in a range of years.

use std::fmt::Write;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

/// The offset from a moment on.
struct Clock {
    from: DateTime<Utc>,
    offset_seconds: i32,
    is_summer: bool,
    name: String,
}

fn clock(zone: Tz, at: DateTime<Utc>) -> Clock {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    Clock {
        from: at,
        offset_seconds: offset.fix().local_minus_utc(),
        is_summer: !offset.dst_offset().is_zero(),
        name: offset.abbreviation().unwrap_or("LMT").to_owned(),
    }
}

/// The VTIMEZONE of a zone, valid from the year of `first` to that of `last`.
pub fn vtimezone(zone: Tz, first: NaiveDate, last: NaiveDate) -> String {
    let begin = midnight(NaiveDate::from_ymd_opt(first.year(), 1, 1).unwrap_or(first));
    let end = midnight(NaiveDate::from_ymd_opt(last.year() + 1, 1, 1).unwrap_or(last));
    let mut text = format!("BEGIN:VTIMEZONE\r\nTZID:{}\r\n", zone.name());
    let mut now = clock(zone, begin);
    observe(&mut text, &now, now.offset_seconds);
    let mut day = begin;
    while let Some(next) = day.checked_add_days(Days::new(1)).filter(|next| *next <= end) {
        if clock(zone, next).offset_seconds != now.offset_seconds {
            let before = now.offset_seconds;
            now = clock(zone, change_between(zone, day, next));
            observe(&mut text, &now, before);
        }
        day = next;
    }
    text.push_str("END:VTIMEZONE\r\n");
    text
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// The first second of the offset that is in force at `late`.
fn change_between(zone: Tz, early: DateTime<Utc>, late: DateTime<Utc>) -> DateTime<Utc> {
    let wanted = clock(zone, late).offset_seconds;
    let (mut low, mut high) = (early.timestamp(), late.timestamp());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let at = DateTime::from_timestamp(middle, 0).unwrap_or(late);
        if clock(zone, at).offset_seconds == wanted { high = middle } else { low = middle }
    }
    DateTime::from_timestamp(high, 0).unwrap_or(late)
}

fn observe(text: &mut String, now: &Clock, before_seconds: i32) {
    let kind = if now.is_summer { "DAYLIGHT" } else { "STANDARD" };
    let local: NaiveDateTime = now.from.naive_utc() + chrono::TimeDelta::seconds(i64::from(before_seconds));
    let _ = write!(
        text,
        "BEGIN:{kind}\r\nDTSTART:{}\r\nTZOFFSETFROM:{}\r\nTZOFFSETTO:{}\r\nTZNAME:{}\r\nEND:{kind}\r\n",
        local.format("%Y%m%dT%H%M%S"),
        offset(before_seconds),
        offset(now.offset_seconds),
        now.name,
    );
}

/// An offset like `-0400`, with seconds if it has any.
fn offset(seconds: i32) -> String {
    let (sign, all) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let rest = if all % 60 == 0 { String::new() } else { format!("{:02}", all % 60) };
    format!("{sign}{:02}{:02}{rest}", all / 3600, all / 60 % 60)
}
