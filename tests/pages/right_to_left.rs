//! Names written from right to left turn nothing around them, also where a browser shows plain text.

use serde_json::json;
use tandem::{domain::ids::EmployeeId, store::tables::employees};

use crate::support::App;

const NAME: &str = "נועה";
/// Pages with lists of people.
const PAGES: [&str; 6] = [
    "/events/1019/reschedule?from=2025-10-16",
    "/events/1020/employee?from=2025-10-16",
    "/events/1004/schedule?from=2025-10-16",
    "/unscheduled/schedule?event=1004",
    "/days/2025-10-15/reassign?employee=101",
    "/integrity/repair",
];

/// The acceptance data, where everyone has such a name and a number in it: "נועה 101".
fn app() -> App {
    let app = App::with_acceptance_data();
    for id in ["101", "102", "103", "104", "105"] {
        let id: EmployeeId = id.parse().unwrap();
        let mut employee = app.read(|tx| employees::get(tx, &id)).unwrap();
        employee.name = format!("{NAME} {id}");
        app.store.blocking().write(|tx| employees::put(tx, &employee)).unwrap();
    }
    app
}

/// The texts of the options of a page that name someone.
fn options(body: &str) -> Vec<&str> {
    let texts = body.split("<option").skip(1).filter_map(|one| one.split_once('>')?.1.split('<').next());
    texts.filter(|text| text.contains(NAME)).collect()
}

#[test]
fn every_option_isolates_the_name() {
    let app = app();
    for page in PAGES {
        let body = app.get(page).status(200).body;
        let texts = options(&body);
        assert!(!texts.is_empty(), "{page}");
        for text in texts {
            let isolated = text.split(NAME).next().unwrap().ends_with('\u{2068}') && text.contains('\u{2069}');
            assert!(isolated, "{page}: {text:?}");
        }
    }
    let body = app.get(PAGES[0]).body;
    assert!(body.contains(&format!("\u{2068}{NAME} 101\u{2069} (no change)")));
    // What a list of names suggests is sent as it is, and marks around it are refused.
    assert!(app.get(PAGES[3]).body.contains(&format!("value=\"{NAME} 102\u{200e} (102)\"")));
    let chosen = [("row[1004].take", "true"), ("row[1004].employee", "!other"), ("check", "true")];
    let other = format!("{NAME} 102\u{200e} (102)");
    let page = app.post("/unscheduled/schedule", &[&chosen[..], &[("row[1004].other", &other)]].concat()).status(200);
    assert!(page.body.contains("<option value=\"102\" selected"), "{}", page.body);
}

#[test]
fn findings_and_messages_isolate_the_name() {
    let app = app();
    app.post("/employees/101/time-off", &[("revision", "0"), ("first", "2025-10-16"), ("last", "2025-10-16")])
        .status(303);
    app.get("/integrity/time-off").says(&format!("\u{2068}{NAME} 101\u{2069} is off on Thu, Oct 16, 2025."));
    let to = [("revision", &*app.revision(1020)), ("employee", "105"), ("from", "2025-10-16")];
    let done = app.follow(app.post("/events/1020/employee", &to));
    assert!(done.text_of("messages").contains(&format!("\u{2068}{NAME} 105\u{2069}")), "{}", done.text_of("messages"));
}

#[test]
fn names_written_from_left_to_right_have_no_marks() {
    let app = App::with_acceptance_data();
    app.call("/api/change_employee", json!({"schedule_id": 2015, "new_employee_id": "105"})).ok();
    for page in PAGES {
        let body = app.get(page).status(200).body;
        assert!(!body.contains(['\u{2068}', '\u{200e}']), "{page}");
    }
}
