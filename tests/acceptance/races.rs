//! TC-048, TC-049, TC-055: concurrent changes by several people.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tandem::{
    domain::event::{Event, EventType, pairing::Pair},
    store::{Flow, tables::events},
};

use crate::support::{App, october};

fn reschedule(schedule: u64, date: &str, revision: u32) -> Value {
    json!({"schedule_id": schedule, "new_date": date, "revision": revision})
}

/// The statuses of some answers, sorted.
fn statuses(answers: &[(u16, Value)]) -> Vec<u16> {
    let mut statuses: Vec<_> = answers.iter().map(|(status, _)| *status).collect();
    statuses.sort_unstable();
    statuses
}

#[test]
fn tc_048_the_second_of_two_from_one_revision_is_stale() {
    let app = App::with_acceptance_data();
    let revision = app.event(1001).revision.0;
    app.call("/api/reschedule_event", reschedule(2001, "2025-10-20", revision)).ok();
    let before = app.bytes();

    let answer = app.call("/api/reschedule_event", reschedule(2001, "2025-10-21", revision));

    assert_eq!(answer.body["revision"], revision + 1);
    assert_eq!(answer.body["start_datetime"], "2025-10-20T10:00:00");
    answer.refused(409, "stale_revision");
    assert_eq!(app.bytes(), before);
    app.assert_whole();
}

#[test]
fn tc_048_one_of_two_concurrent_changes_from_one_revision_wins() {
    let app = App::with_acceptance_data();
    let revision = app.event(1001).revision.0;

    let dates = ["2025-10-20", "2025-10-21"];
    let answers = app.call_at_once("/api/reschedule_event", &dates.map(|date| reschedule(2001, date, revision)));

    assert_eq!(statuses(&answers), [200, 409]);
    let won = answers.iter().position(|(status, _)| *status == 200).unwrap();
    assert_eq!(app.assignment(1001).unwrap().0, format!("{} 10:00", dates[won]));
    assert_eq!(app.assignment(1002).unwrap().0, format!("{} 12:00", dates[won]));
    app.assert_whole();
}

#[test]
fn tc_049_a_stale_form_is_shown_again_with_its_input() {
    let app = App::with_acceptance_data();
    let revision = app.revision(1001);
    app.get("/events/1001/reschedule?from=2025-10-15").status(200);
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    let before = app.bytes();

    let typed = [("revision", revision.as_str()), ("date", "2025-10-22"), ("time", "13:15"), ("employee", "103")];
    let form = app.post("/events/1001/reschedule", &typed).status(409);

    assert_eq!(app.bytes(), before);
    assert!(form.element("date").contains("value=\"2025-10-22\""), "{}", form.element("date"));
    assert!(form.element("time").contains("value=\"13:15\""), "{}", form.element("time"));
    assert!(form.element("employee").contains("value=\"103\" selected"), "{}", form.element("employee"));
    form.says("Changed by local user").says("Wed, Oct 15, 2025 at 10:00 AM").says("Mon, Oct 20, 2025 at 10:00 AM");
}

#[test]
fn tc_049_a_stale_form_can_be_saved_after_review() {
    let app = App::with_acceptance_data();
    let stale = app.revision(1001);
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    let fields = |revision| [("revision", revision), ("date", "2025-10-22"), ("time", "13:15")];
    let form = app.post("/events/1001/reschedule", &fields(stale.as_str())).status(409);

    let (_, rest) = form.body.split_once("name=\"revision\" value=\"").unwrap();
    let answer = app.post("/events/1001/reschedule", &fields(rest.split('"').next().unwrap()));

    app.follow(answer).says("moved to Wed, Oct 22, 2025 at 1:15 PM, with its Supervisor");
    app.assert_whole();
}

/// COREs that are scheduled with a Supervisor.
fn paired_cores(app: &App) -> Vec<Event> {
    app.read(|view| {
        let mut cores = Vec::new();
        events::each(view, |event| {
            let number = event.number.filter(|_| event.event_type == EventType::Core && event.schedule.is_some());
            if let Some(number) = number {
                let same_number = events::same_number(view, &event.location, number)?;
                if !Pair::among(&same_number).followers_of(event.id).is_empty() {
                    cores.push(event);
                }
            }
            Ok(Flow::Continue)
        })?;
        Ok(cores)
    })
}

#[test]
fn tc_055_fifty_people_move_fifty_pairs_at_once() {
    let app = App::with(&[], Some(october(1000)));
    let cores: Vec<_> = paired_cores(&app).into_iter().take(50).collect();
    let move_it = |core: &Event| {
        let mut body = reschedule(core.schedule.as_ref().unwrap().id.0, "2025-11-20", core.revision.0);
        body["override_reason"] = "all on one day".into();
        body
    };

    let answers = app.call_at_once("/api/reschedule_event", &cores.iter().map(move_it).collect::<Vec<_>>());

    assert_eq!(statuses(&answers), [200; 50]);
    assert!(answers.iter().all(|(_, body)| body["supervisor_rescheduled"] == true));
    let sequences: BTreeSet<_> = app.audit().iter().map(|entry| entry.sequence).collect();
    assert_eq!(sequences.len(), 51, "one entry each, beside the import's");
    app.assert_whole();
}

#[test]
fn tc_055_of_fifty_people_who_move_one_pair_one_wins() {
    let app = App::with_acceptance_data();
    let revision = app.event(1001).revision.0;
    let move_it = |day: u32| reschedule(2001, &format!("2025-{}-{:02}", 11 + day / 25, 1 + day % 25), revision);

    let answers = app.call_at_once("/api/reschedule_event", &(0..50).map(move_it).collect::<Vec<_>>());

    let (won, stale) = (statuses(&answers)[0], &statuses(&answers)[1..]);
    assert_eq!((won, stale), (200, [409; 49].as_slice()));
    assert_eq!(app.event(1001).revision.0, revision + 1);
    app.assert_whole();
}
