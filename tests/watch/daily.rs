//! The daily run: once per date in every time zone, and later if it was missed.

use chrono::{DateTime, TimeDelta, Utc};
use tandem::{
    clock::Clock,
    context::Context,
    jobs::integrity::{due, run_once},
    store::{StoreError, tables::runs},
};

use crate::support::App;

/// The daily runs between two times, checked every minute, in local time.
fn runs_between(app: &App, from: &str, to: &str) -> Vec<String> {
    let (mut now, end): (DateTime<Utc>, DateTime<Utc>) = (from.parse().unwrap(), to.parse().unwrap());
    let mut runs = Vec::new();
    while now < end {
        let context = Context { clock: Clock::Fixed(now), ..app.context.clone() };
        if let Some(start) = due(&context, now) {
            run_once(&context, &start).unwrap().stored.unwrap();
            runs.push(now.with_timezone(&app.context.config.zone).format("%m-%d %H:%M %Z").to_string());
        }
        now += TimeDelta::minutes(1);
    }
    runs
}

#[test]
fn tx_09_the_daily_check_runs_once_on_a_day_without_its_hour() {
    let app = App::with(&[("integrity_at", "02:30")], None);
    runs_between(&app, "2025-03-08T12:00:00Z", "2025-03-08T12:01:00Z");

    let runs = runs_between(&app, "2025-03-08T12:01:00Z", "2025-03-10T12:00:00Z");

    assert_eq!(runs, ["03-09 03:00 EDT", "03-10 02:30 EDT"]);
}

#[test]
fn tx_09_the_daily_check_runs_once_on_a_day_with_its_hour_twice() {
    let app = App::with(&[("integrity_at", "01:30")], None);
    runs_between(&app, "2025-11-01T12:00:00Z", "2025-11-01T12:01:00Z");

    let runs = runs_between(&app, "2025-11-01T12:01:00Z", "2025-11-03T12:00:00Z");

    assert_eq!(runs, ["11-02 01:30 EDT", "11-03 01:30 EST"]);
}

#[test]
fn a_missed_run_is_made_once_also_after_a_restart() {
    let app = App::empty();
    runs_between(&app, "2025-10-14T12:00:00Z", "2025-10-14T12:01:00Z");

    let app = app.restarted();

    let runs = runs_between(&app, "2025-10-17T13:00:00Z", "2025-10-17T15:00:00Z");
    assert_eq!(runs, ["10-17 09:00 EDT"]);
    assert_eq!(runs_between(&app.restarted(), "2025-10-17T15:00:00Z", "2025-10-17T16:00:00Z"), [""; 0]);
}

#[test]
fn a_clock_that_was_years_ahead_does_not_stop_daily_checks() {
    let app = App::empty();
    runs_between(&app, "2035-10-14T12:00:00Z", "2035-10-14T12:01:00Z");

    let runs = runs_between(&app, "2025-10-17T13:00:00Z", "2025-10-18T13:00:00Z");

    assert_eq!(runs, ["10-17 09:00 EDT", "10-18 02:00 EDT"]);
}

#[test]
fn a_clock_set_back_by_hours_repeats_no_run() {
    let app = App::empty();
    runs_between(&app, "2025-10-17T06:30:00Z", "2025-10-17T06:31:00Z");

    assert_eq!(runs_between(&app, "2025-10-17T03:00:00Z", "2025-10-17T07:00:00Z"), [""; 0]);
}

#[test]
fn a_check_on_demand_does_not_replace_the_daily_one() {
    let app = App::empty();
    super::check(&app);

    assert!(due(&app.context, app.context.clock.now()).is_some());
}

#[test]
fn a_daily_run_that_fails_is_repeated_after_an_hour() {
    let app = App::empty();
    let now = app.context.clock.now();
    let start = due(&app.context, now).unwrap();
    app.fail_points.arm(1, StoreError::CutOff("a test".to_owned()));
    assert!(run_once(&app.context, &start).unwrap().stored.is_err());

    assert!(due(&app.context, now + TimeDelta::minutes(59)).is_none());
    let again = due(&app.context, now + TimeDelta::minutes(60));
    assert!(again.is_some());
}

#[test]
fn a_disabled_daily_check_is_never_due() {
    let app = App::with(&[("integrity_at", "\"off\"")], None);

    assert!(due(&app.context, app.context.clock.now()).is_none());
}

#[test]
fn the_oldest_runs_are_deleted() {
    let app = App::empty();
    for _ in 0..=runs::KEPT_MAX {
        super::check(&app);
    }

    let kept = app.read(|tx| runs::latest(tx, 2 * runs::KEPT_MAX));
    assert_eq!(kept.len() as u64, runs::KEPT_MAX);
    assert_eq!(kept.last().unwrap().sequence, 2);
}
