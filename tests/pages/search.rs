//! Search: whatever stands on a card finds it, and every answer is small.

use rocket::serde::json::json;
use tandem::{domain::ids::EventId, store::tables::name_index};

use crate::support::{App, Page, october};

fn search(app: &App, question: &str) -> Page {
    let question = percent_encoding::utf8_percent_encode(question, percent_encoding::NON_ALPHANUMERIC);
    app.get(&format!("/search?q={question}")).status(200)
}

/// The names of the events that were found, in their order.
fn events(page: &Page) -> Vec<String> {
    let rows = page.body.split("<li class=\"").skip(1);
    rows.map(|row| {
        let (_, name) = row.split_once(" class=\"name\"").unwrap();
        let name = name.split_once('>').unwrap().1;
        name.split_once('<').unwrap().0.replace("&amp;", "&")
    })
    .collect()
}

#[test]
fn an_event_is_found_by_words_number_and_reference() {
    let app = App::with_acceptance_data();

    for question in ["super pretzel", "PRETZ sup core", "606001 core", "1001"] {
        let found = events(&search(&app, question));
        assert!(found.contains(&"606001-CORE-Super Pretzel".to_owned()), "{question}: {found:?}");
    }
    assert_eq!(events(&search(&app, "606001")).len(), 2, "the number finds the pair");
    assert_eq!(events(&search(&app, "#1001")), ["606001-CORE-Super Pretzel"]);
}

#[test]
fn a_found_event_leads_to_its_card_and_tells_when_and_who() {
    let app = App::with_acceptance_data();

    let found = search(&app, "cheetos");
    found.link("/calendar/day/2025-10-15#event-1006");
    let found = found.says("Wed, Oct 15, 9:00 AM").says("John Smith");
    found.link("/calendar/day/2025-10-15#event-1007");
    found.says("unscheduled, due Wed, Oct 15");
}

#[test]
fn a_person_is_found_by_name_or_number_and_leads_to_what_they_hold() {
    let app = App::with_acceptance_data();

    for question in ["smith", "jo smi", "101"] {
        let found = search(&app, question).says("Employees (1)");
        found.link("/employees/101/week/2025-10-15");
        found.link("/calendar/2025/10?employee=101");
    }
}

#[test]
fn a_store_is_found_by_name_or_number_and_helps_to_find_an_event() {
    let app = App::with_visits();

    for question in ["4101", "#4101", "harbor cl"] {
        search(&app, question).says("Stores (1)").link("/calendar/2025/10?store=4101");
    }
    let alone = events(&search(&app, "grapes"));
    assert!(!alone.is_empty());
    assert_eq!(events(&search(&app, "grapes harbor")), alone, "the other word is the store's");
    assert!(events(&search(&app, "grapes elsewhere")).is_empty());
}

#[test]
fn a_changed_employee_is_found_under_the_new_one() {
    let app = App::with_acceptance_data();
    app.call(
        "/api/change_employee",
        json!({"schedule_id": 2003, "new_employee_id": "102", "override_reason": "a test"}),
    )
    .ok();

    search(&app, "orphan jane").says("606999-CORE-Orphan Product");
    search(&app, "orphan john").says("Nothing found");
}

#[test]
fn what_cannot_be_looked_for_says_so_and_keeps_what_was_typed() {
    let app = App::with_acceptance_data();

    search(&app, "").does_not_say("Nothing found").says("The start of a word is enough");
    search(&app, "zzzz").says("Nothing found");
    let short = app.get("/search?q=x").status(422).says("a search needs a word of at least 2 letters or digits");
    assert!(short.body.contains(r#"value="x""#) && short.body.contains(r#"aria-invalid="true""#), "{}", short.body);
    app.get(&format!("/search?q={}", "x".repeat(101))).status(422).says("a search has at most 100 characters");
    assert!(!search(&app, "<b>bold</b>").body.contains("<b>bold"));
}

#[test]
fn a_common_word_is_answered_in_pages_and_reads_no_more_than_it_may() {
    let app = App::with(&[], Some(october(3000)));
    let before = app.store.blocking().point_reads();

    let first = search(&app, "core");
    let reads = app.store.blocking().point_reads() - before;

    assert!(reads < 2500, "{reads} reads");
    assert_eq!(events(&first).len(), 50);
    let first = first.says("Events (1000 of more)").says("Page 1 of 20").says("Add another word");
    let second = app.get("/search?q=core&page=2").status(200).says("Page 2 of 20");
    assert_ne!(events(&first), events(&second));
    assert_eq!(app.get("/search?q=core&page=99").status(200).says("Page 20 of 20").status, 200);
}

#[test]
fn the_words_of_a_name_follow_it_when_an_import_changes_it() {
    let app = App::with_acceptance_data();
    let mut event = app.event(1001);
    let before = event.clone();
    event.name = "606001-CORE-Salted Almonds".to_owned();

    let replaced =
        app.store.blocking().write(|tx| tandem::store::tables::events::replace(tx, Some(&before), Some(&event)));

    replaced.unwrap();
    let found = |word: &str| app.read(|view| name_index::beginning(view, word)).0;
    assert!(found("almo").contains(&EventId(1001)) && !found("pretz").contains(&EventId(1001)));
    app.assert_whole();
}
