//! A time zone as an iCalendar component: the yearly rules by which its offset changes, or each change in a range of years.

use std::fmt::Write;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
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

/// Years after the covered ones for which a yearly rule must hold as well.
const RULE_YEARS: i32 = 8;

/// A change of the offset: the local time before it, and the offsets.
struct Change {
    local: NaiveDateTime,
    before_seconds: i32,
    now: Clock,
}

/// The VTIMEZONE of a zone, valid from the year of `first` to that of `last`, and after it where the changes follow a yearly
/// rule.
pub fn vtimezone(zone: Tz, first: NaiveDate, last: NaiveDate) -> String {
    let begin = midnight(NaiveDate::from_ymd_opt(first.year(), 1, 1).unwrap_or(first));
    let start = clock(zone, begin);
    let start = Change {
        local: begin.naive_utc() + seconds(start.offset_seconds),
        before_seconds: start.offset_seconds,
        now: start,
    };
    let changes = changes(zone, begin, last.year() + RULE_YEARS);
    let mut text = format!("BEGIN:VTIMEZONE\r\nTZID:{}\r\n", zone.name());
    observe(&mut text, &start, None);
    let yearly = |is_summer: bool| {
        let of_kind: Vec<_> = changes.iter().filter(|change| change.now.is_summer == is_summer).collect();
        yearly_rule(&of_kind, last.year() + RULE_YEARS)
    };
    if let (Some((summer, summer_rule)), Some((standard, standard_rule))) = (yearly(true), yearly(false)) {
        observe(&mut text, summer, Some(&summer_rule));
        observe(&mut text, standard, Some(&standard_rule));
    } else {
        for change in changes.iter().filter(|change| change.local.year() <= last.year()) {
            observe(&mut text, change, None);
        }
    }
    text.push_str("END:VTIMEZONE\r\n");
    text
}

/// The changes from `begin` to the end of a year.
fn changes(zone: Tz, begin: DateTime<Utc>, last_year: i32) -> Vec<Change> {
    let (mut day, mut offset, mut changes) = (begin, clock(zone, begin).offset_seconds, Vec::new());
    while let Some(next) = day.checked_add_days(Days::new(1)).filter(|next| next.year() <= last_year) {
        if clock(zone, next).offset_seconds != offset {
            let now = clock(zone, change_between(zone, day, next));
            let local = now.from.naive_utc() + seconds(offset);
            changes.push(Change { local, before_seconds: offset, now });
            offset = clock(zone, next).offset_seconds;
        }
        day = next;
    }
    changes
}

/// The first of the changes, and the rule by which it comes back on the same weekday of a month each year. None if there is no
/// such rule.
fn yearly_rule<'a>(changes: &[&'a Change], last_year: i32) -> Option<(&'a Change, String)> {
    let first = *changes.first()?;
    let follows = |(change, year): (&&Change, i32)| {
        change.local.year() == year
            && (change.local.month(), change.local.weekday(), change.local.time())
                == (first.local.month(), first.local.weekday(), first.local.time())
            && (change.before_seconds, change.now.offset_seconds) == (first.before_seconds, first.now.offset_seconds)
    };
    let years = first.local.year()..=last_year;
    if changes.len() != years.clone().count() || !changes.iter().zip(years).all(follows) {
        return None;
    }
    let week = |change: &&Change| (change.local.day() - 1) / 7 + 1;
    let is_last = |change: &&Change| (change.local.date() + Days::new(7)).month() != change.local.month();
    let place = if changes.iter().all(|change| week(change) == week(&first)) {
        week(&first).to_string()
    } else if changes.iter().all(is_last) {
        "-1".to_owned()
    } else {
        return None;
    };
    let weekday = first.local.weekday().to_string().to_uppercase();
    Some((first, format!("FREQ=YEARLY;BYMONTH={};BYDAY={place}{}", first.local.month(), weekday.get(..2)?)))
}

fn seconds(seconds: i32) -> TimeDelta {
    TimeDelta::seconds(i64::from(seconds))
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

fn observe(text: &mut String, change: &Change, rule: Option<&str>) {
    let Change { local, before_seconds, now } = change;
    let kind = if now.is_summer { "DAYLIGHT" } else { "STANDARD" };
    let rule = rule.map(|rule| format!("RRULE:{rule}\r\n")).unwrap_or_default();
    let _ = write!(
        text,
        "BEGIN:{kind}\r\nDTSTART:{}\r\n{rule}TZOFFSETFROM:{}\r\nTZOFFSETTO:{}\r\nTZNAME:{}\r\nEND:{kind}\r\n",
        local.format("%Y%m%dT%H%M%S"),
        offset(*before_seconds),
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
