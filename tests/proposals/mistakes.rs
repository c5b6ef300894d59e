//! Invalid proposals are refused with a message, and nothing changes.

use tandem::{
    domain::{
        employee::availability::{DayPart, TimeOff},
        event::Event,
        ids::EventId,
        schedule::problem::Problem,
    },
    store::tables::{employees, events},
};

use super::{between, problem, propose, try_propose};
use crate::support::{App, Page, legacy};

const START: &str = "/auto-schedule";

/// The form, sent with one field that is wrong.
fn asked(app: &App, field: &str, value: &str) -> Page {
    let form = app.get(START).status(200).form(START).with("from", "2025-10-15").with("to", "2025-10-21");
    form.without(field).and(field, value).send(app)
}

#[test]
fn invalid_days_types_and_people_show_the_form_with_a_message() {
    let app = App::with_acceptance_data();
    let before = app.bytes();

    for (field, value, sentence) in [
        ("to", "2025-10-14", "The last day, 2025-10-14, is before the first, 2025-10-15."),
        ("to", "2025-11-30", "These are 47 days; a proposal looks at 28 days at most."),
        ("to", "soon", "is not a date"),
        ("types", "cores", "There is no type cores."),
        ("leave_out", "999", "There is no employee 999."),
        ("stores", "999", "No unscheduled event can be done on these days"),
    ] {
        asked(&app, field, value).status(422).says(sentence);
    }
    let spring = between("2024-03-01", "2024-03-05");
    assert_eq!(problem(try_propose(&App::with(&[], Some(legacy(&[], &[]))), spring)), Problem::NoOpenEvents);
    assert_eq!(app.bytes(), before);
}

#[test]
fn days_after_the_windows_of_all_unscheduled_events_are_refused_with_a_message() {
    let app = App::with_acceptance_data();
    let before = app.bytes();

    let refused = problem(try_propose(&app, between("2200-12-20", "2200-12-31")));

    assert_eq!(refused, Problem::NoOpenEvents);
    assert_eq!(app.bytes(), before);
}

#[test]
fn nothing_is_placed_while_everyone_is_away() {
    let app = App::with_acceptance_data();
    let (first, last) = ("2025-10-01".parse().unwrap(), "2025-11-30".parse().unwrap());
    for mut person in app.read(|tx| employees::all(tx)) {
        person.time_off.push(TimeOff { first, last, part: DayPart::WholeDay, note: None });
        app.store.blocking().write(|tx| employees::put(tx, &person)).unwrap();
    }

    let saved = propose(&app, "2025-10-15", "2025-10-21");
    let page = app.get(&format!("{START}/{}", saved.id)).status(200);

    assert_eq!(saved.proposal.rows, []);
    assert!(page.body.contains("data-reason=\"all-away\"") && !page.body.contains("value=\"accept\""), "{}", page.body);
    page.says("is off or not available").says("Availability of").says("Schedule by hand");
}

#[test]
fn every_action_on_an_expired_proposal_answers_404() {
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");
    let address = format!("{START}/{}", saved.id);
    let form = app.get(&address).status(200).form(&address);

    let app = app.later(24 * 60 * 60);
    let before = app.bytes();

    for press in ["accept", "again", "discard", "lock:1004"] {
        form.clone().with("do", press).send(&app).status(404).says("Proposals are deleted after 24 hours");
    }
    app.get(&address).status(404).says("There is no such proposal.");
    app.get(&format!("{START}?like={}", saved.id)).status(200);
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_repeated_row_is_refused_and_a_repeated_form_is_accepted_once() {
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");
    let address = format!("{START}/{}", saved.id);
    let form = app.get(&address).status(200).form(&address).with("do", "accept");
    let before = app.bytes();

    form.clone().and("row", "1004").send(&app).status(422).says("Event 1004 is named twice.");
    form.clone().and("row", "1001").send(&app).status(422).says("Event 1001 is not in this proposal.");
    assert_eq!(app.bytes(), before);

    let entries = app.audit().len();
    form.send(&app).status(303);
    form.send(&app).status(303);
    assert_eq!(app.audit().len(), entries + 1);
}

#[test]
fn more_open_events_than_the_limit_are_reported_with_it() {
    const OPEN: u64 = 10_000;
    let app = App::with(&[], Some(legacy(&["1,Inventory,Other,0.25,2025-10-31,7"], &[])));
    let event = app.event(1);
    let fill = app.store.blocking().write(|tx| {
        (2..=OPEN).try_for_each(|id| events::replace(tx, None, Some(&Event { id: EventId(id), ..event.clone() })))
    });
    fill.unwrap();
    let before = app.bytes();

    let page = asked(&app, "to", "2025-10-21").status(422);

    page.says("These are 10000 unscheduled events; a proposal looks at 5000 at most. Choose fewer types or stores.");
    assert_eq!(app.bytes(), before);
}
