//! The old application's tables.

use chrono::NaiveTime;
use tandem::{
    domain::{employee::JobTitle, event::EventType},
    import::{Incoming, legacy},
};

use super::{data, notes, rejections};

const EMPLOYEES: &str = "employee_id,name,job_title\n101,John Smith,Event Specialist\n102,Jane  Doe,Club Supervisor\n";
const EVENTS: &str =
    "event_id,project_name,event_type,condition,is_scheduled,estimated_hours,start_datetime,due_datetime\n";
const SCHEDULE: &str = "schedule_id,event_id,employee_id,start_datetime\n";

fn read(employees: &str, events: &str, schedule: &str) -> Incoming {
    let file = |name: &str, text: &str| (format!("folder/{name}.csv"), text.as_bytes().to_vec());
    legacy::read(
        Incoming::default(),
        &file("employees", employees),
        &file("events", events),
        &file("schedule", schedule),
    )
    .unwrap()
}

/// One event with the given cells, without an employee.
fn event(cells: &str) -> Incoming {
    read(EMPLOYEES, &format!("{EVENTS}{cells}\n"), SCHEDULE)
}

#[test]
fn the_acceptance_tables_hold_21_events_16_schedules_and_5_employees() {
    let incoming = legacy::read(
        Incoming::default(),
        &data("acceptance/employees.csv"),
        &data("acceptance/events.csv"),
        &data("acceptance/schedule.csv"),
    )
    .unwrap();
    assert_eq!((incoming.events.len(), incoming.employees.len()), (21, 5));
    assert_eq!(incoming.events.iter().filter(|incoming| incoming.event.schedule.is_some()).count(), 16);
    assert_eq!((rejections(&incoming), notes(&incoming)), (vec![], vec![]));
    assert_eq!(incoming.employees[4].employee.title, JobTitle::ClubSupervisor);
    let first = &incoming.events[0].event;
    assert_eq!((first.id.0, first.minutes, first.event_type), (1001, 390, EventType::Core));
    assert_eq!(first.due.unwrap().time, None);
    let schedule = first.schedule.as_ref().unwrap();
    assert_eq!((schedule.id.0, schedule.employee.as_str()), (2001, "101"));
}

#[test]
fn hours_become_whole_minutes_and_none_the_default() {
    let minutes = |hours: &str| event(&format!("1,606001-CORE-Pretzel,CORE,,,{hours},,")).events[0].event.minutes;
    assert_eq!(["0.08", "6.5", "24", "0.02", "", "7.75"].map(minutes), [5, 390, 1440, 1, 390, 465]);
    for wrong in ["0", "24.1", "-1", "inf", "six"] {
        let incoming = event(&format!("1,606001-CORE-Pretzel,CORE,,,{wrong},,"));
        assert_eq!(
            rejections(&incoming),
            [format!(
                "events.csv line 2, column \"estimated_hours\": \"{wrong}\" is not a number of hours: write 0.02 to 24, \
                 for example 6.5 or 6:30"
            )]
        );
    }
}

#[test]
fn the_type_column_overrides_the_name_and_an_unknown_type_is_noted() {
    let read = |given: &str| {
        let incoming = event(&format!("1,606001-CORE-Pretzel,{given},,,,,"));
        (incoming.events[0].event.event_type, notes(&incoming))
    };
    assert_eq!(read("Juicer Production"), (EventType::Juicer, vec![]));
    assert_eq!(read(""), (EventType::Core, vec![]));
    let note = "events.csv line 2: event_type \"Banana\" is none of ours; the name says CORE";
    assert_eq!(read("Banana"), (EventType::Core, vec![note.to_owned()]));
}

#[test]
fn dates_come_with_and_without_a_time() {
    let due = |text: &str| event(&format!("1,a,CORE,,,,,{text}")).events.first().and_then(|read| read.event.due);
    assert_eq!(due(""), None);
    assert_eq!(due("2025-10-15").unwrap().time, None);
    for text in ["2025-10-15 17:30:00", "2025-10-15T17:30:45", "2025-10-15T17:30", "2025-10-15 17:30"] {
        assert_eq!(due(text).unwrap().time, NaiveTime::from_hms_opt(17, 30, 0), "{text}");
    }
    for wrong in ["2025-02-30", "15/10/2025", "2025-10-15 25:00:00", "1969-12-31", "2201-01-01 10:00:00"] {
        let incoming = event(&format!("1,a,CORE,,,,,{wrong}"));
        assert!(rejections(&incoming)[0].contains(&format!("\"due_datetime\": \"{wrong}\" is not a date")));
    }
}

