//! Findings from one check to the next: time, cause and end.

use serde_json::json;
use tandem::domain::integrity::finding_state::{Checked, Trigger};

use super::{check, name_of, open_findings, pairs_app, plant, problems, touch};
use crate::support::App;

#[test]
fn the_three_mismatches_are_found_and_closed_after_a_fix() {
    let app = pairs_app();
    let before = check(&app);
    assert_eq!(problems(&app), ["supervisor-unstaffed 1007"]);
    plant(&app, 1002, Some(("2025-10-16 12:00", "105")));
    plant(&app, 1005, Some(("2025-10-16 12:00", "105")));

    let run = check(&app);

    assert_eq!(problems(&app), ["date-mismatch 1002", "supervisor-unstaffed 1007", "core-unstaffed 1004"]);
    assert_eq!((run.fresh, run.gone, run.problems()), (2, 0, 3));
    assert_eq!(run.sequence, before.sequence + 1);
    plant(&app, 1002, Some(("2025-10-15 12:00", "105")));
    plant(&app, 1005, None);
    plant(&app, 1006, None);
    let run = check(&app);
    assert_eq!((run.fresh, run.gone, run.problems()), (0, 3, 0));
    assert_eq!(problems(&app), [""; 0]);
}

#[test]
fn a_run_stores_its_counts() {
    let app = App::with_visits();

    let run = check(&app);

    let Checked { events, pairs, pairs_scheduled, pairs_half, pairs_unstaffed, supervisors_alone, .. } = run.checked;
    assert_eq!((events, pairs, pairs_scheduled, pairs_half, pairs_unstaffed), (156, 47, 5, 36, 6));
    assert_eq!(supervisors_alone, 3);
    assert_eq!((run.start.trigger, run.start.who.as_str()), (Trigger::Page, "ana"));
    assert!(run.checked.index_entries > 156 && run.checked.days > 0 && run.checked.audit_entries > 0);
    assert_eq!(run.problems(), 36);
    assert!(problems(&app).iter().all(|one| one.starts_with("supervisor-unstaffed")));
}

#[test]
fn a_finding_stores_its_time_and_the_change_before_it() {
    let app = pairs_app();
    check(&app);
    let body = json!({"schedule_id": 2002, "new_date": "2025-10-16", "confirm_other_date": true});
    app.call("/api/reschedule_event", body).ok();
    let entry = app.audit().last().unwrap().sequence;
    let app = app.later(60);
    check(&app);
    let first = app.context.clock.now();

    let app = app.later(3 * 24 * 60 * 60);
    check(&app);

    let open_findings = open_findings(&app);
    let mismatch = open_findings.iter().find(|one| name_of(one) == "date-mismatch 1002").unwrap();
    assert_eq!((mismatch.first_seen, mismatch.cause), (first, Some(entry)));
    assert_eq!(mismatch.partner.map(|id| id.0), Some(1001));
    assert!(mismatch.message.contains("Super Pretzel (Supervisor 606001) is on Thu, Oct 16, 2025"));
}

#[test]
fn a_finding_whose_pair_moves_stays_the_same_finding_with_a_new_cause() {
    let app = pairs_app();
    let away = |date| json!({"schedule_id": 2002, "new_date": date, "confirm_other_date": true});
    app.call("/api/reschedule_event", away("2025-10-16")).ok();
    check(&app);
    let first = app.context.clock.now();
    let app = app.later(600);
    app.call("/api/reschedule_event", away("2025-10-17")).ok();

    let run = check(&app);

    assert_eq!((run.fresh, run.gone), (0, 0));
    let open_findings = open_findings(&app);
    let mismatch = open_findings.iter().find(|one| name_of(one) == "date-mismatch 1002").unwrap();
    assert_eq!((mismatch.first_seen, mismatch.cause), (first, Some(app.audit().last().unwrap().sequence)));
    assert!(mismatch.message.contains("Oct 17"), "{}", mismatch.message);
}

#[test]
fn informational_findings_are_stored_and_not_counted_as_problems() {
    let app = pairs_app();

    check(&app);

    let kept: Vec<_> = open_findings(&app).iter().map(name_of).collect();
    assert!(kept.contains(&"no-supervisor 1003".to_owned()), "{kept:?}");
    assert_eq!(problems(&app), ["supervisor-unstaffed 1007"]);
}

#[test]
fn findings_and_runs_survive_a_restart() {
    let app = pairs_app();
    check(&app);
    let before = open_findings(&app);

    let app = app.restarted();

    assert_eq!(open_findings(&app), before);
    touch(&app).unwrap();
    assert_eq!(check(&app).sequence, 2);
}

#[test]
fn two_checks_never_run_at_once() {
    let app = pairs_app();
    let turn = app.context.watch.turn.lock().unwrap();

    let page = app.follow(app.post("/integrity/run", &[]));

    assert!(page.text_of("messages").contains("The check was not started: a check is running already."));
    drop(turn);
    let page = app.follow(app.post("/integrity/run", &[]));
    assert!(page.text_of("messages").contains("Checked"), "{}", page.text_of("messages"));
}
