//! The rotation: edited on its page, followed by proposals, exported and imported.

use std::collections::BTreeMap;

use tandem::{
    domain::{
        audit::{Action, Topic},
        event::EventType,
        format,
        schedule::{Cause, Role, Rotation, rotation_edit::Week, saved::Saved},
    },
    import::{Incoming, exports},
    store::tables::rotations,
};

use super::propose;
use crate::support::App;

const PAGE: &str = "/auto-schedule/rotation";
const EXCEPTIONS: &str = "/auto-schedule/rotation/exceptions";

fn rotation(app: &App) -> Rotation {
    app.read(|tx| rotations::all(tx))
}

/// Saves the template with one person as primary lead of every day.
fn with_lead(app: &App, lead: &str) {
    let page = app.get(PAGE).status(200);
    let mut form = page.form(PAGE).without("primary_lead");
    for _ in 0..7 {
        form = form.and("primary_lead", lead);
    }
    app.follow(form.send(app)).says("The rotation is saved.");
}

#[test]
fn tx_27_a_proposal_follows_the_rotation_and_its_exception() {
    let app = App::with_visits();
    app.get("/auto-schedule").status(200).link(PAGE);
    with_lead(&app, "E10002");
    let day = propose(&app, "2025-09-23", "2025-10-13");
    let kept = |saved: &Saved| {
        let rows = saved.proposal.rows.iter().filter(|row| row.cause == Cause::Rotation);
        rows.map(|row| (row.employee.to_string(), row.start.date().to_string())).collect::<Vec<_>>()
    };
    let before = kept(&day);
    assert!(!before.is_empty() && before.iter().all(|(person, _)| person == "E10002"), "{before:?}");
    let date = before[0].1.clone();

    let form = app.get(PAGE).status(200).form(EXCEPTIONS);
    let form = form.with("date", &date).with("role", "primary_lead").with("person", "E10001");
    app.follow(form.with("reason", "Blake trains a colleague").send(&app))
        .says("The exception is saved.")
        .says("Blake trains a colleague");

    let after = kept(&propose(&app, "2025-09-23", "2025-10-13"));
    let on_day = after.iter().filter(|(_, day)| *day == date);
    assert!(on_day.clone().count() > 0 && on_day.clone().all(|(person, _)| person == "E10001"), "{after:?}");
    let entries: Vec<_> = app
        .audit()
        .into_iter()
        .filter(|one| one.about.as_ref().is_some_and(|about| about.topic == Topic::Rotation))
        .collect();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].facts.len(), 7);
    app.assert_whole();
}

#[test]
fn a_proposal_shows_its_figures_at_a_glance() {
    let app = App::with_visits();
    let address = |saved: &Saved| format!("/auto-schedule/{}", saved.id);
    let without = propose(&app, "2025-09-23", "2025-10-13");
    app.get(&address(&without)).status(200).does_not_say("Rotation kept");
    with_lead(&app, "E10002");
    let saved = propose(&app, "2025-09-23", "2025-10-13");

    let page = app.get(&address(&saved)).status(200);

    let supervisors = saved.proposal.rows.iter().filter(|row| row.core.is_some_and(|core| saved.row(core).is_some()));
    let pairs = supervisors.count();
    let page = page.says("Placed 64 of 66").says(&format!("Whole pairs {pairs} of {pairs}"));
    let minutes = saved.proposal.loads.iter().map(|load| load.minutes_after);
    let (most, fewest) = (minutes.clone().max().unwrap(), minutes.min().unwrap());
    let page = page.says(&format!("Hours, most and fewest {} · {}", format::duration(most), format::duration(fewest)));
    let mut days = BTreeMap::new();
    for row in &saved.proposal.rows {
        let first_slot = row.start.format("%H:%M").to_string() == "09:45";
        match app.event(row.event.0).event_type {
            EventType::Freeosk | EventType::Digitals => {}
            EventType::Core if first_slot => {}
            _ => continue,
        }
        *days.entry(row.start.date()).or_insert(true) &= row.employee.as_str() == "E10002";
    }
    let kept = days.values().filter(|kept| **kept).count();
    assert!(kept > 0);
    page.says(&format!("Rotation kept {kept} of {} days", days.len()));
}

#[test]
fn an_exception_is_removed_on_the_page() {
    let app = App::with_visits();
    let form = app.get(PAGE).form(EXCEPTIONS).with("date", "2025-10-01").with("role", "juicer");
    app.follow(form.with("reason", "Closed early").send(&app)).says("no one").says("Closed early");
    let page = app.get(PAGE);
    let remove = page.form(&format!("{EXCEPTIONS}/remove"));
    app.follow(remove.clone().send(&app)).says("The exception of Wed, Oct 1, 2025 is removed.");
    assert!(rotation(&app).is_empty());
    let again = remove.with("key", "another").send(&app).status(409);
    again.says("There is no exception on Wed, Oct 1, 2025 any more.");
}

#[test]
fn invalid_input_is_reported_and_kept() {
    let app = App::with_visits();
    let before = app.bytes();
    let form = || app.get(PAGE).form(EXCEPTIONS).with("role", "juicer");
    let typed = form().with("reason", "Later").send(&app).status(422).says("Choose a date.");
    assert!(typed.body.contains("value=\"Later\""));
    form().with("date", "2025-10-01").send(&app).status(422).says("Enter a reason, or choose a person.");
    let long = "x".repeat(121);
    form().with("date", "2025-10-01").with("reason", &long).send(&app).status(422).says("at most 120 characters");
    form()
        .with("date", "2025-10-01")
        .with("person", "E99999")
        .send(&app)
        .status(422)
        .says("There is no employee E99999.");
    let unsuited = app.get(PAGE).form(PAGE).with("juicer", "E10004").send(&app).status(422);
    unsuited.says("may not do the work of the Juicer");
    app.get("/auto-schedule/rotation?store=nowhere").status(404);
    assert!(rotation(&app).is_empty());
    assert_eq!(app.bytes(), before);
    let refused = app.audit().into_iter().filter(|entry| entry.action == Action::EditRotation);
    assert_eq!(refused.count(), 2, "what the rules refuse is in the audit");
}

