//! Rows of months, and parsing of dates and times.

use chrono::{Datelike, Weekday};
use chrono_tz::{America::New_York, Asia::Kolkata, Tz};
use proptest::prelude::*;
use tandem::domain::calendar::{
    CalendarError, Moment, Month, Typed, YEAR_MAX, YEAR_MIN, is_within, parse_date, parse_moment, parse_time, typed,
    weekdays,
};

use super::{at, date, time};

const WEEK_STARTS: [Weekday; 3] = [Weekday::Sun, Weekday::Mon, Weekday::Sat];

fn all_months() -> impl Iterator<Item = Month> {
    (YEAR_MIN..=YEAR_MAX).flat_map(|year| (1..=12).filter_map(move |month| Month::new(year, month)))
}

#[test]
fn every_month_has_four_to_six_whole_weeks_that_hold_each_of_its_days_once() {
    for (month, week_start) in all_months().flat_map(|month| WEEK_STARTS.map(|start| (month, start))) {
        let weeks = month.weeks(week_start);
        assert!((4..=6).contains(&weeks.len()), "{month:?}");
        let days: Vec<_> = weeks.iter().flatten().copied().collect();
        assert!(days.windows(2).all(|two| two[0].succ_opt() == Some(two[1])), "{month:?}");
        assert!(days.into_iter().filter(|day| Month::of(*day) == month).eq(month.days()), "{month:?}");
        for week in &weeks {
            assert!(week.iter().any(|day| Month::of(*day) == month), "{month:?}");
            assert!(week.iter().map(Datelike::weekday).eq(weekdays(week_start)), "{month:?}");
        }
    }
}

#[test]
fn a_february_that_begins_the_week_has_four_rows() {
    let month = Month::new(2015, 2).unwrap();
    assert_eq!((month.weeks(Weekday::Sun).len(), month.weeks(Weekday::Mon).len()), (4, 5));
}

#[test]
fn a_month_that_touches_six_weeks_has_six_rows() {
    assert_eq!(Month::new(2025, 3).unwrap().weeks(Weekday::Sun).len(), 6);
}

#[test]
fn months_follow_each_other_and_stop_at_both_ends() {
    let months: Vec<_> = all_months().collect();
    assert!(months.windows(2).all(|two| two[0].next() == Some(two[1]) && two[1].previous() == Some(two[0])));
    assert_eq!((months[0].previous(), months[months.len() - 1].next()), (None, None));
}

#[test]
fn a_month_outside_the_calendar_is_none() {
    for (year, month) in [(2025, 0), (2025, 13), (1969, 12), (2201, 1), (i32::MIN, 1), (i32::MAX, u32::MAX)] {
        assert_eq!(Month::new(year, month), None, "{year}-{month}");
    }
}

#[test]
fn a_month_knows_its_first_and_last_day() {
    let february = Month::of(date("2024-02-10"));
    assert_eq!((february.first(), february.last()), (date("2024-02-01"), date("2024-02-29")));
    assert_eq!((february.year(), february.number()), (2024, 2));
}

#[test]
fn a_week_begins_on_the_configured_day() {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    assert_eq!(weekdays(Sun), [Sun, Mon, Tue, Wed, Thu, Fri, Sat]);
    assert_eq!(weekdays(Mon), [Mon, Tue, Wed, Thu, Fri, Sat, Sun]);
}

#[test]
fn dates_are_read_as_they_are_written() {
    for text in ["2025-10-20", "1970-01-01", "2200-12-31", "2024-02-29", " 2025-10-20 "] {
        assert_eq!(parse_date(text), Ok(date(text.trim())), "{text:?}");
    }
}

#[test]
fn an_invalid_date_is_refused() {
    let long = "2025-10-20".repeat(1000);
    for text in [
        "2025-02-29",
        "2025-13-01",
        "2025-00-10",
        "2025-04-31",
        "2025-1-1",
        "2025-1- 10",
        "+2025-1-10",
        "1969-12-31",
        "2201-01-01",
        "",
        "-",
        "2025/10/20",
        "20-10-2025",
        "10-20-2025",
        "2025-10-20T10:00",
        "２０２５-10-20",
        "2025-10-2\u{666}",
        &long,
    ] {
        assert!(matches!(parse_date(text), Err(CalendarError::Date(_))), "{text:?}");
        if text != "2025-10-20T10:00" {
            assert!(matches!(parse_moment(text, New_York), Err(CalendarError::Moment(_))), "{text:?}");
        }
    }
}

#[test]
fn a_refusal_repeats_only_the_beginning_of_a_long_text() {
    let text = "é".repeat(10_000);
    for message in [
        parse_date(&text).unwrap_err().to_string(),
        parse_time(&text).unwrap_err().to_string(),
        parse_moment(&text, New_York).unwrap_err().to_string(),
    ] {
        assert!(message.chars().count() < 200, "{message}");
    }
}

#[test]
fn times_are_read_to_the_minute() {
    for (text, wanted) in [
        ("09:45", "09:45"),
        ("00:00", "00:00"),
        ("23:59", "23:59"),
        ("9:45", "09:45"),
        ("09:45:30", "09:45"),
        ("23:59:60", "23:59"),
        (" 09:45 ", "09:45"),
    ] {
        assert_eq!(parse_time(text), Ok(time(wanted)), "{text:?}");
    }
}

#[test]
fn an_invalid_time_is_refused() {
    for text in ["", "24:00", "12:60", "0945", "9", "12:00 PM", "-1:00", "09:45:61", "noon"] {
        assert!(matches!(parse_time(text), Err(CalendarError::Time(_))), "{text:?}");
    }
}

