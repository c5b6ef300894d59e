//! Activity: entries newest first, filtered, in pages, exported.

use serde_json::json;
use tandem::{
    domain::{
        audit::{Action, Entry, Origin, Outcome, Source},
        change::{Command, Request},
        event::default_start::UsualStarts,
        ids::EventId,
        policy::{Policy, SupervisorTime},
    },
    services::{change, decision_context::Target},
    store::{maintenance::audit_archive, tables::audit},
};

use crate::support::{App, Page, legacy, origin, page::attribute};

/// The moment of a change, a day before all other tests.
const YESTERDAY: &str = "2025-10-14T13:00:00Z";

fn by(who: &str) -> Origin {
    Origin { who: who.into(), source: Source::Page, ..origin() }
}

/// Gives an event to another employee and overrides the rules.
#[track_caller]
fn give(app: &App, event: u64, employee: &str, reason: &str, origin: &Origin) {
    let command = Command::ChangeEmployee { employee: employee.parse().unwrap() };
    let request = Request { override_reason: Some(reason.into()), ..Request::plain(command) };
    let policy = Policy {
        pairing: true,
        supervisor_time: SupervisorTime::After { minutes: 120 },
        usual: UsualStarts::NONE,
        short_work_minutes: 0,
        zone: chrono_tz::America::New_York,
    };
    change::make(app.store.blocking(), Target::Event(EventId(event)), &request, &policy, origin).unwrap();
}

/// An import (1), a move of a pair (2), a refusal (3), and what Ada did the day before (4).
fn busy() -> App {
    let app = App::with_acceptance_data();
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    app.call("/api/change_employee", json!({"schedule_id": 2014, "new_employee_id": 105})).refused(422, "refused");
    let yesterday = Origin { at: YESTERDAY.parse().unwrap(), ..by("Ada Bell") };
    give(&app, 1019, "105", "No one else can.", &yesterday);
    app
}

/// The entries on a page, in its order.
fn listed(page: &Page) -> Vec<u64> {
    let ids = page.body.split("id=\"entry-").skip(1);
    ids.map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
}

/// Where the next page is, if there is one.
fn next(page: &Page) -> Option<String> {
    let at = page.body.find("rel=\"next\"")?;
    attribute(&page.body[page.body[..at].rfind('<').unwrap()..], "href")
}

#[test]
fn the_list_shows_old_and_new_values_newest_first() {
    let page = busy().get("/activity").status(200);

    assert_eq!(listed(&page), [4, 3, 2, 1]);
    let moved = page.text_of("entry-2");
    assert!(moved.contains("Reschedule Super Pretzel (CORE 606001)"), "{moved}");
    let core = "from Wed, Oct 15, 2025 at 10:00 AM, John Smith → Mon, Oct 20, 2025 at 10:00 AM, John Smith";
    let supervisor = "from Wed, Oct 15, 2025 at 12:00 PM, Jane Doe → Mon, Oct 20, 2025 at 12:00 PM, Jane Doe";
    for part in [core, supervisor, "Wed, Oct 15, 2025 at 9:00 AM · local user (no sign-in) · api"] {
        assert!(moved.contains(part), "{part:?} is not in: {moved}");
    }
}

#[test]
fn the_list_shows_refusals_with_their_reason() {
    let page = busy().get("/activity").status(200);

    let refused = page.text_of("entry-3");

    assert!(refused.contains("Change employee Doritos (CORE 606005) refused"), "{refused}");
    assert!(refused.contains("Mike Brown is a Club Supervisor"), "{refused}");
    assert!(page.text_of("entry-4").contains("No one else can."));
}

#[test]
fn the_list_shows_failures() {
    let app = App::with_acceptance_data();
    let corrupt = tandem::store::StoreError::Corrupt { table: tandem::store::Table::Events, key: "armed".into() };
    app.fail_points.arm(2, corrupt);
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).refused(500, "internal");

    let failed = app.get("/activity").text_of("entry-2");

    assert!(failed.contains("Reschedule Super Pretzel (CORE 606001) failed"), "{failed}");
    assert!(failed.contains("Nothing was changed.") && !failed.contains("armed"), "never the cause: {failed}");
}

