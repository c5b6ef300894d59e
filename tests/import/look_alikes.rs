//! Spellings of stores and people: the same number is one record; people of one name with different numbers are
//! several.

use proptest::prelude::*;
use tandem::{
    domain::event::Location,
    import::{self, Incoming, Summary, visits},
    store::tables::{employees, retail_stores},
};

use crate::{
    domain::{date, employee},
    support::{App, origin, sources::data, visits_data},
};

const HEADINGS: &str = "Project Name,Project Reference Number,Location MVID,Store Number,Store Name,Start Date/Time,\
                        Due Date/Time,Estimated Time,Rep Name,Employee ID,Schedule Date/Time";

fn sheet(app: &App, name: &str) -> Summary {
    apply(app, visits::read(Incoming::default(), &[data(&format!("spreadsheets/{name}"))]).unwrap())
}

/// A visit on October `day` at `store`, held by a person with a name and an id.
fn visit(id: u64, store: &str, (name, employee): (&str, &str), day: u8) -> String {
    format!(
        "613001-LKD-Oat (250911540001)  - V2-CORE,{id},,{store},Fern Market,10/06/2025 12:00:00 AM,\
         10/31/2025 12:01:00 AM,360,{name},{employee},10/{day}/2025 10:00:00 AM"
    )
}

fn rows(rows: &[String]) -> Incoming {
    let text = format!("{HEADINGS}\n{}\n", rows.join("\n"));
    visits::read(Incoming::default(), &[("rows.csv".to_owned(), text.into_bytes())]).unwrap()
}

fn apply(app: &App, incoming: Incoming) -> Summary {
    import::apply(app.store.blocking(), incoming, &origin()).unwrap()
}

fn notes(summary: &Summary) -> Vec<String> {
    summary.notes.iter().map(ToString::to_string).collect()
}

fn people(app: &App) -> Vec<String> {
    app.read(|view| Ok(employees::all(view)?.into_iter().map(|one| one.id.as_str().to_owned()).collect()))
}

fn stores(app: &App) -> Vec<String> {
    app.read(|view| Ok(retail_stores::all(view, 99)?.0.into_iter().map(|one| one.number).collect()))
}

#[test]
fn store_numbers_with_and_without_leading_zeros_are_one_store() {
    let app = App::empty();
    sheet(&app, "07a-store-0410-core.csv");
    let second = sheet(&app, "07b-store-410-sup.csv");

    assert_eq!(
        notes(&second),
        ["07b-store-410-sup.csv line 2: store \"410\" is store \"0410\", written in another way (1 row)"]
    );
    assert_eq!(stores(&app), ["0410"]);
    assert_eq!(app.check().pairs.pairs, 1);
    let again = sheet(&app, "07b-store-410-sup.csv");
    assert_eq!((again.new, again.changed, again.unchanged), (0, 0, 1));
}

#[test]
fn employee_ids_with_and_without_leading_zeros_are_one_employee() {
    let app = App::empty();
    let summary = sheet(&app, "07d-emp-zeros.csv");

    assert_eq!(
        notes(&summary),
        ["07d-emp-zeros.csv line 3: employee \"731\" is employee \"00731\", written in another way (1 row)"]
    );
    assert_eq!((summary.employees_new, people(&app)), (1, vec!["00731".to_owned()]));
    let held = app.read(|view| {
        tandem::store::tables::events::held_between(view, &employee("731"), date("2025-10-01"), date("2025-10-31"))
    });
    assert_eq!(
        held.iter().map(|event| event.schedule.as_ref().unwrap().employee.as_str()).collect::<Vec<_>>(),
        ["00731"; 2]
    );
}

#[test]
fn an_import_never_adds_a_second_record_of_an_employee() {
    let app = App::empty();
    apply(&app, rows(&[visit(1, "4177", ("NORA QUILL", "E20001"), 14)]));
    let summary = apply(
        &app,
        rows(&[visit(1, "4177", ("NORA QUILL", "e20001"), 14), visit(2, "#4177", ("Nora  Quill", "e20001"), 15)]),
    );

    assert_eq!((summary.employees_new, summary.employees_changed, summary.changed, summary.unchanged), (0, 0, 0, 1));
    assert_eq!(people(&app), ["E20001"]);
    assert_eq!(app.event(2).schedule.unwrap().employee.as_str(), "E20001");
}

#[test]
fn two_people_of_one_name_with_different_ids_stay_apart() {
    let app = App::empty();
    let summary = apply(
        &app,
        rows(&[visit(1, "4177", ("NORA QUILL", "E20001"), 14), visit(2, "4177", ("NORA QUILL", "E20003"), 15)]),
    );

    let note = "New: NORA QUILL (E20003) has the name of E20001: if both are one person, correct the number";
    assert_eq!(
        (notes(&summary), people(&app)),
        (vec![note.to_owned()], vec!["E20001".to_owned(), "E20003".to_owned()])
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn the_real_exports_in_other_spellings_change_nothing(zeros in prop::collection::vec(0..3_usize, 156), small in any::<bool>()) {
        let app = App::with_visits();
        let mut incoming = visits_data();
        let other = |text: &str, zeros: usize| {
            let text = format!("{}{text}", if text.starts_with(|c: char| c.is_ascii_digit()) { "0".repeat(zeros) } else { String::new() });
            if small { text.to_lowercase() } else { text }
        };
        for (one, zeros) in incoming.events.iter_mut().zip(zeros) {
            let Location { number, .. } = &mut one.event.location;
            *number = other(number, zeros);
            if let Some(schedule) = &mut one.event.schedule {
                schedule.employee = employee(&other(schedule.employee.as_str(), zeros));
            }
        }
        for one in &mut incoming.employees {
            one.employee.id = employee(&other(one.employee.id.as_str(), 1));
        }
        let summary = apply(&app, incoming);
        prop_assert_eq!((summary.new, summary.changed, summary.unchanged), (0, 0, 156));
        prop_assert_eq!((summary.employees_new, summary.employees_changed), (0, 0));
        prop_assert_eq!(app.check().pairs.pairs, 47);
    }
}
