//! The retailer's exports.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::{NaiveDate, NaiveTime};
use tandem::{
    domain::{
        employee::JobTitle,
        event::{EventType, Location},
        ids::ScheduleId,
    },
    import::{
        Incoming, Rejected,
        listed::{LISTED_MAX, Listed},
        visits,
    },
};

use super::{data, notes, rejections};
use crate::support::checks;

const HEADINGS: &str = "Project Name,Project Reference Number,Location MVID,Store Number,Store Name,Start Date/Time,\
                        Due Date/Time,Estimated Time,Rep Name,Employee ID,Schedule Date/Time\n";
const MIDNIGHT: &str = "09/23/2025 12:00:00 AM,09/27/2025 12:01:00 AM";
const ASSIGNED: &str = "AVERY STONE,E1,09/23/2025 9:15:00 AM";

fn read(rows: &str) -> Incoming {
    let file = ("C:\\exports\\visits.csv".to_owned(), format!("{HEADINGS}{rows}").into_bytes());
    visits::read(Incoming::default(), &[file]).unwrap()
}

fn reason(rows: &str) -> String {
    let incoming = read(rows);
    assert!(incoming.events.is_empty(), "{:?}", incoming.events);
    rejections(&incoming).join("\n")
}

/// An assigned visit with the given name, number and minutes.
fn visit(name: &str, reference: &str, minutes: &str) -> String {
    format!("{name},{reference},x,4101,Harbor Club,{MIDNIGHT},{minutes},{ASSIGNED}\n")
}

#[test]
fn tx_01_both_exports_hold_156_events_90_schedules_and_12_employees() {
    let incoming =
        visits::read(Incoming::default(), &[data("visits/calendar-schedule.csv"), data("visits/workbank.csv")])
            .unwrap();
    assert_eq!(incoming.events.len(), 156);
    assert_eq!(incoming.events.iter().filter(|incoming| incoming.event.schedule.is_some()).count(), 90);
    assert_eq!(incoming.employees.len(), 12);
    assert_eq!((rejections(&incoming), notes(&incoming)), (vec![], vec![]));
}

#[test]
fn tx_01_pairs_are_found_in_the_exports() {
    let incoming =
        visits::read(Incoming::default(), &[data("visits/calendar-schedule.csv"), data("visits/workbank.csv")])
            .unwrap();
    let report = checks::check_pairs(incoming.events.iter().map(|incoming| &incoming.event));
    assert_eq!((report.pairs, report.pairs_scheduled, report.pairs_half, report.pairs_unstaffed), (47, 5, 36, 6));
    assert_eq!(report.supervisors_alone, 3);
    assert_eq!(report.problems().count(), 36);
}

#[test]
fn every_field_of_a_visit_is_read() {
    let incoming = read(&format!(
        "612202-AF-Grapes (250822530262)  - V2-CORE,121,x,\"4101\",\"Harbor Club\",{MIDNIGHT},,{ASSIGNED}\n"
    ));
    let read = &incoming.events[0];
    let event = &read.event;
    assert_eq!(read.place.to_string(), "visits.csv line 2");
    assert_eq!((event.id.0, event.event_type, event.minutes), (121, EventType::Core, 390));
    assert_eq!((event.number.unwrap().0, event.program.unwrap().0), (612_202, 250_822_530_262));
    assert_eq!(event.location, Location { number: "4101".to_owned(), name: "Harbor Club".to_owned() });
    assert_eq!(event.first_day, NaiveDate::from_ymd_opt(2025, 9, 23));
    let due = event.due.unwrap();
    assert_eq!((Some(due.date), due.time), (NaiveDate::from_ymd_opt(2025, 9, 27), NaiveTime::from_hms_opt(0, 1, 0)));
    let schedule = event.schedule.as_ref().unwrap();
    assert_eq!((schedule.id, schedule.employee.as_str()), (ScheduleId(121), "E1"));
    assert_eq!(schedule.start.to_string(), "2025-09-23 09:15:00");
}

#[test]
fn a_title_is_inferred_from_all_events_of_a_person_in_all_files() {
    let file = |name: &str, row: String| (name.to_owned(), format!("{HEADINGS}{row}").into_bytes());
    let core = file("a.csv", visit("606001-CORE-Pretzel", "1", "60"));
    let digital = file("b.csv", visit("Digital Display", "2", "15"));
    let title =
        |files: &[(String, Vec<u8>)]| visits::read(Incoming::default(), files).unwrap().employees[0].employee.title;
    assert_eq!(title(std::slice::from_ref(&core)), JobTitle::EventSpecialist);
    assert_eq!(title(&[core, digital]), JobTitle::LeadEventSpecialist);
}

