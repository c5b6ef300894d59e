//! Imported employees, and values that were set by hand.

use chrono::Weekday;
use tandem::{
    domain::{
        change::employee_edit::{Command, Profile, Request},
        employee::{
            Employee, JobTitle,
            availability::{Availability, Hours},
        },
        ids::Revision,
    },
    import::{self, Incoming, Summary, Writing, legacy},
    services,
    store::{StoreError, tables::employees},
};

use crate::support::{App, origin, visits_data};

/// The people of a table, with e-mail addresses, and nothing else.
fn people(rows: &str) -> Incoming {
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    let employees = file("employees.csv", format!("employee_id,name,job_title,email\n{rows}\n"));
    let events = file("events.csv", "event_id,project_name,event_type,estimated_hours,due_datetime\n".to_owned());
    let schedule = file("schedule.csv", "schedule_id,event_id,employee_id,start_datetime\n".to_owned());
    legacy::read(Incoming::default(), &employees, &events, &schedule).unwrap()
}

fn person(app: &App, id: &str) -> Employee {
    app.read(|view| employees::get(view, &id.parse().unwrap())).unwrap()
}

fn changed(summary: &Summary) -> (usize, usize) {
    (summary.employees_new, summary.employees_changed)
}

fn set_by_hand(app: &App, id: &str, profile: Profile) {
    let request = Request { employee: id.parse().unwrap(), command: Command::Edit(profile), seen: None, key: None };
    services::employees::change(app.store.blocking(), &request, &origin()).unwrap();
}

const ADA: &str = "7,Ada Bell,Event Specialist,ada@example.com";

#[test]
fn an_email_column_is_read_and_an_invalid_address_is_ignored() {
    let app = App::empty();
    let incoming = people(&format!("{ADA}\n8,Ben Cole,Event Specialist,\n9,Cy Day,Event Specialist,cy@"));
    assert_eq!(incoming.rejected.len(), 0);
    assert_eq!(
        incoming.notes[0].to_string(),
        "employees.csv line 4: email \"cy@\" is not an e-mail address: write it like \
         ada.bell@example.com, with at most 254 characters"
    );
    app.import(incoming);
    assert_eq!(person(&app, "7").email.unwrap().as_str(), "ada@example.com");
    assert_eq!((person(&app, "8").email, person(&app, "9").email), (None, None));
    app.import(people("7,Ada Bell,Event Specialist,none yet"));
    assert_eq!(person(&app, "7").email.unwrap().as_str(), "ada@example.com");
}

#[test]
fn a_repeated_import_changes_only_what_its_source_changed() {
    let app = App::empty();
    app.import(people(ADA));
    assert_eq!(changed(&app.import(people(ADA))), (0, 0));

    assert_eq!(changed(&app.import(people("7,Ada Cole,Lead Event Specialist,cole@example.com"))), (0, 1));

    let ada = person(&app, "7");
    assert_eq!((ada.name.as_str(), ada.title), ("Ada Cole", JobTitle::LeadEventSpecialist));
    assert_eq!((ada.email.unwrap().as_str(), ada.revision), ("cole@example.com", Revision(1)));
}

#[test]
fn manual_changes_are_never_overwritten() {
    let app = App::empty();
    app.import(people(ADA));
    let availability = Availability::ALWAYS.with(Weekday::Sun, Hours::Off);
    let email = Some("private@example.com".parse().unwrap());
    let name = "Ada Bell".to_owned();
    set_by_hand(
        &app,
        "7",
        Profile { name, title: JobTitle::ClubSupervisor, email, availability, weekly_hours_max: None },
    );
    let set = person(&app, "7");

    app.import(people(ADA));
    app.import(people("7,Ada Cole,Lead Event Specialist,cole@example.com"));

    let now = person(&app, "7");
    assert_eq!((now.title, &now.email, now.availability), (set.title, &set.email, set.availability));
    assert_eq!(now.name, "Ada Cole", "no one had set the name");
}

/// An employee is edited while an import is being confirmed.
#[test]
fn an_employee_changed_since_the_comparison_is_not_changed() {
    let app = App::empty();
    app.import(people(ADA));
    let store = app.store.blocking();
    let plan: Result<_, StoreError> =
        store.read(|view| import::plan(view, people("7,Ada Cole,Event Specialist,\n8,Ben Dee,Event Specialist,")));
    let profile = Profile {
        name: "Ada Bell".to_owned(),
        title: JobTitle::ClubSupervisor,
        email: None,
        availability: Availability::ALWAYS,
        weekly_hours_max: None,
    };
    set_by_hand(&app, "7", profile);
    let set = person(&app, "7");

    let now = || app.context.clock.now();
    let writing = Writing { origin: &origin(), now: &now, window_minutes: 5, stops: &|| false };
    let (_, done) = import::write(store, plan.unwrap(), &[], &writing, drop).unwrap();

    assert_eq!(person(&app, "7"), set);
    assert_eq!(person(&app, "8").name, "Ben Dee");
    assert_eq!(done.left, 1);
}

#[test]
fn an_address_removed_by_hand_is_not_added_and_a_missing_one_removes_none() {
    let app = App::empty();
    app.import(people(ADA));
    app.import(people("7,Ada Bell,Event Specialist,"));
    assert!(person(&app, "7").email.is_some(), "a source that says nothing takes nothing");

    let (name, availability) = ("Ada Bell".to_owned(), Availability::ALWAYS);
    set_by_hand(
        &app,
        "7",
        Profile { name, title: JobTitle::EventSpecialist, email: None, availability, weekly_hours_max: None },
    );
    app.import(people(ADA));
    assert_eq!(person(&app, "7").email, None);
}

#[test]
fn an_employee_added_by_hand_is_not_changed() {
    let app = App::empty();
    let profile = Profile {
        name: "Ada B.".to_owned(),
        title: JobTitle::JuicerBarista,
        email: None,
        availability: Availability::ALWAYS,
        weekly_hours_max: None,
    };
    let request = Request { employee: "7".parse().unwrap(), command: Command::Add(profile), seen: None, key: None };
    services::employees::change(app.store.blocking(), &request, &origin()).unwrap();

    app.import(people(ADA));

    let ada = person(&app, "7");
    assert_eq!((ada.name.as_str(), ada.title), ("Ada B.", JobTitle::JuicerBarista));
    assert_eq!(ada.email.unwrap().as_str(), "ada@example.com", "no one had set an address");
}

#[test]
fn the_retailers_exports_do_not_change_titles_set_by_hand() {
    let app = App::with_visits();
    let before = person(&app, "E10001");
    let availability = Availability::ALWAYS.with(Weekday::Mon, Hours::Off);
    let (name, email) = (before.name, None);
    set_by_hand(
        &app,
        "E10001",
        Profile { name, title: JobTitle::JuicerBarista, email, availability, weekly_hours_max: None },
    );
    let set = person(&app, "E10001");

    assert_eq!(changed(&app.import(visits_data())), (0, 0));
    assert_eq!(person(&app, "E10001"), set);
}
