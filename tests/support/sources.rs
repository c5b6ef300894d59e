//! Data for imports.

use tandem::{
    demo::generate,
    domain::{calendar::Month, employee::JobTitle},
    import::{Incoming, legacy, visits},
};

/// A file of `tests/data`: its name and bytes.
pub fn data(path: &str) -> (String, Vec<u8>) {
    let full = format!("{}/tests/data/{path}", env!("CARGO_MANIFEST_DIR"));
    (path.rsplit('/').next().unwrap().to_owned(), std::fs::read(full).unwrap())
}

/// The old application's tables.
pub fn acceptance_data() -> Incoming {
    let [employees, events, schedule] =
        ["employees", "events", "schedule"].map(|name| data(&format!("acceptance/{name}.csv")));
    legacy::read(Incoming::default(), &employees, &events, &schedule).unwrap()
}

/// The old application's tables with an hour's quarter for each event and people who may work it: no rule refuses an
/// assignment, so checks find pairs only.
pub fn pairs_data() -> Incoming {
    let mut incoming = acceptance_data();
    incoming.events.iter_mut().for_each(|one| one.event.minutes = 15);
    let juicers = incoming.employees.iter_mut().filter(|one| ["101", "103"].contains(&one.employee.id.as_str()));
    juicers.for_each(|one| one.employee.title = JobTitle::JuicerBarista);
    incoming
}

/// The retailer's two exports.
pub fn visits_data() -> Incoming {
    visits::read(Incoming::default(), &[data("visits/calendar-schedule.csv"), data("visits/workbank.csv")]).unwrap()
}

/// The old application's people with other events: rows of `id,name,type,hours,due,store`, and the schedule as rows of
/// `schedule,event,employee,start`.
pub fn legacy(events: &[&str], schedule: &[&str]) -> Incoming {
    let table = |name: &str, headings: &str, rows: &[&str]| {
        (name.to_owned(), format!("{headings}\n{}\n", rows.join("\n")).into_bytes())
    };
    let headings = "event_id,project_name,event_type,estimated_hours,due_datetime,store_number";
    let events = table("events.csv", headings, events);
    let schedule = table("schedule.csv", "schedule_id,event_id,employee_id,start_datetime", schedule);
    let incoming = legacy::read(Incoming::default(), &data("acceptance/employees.csv"), &events, &schedule).unwrap();
    assert_eq!(*incoming.rejected, []);
    incoming
}

/// A number of generated events in October 2025.
pub fn october(count: u32) -> Incoming {
    let month = Month::new(2025, 10).unwrap();
    generate::generate(&generate::Plan { count, first: month.first(), last: month.last(), seed: 1 }, None, None)
}

/// A number of events, all on October 15, 2025.
pub fn one_day(count: u32) -> Incoming {
    let day = "2025-10-15".parse().unwrap();
    generate::generate(&generate::Plan { count, first: day, last: day, seed: 1 }, None, None)
}

/// A number of events on October 15, 2025, and a number of people.
pub fn crowd(count: u32, people: usize) -> Incoming {
    let day = "2025-10-15".parse().unwrap();
    generate::generate(&generate::Plan { count, first: day, last: day, seed: 1 }, Some(people), None)
}

/// People without events: rows of number, name and job title.
pub fn people(rows: &[String]) -> Incoming {
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    let employees = file("employees.csv", format!("employee_id,name,job_title\n{}\n", rows.join("\n")));
    let events = file("events.csv", "event_id,project_name,event_type,estimated_hours,due_datetime\n".to_owned());
    let schedule = file("schedule.csv", "schedule_id,event_id,employee_id,start_datetime\n".to_owned());
    legacy::read(Incoming::default(), &employees, &events, &schedule).unwrap()
}
