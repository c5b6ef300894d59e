//! Drag and drop on the server: who may work an event when, and forms with filled fields.

use serde_json::json;

use crate::support::App;

const FORM: &str = "/events/1001/reschedule?from=2025-10-15%3Fpage%3D%252Froster%252F2025-10-15";

#[test]
fn fits_tells_for_each_employee_and_day_whether_they_may_work_the_event() {
    let app = App::with_acceptance_data();
    let fits = app.read_call("/events/1001/fits?first=2025-10-12&last=2025-10-18").body;
    let (fits, anyone) = (&fits["people"], &fits["anyone"]);
    assert_eq!(fits.as_object().unwrap().len(), 5);
    assert_eq!(fits["104"].as_object().unwrap().len(), 7);
    assert_eq!(fits["101"]["2025-10-16"]["level"], "refused");
    assert!(fits["101"]["2025-10-16"]["why"].as_str().unwrap().contains("already has Doritos"));
    assert_eq!(fits["104"]["2025-10-17"]["level"], "warned", "after its last day");
    assert_eq!(fits["104"]["2025-10-14"]["level"], "free");
    assert_eq!(fits["104"]["2025-10-14"]["why"], "");
    assert_eq!((&anyone["2025-10-14"]["level"], &anyone["2025-10-14"]["why"]), (&json!("free"), &json!("")));
    assert_eq!(anyone["2025-10-17"]["level"], "warned", "the best of all people");
    assert_eq!(anyone["2025-10-17"]["why"], "no one is free then without a warning");
    let theirs = app.read_call("/events/1001/fits?first=2025-10-01&last=2025-10-31&employee=101").body;
    assert_eq!(theirs["people"].as_object().unwrap().keys().collect::<Vec<_>>(), ["101"]);
}

#[test]
fn fits_agree_with_the_form_on_each_day() {
    let app = App::with_acceptance_data();
    let fits = app.read_call("/events/1001/fits?first=2025-10-12&last=2025-10-18").body;
    for (person, days) in fits["people"].as_object().unwrap() {
        for (date, fit) in days.as_object().unwrap() {
            if (person.as_str(), date.as_str()) == ("101", "2025-10-15") {
                continue; // where it is
            }
            let form = app.get(&format!("{FORM}&date={date}&employee={person}")).status(200);
            let preview = form.element("preview");
            let refused = preview.contains("An override reason is needed.");
            // The form also looks at the Supervisor, which stays with its employee.
            assert!(refused || fit["level"] != "refused", "{person} on {date}: {fit}\n{preview}");
        }
    }
}

#[test]
fn an_invalid_range_of_days_is_refused() {
    let app = App::with_acceptance_data();
    for query in ["first=2025-10-12&last=2025-12-18", "first=2025-10-12&last=2025-10-11", "first=x&last=2025-10-11", ""]
    {
        let status = app.get(&format!("/events/1001/fits?{query}")).status;
        assert!([400, 404, 422].contains(&status), "{query}: {status}");
    }
    app.get("/events/999999/fits?first=2025-10-12&last=2025-10-18").status(404);
}

#[test]
fn a_drop_opens_a_form_with_the_same_time_and_a_preview() {
    let app = App::with_acceptance_data();
    let form = app.open_dialog(&format!("{FORM}&date=2025-10-20&employee=104&seen=0")).status(200);
    for field in ["name=\"date\" type=\"date\" value=\"2025-10-20\"", "type=\"time\" value=\"10:00\""] {
        assert!(form.body.contains(field), "{field} in {}", form.body);
    }
    assert!(form.text_of("preview").contains("Mon, Oct 20, 10:00 AM, Mike Johnson"), "{}", form.text_of("preview"));
    let open = "/events/1017/schedule?from=2025-10-15&date=2025-10-21&employee=103";
    assert!(app.open_dialog(open).status(200).body.contains("type=\"time\" value=\"09:45\""));
}

#[test]
fn a_form_opened_from_a_stale_page_lists_the_changes() {
    let app = App::with_acceptance_data();
    app.call("/api/reschedule_event", serde_json::json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    let form = app.open_dialog(&format!("{FORM}&date=2025-10-17&seen=0")).status(409);
    let form = form.says("Mon, Oct 20, 2025 at 10:00 AM").says("Fri, Oct 17, 2025");
    assert!(form.body.contains("value=\"2025-10-17\""), "where it was dropped");
    app.open_dialog(&format!("{FORM}&date=2025-10-17&seen=1")).status(200);
}

#[test]
fn a_dragged_badge_opens_a_list_of_its_events() {
    let app = App::with_acceptance_data();
    let choice = "/events/move?date=2025-10-15&type=core&to=2025-10-20&page=/calendar/2025/10";
    let page = app.get(choice).status(200).says("Move an event to Mon, Oct 20");
    let cores = app.read_call("/api/calendar/day/2025-10-15").body["groups"]["core"].as_array().unwrap().len();
    assert_eq!(page.body.matches("/reschedule?from=").count(), cores * 2);
    let only = app.get("/events/move?date=2025-10-15&type=digitals&to=2025-10-20&page=/calendar/2025/10").status(200);
    assert!(only.body.matches("/reschedule?from=").count() != 2 || only.is_document());
    app.get("/events/move?date=2025-10-15&type=nonsense&to=2025-10-20").status(400);
    app.get("/events/move").status(400);
}

#[test]
fn a_form_from_a_page_without_cards_links_to_the_other_forms_and_the_card() {
    let app = App::with_acceptance_data();
    let form = app.get(FORM).status(200);
    for words in ["Unschedule…", "Change employee…", "Open its day"] {
        assert!(form.text().contains(words), "{words}");
    }
    assert!(!app.get("/events/1001/reschedule?from=2025-10-15").text().contains("Open its day"));
}