fn moment(text: &str, zone: Tz) -> Moment {
    parse_moment(text, zone).unwrap()
}

#[test]
fn a_date_alone_keeps_the_time_of_day() {
    let to = moment("2025-10-20", New_York);
    assert_eq!(to, Moment::Day(date("2025-10-20")));
    assert_eq!(to.on(time("10:15")), at("2025-10-20 10:15"));
}

#[test]
fn a_date_and_time_sets_both() {
    for text in [
        "2025-10-20T14:30",
        "2025-10-20T14:30:00",
        "2025-10-20 14:30",
        "2025-10-20 14:30:59",
        "2025-10-20T14:30:00.250",
    ] {
        assert_eq!(moment(text, New_York).on(time("10:15")), at("2025-10-20 14:30"), "{text}");
    }
}

#[test]
fn an_offset_is_converted_to_the_calendars_zone() {
    for text in [
        "2025-10-20T18:30:00Z",
        "2025-10-20T18:30Z",
        "2025-10-20T18:30:00.000Z",
        "2025-10-20T14:30:00-04:00",
        "2025-10-20T14:30-04:00",
        "2025-10-20T14:30:00-0400",
        "2025-10-20T14:30:00-04",
        "2025-10-21T00:00:00+05:30",
        "2025-10-20 14:30:00-04:00",
    ] {
        assert_eq!(moment(text, New_York), Moment::At(at("2025-10-20 14:30")), "{text}");
    }
    assert_eq!(moment("2025-10-20T18:30:00Z", Kolkata), Moment::At(at("2025-10-21 00:00")));
}

#[test]
fn an_offset_is_converted_correctly_around_both_clock_changes() {
    for (text, local) in [
        ("2025-03-09T06:59:00Z", "2025-03-09 01:59"),
        ("2025-03-09T07:00:00Z", "2025-03-09 03:00"),
        ("2025-03-10T03:59:00Z", "2025-03-09 23:59"),
        ("2025-11-02T05:30:00Z", "2025-11-02 01:30"),
        ("2025-11-02T06:30:00Z", "2025-11-02 01:30"),
        ("2025-11-02T07:00:00Z", "2025-11-02 02:00"),
        ("2025-11-03T04:59:00Z", "2025-11-02 23:59"),
    ] {
        assert_eq!(moment(text, New_York), Moment::At(at(local)), "{text}");
    }
}

#[test]
fn the_years_are_those_of_the_zone() {
    assert_eq!(moment("2201-01-01T03:00:00Z", New_York), Moment::At(at("2200-12-31 22:00")));
    assert!(parse_moment("1970-01-01T03:00:00Z", New_York).is_err());
}

#[test]
fn an_invalid_moment_is_refused() {
    for text in [
        "tomorrow",
        "2025-10-20T",
        "2025-10-20T10",
        "2025-10-20T24:00",
        "2025-10-20T10:00+25:00",
        "2025-1-1T9:5",
        "2025-10-20T10:00:00-04:00 or so",
        "9999-12-31T23:59Z",
        "-262143-01-01T00:00+00:00",
        "+262142-12-31T23:59+00:00",
        "2025-02-30T10:00",
    ] {
        assert!(matches!(parse_moment(text, New_York), Err(CalendarError::Moment(_))), "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![any::<String>(), "[0-9T:Z +-]{0,30}"]) {
        for zone in [New_York, Kolkata] {
            if let Ok(Moment::At(start)) = parse_moment(&text, zone) {
                prop_assert!(is_within(start.date()));
            }
        }
        let _ = (parse_date(&text), parse_time(&text));
    }
}

#[test]
fn a_date_is_read_as_people_type_it() {
    let today = date("2025-10-15");
    for (text, read) in [
        ("2025-10-15", "2025-10-15"),
        ("oct 15", "2025-10-15"),
        ("October 15", "2025-10-15"),
        ("15 oct", "2025-10-15"),
        ("Oct 15th, 2026", "2026-10-15"),
        ("15. october 24", "2024-10-15"),
        ("10/15", "2025-10-15"),
        ("1/5", "2026-01-05"),
        ("12/31/24", "2024-12-31"),
        ("wed, oct 22", "2025-10-22"),
        ("jun 1", "2025-06-01"),
        ("mar 1", "2026-03-01"),
        ("friday", "2025-10-17"),
        ("wednesday", "2025-10-15"),
        ("next wednesday", "2025-10-22"),
        ("last wed", "2025-10-08"),
        ("tomorrow", "2025-10-16"),
        ("Yesterday", "2025-10-14"),
    ] {
        assert_eq!(typed(text, today), Some(Typed::Day(date(read))), "{text}");
    }
    for (text, month) in [("november", (2025, 11)), ("feb", (2026, 2)), ("oct 2024", (2024, 10))] {
        assert_eq!(typed(text, today), Some(Typed::Month(Month::new(month.0, month.1).unwrap())), "{text}");
    }
    for text in [
        "",
        "oct 32",
        "13/1",
        "fr",
        "oc",
        "10 15",
        "606001",
        "smith",
        "octopus",
        "feb 30 2025",
        "next",
        "1/2/99999",
        "oct oct",
    ] {
        assert_eq!(typed(text, today), None, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_as_a_date_of_the_calendar_or_not_at_all(text in "\\PC{0,30}", first in any::<bool>()) {
        let today = if first { tandem::domain::calendar::FIRST_DAY } else { tandem::domain::calendar::LAST_DAY };
        if let Some(Typed::Day(date)) = typed(&text, today) {
            prop_assert!(is_within(date));
        }
    }
}
