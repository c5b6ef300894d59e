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
fn usual_totals_and_footers_are_skipped_and_missing_visits_are_still_told() {
    let app = App::empty();
    app.import(read(&[visit(&[]), visit(&[(REFERENCE, "2")])]));
    for (row, what) in [
        (",,,4177 Total,,,365", "row of totals"),
        ("Fern Market Total,2", "row of totals"),
        ("Subtotal Fern Market,,,,,,365", "row of totals"),
        ("Total Visits,90", "row of totals"),
        ("Sum of Estimated Time,365", "row of totals"),
        ("Anzahl von Estimated Time,,,,,,\"365,5\"", "row of totals"),
        ("Generated on 10/31/2025 by NORA QUILL", "footer"),
        ("Page 1 of 1", "footer"),
        ("2 visits", "footer"),
    ] {
        let incoming = read(&[visit(&[]), row.to_owned()]);
        assert_eq!(rejections(&incoming), [""; 0], "{row}");
        assert_eq!(notes(&incoming), [format!("v.csv line 3: is a {what}, so it was skipped")], "{row}");
        assert_eq!(planned(&app, incoming).missing().len(), usize::from(!row.contains(",2")), "{row}");
    }
}

#[test]
fn other_short_rows_without_a_number_are_rejected_and_missing_visits_are_still_told() {
    let app = App::empty();
    app.import(read(&[visit(&[]), visit(&[(REFERENCE, "2")])]));
    for row in ["Please call Fern Market", ",,Confidential", "Report of the week,,,10/31/2025"] {
        let incoming = read(&[visit(&[]), row.to_owned()]);
        assert_eq!(incoming.rejected.len(), 1, "{row}");
        assert_eq!(planned(&app, incoming).missing().len(), 1, "{row}");
    }
    let cut_off = read(&[visit(&[]), "613002-CORE-Total Oats".to_owned()]);
    assert_eq!(cut_off.rejected.len(), 1);
    assert_eq!(planned(&app, cut_off).missing().len(), 0, "it may be the start of any visit");
    let product = read(&[visit(&[]), "613002-CORE-Total,2".to_owned()]);
    assert_eq!(planned(&app, product).missing().len(), 0, "the visit is named");
}

#[test]
fn decimal_commas_are_read_where_they_cannot_stand_between_thousands() {
    for (column, text) in [
        (START, "45944,416667"),
        (START, "45944,4166666667"),
        (MINUTES, "360,0"),
        (MINUTES, "360,00"),
        (REFERENCE, "131000001,0"),
        (REFERENCE, "131.000.001,0"),
        (REFERENCE, "131'000'001"),
        (REFERENCE, "131’000’001"),
        (STORE, "4'177"),
        (STORE, "4177,0"),
    ] {
        for incoming in [read_semicolons(column, text), read(&[visit(&[(column, text)])])] {
            assert_eq!(rejections(&incoming), [""; 0], "{text}");
            let event = &incoming.events[0].event;
            let id = if column == REFERENCE { 131_000_001 } else { 1 };
            let start = event.start().unwrap().to_string();
            assert_eq!((event.id.0, event.minutes, &*start), (id, 360, "2025-10-14 10:00:00"), "{text}");
            assert_eq!(event.location.number, "4177", "{text}");
        }
    }
}

#[test]
fn a_comma_in_hours_that_may_stand_between_thousands_is_refused_with_its_cause() {
    let hours = |cell: &str| {
        let (people, (_, work)) = (data("acceptance/employees.csv"), data("acceptance/events.csv"));
        let work = String::from_utf8(work).unwrap().replacen(",6.5,", &format!(",\"{cell}\","), 1);
        let schedule = data("acceptance/schedule.csv");
        legacy::read(Incoming::default(), &people, &("events.csv".to_owned(), work.into_bytes()), &schedule).unwrap()
    };
    assert_eq!(hours("6,5").events[0].event.minutes, 390);
    let wrong = rejections(&hours("6,500"));
    assert!(wrong[0].contains("\"6,500\" may be a fraction or have a comma between its thousands"), "{wrong:?}");
}

