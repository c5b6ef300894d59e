//! The list: search, state, pages.

use tandem::{
    domain::employee::{Employee, JobTitle},
    store::tables::employees,
};

use crate::support::App;

fn with_200_people() -> App {
    let app = App::empty();
    let person = |index: usize| {
        let id = format!("E{index:03}").parse().unwrap();
        Employee::new(id, format!("Person {index:03}"), JobTitle::EventSpecialist)
    };
    let write = |tx: &mut tandem::store::Tx<'_>| (1..=200).try_for_each(|index| employees::put(tx, &person(index)));
    app.store.blocking().write(write).unwrap_or_else(|error: tandem::store::StoreError| panic!("{error}"));
    app
}

#[test]
fn two_hundred_people_are_listed_in_linked_pages_of_fifty() {
    let app = with_200_people();

    let first = app.get("/employees").status(200).says("Employees 200").says("Page 1 of 4");
    first.link("/employees?page=2");
    let first = first.says("Person 050").does_not_say("Person 051");
    assert!(first.body.len() < 60_000, "{} bytes", first.body.len());
    app.get("/employees?page=4").says("Person 200").says("Page 4 of 4").does_not_say("Next");
    app.get("/employees?page=99").status(200).says("Page 4 of 4");
}

#[test]
fn a_search_finds_names_and_numbers_in_any_case_and_keeps_its_query() {
    let app = App::with_acceptance_data();

    let found = app.get("/employees?q=JOHN").says("John Smith").says("Mike Johnson").does_not_say("Jane Doe");
    assert!(found.element("q").contains("value=\"JOHN\""));
    app.get("/employees?q=102").says("Jane Doe").does_not_say("John Smith");
    app.get("/employees?q=unknown").says("No matches");
}

#[test]
fn inactive_employees_are_listed_on_request() {
    let app = App::with_acceptance_data();
    app.follow(super::send(&app, "101", "/deactivate", &[])).status(200);

    app.get("/employees").does_not_say("John Smith");
    app.get("/employees?show=inactive")
        .says("Inactive 101 Event Specialist")
        .does_not_say("Jane Doe")
        .says("Employees 1");
    app.get("/employees?show=all").says("John Smith").says("Jane Doe");
}

#[test]
fn htmx_gets_the_list_as_a_fragment_and_the_header_links_to_it() {
    let app = App::with_acceptance_data();
    let fragment = app.get_fragment("/employees");
    assert!(!fragment.is_document());
    fragment.says("Jane Doe");
    app.get("/calendar/2025/10").link("/employees");
    assert!(app.get("/employees").link("/employees").contains("aria-current=\"page\""));
}

#[test]
fn an_empty_store_explains_how_people_are_added() {
    App::empty().get("/employees").says("No employees yet").says("Import events , or add");
}