#[test]
fn unassigned_visits_need_no_employee_columns() {
    let headings = "Project Name,Project Reference Number,Store Number,Store Name,Start Date/Time,Due Date/Time";
    let text = format!("{headings}\n606001-CORE-Pretzel,1,4101,Harbor Club,{MIDNIGHT}\n");
    let incoming = visits::read(Incoming::default(), &[("bank.csv".to_owned(), text.into_bytes())]).unwrap();
    assert!(incoming.events[0].event.schedule.is_none());
    assert_eq!(notes(&incoming), [""; 0]);
}

#[test]
fn a_half_assigned_visit_is_rejected_with_the_missing_column() {
    let row = |cells: &str| format!("606001-CORE-Pretzel,1,x,4101,Harbor Club,{MIDNIGHT},60,{cells}\n");
    assert_eq!(
        reason(&row("AVERY STONE,,09/23/2025 9:15:00 AM")),
        "visits.csv line 2, column \"Employee ID\": names no one while others of Rep Name, Employee ID, Schedule Date/Time \
         are filled: a visit is assigned with all three or with none"
    );
    assert!(reason(&row("AVERY STONE")).contains("column \"Employee ID\""));
    assert!(reason(&row(",E1,09/23/2025 9:15:00 AM")).contains("column \"Rep Name\""));
    assert!(reason(&row("AVERY STONE,E1")).contains("column \"Schedule Date/Time\""));
}

#[test]
fn dates_that_do_not_exist_are_rejected_and_others_read() {
    let row = |start: &str| {
        format!("606001-CORE-Pretzel,1,x,4101,Harbor Club,{start},09/27/2025 12:01:00 AM,60,AVERY STONE,E1,{start}\n")
    };
    for wrong in [
        "02/30/2025 9:00:00 AM",
        "09/23/2025 13:00:00 PM",
        "13:00 PM",
        "09/23/2025 0:10:00 AM",
        "09/23/2025 9:61:00 AM",
        "13/01/2025 9:00:00 AM",
        "09/23/1969 9:00:00 AM",
        "09/23/2201 9:00:00 AM",
        "09/23/20255 9:00:00 AM",
        "soon",
    ] {
        let expected = format!(
            "visits.csv line 2, column \"Schedule Date/Time\": \"{wrong}\" is not a date{}: write MM/DD/YYYY \
             or YYYY-MM-DD, with the time of day behind it, between 1970 and 2200, for example 09/23/2025 9:15 AM",
            if wrong.starts_with("13/01") { ", and its day comes before its month" } else { "" }
        );
        assert_eq!(reason(&row(wrong)), expected);
    }
    for (text, start) in [
        ("09/23/2025 12:00:00 AM", "2025-09-23 00:00:00"),
        ("09/23/2025 12:30:59 PM", "2025-09-23 12:30:00"),
        ("9/3/2025 09:05:00 pm", "2025-09-03 21:05:00"),
        ("02/29/2024 11:59:59 PM", "2024-02-29 23:59:00"),
        ("2025-09-23 09:00:00", "2025-09-23 09:00:00"),
        ("09/23/2025 9:00:00", "2025-09-23 09:00:00"),
        ("9/23/25 17:05", "2025-09-23 17:05:00"),
        ("45923.385416666664", "2025-09-23 09:15:00"),
        ("23-Sep-25 9:15 AM", "2025-09-23 09:15:00"),
        ("\"Sep 23, 2025, 9:15 a.m.\"", "2025-09-23 09:15:00"),
    ] {
        assert_eq!(read(&row(text)).events[0].event.start().unwrap().to_string(), start);
    }
}

#[test]
fn start_and_due_may_be_empty() {
    let incoming = read("606001-CORE-Pretzel,1,x,4101,Harbor Club,,\n");
    let event = &incoming.events[0].event;
    assert_eq!((event.first_day, event.due), (None, None));
}

#[test]
fn minutes_are_whole_and_at_most_a_day() {
    for wrong in ["0", "1441", "-5", "6.5", "1h", "99999999999"] {
        let sentence = reason(&visit("606001-CORE-Pretzel", "1", wrong));
        assert!(sentence.contains(&format!(
            "column \"Estimated Time\": \"{wrong}\" is not a whole number of minutes from 1 to 1440"
        )));
    }
    let minutes = |text| read(&visit("606001-Supervisor-Pretzel", "1", text)).events[0].event.minutes;
    assert_eq!((minutes(""), minutes("1"), minutes("1440")), (5, 1, 1440));
}

