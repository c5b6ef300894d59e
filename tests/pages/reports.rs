//! Reports: charts and files show the figures of the filtered range, store and job title.

use serde_json::json;

use crate::support::{App, Page, legacy};

const OCTOBER: &str = "from=2025-10-01&to=2025-10-31";

/// John's 44 hours of one week; Jane's 2 hours at another store; an event done late, and an unscheduled one.
fn october() -> App {
    let events = [
        "1,606001-CORE-Chips,CORE,11,2025-10-21,12",
        "2,606002-CORE-Gum,CORE,11,2025-10-21,12",
        "3,606003-CORE-Soda,CORE,11,2025-10-21,12",
        "4,606004-CORE-Tea,CORE,11,2025-10-21,12",
        "5,Inventory,Other,2,2025-10-17,7",
        "6,Late inventory,Other,1,2025-10-13,7",
        "7,606007-CORE-Open,CORE,6,2025-10-14,12",
    ];
    let schedule = [
        "11,1,101,2025-10-13 09:00",
        "12,2,101,2025-10-14 09:00",
        "13,3,101,2025-10-15 09:00",
        "14,4,101,2025-10-16 09:00",
        "15,5,102,2025-10-15 09:00",
        "16,6,102,2025-10-20 09:00",
    ];
    App::with(&[], Some(legacy(&events, &schedule)))
}

/// The cells of a row of a report, by the text of its first cell.
#[track_caller]
fn row(page: &Page, report: &str, first: &str) -> String {
    let table = page.element(&format!("report-{report}"));
    let rows = table.split("<tr>").map(crate::support::page::text_of);
    let found = rows.into_iter().find(|row| row.starts_with(first));
    found.unwrap_or_else(|| panic!("no row {first} in {table}"))
}

#[test]
fn hours_are_shown_by_person_and_type_against_the_weekly_maximum() {
    let page = october().get(&format!("/reports?{OCTOBER}")).status(200);

    assert_eq!(row(&page, "hours", "John Smith"), "John Smith 44 – 44 177.1 1");
    assert_eq!(row(&page, "hours", "Jane Doe"), "Jane Doe – 3 3 177.1 –");
    assert_eq!(row(&page, "hours", "Sarah Johnson"), "Sarah Johnson – – – 177.1 –", "idle ones too");
    page.link("/employees/101/week/2025-10-15");
}

#[test]
fn due_events_are_counted_by_the_week_of_their_last_day() {
    let page = october().get(&format!("/reports?{OCTOBER}")).status(200);

    assert_eq!(row(&page, "due", "Sun, Oct 12"), "Sun, Oct 12 1 1 1 3 33 %");
    assert_eq!(row(&page, "due", "Sun, Oct 19"), "Sun, Oct 19 4 – – 4 100 %");
    assert_eq!(row(&page, "due", "Sun, Oct 26"), "Sun, Oct 26 – – – – –");
}

#[test]
fn coverage_counts_scheduled_and_due_events_of_each_day_by_type() {
    let page = october().get(&format!("/reports?{OCTOBER}")).status(200);

    assert_eq!(row(&page, "coverage", "Wed, Oct 15"), "Wed, Oct 15 1 1 –");
    assert_eq!(row(&page, "coverage", "Tue, Oct 14"), "Tue, Oct 14 1 – 1");
    page.link("/calendar/day/2025-10-31");
}

#[test]
fn changes_overrides_and_undos_are_counted_by_week() {
    let app = october();
    app.call("/api/change_employee", json!({"schedule_id": 15, "new_employee_id": 103})).ok();
    app.call("/api/undo/2", json!({})).ok();
    app.call("/api/unschedule_event", json!({"schedule_id": 14})).ok();
    app.call("/api/change_employee", json!({"schedule_id": 13, "new_employee_id": 105})).refused(422, "refused");
    let overridden = json!({"schedule_id": 13, "new_employee_id": 105, "override_reason": "no one else"});
    app.call("/api/change_employee", overridden).ok();

    let page = app.get(&format!("/reports?{OCTOBER}")).status(200);

    assert_eq!(row(&page, "changes", "Sun, Oct 12"), "Sun, Oct 12 4 4 1 1");
    let elsewhere = app.get(&format!("/reports?{OCTOBER}&store=7")).status(200);
    assert_eq!(row(&elsewhere, "changes", "Sun, Oct 12"), "Sun, Oct 12 2 2 – 1");
}

