//! Adding, editing, deactivating and reactivating.

use tandem::domain::{
    audit::{Action, Outcome, Topic},
    employee::{JobTitle, availability::Hours},
};

use super::{ADA, ALL_WEEK, employee, send};
use crate::support::App;

#[test]
fn a_new_employee_can_be_assigned() {
    let app = App::with_acceptance_data();

    app.get("/new-employee").status(200).says("Add employee");
    let page = app.follow(app.post("/new-employee", &[&ADA[..], &ALL_WEEK].concat()));

    page.says("Ada Bell was added.").says("Lead Event Specialist");
    assert_eq!(employee(&app, "E7").email.unwrap().as_str(), "ada@example.com");
    app.get("/events/1004/schedule").says("Ada Bell");
    let entry = app.audit().pop().unwrap();
    assert_eq!((entry.action, entry.outcome), (Action::AddEmployee, Outcome::Done));
    assert_eq!(entry.about.map(|about| (about.topic, about.id)), Some((Topic::Employee, "E7".to_owned())));
    app.get("/activity").says("Add employee employee E7").says("Ada Bell");
}

#[test]
fn a_form_sent_twice_adds_one_employee_and_gets_the_same_answer() {
    let app = App::with_acceptance_data();
    let fields = [&ADA[..], &ALL_WEEK, &[("key", "k1")]].concat();

    let first = app.post("/new-employee", &fields).status(303);
    let entries = app.audit().len();
    let second = app.post("/new-employee", &fields).status(303);

    assert_eq!((first.location, app.audit().len()), (second.location, entries));
}

#[test]
fn a_used_number_is_refused_and_input_is_kept() {
    let app = App::with_acceptance_data();
    let before = app.bytes();
    let fields = [&[("number", "101")], &ADA[1..], &ALL_WEEK].concat();

    let form = app.post("/new-employee", &fields).status(422);

    let form = form.says("Number 101 belongs to John Smith already.");
    assert!(form.body.contains("value=\"Ada Bell\"") && form.body.contains("value=\"ada@example.com\""));
    assert!(form.element("number").contains("aria-invalid=\"true\""));
    assert_eq!(app.bytes(), before);
    assert_eq!(app.audit().pop().unwrap().outcome, Outcome::Refused);
}

#[test]
fn each_invalid_field_names_the_allowed_values_and_the_first_has_the_focus() {
    let app = App::with_acceptance_data();
    let before = app.bytes();
    let long = "x".repeat(200);
    let wrong = [
        ("name", " ", "Enter a name."),
        ("name", "\u{3164}", "Enter a name."),
        ("name", "\u{2800} \u{200b}\u{200d}", "Enter a name."),
        ("name", long.as_str(), "A name has at most 120 characters; this has 200."),
        ("number", "", "Enter the employee's number."),
        ("number", "E 7", "An employee id has 1 to 40 letters, digits, dots, dashes or underscores."),
        ("job_title", "Boss", "Choose a job title."),
        ("email", "ada@", "\"ada@\" is not an e-mail address: write it like"),
    ];
    for (field, value, sentence) in wrong {
        let mut fields = [&ADA[..], &ALL_WEEK].concat();
        fields.iter_mut().find(|(name, _)| *name == field).unwrap().1 = value;

        let form = app.post("/new-employee", &fields).status(422);

        let input = form.element(field);
        assert!(input.contains("aria-invalid=\"true\"") && input.contains("autofocus"), "{field}: {input}");
        let form = form.says(sentence);
        form.link(&format!("#{field}"));
    }
    assert_eq!(app.bytes(), before);
}

#[test]
fn hours_need_a_start_before_an_end() {
    let app = App::with_acceptance_data();
    let before = app.bytes();
    for (from, to, sentence) in [
        ("09:00", "", "Wednesday: enter both times, or neither for the whole day."),
        ("", "09:00", "Wednesday: enter both times, or neither for the whole day."),
        ("15:00", "09:00", "Wednesday: the second time must be later than the first."),
        ("nine", "15:00", "Wednesday: \"nine\" is not a time of day"),
    ] {
        let fields = [&ADA[..], &ALL_WEEK, &[("days[wed].from", from), ("days[wed].to", to)]].concat();
        let form = app.post("/new-employee", &fields).status(422).says(sentence);
        assert!(form.element("wed").contains("aria-invalid=\"true\""));
        assert!(form.element("wed").contains(&format!("value=\"{from}\"")));
    }
    assert_eq!(app.bytes(), before);
}