#[test]
fn references_and_employee_ids_are_checked() {
    for wrong in ["", "0", "-1", "12a", "1.5", "\"1,5\"", "9007199254740992"] {
        assert!(reason(&visit("606001-CORE-Pretzel", wrong, "60")).contains("\"Project Reference Number\""), "{wrong}");
    }
    let row = visit("606001-CORE-Pretzel", "1", "60").replace(",E1,", ",E 1/2,");
    assert!(reason(&row).contains("column \"Employee ID\": \"E 1/2\": an employee id has 1 to 40 letters"));
}

#[test]
fn names_are_kept_as_written_within_their_limit() {
    for name in ["<script>alert(1)</script>", "606001-CORE-🥨 👩‍🍳 Šuper", "=1+1", "O'Brien & \"\"Söhne\"\""]
    {
        let incoming = read(&visit(&format!("\"{name}\""), "1", "60"));
        assert_eq!(incoming.events[0].event.name, name.replace("\"\"", "\""));
    }
    assert_eq!(read(&visit(&"ñ".repeat(500), "1", "60")).events.len(), 1);
    assert_eq!(
        reason(&visit(&"x".repeat(10_000), "1", "60")),
        "visits.csv line 2, column \"Project Name\": has 10000 characters; at most 500 are allowed"
    );
    assert!(reason(&visit("", "1", "60")).contains("column \"Project Name\": is empty"));
}

#[test]
fn control_characters_in_names_are_rejected() {
    assert!(
        reason(&visit("606001-CORE-\u{7}Bell", "1", "60"))
            .contains("\"Project Name\": holds the control character U+0007")
    );
    let rep = visit("606001-CORE-Pretzel", "1", "60").replace("AVERY STONE", "\"AVERY\tSTONE\"");
    assert_eq!(read(&rep).employees[0].employee.name, "AVERY STONE", "a tab is a blank");
}

#[test]
fn identical_visits_are_imported_once_with_a_note() {
    let row = visit("606001-CORE-Pretzel", "1", "60");
    let again = read(&format!("{row}{row}"));
    assert_eq!((again.events.len(), again.rejected.len()), (1, 0));
    assert_eq!(notes(&again), ["visits.csv line 3: visit 1 says the same as visits.csv line 2; it is taken once"]);
}

#[test]
fn the_second_of_two_different_rows_of_a_visit_is_rejected() {
    let row = visit("606001-CORE-Pretzel", "1", "60");
    let changed = row.replace("9:15:00", "9:30:00").replace(",E1,", ",E2,");
    let file = |name: &str, row: &str| (name.to_owned(), format!("{HEADINGS}{row}").into_bytes());
    let incoming = visits::read(Incoming::default(), &[file("a.csv", &row), file("b.csv", &changed)]).unwrap();
    assert_eq!(incoming.events[0].event.schedule.as_ref().unwrap().employee.as_str(), "E1");
    assert_eq!(incoming.employees.len(), 1, "a rejected row creates no employee");
    assert_eq!(
        rejections(&incoming),
        [
            "b.csv line 2, column \"Project Reference Number\": visit 1 stands in a.csv line 2 already and says something \
          else there; that row is kept, a visit may stand once"
        ]
    );
}

#[test]
fn an_employee_with_two_names_gets_the_most_frequent_with_one_note() {
    let rows: String = ["AVERY   STONE", "AVERY STONE", "Avery Stone", "Avery Stone"]
        .iter()
        .enumerate()
        .map(|(index, name)| visit("606001-CORE-Pretzel", &(index + 1).to_string(), "60").replace("AVERY STONE", name))
        .collect();
    let incoming = read(&rows);
    assert_eq!(incoming.employees.len(), 1);
    assert_eq!(incoming.employees[0].employee.name, "AVERY STONE");
    assert_eq!(
        notes(&incoming),
        ["visits.csv line 4: employee E1 is called \"Avery Stone\" here and \"AVERY STONE\" elsewhere: the name that \
             Tandem has stays, else the latter is taken"]
    );
}

#[test]
fn an_invalid_row_does_not_stop_the_others() {
    let rows = [visit("a", "1", "60"), visit("b", "x", "60"), "short\n".to_owned(), visit("c", "3", "60")].concat();
    let incoming = read(&rows);
    assert_eq!((incoming.events.len(), incoming.rejected.len()), (2, 2));
}

#[test]
fn all_rejected_rows_are_reported_and_the_first_thousand_kept_in_memory() {
    let rows = "bad,x\n".repeat(5_000);
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let rejected = Listed::reporting(move |_: &Rejected| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let file = ("visits.csv".to_owned(), format!("{HEADINGS}{rows}").into_bytes());

    let incoming = visits::read(Incoming { rejected, ..Incoming::default() }, &[file]).unwrap();

    assert_eq!((incoming.rejected.iter().count(), incoming.rejected.len()), (LISTED_MAX, 5_000));
    assert_eq!(told.load(Ordering::SeqCst), 5_000);
}
