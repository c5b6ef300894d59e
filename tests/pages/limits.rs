//! Long lists are cut, say so, and lead to the rest.

use tandem::{
    domain::{employee::EMPLOYEES_MAX, event::Event, ids::EmployeeId},
    store::tables::{employees, events},
};

use crate::support::{App, crowd, legacy, on, page, people};

const SUBMIT: &str = "/unscheduled/schedule";

/// Sixty people and a day with 300 events of theirs, 30 of them unscheduled.
fn busy() -> App {
    App::with(&[], Some(crowd(300, 60)))
}

/// An unscheduled event, and an employee outside the list of its row.
fn unlisted(app: &App) -> (Event, EmployeeId, String) {
    let date = "2025-10-15".parse().unwrap();
    let waiting = app.read(|view| events::due_first(view, (date, date), 100));
    let event = waiting.into_iter().find(|event| event.number.is_none() || event.schedule.is_none()).unwrap();
    let row = app.get(&format!("{SUBMIT}?event={}", event.id)).element(&format!("who-{}", event.id));
    let all = app.read(|view| employees::active_names(view));
    let (id, name) = all.into_iter().find(|(id, _)| !row.contains(&format!("value=\"{id}\""))).unwrap();
    (event, id.parse().unwrap(), name)
}

#[test]
fn a_row_lists_the_best_employees_and_counts_the_others() {
    let app = busy();
    let (event, ..) = unlisted(&app);

    let page = app.get(&format!("{SUBMIT}?event={}", event.id));

    assert_eq!(page.element(&format!("who-{}", event.id)).matches("<option").count(), 1 + 20 + 1);
    let page = page.says("Someone else (40 more): enter a name…");
    assert_eq!(page.body.matches("(E2").count(), 60, "every name and number, once");
}

#[test]
fn an_employee_can_be_typed_by_name_or_number() {
    let app = busy();
    let (event, id, name) = unlisted(&app);
    let form = app.get(&format!("{SUBMIT}?event={}", event.id)).form(SUBMIT);
    let row = format!("row.{}", event.id);
    for typed in [format!("{name} ({id})"), id.to_string(), name.to_lowercase()] {
        let form = form.clone().with(&format!("{row}.employee"), "!other").with(&format!("{row}.other"), &typed);

        let checked = form.check(&app, event.id.0);

        let who = page::selected(&checked.element(&format!("who-{}", event.id)));
        assert_eq!(who, Some(id.to_string()), "{typed}");
    }
}

#[test]
fn an_unknown_or_ambiguous_name_gets_a_message_at_its_field() {
    let app = busy();
    let (event, ..) = unlisted(&app);
    let form = app.get(&format!("{SUBMIT}?event={}", event.id)).form(SUBMIT);
    let row = format!("row.{}", event.id);
    for (typed, message) in
        [("", "Enter the name or number of an employee."), ("Zz Unknown", "matches no employee, or more than one")]
    {
        let form = form
            .clone()
            .with(&format!("{row}.take"), "true")
            .with(&format!("{row}.employee"), "!other")
            .with(&format!("{row}.other"), typed);

        let page = form.send(&app).status(422).says(message);

        let who = page.element(&format!("who-{}", event.id));
        assert!(who.contains("aria-invalid=\"true\"") && who.contains("autofocus"), "{who}");
        assert!(who.contains(&format!("value=\"{typed}\"")), "{who}");
        assert!(app.event(event.id.0).schedule.is_none());
    }
}

#[test]
fn a_repair_can_be_assigned_to_a_typed_employee() {
    let app = busy();
    let date = "2025-10-15".parse().unwrap();
    let core = app
        .read(|view| events::scheduled_on(view, date))
        .into_iter()
        .find(|event| event.event_type == tandem::domain::event::EventType::Supervisor && event.schedule.is_some());
    let supervisor = core.unwrap();
    let schedule = supervisor.schedule.unwrap();
    app.call("/api/unschedule_event", serde_json::json!({"schedule_id": schedule.id.0})).ok();
    app.post("/integrity/run", &[]).status(303);
    let all = app.read(|view| employees::active_names(view));
    let (id, name) = all.into_iter().find(|(id, _)| *id == schedule.employee.to_string()).unwrap();
    let form = app.get("/integrity/repair").status(200).form("/integrity/repair");
    let row = format!("row.{}", supervisor.id);

    form.with(&format!("{row}.employee"), "!other").with(&format!("{row}.other"), &name).send(&app).status(303);

    assert_eq!(app.assignment(supervisor.id.0).unwrap().1, id);
}