#[test]
fn every_report_is_filtered_by_store_and_job_title() {
    let app = october();

    let store = app.get(&format!("/reports?{OCTOBER}&store=7")).status(200).does_not_say("John Smith");
    assert_eq!(row(&store, "due", "Sun, Oct 12"), "Sun, Oct 12 1 1 – 2 50 %");
    let title = app.get(&format!("/reports?{OCTOBER}&job_title=Lead+Event+Specialist")).status(200);
    let title = title.does_not_say("John Smith").says("Jane Doe");
    assert_eq!(row(&title, "due", "Sun, Oct 12"), "Sun, Oct 12 1 1 1 3 33 %", "a Lead may work the open CORE");
    let title = app.get(&format!("/reports?{OCTOBER}&job_title=club+supervisor")).status(200);
    assert_eq!(row(&title, "due", "Sun, Oct 12"), "Sun, Oct 12 – – – – –");
}

#[test]
fn a_report_is_downloaded_as_csv() {
    let app = october();

    let file = app.get(&format!("/reports/hours.csv?{OCTOBER}")).status(200);

    assert_eq!(
        file.header("Content-Disposition"),
        Some("attachment; filename=\"tandem-hours-2025-10-01-2025-10-31.csv\"")
    );
    let lines: Vec<_> = file.body.lines().collect();
    assert_eq!(
        lines[0],
        "\u{feff}employee_id,employee,job_title,core,juicer,supervisor,freeosk,digitals,other,total,maximum,weeks_over"
    );
    assert_eq!(lines[1], "101,John Smith,Event Specialist,44,0,0,0,0,0,44,177.13,1");
    let due = app.get(&format!("/reports/due.csv?{OCTOBER}")).status(200).body;
    assert!(due.contains("\n2025-10-12,1,1,1,3,33\n"), "{due}");
    assert!(due.contains("\n2025-10-26,0,0,0,0,\n"), "{due}");
    app.get("/reports/nothing.csv").status(404);
}

#[test]
fn a_name_like_a_formula_is_text_in_the_file() {
    let app = App::with(&[], Some(crate::support::people(&["9,=1+1,Event Specialist".to_owned()])));
    let body = app.get("/reports/hours.csv").status(200).body;
    assert!(body.contains("9,'=1+1,"), "{body}");
}

#[test]
fn without_dates_a_report_covers_this_month_and_invalid_filters_are_explained() {
    let app = october();

    let page = app.get("/reports").status(200);
    assert_eq!((page.form("/reports").value("from"), page.form("/reports").value("to")), ("2025-10-01", "2025-10-31"));
    page.link("/reports?from=2025-09-01&amp;to=2025-09-30");
    let half = app.get("/reports?from=2025-09-15").status(200);
    assert_eq!(half.form("/reports").value("to"), "2025-09-30");
    app.get("/reports?from=2025-10-02&to=2025-10-01").status(422).says("the last day is before the first");
    app.get("/reports?from=2024-10-01&to=2025-10-02").status(422).says("a report has at most 366 days");
    app.get("/reports?from=2024-10-01&to=2025-10-01").status(200);
    app.get("/reports?job_title=Wizard").status(422).says("there is no job title");
    app.get("/reports/due.csv?from=yesterday").status(400).says("is not a date");
}

#[test]
fn the_print_sheet_has_all_figures_of_the_page() {
    let page = october().get(&format!("/reports/print?{OCTOBER}&store=7")).status(200).says("Filtered: 7");

    assert_eq!(row(&page, "due", "Sun, Oct 12"), "Sun, Oct 12 1 1 – 2 50 %");
    page.link("/reports?from=2025-10-01&amp;to=2025-10-31&amp;store=7");
}