#[test]
fn a_template_changed_since_it_was_opened_is_not_overwritten() {
    let app = App::with_visits();
    let open = app.get(PAGE).form(PAGE);
    with_lead(&app, "E10002");
    let stale = open.with("juicer", "E10003").send(&app).status(409);
    stale.says("Someone else changed this rotation since you opened the page.");
    let stored = Week::of(&rotation(&app), None);
    assert_eq!(stored.get(Role::Juicer, chrono::Weekday::Mon), None);
    assert!(stored.get(Role::PrimaryLead, chrono::Weekday::Mon).is_some());
}

#[test]
fn an_exported_rotation_is_imported_into_an_empty_store() {
    let app = App::with_visits();
    with_lead(&app, "E10002");
    let form = app.get(PAGE).form(EXCEPTIONS).with("date", "2025-10-01").with("role", "juicer");
    app.follow(form.with("reason", "=Closed, \"early\"").send(&app));
    for ending in ["csv", "jsonl"] {
        let files: Vec<_> = ["employees", "rotation"]
            .map(|table| {
                (
                    format!("{table}.{ending}"),
                    app.get(&format!("/api/export/{table}.{ending}")).status(200).body.into_bytes(),
                )
            })
            .into();
        let other = App::with(&[], None);
        let summary = other.import(exports::read(Incoming::default(), &files).unwrap());
        assert_eq!(summary.rotation_new, 8, "{:?}", summary.rejected.to_vec());
        assert_eq!(rotation(&other), rotation(&app));
        assert_eq!(other.import(exports::read(Incoming::default(), &files).unwrap()).rotation_new, 0);
    }
}

#[test]
fn an_import_keeps_the_existing_rotation_and_rejects_people_without_the_title() {
    let app = App::with_visits();
    with_lead(&app, "E10002");
    let file = "role,weekday,date,employee_id,reason\nprimary_lead,Monday,,E10001,\njuicer,tuesday,,E10004,\n\
                juicer,1,,E10003,\njuicer,Tuesday,,E10003,\ncook,Monday,,E10001,\njuicer,Someday,,E10003,\n";
    let summary = app
        .import(exports::read(Incoming::default(), &[("rotation.csv".to_owned(), file.as_bytes().to_vec())]).unwrap());
    assert_eq!(summary.rotation_new, 1);
    let rejected: Vec<_> = summary.rejected.iter().map(ToString::to_string).collect();
    assert_eq!(rejected.len(), 4, "{rejected:?}");
    let stored = Week::of(&rotation(&app), None);
    assert_eq!(stored.get(Role::PrimaryLead, chrono::Weekday::Mon).unwrap().as_str(), "E10002");
    assert_eq!(stored.get(Role::Juicer, chrono::Weekday::Tue).unwrap().as_str(), "E10003");
}

const COPY: &str = "/auto-schedule/rotation/copy";

/// Adds an exception by the form.
fn except(app: &App, date: &str, role: &str, person: &str, reason: &str) {
    let form = app.get(PAGE).form(EXCEPTIONS).with("date", date).with("role", role).with("person", person);
    app.follow(form.with("reason", reason).send(app)).says("The exception is saved.");
}

#[test]
fn the_exceptions_of_a_week_are_copied_to_the_next_after_a_preview() {
    let app = App::with_visits();
    except(&app, "2025-10-13", "primary_lead", "E10001", "Training");
    except(&app, "2025-10-18", "juicer", "", "Closed early");
    except(&app, "2025-10-19", "juicer", "", "The week after");
    except(&app, "2025-10-20", "primary_lead", "E10002", "Holds already");
    let before = app.bytes();

    let page = app.get(&format!("{COPY}?week=2025-10-15")).status(200);

    let page = page.says("From the week of Sun, Oct 12, 2025 to the week of Sun, Oct 19, 2025.");
    let page =
        page.says("Saturday, October 25, 2025, Juicer: no one Closed early").says("Mon, Oct 20, 2025, primary lead");
    assert_eq!(app.bytes(), before);
    app.follow(page.form(COPY).send(&app)).says("Copied 1 exception to the next week.").says("October 25");
    let stored = rotation(&app);
    let on = |role, date: &str| stored.exception(None, role, date.parse().unwrap()).unwrap().clone();
    assert_eq!(on(Role::Juicer, "2025-10-25").reason, "Closed early");
    assert_eq!(on(Role::PrimaryLead, "2025-10-20").reason, "Holds already");
    assert_eq!(app.audit().pop().unwrap().facts.len(), 1);
    app.get(&format!("{COPY}?week=2025-10-15")).says("There is nothing to copy.");
    app.get(&format!("{COPY}?week=soon")).status(400);
}

#[test]
fn a_copy_is_refused_if_the_rotation_changed_after_its_preview() {
    let app = App::with_visits();
    except(&app, "2025-10-13", "primary_lead", "E10001", "Training");
    let form = app.get(&format!("{COPY}?week=2025-10-13")).form(COPY);
    except(&app, "2025-10-14", "juicer", "", "Meanwhile");
    let count = rotation(&app).exceptions();

    let again = form.send(&app).status(409).says("Someone else changed this rotation").says("Copy 2 exceptions");

    assert_eq!(rotation(&app).exceptions(), count);
    app.follow(again.form(COPY).send(&app)).says("Copied 2 exceptions to the next week.");
}
