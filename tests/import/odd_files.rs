//! What reports and spreadsheets of other countries put into a file: totals, footers, decimal commas, line ends, wrong letters.

use tandem::{
    domain::event::EventType,
    import::{self, Incoming, Plan, legacy, visits},
};

use super::{
    notes, rejections,
    values::{HEADINGS, MINUTES, NAME, REFERENCE, REP, START, STORE, STORE_NAME, read, read_bytes, visit},
};
use crate::support::{App, sources::data};

fn planned(app: &App, incoming: Incoming) -> Plan {
    app.read(|view| import::plan(view, incoming))
}

/// A visit with one cell changed, in a table whose cells a semicolon separates.
fn read_semicolons(column: usize, text: &str) -> Incoming {
    let row = visit(&[(column, "@")]);
    read_bytes(format!("{HEADINGS}{row}\n").replace(',', ";").replace('@', text).into_bytes())
}

#[test]
fn a_file_of_one_store_says_nothing_of_another() {
    let fern = || visit(&[]);
    let oak = || visit(&[(REFERENCE, "2"), (STORE, "4188"), (STORE_NAME, "Oak Market")]);
    let file = |row: String| ("v.csv".to_owned(), format!("{HEADINGS}{row}\n").into_bytes());
    let app = App::empty();
    app.import(read(&[fern(), oak()]));
    for row in [fern(), oak()] {
        let plan = planned(&app, visits::read(&[file(row)]).unwrap());
        assert_eq!(plan.missing().len(), 0, "{:?}", plan.missing());
        assert_eq!(plan.notes.len(), 0, "{:?}", &*plan.notes);
    }
}

#[test]
fn files_of_stores_and_weeks_speak_of_their_own_weeks() {
    let row = |id: &str, store: &str, day: &str| {
        visit(&[(REFERENCE, id), (STORE, store), (START, &format!("10/{day}/2025 10:00 AM"))])
    };
    let file = |rows: &[String]| ("v.csv".to_owned(), format!("{HEADINGS}{}\n", rows.join("\n")).into_bytes());
    let app = App::empty();
    let (one, two) =
        ([row("1", "4177", "14"), row("2", "4177", "21")], [row("3", "4188", "14"), row("4", "4188", "21")]);
    app.import(read(&[one.clone(), two.clone()].concat()));

    let plan = planned(&app, visits::read(&[file(&one[..1]), file(&two[1..])]).unwrap());
    assert_eq!(plan.missing().len(), 0, "{:?}", plan.missing());

    // The store is written in another way, and the visit of its week is gone.
    let other = row("9", "04177", "15");
    let plan = planned(&app, visits::read(&[file(&[other])]).unwrap());
    assert_eq!(plan.missing().iter().map(|event| event.id.0).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_store_that_a_file_of_several_stores_does_not_name_is_noted() {
    let row = |id: &str, store: &str| visit(&[(REFERENCE, id), (STORE, store)]);
    let app = App::empty();
    app.import(read(&[row("1", "4177"), row("2", "4188"), row("3", "4199")]));

    let plan = planned(&app, read(&[row("1", "4177"), row("2", "4188")]));

    assert_eq!(plan.missing().len(), 0);
    let told: Vec<_> = plan.notes.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["Stores: 1 visit of these weeks is at stores that the files do not name: Fern Market #4199"]);
}
