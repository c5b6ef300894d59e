//! The page cache: a page is rendered once and dropped when anything on it changes.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use tandem::store::tables::{employees, holidays};

use crate::support::{App, Page};

const MONTH: &str = "/calendar/2025/10";
const DAY: &str = "/calendar/day/2025-10-15";

/// What people read on both pages, whole and as sheets.
fn read(app: &App) -> Vec<String> {
    let addresses =
        [MONTH, DAY, "/calendar/2025/10/print", "/calendar/day/2025-10-15/print", "/calendar/day/2025-10-20"];
    addresses.iter().map(|address| app.get(address).status(200).text()).collect()
}

/// The tag of a page, for a browser.
fn tag(app: &App, address: &str) -> String {
    app.get(address).etag.unwrap_or_else(|| panic!("{address} has no tag"))
}

#[test]
fn an_unchanged_page_answers_304() {
    let app = App::with_acceptance_data();
    for address in [MONTH, DAY, "/calendar/2025/10?type=core", "/calendar/2025/10/print"] {
        let page = app.get(address).status(200);
        assert_eq!(page.header("Cache-Control"), Some("private, no-cache"), "{address}");

        let again = app.get_if_changed(address, &page.etag.clone().unwrap()).status(304);

        assert_eq!((again.body.as_str(), &again.etag), ("", &page.etag), "{address}");
        assert_eq!(again.header("Cache-Control"), Some("private, no-cache"), "{address}");
        assert_eq!(again.vary.as_deref(), Some("HX-Request"), "{address}");
        assert_eq!(app.get_if_changed(address, "\"another\"").status(200).body, page.body, "{address}");
    }
}

#[test]
fn a_cached_page_reads_nothing_from_the_store() {
    let app = App::with_acceptance_data();
    for address in [MONTH, DAY] {
        app.get(address);
        let before = app.store.blocking().counters().point_reads;
        app.get(address);
        assert_eq!(app.store.blocking().counters().point_reads, before, "{address}");
    }
}

#[test]
fn after_each_kind_of_change_cached_pages_equal_those_of_a_new_server() {
    let mut app = App::with_acceptance_data();
    let reschedule = json!({"schedule_id": 2001, "new_date": "2025-10-20"});
    let assign = json!({"event_id": 1004, "employee_id": "102", "start_datetime": "2025-10-15T15:00:00", "override_reason": "a trial"});
    let changes: [(&str, Value); 5] = [
        ("/api/reschedule_event", reschedule),
        ("/api/undo/2", json!({})),
        ("/api/change_employee", json!({"schedule_id": 2001, "new_employee_id": "103", "override_reason": "a trial"})),
        ("/api/unschedule_event", json!({"schedule_id": 2001})),
        ("/api/schedule_event", assign),
    ];
    for (call, body) in changes {
        let (before, tags) = (read(&app), [tag(&app, MONTH), tag(&app, DAY)]);
        let answer = app.call(call, body);
        assert!(answer.status == 200 || call == "/api/schedule_event", "{call}: {}", answer.body);
        let after = read(&app);
        for (address, tag) in [MONTH, DAY].iter().zip(&tags) {
            app.get_if_changed(address, tag).status(200);
        }
        app = app.later(0);
        assert_eq!(after, read(&app), "{call}");
        assert!(answer.status != 200 || before != after, "{call} shows");
    }
}

#[test]
fn a_cached_page_shows_the_new_name_of_a_renamed_employee() {
    let app = App::with_acceptance_data();
    let id = app.event(1001).schedule.unwrap().employee;
    let mut employee = app.read(|view| employees::get(view, &id)).unwrap();
    let filtered = format!("{MONTH}?employee={id}");
    for address in [DAY, &filtered] {
        app.get(address).says(&employee.name);
    }

    let before = std::mem::replace(&mut employee.name, "Ada Newname".to_owned());
    app.store.blocking().write(|tx| employees::put(tx, &employee)).unwrap();

    for address in [DAY, &filtered] {
        app.get(address).says("Ada Newname").does_not_say(&before);
    }
}

#[test]
fn any_change_empties_the_cache() {
    let app = App::with_acceptance_data();
    let before = tag(&app, MONTH);
    app.post("/holidays", &[("date", "2025-10-16"), ("name", "Founders' Day")]).status(303);
    assert!(app.read(|view| holidays::get(view, "2025-10-16".parse().unwrap())).is_some());
    assert_ne!(tag(&app, MONTH), before);
}

#[test]
fn a_cached_page_marks_the_new_day_after_midnight() {
    let (app, hand) = App::with_acceptance_data().with_hand();
    let today = |page: Page| page.body.split("aria-current=\"date\"").next().map(str::len);
    let before = (today(app.get(MONTH)), tag(&app, MONTH));

    hand.fetch_add(14 * 60 * 60 + 59 * 60 + 59, Ordering::Relaxed);
    assert_eq!((today(app.get(MONTH)), tag(&app, MONTH)), before, "a second before midnight");
    hand.fetch_add(1, Ordering::Relaxed);

    assert_ne!(today(app.get(MONTH)), before.0);
    app.get_if_changed(MONTH, &before.1).status(200);
}

#[test]
fn a_cached_page_drops_an_undo_when_its_window_closes() {
    let (app, hand) = App::with_acceptance_data().with_hand();
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    let offers = || app.get("/calendar/day/2025-10-20").body.contains("/activity/2/undo");
    assert!(offers());

    hand.fetch_add(300, Ordering::Relaxed);
    assert!(offers(), "at its last moment");
    hand.fetch_add(1, Ordering::Relaxed);

    assert!(!offers());
}

#[test]
fn a_fragment_is_cached_by_the_server_and_not_by_browsers() {
    let app = App::with_acceptance_data();
    let page = app.get(MONTH);
    let fragment = app.get_fragment(MONTH).status(200);
    assert!(page.is_document() && !fragment.is_document());
    assert_eq!((&fragment.etag, fragment.header("Cache-Control")), (&None, Some("no-store")));
    let before = app.store.blocking().counters().point_reads;
    assert_eq!(app.get_fragment(MONTH).body, fragment.body);
    assert_eq!(app.get(MONTH).body, page.body);
    assert_eq!(app.store.blocking().counters().point_reads, before);
}

#[test]
fn a_message_is_shown_on_one_answer_only() {
    let app = App::with_acceptance_data();
    app.get(DAY);
    let form = [("revision", app.revision(1001)), ("from", "2025-10-15".to_owned())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    app.post("/events/1001/unschedule", &form).status(303);
    let message = |page: &Page| page.text_of("messages");

    let told = app.get(DAY).status(200);

    assert!(!message(&told).is_empty(), "{}", told.body);
    assert_eq!((&told.etag, told.header("Cache-Control")), (&None, Some("no-store")));
    assert_eq!(message(&app.get(DAY)), "");
}

#[test]
fn equivalent_addresses_share_a_cached_page() {
    let app = App::with_acceptance_data();
    app.get(MONTH);
    let before = app.store.blocking().counters().point_reads;
    app.get("/calendar/2025/10?nonsense=1").status(200);
    assert_eq!(app.store.blocking().counters().point_reads, before);
    app.get("/calendar/2025/10?type=core").says("CORE");
    assert_ne!(app.store.blocking().counters().point_reads, before);
}
