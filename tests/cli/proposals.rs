//! `tandem propose`: a proposal at the terminal, and its exit codes.

use super::Place;

const DAYS: [&str; 5] = ["propose", "--from", "2025-09-23", "--to", "2025-10-13"];

#[test]
fn a_proposal_with_unplaced_events_exits_with_1_and_schedules_nothing() {
    let place = Place::with_visits();

    let run = place.run(&DAYS).ended(1).says("64 of 66 events placed").says("nothing was scheduled");

    assert!(run.out.contains("not placed"), "{}", run.out);
    let json = place.run(&[DAYS.as_slice(), &["--json"]].concat()).ended(1).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["placed"], &json["undo_id"]), (&64.into(), &serde_json::Value::Null));
}

#[test]
fn an_accepted_proposal_is_one_change_and_leaves_nothing_to_place() {
    let place = Place::with_visits();
    let checked = place.run(&["check"]).out;
    let (before, _) = checked.split_once(" audit entries").unwrap();
    let imported: u64 = before.rsplit(' ').next().unwrap().parse().unwrap();

    place
        .run(&[DAYS.as_slice(), &["--accept"]].concat())
        .ended(1)
        .says(&format!("scheduled as change {}", imported + 1));

    place.run(&DAYS).ended(1).says("0 of 2 events placed");
    place.run(&["check"]).says(&format!("{} audit entries", imported + 1));
}

#[test]
fn invalid_days_exit_with_2_and_a_message() {
    let place = Place::with_visits();

    place.run(&["propose", "--from", "2025-10-13", "--to", "2025-10-12"]).ended(2).complains("is before the first");
    place.run(&["propose", "--from", "2025-10-13", "--to", "soon"]).ended(2);
    Place::new().run(&DAYS).ended(2).complains("there is no store in");
}