#[test]
fn one_wrong_byte_in_a_file_with_old_line_ends_changes_no_letter_of_other_rows() {
    let text = format!(
        "{HEADINGS}{}\n{}\n{}\n",
        visit(&[(REP, "ZOË QUILL"), (NAME, "613001-CORE-Crème")]),
        visit(&[(REFERENCE, "2"), (STORE_NAME, "Caf@")]),
        visit(&[(REFERENCE, "3"), (NAME, "613003-CORE-Jalapeño")]),
    );
    for end in ["\r", "\r\n", "\n"] {
        let bytes: Vec<u8> =
            text.replace('\n', end).bytes().map(|byte| if byte == b'@' { 0xE9 } else { byte }).collect();
        let incoming = read_bytes(bytes);
        let names: Vec<_> = incoming.events.iter().map(|one| one.event.name.as_str()).collect();
        assert_eq!(names, ["613001-CORE-Crème", "613001-CORE-Oats", "613003-CORE-Jalapeño"], "{end:?}");
        assert_eq!(incoming.events[1].event.location.name, "Café", "{end:?}");
        let told: Vec<_> = notes(&incoming).into_iter().filter(|note| note.contains("Windows-1252")).collect();
        assert_eq!(told.len(), 1, "{end:?}: {told:?}");
        assert!(told[0].starts_with("v.csv line 3: is no UTF-8 although the rest of the file is"), "{told:?}");
    }
}

#[test]
fn letters_that_were_saved_wrongly_are_repaired_with_a_note_and_split_no_pair() {
    let wrongly = |text: &str| {
        let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes());
        text.into_owned()
    };
    let rows = [
        visit(&[(NAME, "613001–CORE–Crème Brûlée"), (STORE_NAME, "Zoë’s “Café”")]),
        visit(&[(NAME, "613001–Supervisor–Crème Brûlée"), (STORE_NAME, "Zoë’s “Café”"), (REFERENCE, "2")]),
        visit(&[(NAME, "613002-CORE-CAFÉ™ Ünder Öl"), (REFERENCE, "3")]),
    ];
    let right = read(&rows);
    let mut wrong = rows.clone();
    wrong[..2].iter_mut().for_each(|row| *row = wrongly(row));
    assert_ne!(wrong, rows);

    let incoming = read(&wrong);

    let events = |incoming: &Incoming| incoming.events.iter().map(|one| one.event.clone()).collect::<Vec<_>>();
    assert_eq!(events(&incoming), events(&right));
    assert_eq!(incoming.events[1].event.event_type, EventType::Supervisor);
    let told = notes(&incoming);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("v.csv line 2: the letters look wrongly saved"), "{told:?}");
    assert_eq!(notes(&right), [""; 0]);
}

#[test]
fn totals_of_the_old_tables_are_skipped() {
    let [people, work, schedule] = ["employees", "events", "schedule"].map(|name| {
        let (name, bytes) = data(&format!("acceptance/{name}.csv"));
        (name, [bytes, b"Total,21\n".to_vec()].concat())
    });
    let incoming = legacy::read(Incoming::default(), &people, &work, &schedule).unwrap();
    assert!(incoming.rejected.len() <= 1, "{:?}", rejections(&incoming));
    assert!(
        notes(&incoming).iter().filter(|note| note.contains("row of totals")).count() >= 2,
        "{:?}",
        notes(&incoming)
    );
}

#[test]
fn a_file_of_one_store_says_nothing_of_another() {
    let fern = || visit(&[]);
    let oak = || visit(&[(REFERENCE, "2"), (STORE, "4188"), (STORE_NAME, "Oak Market")]);
    let file = |row: String| ("v.csv".to_owned(), format!("{HEADINGS}{row}\n").into_bytes());
    let app = App::empty();
    app.import(read(&[fern(), oak()]));
    for row in [fern(), oak()] {
        let plan = planned(&app, visits::read(Incoming::default(), &[file(row)]).unwrap());
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

    let plan = planned(&app, visits::read(Incoming::default(), &[file(&one[..1]), file(&two[1..])]).unwrap());
    assert_eq!(plan.missing().len(), 0, "{:?}", plan.missing());

    // The store is written in another way, and the visit of its week is gone.
    let other = row("9", "04177", "15");
    let plan = planned(&app, visits::read(Incoming::default(), &[file(&[other])]).unwrap());
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
