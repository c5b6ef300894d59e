//! Changes of employees and holidays, and their audit facts.

use tandem::domain::{
    change::{
        employee_edit::{Command, HolidayCommand, Profile, Refusal, Request, decide, decide_holiday, facts},
        rejection::Rejection,
    },
    employee::{
        Employee, JobTitle,
        availability::{Availability, DayPart, Hours, TIME_OFF_MAX, TimeOff},
        holiday::{HOLIDAYS_MAX, Holiday},
    },
    ids::Revision,
};

use super::{date, employee, person, time};

fn lea() -> Employee {
    person("lea", JobTitle::LeadEventSpecialist)
}

fn profile() -> Profile {
    let email = Some("lea@example.com".parse().unwrap());
    Profile {
        name: "Lea Bell".to_owned(),
        title: JobTitle::ClubSupervisor,
        email,
        availability: Availability::ALWAYS,
        weekly_hours_max: None,
    }
}

fn off(first: &str, last: &str) -> TimeOff {
    TimeOff { first: date(first), last: date(last), part: DayPart::WholeDay, note: Some("secret".to_owned()) }
}

fn ask(now: Option<&Employee>, command: Command, seen: Option<u32>) -> Result<Employee, Rejection> {
    decide(now, 1, &Request { employee: employee("lea"), command, seen: seen.map(Revision), key: None })
}