#[test]
fn edited_hours_and_titles_are_used_by_the_rules() {
    let app = App::with_acceptance_data();
    let hours = [("days[thu].works", "true"), ("days[thu].from", "12:00"), ("days[thu].to", "20:00")];
    let fields = [&[("name", "Sarah J."), ("job_title", "Event Specialist"), ("email", "")], &hours[..]].concat();

    app.follow(send(&app, "103", "", &fields)).says("Sarah J. was saved.");

    let sarah = employee(&app, "103");
    assert_eq!((sarah.name.as_str(), sarah.title), ("Sarah J.", JobTitle::EventSpecialist));
    assert_eq!(sarah.availability.on(chrono::Weekday::Mon), Hours::Off);
    let form = app.get("/events/1004/schedule?date=2025-10-16&time=10:30&employee=103");
    form.says("Sarah J. works from 12:00 PM to 8:00 PM on Thursdays: this is from 10:30 AM to 4:30 PM.");
}

#[test]
fn a_stale_form_names_the_changed_fields() {
    let app = App::with_acceptance_data();
    let edit = |name: &'static str| [&[("name", name), ("job_title", "Event Specialist")], &ALL_WEEK[..]].concat();
    send(&app, "101", "", &edit("Johnny Smith")).status(303);
    let before = app.bytes();

    let form = app.post("/employees/101", &[&[("revision", "0")], &edit("Jon Smith")[..]].concat()).status(409);

    let form = form.says("You saw name: John Smith Now Johnny Smith").says("local user (no sign-in)");
    assert!(form.element("name").contains("value=\"Jon Smith\""), "what was typed is kept");
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_form_without_its_revision_is_incomplete() {
    let app = App::with_acceptance_data();
    let fields = [&[("name", "Jon"), ("job_title", "Event Specialist")], &ALL_WEEK[..]].concat();
    app.post("/employees/101", &fields).status(422).says("The form is incomplete. Open it again.");
    app.post("/employees/101/deactivate", &[]).status(400);
    assert!(employee(&app, "101").active);
}

#[test]
fn a_deactivation_first_lists_the_coming_events_of_the_employee() {
    let app = App::with_acceptance_data();

    let ask = app.get("/employees/101/deactivate").status(200);
    ask.link("/calendar/day/2025-10-15#event-1001");
    ask.link("/days/2025-10-15/reassign?employee=101");
    app.get("/days/2025-10-15/reassign?employee=101").status(200);
    ask.says("John Smith still has");
    app.follow(send(&app, "101", "/deactivate", &[])).says("John Smith is now inactive.").says("Inactive");

    assert!(!employee(&app, "101").active);
    assert!(app.assignment(1001).is_some(), "what was held stays");
    let form = app.get("/events/1004/schedule?date=2025-10-16&time=10:30&employee=101");
    form.says("John Smith is no longer active");
    app.follow(send(&app, "101", "/reactivate", &[])).says("John Smith is now active.");
    assert!(employee(&app, "101").active);
}

#[test]
fn a_stale_deactivation_is_refused() {
    let app = App::with_acceptance_data();
    app.post("/employees/101/deactivate", &[("revision", "9")]).status(409).says("was changed since you saw it");
    assert!(employee(&app, "101").active);
}

#[test]
fn an_unknown_employee_answers_404() {
    let app = App::with_acceptance_data();
    for address in ["/employees/999", "/employees/999/deactivate", "/employees/999/week/2025-10-15", "/employees/a%20b"]
    {
        app.get(address).status(404);
    }
    app.post("/employees/999", &[("revision", "0"), ("name", "X"), ("job_title", "Event Specialist")]).status(404);
}

#[test]
fn names_are_shown_as_text() {
    let app = App::with_acceptance_data();
    let fields =
        [&[("number", "E8"), ("name", "<b>Bold</b>"), ("job_title", "Event Specialist")], &ALL_WEEK[..]].concat();
    app.follow(app.post("/new-employee", &fields)).says("<b>Bold</b>");
    assert!(!app.get("/employees").body.contains("<b>Bold"));
}

#[test]
fn a_name_is_saved_without_signs_that_nothing_shows() {
    let app = App::with_acceptance_data();
    let names = [("Ada\u{200b}\u{3164} \u{feff}Bell", "Ada Bell"), ("نیم\u{200c}فاصله", "نیم\u{200c}فاصله")];
    for (number, (typed, saved)) in ["E8", "E9"].into_iter().zip(names) {
        let fields = [("number", number), ("name", typed), ("job_title", "Event Specialist")];
        app.post("/new-employee", &[&fields[..], &ALL_WEEK].concat()).status(303);
        assert_eq!(employee(&app, number).name, saved);
    }
    for mark in ['\u{61c}', '\u{206a}'] {
        let name = format!("Ada{mark}Bell");
        let fields = [("number", "E10"), ("name", &name), ("job_title", "Event Specialist")];
        app.post("/new-employee", &[&fields[..], &ALL_WEEK].concat()).status(400);
    }
}