#[test]
fn the_list_is_filtered_by_event_number_employee_and_dates() {
    let app = busy();
    let filters: [(&str, &[u64]); 12] = [
        ("event=606001", &[2]),
        ("event=606005", &[4, 3]),
        ("event=%23606005", &[4, 3]),
        ("employee=smith", &[4, 2]),
        ("employee=102", &[2]),
        ("employee=0102", &[2]),
        ("employee=Mike+Brown", &[4]),
        ("employee=unknown", &[]),
        ("from=2025-10-15", &[3, 2, 1]),
        ("to=2025-10-14", &[4]),
        ("from=2025-10-14&to=2025-10-15", &[4, 3, 2, 1]),
        ("from=2025-10-16", &[]),
    ];
    for (filter, wanted) in filters {
        assert_eq!(listed(&app.get(&format!("/activity?{filter}")).status(200)), wanted, "{filter}");
    }
    app.get("/activity?from=2025-10-15&to=2025-10-14").status(422).says("the last day is before the first");
    let called = app.read_call("/api/audit?employee=102&from=2025-10-15&to=2025-10-15").body;
    assert_eq!(called["entries"].as_array().unwrap().len(), 1, "{called}");
}

#[test]
fn the_list_is_filtered_by_each_field() {
    let app = busy();
    app.call("/api/undo/2", json!({})).ok();

    let filters: [(&str, &[u64]); 14] = [
        ("event=1001", &[5, 2]),
        ("event=1002", &[5, 2]),
        ("event=%201019%20", &[4, 3]),
        ("event=4711", &[]),
        ("who=ada", &[4]),
        ("who=NO+SIGN-IN", &[5, 3, 2]),
        ("who=an+unknown+user", &[]),
        ("action=change_employee", &[4, 3]),
        ("action=undo", &[5]),
        ("date=2025-10-14", &[4]),
        ("date=2025-10-15", &[5, 3, 2, 1]),
        ("event=1019&who=ada&action=change_employee&date=2025-10-14", &[4]),
        ("event=1019&who=ada&action=change_employee&date=2025-10-15", &[]),
        ("event=&who=&action=&date=", &[5, 4, 3, 2, 1]),
    ];
    for (query, expected) in filters {
        let page = app.get(&format!("/activity?{query}")).status(200);
        assert_eq!(listed(&page), expected, "{query}");
        if expected.is_empty() {
            page.says("No change matches.");
        }
    }
}

#[test]
fn a_date_is_a_day_of_the_configured_zone() {
    let app = App::with_acceptance_data();
    for at in ["2025-10-16T03:59:59Z", "2025-10-16T04:00:00Z"] {
        let origin = Origin { at: at.parse().unwrap(), ..origin() };
        app.store.blocking().write(|tx| audit::append(tx, Entry::new(&origin, Action::Import, Outcome::Done))).unwrap();
    }

    assert_eq!(listed(&app.get("/activity?date=2025-10-15")), [2, 1]);
    assert_eq!(listed(&app.get("/activity?date=2025-10-16")), [3]);
}

#[test]
fn the_filter_keeps_its_values_and_passes_them_to_the_export() {
    let page = busy().get("/activity?event=1019&who=Ada+B&action=change_employee&date=2025-10-14").status(200);

    for (field, value) in [("event", "1019"), ("who", "Ada B"), ("from", "2025-10-14"), ("to", "2025-10-14")] {
        assert_eq!(attribute(&page.element(field), "value").as_deref(), Some(value));
    }
    assert!(page.element("action").contains("value=\"change_employee\" selected"), "{}", page.element("action"));
    assert!(page.body.contains(
        "/activity.csv?event=1019&amp;who=Ada%20B&amp;action=change_employee&amp;from=2025-10-14&amp;to=2025-10-14"
    ));
}

