//! Due times of a daily job in local time, where an hour may be skipped or repeated. Pure.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

const DAY_MINUTES: i64 = 24 * 60;

/// The date of the latest run that was due. Each date has exactly one due time.
pub fn latest(now: DateTime<Utc>, at: NaiveTime, zone: Tz) -> NaiveDate {
    let today = now.with_timezone(&zone).date_naive();
    let dates = [today, today - Days::new(1)];
    dates.into_iter().find(|date| moment(*date, at, zone).is_some_and(|due| due <= now)).unwrap_or(today - Days::new(2))
}

pub fn next(now: DateTime<Utc>, at: NaiveTime, zone: Tz) -> Option<DateTime<Utc>> {
    moment(latest(now, at, zone) + Days::new(1), at, zone)
}

/// The due time on a date: the first one of two, or the first after a gap.
fn moment(date: NaiveDate, at: NaiveTime, zone: Tz) -> Option<DateTime<Utc>> {
    let local = date.and_time(at);
    (0..=DAY_MINUTES).find_map(|minutes| match zone.from_local_datetime(&(local + TimeDelta::minutes(minutes))) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => Some(moment.to_utc()),
        LocalResult::None => None,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    fn at(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    /// The times at which a run becomes due between two others, checked every minute.
    fn runs(from: &str, to: &str, time: &str, zone: Tz) -> Vec<(String, String)> {
        let (mut now, end): (DateTime<Utc>, DateTime<Utc>) = (from.parse().unwrap(), to.parse().unwrap());
        let (mut last, mut runs) = (latest(now, at(time), zone), Vec::new());
        while now < end {
            now += TimeDelta::minutes(1);
            let date = latest(now, at(time), zone);
            if date != last {
                runs.push((date.to_string(), now.with_timezone(&zone).format("%d %H:%M %Z").to_string()));
                last = date;
            }
        }
        runs
    }

    fn run(date: &str, moment: &str) -> (String, String) {
        (date.to_owned(), moment.to_owned())
    }

    #[test]
    fn a_run_in_a_skipped_hour_is_due_after_it() {
        let runs = runs("2025-03-08T12:00:00Z", "2025-03-10T12:00:00Z", "02:30", chrono_tz::America::New_York);

        assert_eq!(runs, [run("2025-03-09", "09 03:00 EDT"), run("2025-03-10", "10 02:30 EDT")]);
    }

    #[test]
    fn a_run_in_a_repeated_hour_is_due_once() {
        let runs = runs("2025-11-01T12:00:00Z", "2025-11-03T12:00:00Z", "01:30", chrono_tz::America::New_York);

        assert_eq!(runs, [run("2025-11-02", "02 01:30 EDT"), run("2025-11-03", "03 01:30 EST")]);
    }

    #[test]
    fn every_date_of_two_years_has_one_run_in_each_zone() {
        for zone in [chrono_tz::America::New_York, chrono_tz::Australia::Lord_Howe, chrono_tz::Africa::Cairo] {
            for time in ["00:00", "02:15", "23:59"] {
                let mut now: DateTime<Utc> = "2024-01-01T00:30:00Z".parse().unwrap();
                let mut expected = latest(now, at(time), zone);
                for _ in 0..2 * 366 * 48 {
                    now += TimeDelta::minutes(30);
                    let date = latest(now, at(time), zone);
                    let next = expected.succ_opt().unwrap();
                    assert!(date == expected || date == next, "{zone} {time}: {date} after {expected}");
                    expected = date;
                }
            }
        }
    }

    #[test]
    fn before_the_due_time_the_latest_run_is_yesterdays() {
        let zone = chrono_tz::America::New_York;

        assert_eq!(latest("2025-10-15T06:59:00Z".parse().unwrap(), at("03:00"), zone).to_string(), "2025-10-14");
        assert_eq!(latest("2025-10-15T07:00:00Z".parse().unwrap(), at("03:00"), zone).to_string(), "2025-10-15");
    }
}