#[test]
fn the_schedule_table_wins_over_an_events_own_columns_with_a_note() {
    let events = format!(
        "{EVENTS}1,a,CORE,Unstaffed,false,,2025-10-16 09:00:00,\n2,b,CORE,Scheduled,true,,2025-10-15 10:00:00,\n\
         3,c,CORE,Scheduled,yes,,2025-10-15T10:00,\n4,d,CORE,Paused,,,,\n"
    );
    let schedule = format!("{SCHEDULE}9,1,101,2025-10-15 10:00:00\n8,3,102,2025-10-15 10:00:00\n");
    let incoming = read(EMPLOYEES, &events, &schedule);
    let scheduled: Vec<_> = incoming.events.iter().map(|read| read.event.schedule.is_some()).collect();
    assert_eq!(scheduled, [true, false, true, false]);
    assert_eq!(
        notes(&incoming),
        [
            "events.csv line 5: condition \"Paused\" is not Scheduled or Unstaffed; only the schedule table counts",
            "events.csv line 2: condition is Unstaffed, is_scheduled is false and start_datetime is Thu, Oct 16, 2025 at \
             9:00 AM, but the schedule table gives it to employee 101 on Wed, Oct 15, 2025 at 10:00 AM; the schedule \
             table counts",
            "events.csv line 3: condition is Scheduled, is_scheduled is true and start_datetime is Wed, Oct 15, 2025 at \
             10:00 AM, but the schedule table has no row for it that can be read, so the files say nothing of its employee",
        ]
    );
}

#[test]
fn schedule_rows_without_event_or_employee_are_rejected() {
    let events = format!("{EVENTS}1,a,CORE,,,,,\n2,b,CORE,,,,,\n");
    let rows = "9,7,101,2025-10-15 10:00:00\n9,1,777,2025-10-15 10:00:00\n9,1,101,2025-10-15\n\
                9,1,101,2025-10-15 10:00:00\n8,1,102,2025-10-15 11:00:00\n9,2,101,2025-10-15 12:00:00\n";
    let incoming = read(EMPLOYEES, &events, &format!("{SCHEDULE}{rows}"));
    assert_eq!(incoming.events[0].event.schedule.as_ref().unwrap().employee.as_str(), "101");
    assert_eq!(
        rejections(&incoming),
        [
            "schedule.csv line 2, column \"event_id\": event 7 is not among the events that were read; only those can be used",
            "schedule.csv line 3, column \"employee_id\": employee 777 is not among the employees that were read; only \
             those can be used",
            "schedule.csv line 4, column \"start_datetime\": \"2025-10-15\" has no time of day: write it behind the date, as in \
             09/23/2025 9:15 AM",
            "schedule.csv line 6, column \"event_id\": the schedule of event 1 stands in schedule.csv line 5 already; that \
             row is kept, each may stand once",
            "schedule.csv line 7, column \"schedule_id\": schedule 9 stands in schedule.csv line 5 already; that row is \
             kept, each may stand once",
        ]
    );
}

#[test]
fn repeated_ids_and_unknown_titles_are_rejected() {
    let employees = format!("{EMPLOYEES}101,Other One,Club Supervisor\n103,Zoe,Astronaut\n");
    let events = format!("{EVENTS}1,a,CORE,,,,,\n1,b,CORE,,,,,\n");
    assert_eq!(
        rejections(&read(&employees, &events, SCHEDULE)),
        [
            "employees.csv line 4, column \"employee_id\": employee 101 stands in employees.csv line 2 already; that row is \
             kept, each may stand once",
            "employees.csv line 5, column \"job_title\": \"Astronaut\" is no job title; allowed are Event Specialist, Lead \
             Event Specialist, Juicer Barista and Club Supervisor",
            "events.csv line 3, column \"event_id\": event 1 stands in events.csv line 2 already; that row is kept, each may \
             stand once",
        ]
    );
}

#[test]
fn optional_columns_are_read_if_present() {
    let employees = "IS_ACTIVE,job_title,name,employee_id\nno,club supervisor,Ann  Lee,7\n,Juicer Barista,Bo,8\nperhaps,Juicer Barista,Cy,9\n";
    let events = "event_id,project_name,event_type,estimated_hours,due_datetime,store_number,store_name,start_date\n\
                  1,a,CORE,1,2025-10-15,4101,Harbor Club,2025-10-01 00:00:00\n";
    let incoming = read(employees, events, SCHEDULE);
    let people: Vec<_> =
        incoming.employees.iter().map(|person| (person.employee.name.as_str(), person.employee.active)).collect();
    assert_eq!(people, [("Ann Lee", false), ("Bo", true)]);
    assert!(rejections(&incoming)[0].ends_with("allowed are true, false, 1, 0, yes and no"));
    let event = &incoming.events[0].event;
    assert_eq!((event.location.number.as_str(), event.location.name.as_str()), ("4101", "Harbor Club"));
    assert_eq!(event.first_day.unwrap().to_string(), "2025-10-01");
}

#[test]
fn swapped_tables_are_refused_with_the_missing_columns() {
    let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let error =
        legacy::read(Incoming::default(), &file("e.csv", EMPLOYEES), &file("s.csv", SCHEDULE), &file("v.csv", EVENTS))
            .unwrap_err();
    assert_eq!(
        error.to_string(),
        "s.csv lacks the columns \"project_name\", \"event_type\", \"estimated_hours\", \"due_datetime\"; it has \
         \"schedule_id\", \"event_id\", \"employee_id\", \"start_datetime\""
    );
}
