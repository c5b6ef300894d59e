//! Formats of dates, times and amounts.

use tandem::domain::format;

use super::{at, date, time};

#[test]
fn a_date_has_three_lengths() {
    let day = date("2025-10-05");
    assert_eq!(format::date(day), "October 5, 2025");
    assert_eq!(format::date_in_full(day), "Sunday, October 5, 2025");
    assert_eq!(format::date_short(day), "Sun, Oct 5, 2025");
}

#[test]
fn a_time_uses_the_twelve_hour_clock() {
    for (clock, expected) in [("00:00", "12:00 AM"), ("09:05", "9:05 AM"), ("12:00", "12:00 PM"), ("23:59", "11:59 PM")]
    {
        assert_eq!(format::time(time(clock)), expected);
    }
}

#[test]
fn a_moment_is_a_short_date_and_a_time() {
    assert_eq!(format::moment(at("2025-10-15 10:00")), "Wed, Oct 15, 2025 at 10:00 AM");
}

#[test]
fn a_duration_omits_zero_parts() {
    for (minutes, expected) in [(0, "0 min"), (5, "5 min"), (60, "1 h"), (390, "6 h 30 min"), (1440, "24 h")] {
        assert_eq!(format::duration(minutes), expected);
    }
}

#[test]
fn only_the_count_of_one_is_singular() {
    assert_eq!([0_u64, 1, 2].map(|number| format::count(number, "event")), ["0 events", "1 event", "2 events"]);
}

#[test]
fn a_list_ends_in_and() {
    let list = |items: &[&str]| format::list(&items.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(
        [list(&[]), list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c"])],
        ["", "a", "a and b", "a, b and c"]
    );
}

#[test]
fn marks_that_turn_the_direction_of_writing_are_forbidden_and_shown_as_their_number() {
    for mark in ['\u{61c}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{206a}', '\u{206f}'] {
        let text = format!("a{mark}b");
        assert_eq!(format::forbidden_in(&text), Some(mark));
        assert_eq!(format::printable(&text), format!("a{}b", mark.escape_default()));
    }
    assert_eq!(format::forbidden_in("نیم\u{200c}فاصله"), None, "a mark that joins letters");
}

#[test]
fn only_a_name_with_letters_written_from_right_to_left_is_isolated() {
    for (name, isolated) in
        [("Jane Doe", "Jane Doe"), ("נועה", "\u{2068}נועה\u{2069}"), ("Ana علي", "\u{2068}Ana علي\u{2069}")]
    {
        assert_eq!(format::isolated(name), isolated);
    }
}