#[test]
fn an_invalid_filter_is_shown_again_with_a_message() {
    let app = busy();

    let wrong = [
        "event=x",
        "event=0",
        "event=606001-CORE",
        "date=yesterday",
        "date=2025-02-30",
        "date=15.10.2025",
        "action=juggle",
    ];
    for query in wrong {
        let page = app.get(&format!("/activity?{query}")).status(422).says("The filter cannot be used: ");
        assert_eq!(listed(&page), [] as [u64; 0], "{query}");
        app.get(&format!("/activity.csv?{query}")).status(400);
    }
    let page = app.get("/activity?event=%22%3E%3Cscript%3Ealert(1)").status(422);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert_eq!(attribute(&page.element("event"), "value").as_deref(), Some("\"><script>alert(1)"));
}

/// 121 entries in one write: every third is Ada's.
fn long_list() -> App {
    let app = App::with_acceptance_data();
    let append = |number: u64| {
        let origin = by(if number.is_multiple_of(3) { "Ada Bell" } else { "Bob" });
        Entry::new(&origin, Action::Import, Outcome::Done)
    };
    app.store
        .blocking()
        .write(|tx| (2..=121).try_for_each(|number| audit::append(tx, append(number)).map(drop)))
        .unwrap();
    app
}

/// Every entry that the pages from an address list, page by page.
fn all_pages(app: &App, address: &str) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    let mut address = Some(address.to_owned());
    while let Some(at) = address {
        let page = app.get(&at).status(200);
        pages.push(listed(&page));
        address = next(&page);
    }
    pages
}

#[test]
fn the_pages_show_every_entry_once() {
    let app = long_list();

    let pages = all_pages(&app, "/activity");

    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 21]);
    assert_eq!(pages.concat(), (1..=121).rev().collect::<Vec<u64>>());
}

#[test]
fn the_pages_keep_the_filter() {
    let app = long_list();

    let mut expected: Vec<u64> = (2..=121).filter(|number| number % 3 == 0).collect();
    expected.reverse();
    assert_eq!(all_pages(&app, "/activity?who=ada&date=2025-10-15").concat(), expected);
    expected = (2..=121).rev().filter(|number| number % 3 != 0).collect();
    let pages = all_pages(&app, "/activity?who=bob");
    assert_eq!((pages.len(), pages.concat()), (2, expected));
}

#[test]
fn the_next_page_is_stable_while_entries_are_added() {
    let app = long_list();
    let older = next(&app.get("/activity")).unwrap();
    give(&app, 1019, "105", "later", &by("Bob"));

    assert_eq!(listed(&app.get(&older))[0], 71);
    assert_eq!(listed(&app.get("/activity?before=0")), [] as [u64; 0]);
    assert_eq!(listed(&app.get("/activity?before=99999999"))[0], 122);
}

#[test]
fn names_and_reasons_are_escaped() {
    let evil = "<script>alert(\"1\")</script> & 'so' on";
    let event = format!("1,\"606001-CORE-{}\",CORE,1,2025-10-15,", evil.replace('"', "\"\""));
    let app = App::with(&[], Some(legacy(&[&event], &["11,1,101,2025-10-15 10:00:00"])));
    give(&app, 1, "102", evil, &by(evil));

    for address in ["/activity", "/activity/2", "/activity?event=1"] {
        let page = app.get(address).status(200);
        assert!(!page.body.contains("<script>alert"), "{address}");
        assert!(page.text().matches(evil).count() >= 3, "{}", page.text());
    }
    let csv = app.get("/activity.csv").status(200);
    assert!(csv.body.contains("<script>alert(\"\"1\"\")</script>"), "{}", csv.body);
}

#[test]
fn the_end_of_the_list_names_the_archived_entries() {
    let app = busy();
    let archive = tempfile::TempDir::new().unwrap();
    let later = origin().at + chrono::TimeDelta::days(1);
    let moved = audit_archive::run(app.store.blocking(), &archive.path().join("audit.gz"), later, &origin());
    assert_eq!(moved.unwrap().map(|moved| moved.last), Some(4));

    let page = app.get("/activity");

    assert_eq!(listed(&page), [5]);
    page.says("Changes 1 to 4 are archived");
    app.get("/activity/2").status(404).says("Change 2 is archived");
    app.get("/activity/5").says("Archive the audit");
}