fn refusal(result: Result<Employee, Rejection>) -> Refusal {
    match result {
        Err(Rejection::Staff(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_new_employee_is_active_and_has_the_entered_values() {
    let new = ask(None, Command::Add(profile()), None).unwrap();
    assert_eq!((new.name.as_str(), new.title, new.active), ("Lea Bell", JobTitle::ClubSupervisor, true));
    assert_eq!((new.revision, new.imported), (Revision(0), None));
}

#[test]
fn an_id_is_used_once_and_only_existing_employees_can_be_changed() {
    let taken = refusal(ask(Some(&lea()), Command::Add(profile()), None));
    assert_eq!(taken, Refusal::Taken(Box::new(lea())));
    assert!(matches!(ask(None, Command::Deactivate, None), Err(Rejection::UnknownEmployee(_))));
}

#[test]
fn only_a_change_raises_the_revision() {
    let edited = ask(Some(&lea()), Command::Edit(profile()), Some(0)).unwrap();
    assert_eq!(edited.revision, Revision(1));
    assert_eq!(ask(Some(&edited), Command::Edit(profile()), Some(1)).unwrap(), edited);
    assert_eq!(ask(Some(&lea()), Command::Reactivate, Some(0)).unwrap(), lea());
}

#[test]
fn a_request_with_an_old_revision_changes_nothing() {
    for command in [Command::Edit(profile()), Command::Deactivate, Command::AddTimeOff(off("2025-10-15", "2025-10-16"))]
    {
        assert_eq!(refusal(ask(Some(&lea()), command, Some(7))), Refusal::Stale(Box::new(lea())));
    }
}

#[test]
fn time_off_is_stored_in_order_and_once() {
    let with = |now: &Employee, first, last| ask(Some(now), Command::AddTimeOff(off(first, last)), None);
    let lea = with(&lea(), "2025-10-20", "2025-10-24").unwrap();
    let lea = with(&lea, "2025-10-01", "2025-10-01").unwrap();
    assert_eq!(lea.time_off, [off("2025-10-01", "2025-10-01"), off("2025-10-20", "2025-10-24")]);
    assert!(matches!(refusal(with(&lea, "2025-10-24", "2025-10-30")), Refusal::OffAlready { .. }));
    with(&lea, "2025-10-25", "2025-10-30").unwrap();
}

#[test]
fn time_off_is_removed_by_its_days_and_only_once() {
    let lea = Employee { time_off: vec![off("2025-10-20", "2025-10-24")], ..lea() };
    let gone = TimeOff { note: None, ..off("2025-10-20", "2025-10-24") };
    let after = ask(Some(&lea), Command::RemoveTimeOff(gone.clone()), None).unwrap();
    assert_eq!(after.time_off, []);
    assert!(matches!(refusal(ask(Some(&after), Command::RemoveTimeOff(gone), None)), Refusal::NotOff { .. }));
}

#[test]
fn a_whole_day_overlaps_both_half_days_which_do_not_overlap() {
    let part = |part| TimeOff { part, ..off("2025-10-20", "2025-10-20") };
    let add = |now: &Employee, part_of_day| ask(Some(now), Command::AddTimeOff(part(part_of_day)), None);
    let lea = add(&lea(), DayPart::Morning).unwrap();
    assert!(matches!(refusal(add(&lea, DayPart::WholeDay)), Refusal::OffAlready { .. }));
    assert!(matches!(refusal(add(&lea, DayPart::Morning)), Refusal::OffAlready { .. }));
    let lea = add(&lea, DayPart::Afternoon).unwrap();
    assert_eq!(lea.time_off, [part(DayPart::Morning), part(DayPart::Afternoon)]);
}

#[test]
fn time_off_is_extended_in_one_step_but_not_into_other_time_off() {
    let lea = Employee { time_off: vec![off("2025-10-20", "2025-10-24"), off("2025-10-28", "2025-10-28")], ..lea() };
    let change = |to| ask(Some(&lea), Command::ChangeTimeOff { from: off("2025-10-20", "2025-10-24"), to }, None);
    let after = change(off("2025-10-19", "2025-10-26")).unwrap();
    assert_eq!(after.time_off, [off("2025-10-19", "2025-10-26"), off("2025-10-28", "2025-10-28")]);
    assert!(matches!(refusal(change(off("2025-10-20", "2025-10-28"))), Refusal::OffAlready { .. }));
}

#[test]
fn time_off_has_a_limit() {
    let day = |index: usize| {
        let date = date("2025-01-01") + chrono::Days::new(index as u64);
        TimeOff { first: date, last: date, part: DayPart::WholeDay, note: None }
    };
    let full = Employee { time_off: (0..TIME_OFF_MAX).map(day).collect(), ..lea() };
    let refused = refusal(ask(Some(&full), Command::AddTimeOff(off("2026-10-20", "2026-10-24")), None));
    assert!(matches!(refused, Refusal::TooMuchTimeOff { .. }));
}

#[test]
fn a_holiday_is_added_and_removed_once_within_the_limit() {
    let holiday = Holiday { date: date("2025-12-25"), name: "Christmas Day".to_owned() };
    let add = HolidayCommand::Add(holiday.clone());
    let remove = HolidayCommand::Remove(holiday.date);
    assert_eq!(decide_holiday(None, 0, &add), Ok((None, Some(holiday.clone()))));
    assert_eq!(decide_holiday(Some(holiday.clone()), 1, &add), Err(Refusal::HolidayAlready(holiday.clone())));
    assert_eq!(decide_holiday(None, HOLIDAYS_MAX, &add), Err(Refusal::TooManyHolidays));
    assert_eq!(decide_holiday(Some(holiday.clone()), 1, &remove), Ok((Some(holiday), None)));
    assert_eq!(decide_holiday(None, 1, &remove), Err(Refusal::NoHoliday(date("2025-12-25"))));
}

#[test]
fn the_audit_contains_each_changed_field_but_no_note_on_time_off() {
    let hours = Hours::between(time("09:00"), time("15:00")).unwrap();
    let before = Employee { time_off: vec![off("2025-10-01", "2025-10-02")], ..lea() };
    let after = Employee {
        title: JobTitle::ClubSupervisor,
        active: false,
        availability: Availability::ALWAYS.with(chrono::Weekday::Wed, hours),
        time_off: vec![off("2025-10-20", "2025-10-24")],
        ..before.clone()
    };
    let told: Vec<_> =
        facts(Some(&before), &after).into_iter().map(|fact| [fact.name, fact.before, fact.after]).collect();
    let wanted = [
        ["job title", "Lead Event Specialist", "Club Supervisor"],
        ["state", "active", "inactive"],
        ["Wednesday", "all day", "9:00 AM to 3:00 PM"],
        ["time off", "from Wed, Oct 1, 2025 to Thu, Oct 2, 2025", "from Mon, Oct 20, 2025 to Fri, Oct 24, 2025"],
    ];
    assert_eq!(told, wanted);
    assert_eq!(facts(Some(&after), &after), []);
}