#[test]
fn a_week_lists_fifty_events_per_day_and_its_print_sheet_all() {
    let rows: Vec<_> =
        (1..=53).map(|id| format!("{id},606{id:03}-Digitals-Screen,Digitals,0.1,2025-10-18,7")).collect();
    let held: Vec<_> = (1..=53).map(|id| format!("{id},{id},102,2025-10-15 10:00")).collect();
    let (rows, held): (Vec<_>, Vec<_>) =
        (rows.iter().map(String::as_str).collect(), held.iter().map(String::as_str).collect());
    let app = App::with(&[], Some(legacy(&rows, &held)));

    let week = app.get("/employees/102/week/2025-10-15").says("53 events").says("And 3 more events");
    let sheet = app.get("/employees/102/week/2025-10-12/print").status(200).does_not_say("more events");

    week.link("/calendar/day/2025-10-15?employee=102");
    week.link("/employees/102/week/2025-10-12/print");
    assert_eq!((week.body.matches("class=\"work ").count(), sheet.body.matches("class=\"work ").count()), (50, 53));
    assert_eq!(app.assignment(1), Some(on("2025-10-15 10:00", "102")));
}

#[test]
fn forms_and_imports_respect_the_limit_of_employees() {
    let app = App::empty();
    let some = |range: std::ops::Range<usize>| {
        let rows: Vec<_> = range.map(|id| format!("N{id},Person {id},Event Specialist")).collect();
        people(&rows)
    };
    assert_eq!(app.import(some(0..EMPLOYEES_MAX - 1)).rejected.len(), 0);

    let summary = app.import(some(EMPLOYEES_MAX - 3..EMPLOYEES_MAX + 2));

    let said: Vec<_> = summary.rejected.iter().map(ToString::to_string).collect();
    assert_eq!(
        (summary.employees_new, said),
        (1, vec!["Employees: 2 new ones are left out: at most 2000 are kept".to_owned()])
    );
    let form = [("number", "X1"), ("name", "Ada Bell"), ("job_title", "Event Specialist")];
    app.post("/new-employee", &form).status(422).says("2000 employees are kept, which is the most.");
    app.get("/employees?q=Person").says("Page 1 of 40");
}

#[test]
fn holidays_are_listed_in_pages_of_fifty_coming_ones_first() {
    let app = App::empty();
    for day in 1..=28 {
        for month in ["09", "11"] {
            let (date, name) = (format!("2025-{month}-{day:02}"), format!("Closed {month}-{day:02}"));
            app.post("/holidays", &[("date", &date), ("name", &name)]).status(303);
        }
    }

    let first = app.get("/holidays").says("Closed 11-01").says("Closed 09-28").does_not_say("Closed 09-06");
    first.link("/holidays?page=2");
    app.get("/holidays?page=2")
        .says("Closed 09-06")
        .says("Closed 09-01")
        .does_not_say("Closed 11-01")
        .link("/holidays?page=1");
    app.get("/holidays?page=99").says("Page 2 of 2");
}

#[test]
fn a_day_beyond_the_limit_of_events_says_so_and_a_filter_finds_the_rest() {
    let most = u64::try_from(events::DAY_EVENTS_MAX).unwrap();
    let last = most + 1;
    let rows = (1..=last).map(|id| format!("{id},Freeosk {id},Other,0.1,2025-10-18,{}", if id < last { 7 } else { 8 }));
    let held = (1..last).map(|id| format!("{id},{id},101,2025-10-15 10:00"));
    let held = held.chain([format!("{last},{last},102,2025-10-15 18:00")]);
    let (rows, held): (Vec<_>, Vec<_>) = (rows.collect(), held.collect());
    let (rows, held): (Vec<_>, Vec<_>) =
        (rows.iter().map(String::as_str).collect(), held.iter().map(String::as_str).collect());
    let app = App::with(&[], Some(legacy(&rows, &held)));
    let (day, note) = ("/calendar/day/2025-10-15", "more events than can be shown");
    let card = format!("Freeosk {last}");

    app.get(day).status(200).says(note).does_not_say(&card);
    app.get(&format!("{day}?employee=102")).says(note).says(&card).does_not_say("Freeosk 1<");
    app.get(&format!("{day}?store=8")).says(note).says(&card);
    let refused = app.read_call("/api/events?from=2025-10-15&to=2025-10-15");
    assert!(refused.body.to_string().contains("has more than 5000 events: leave out"), "{}", refused.body);
}
