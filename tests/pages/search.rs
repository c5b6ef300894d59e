//! Search: any text on a card finds it, and every answer is small.

use rocket::serde::json::json;
use tandem::{
    domain::ids::EventId,
    import::{Incoming, legacy},
    store::tables::name_index,
};

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
        let name = name.split_once("<bdi>").unwrap().1;
        name.split_once('<').unwrap().0.replace("&amp;", "&")
    })
    .collect()
}

#[test]
fn an_event_is_found_by_words_number_and_reference() {
    let app = App::with_acceptance_data();

    for question in ["super pretzel", "PRETZ sup core", "606001 core", "1001"] {
        let found = events(&search(&app, question));
        assert!(found.contains(&"Super Pretzel".to_owned()), "{question}: {found:?}");
    }
    assert_eq!(events(&search(&app, "606001")).len(), 2, "the number finds the pair");
    assert_eq!(events(&search(&app, "#1001")), ["Super Pretzel"]);
}

#[test]
fn a_found_event_links_to_its_card_with_time_and_employee() {
    let app = App::with_acceptance_data();

    let found = search(&app, "cheetos");
    found.link("/calendar/day/2025-10-15#event-1006");
    let found = found.says("Wed, Oct 15, 9:00 AM").says("John Smith");
    found.link("/calendar/day/2025-10-15#event-1007");
    found.says("unscheduled, last day Wed, Oct 15");
}

#[test]
fn a_person_is_found_by_name_or_number_and_links_to_their_events() {
    let app = App::with_acceptance_data();

    for question in ["smith", "jo smi", "101"] {
        let found = search(&app, question).says("Employees (1)");
        found.link("/employees/101/week/2025-10-15");
        found.link("/calendar/2025/10?employee=101");
    }
}

#[test]
fn a_store_is_found_by_name_or_number_and_filters_events() {
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
fn an_event_is_found_by_its_new_employee_after_a_change() {
    let app = App::with_acceptance_data();
    app.call(
        "/api/change_employee",
        json!({"schedule_id": 2003, "new_employee_id": "102", "override_reason": "a test"}),
    )
    .ok();

    search(&app, "orphan jane").says("Orphan Product");
    search(&app, "orphan john").says("Nothing found");
}

#[test]
fn an_invalid_query_is_reported_and_kept() {
    let app = App::with_acceptance_data();

    search(&app, "").does_not_say("Nothing found").says("The start of a word is enough");
    search(&app, "zzzz").says("Nothing found");
    let short = app.get("/search?q=x").status(422).says("a search needs a word of at least 2 letters or digits");
    assert!(short.body.contains(r#"value="x""#) && short.body.contains(r#"aria-invalid="true""#), "{}", short.body);
    app.get(&format!("/search?q={}", "x".repeat(101))).status(422).says("a search has at most 100 characters");
    assert!(!search(&app, "<b>bold</b>").body.contains("<b>bold"));
}

#[test]
fn a_common_word_is_answered_in_pages_within_the_read_limit() {
    let app = App::with(&[], Some(october(3000)));
    let before = app.store.blocking().counters().point_reads;

    let first = search(&app, "core");
    let reads = app.store.blocking().counters().point_reads - before;

    assert!(reads < 2500, "{reads} reads");
    assert_eq!(events(&first).len(), 50);
    let first = first.says("Events (1000 of more)").says("Page 1 of 20").says("Add another word");
    let second = app.get("/search?q=core&page=2").status(200).says("Page 2 of 20");
    assert_ne!(events(&first), events(&second));
    assert_eq!(app.get("/search?q=core&page=99").status(200).says("Page 20 of 20").status, 200);
}

#[test]
fn the_index_follows_a_name_changed_by_an_import() {
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

#[test]
fn a_store_links_to_the_days_of_its_events() {
    let app = App::with_visits();
    let found = search(&app, "4101");
    let of_store =
        found.body.split("href=\"/calendar/day/").skip(1).filter(|rest| rest[10..].starts_with("?store=4101"));
    let of_store: Vec<_> = of_store.map(|rest| rest[..10].to_owned()).collect();
    assert!((1..=7).contains(&of_store.len()), "{of_store:?}");
    for day in of_store {
        let page = app.get(&format!("/calendar/day/{day}?store=4101")).status(200);
        assert!(page.body.contains("id=\"event-"), "{day} has an event");
    }
    let app = app.later(200 * 24 * 60 * 60);
    search(&app, "4101").says("no events near today");
}

#[test]
fn the_search_field_of_the_header_finds_while_typing() {
    let app = App::with_acceptance_data();
    let header = app.get("/calendar/2025/10");
    assert!(header.body.contains("hx-target=\"#quick\" hx-select=\"#found\""), "{}", header.body);
    let found = app.get_fragment("/search?q=smith").status(200);
    assert!(found.text_of("found").starts_with("1 employee"), "{}", found.body);
    assert!(!app.get_fragment("/search?q=s").status(422).element("found").contains("data-say"));
}

#[test]
fn a_typed_date_links_to_its_day_and_a_name_to_its_page() {
    let app = App::with_acceptance_data();
    for question in ["oct 15", "2025-10-15", "wednesday", "10/15"] {
        search(&app, question).says("Go to Wednesday, October 15, 2025 Day").link("/calendar/day/2025-10-15");
    }
    search(&app, "nov 2025").link("/calendar/2025/11");
    search(&app, "1/5").says("Monday, January 5, 2026");
    search(&app, "reports").says("Go to Reports").link("/reports");
    search(&app, "keyb").link("/help");
    assert!(search(&app, "smith").says("Employees (1)").body.find("class=\"found go\"").is_none());
    search(&app, "").says("Go to Calendar").link("/unscheduled");
}

/// Pages that no name leads to: the search itself, sheets, what is asked of a choice made before, and the second factor, which
/// leads to the account.
const NOT_BY_NAME: &[&str] = &[
    "/search",
    "/unsent",
    "/reports/print",
    "/unscheduled/schedule",
    "/auto-schedule/rotation/copy",
    "/account/second-factor",
];

#[test]
fn every_page_is_found_by_its_title() {
    use crate::auth::of;
    use tandem::domain::user::Role;

    let app = App::with_users();
    let word = app.session_of(of(Role::Admin));
    let get = |address: &str| app.ask_as(&word, "GET", address, &[], "");
    let fixed = crate::auth::site_map::ENTRIES.iter().filter(|entry| entry.method == "GET");
    let fixed = fixed.map(|entry| entry.path.split('?').next().unwrap()).filter(|path| !path.contains('<'));
    let fixed = fixed.filter(|path| !NOT_BY_NAME.contains(path));
    let addresses: Vec<_> = fixed.chain(["/calendar/day/2025-10-15/timeline"]).collect();
    let (mut tried, mut missing) = (0, Vec::new());
    for address in addresses {
        let page = get(address);
        if page.status != 200 || !page.is_document() || !page.body.contains("aria-label=\"Main\"") {
            continue; // a redirect, a file, or a page from before the sign-in
        }
        let title = page.body.split("<title>").nth(1).unwrap().split([',', '<', '·']).next().unwrap().trim();
        let question = percent_encoding::utf8_percent_encode(title, percent_encoding::NON_ALPHANUMERIC);
        let found = get(&format!("/search?q={question}")).element("found");
        if !found.contains(&format!("href=\"{address}\"")) {
            missing.push(format!("{title:?} does not lead to {address}"));
        }
        tried += 1;
    }
    assert!(missing.is_empty() && tried > 15, "{tried} pages: {missing:#?}");
}

#[test]
fn every_entry_of_the_header_is_found_by_its_words() {
    let app = App::with_acceptance_data();
    let page = app.get("/calendar/2025/10");
    let entries = page.body.split("aria-label=\"Main\"").nth(1).unwrap().split("</nav>").next().unwrap();
    let mut tried = 0;
    for entry in entries.split("<a href=\"").skip(1) {
        let (address, rest) = entry.split_once('"').unwrap();
        let words = rest.split_once('>').unwrap().1.split('<').next().unwrap();
        search(&app, words).link(address);
        tried += 1;
    }
    assert!(tried >= 9, "{tried} entries");
}

#[test]
fn pages_are_found_only_with_the_right_to_use_them() {
    use crate::auth::of;
    use tandem::domain::user::Role;

    let app = App::with_users();
    for role in Role::ALL {
        let word = app.session_of(of(role));
        let all = app.ask_as(&word, "GET", "/search", &[], "").status(200);
        let links = all.element("found");
        let offered: Vec<_> = links.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(offered.len() > 10, "{offered:?}");
        for address in offered {
            let page = app.ask_as(&word, "GET", address, &[], "");
            assert!([200, 303].contains(&page.status), "{role}: {address} {}", page.status);
        }
    }
    let vera = app.session_of("vera");
    app.ask_as(&vera, "GET", "/search?q=import", &[], "").status(200).does_not_say("Files from the retailer");
}

#[test]
fn a_store_is_found_under_each_of_its_names() {
    let rows = |name: &str, id: u64| {
        let headings = "event_id,project_name,event_type,estimated_hours,due_datetime,store_number,store_name";
        format!("{headings}\n{id},60600{id}-CORE-Gum,CORE,2,2025-10-31,77,{name}\n")
    };
    let app = App::empty();
    for (name, id) in [("Harbor Club", 1), ("Ñandú & <Co>", 2)] {
        let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        let people = file("employees.csv", "employee_id,name,job_title\n");
        let schedule = file("schedule.csv", "schedule_id,event_id,employee_id,start_datetime\n");
        let events = file("events.csv", &rows(name, id));
        app.import(legacy::read(Incoming::default(), &people, &events, &schedule).unwrap());
    }
    for (question, shown) in
        [("harbor", "Harbor Club #77"), ("ñandú", "Ñandú & <Co> #77"), ("nandu", "Ñandú & <Co> #77")]
    {
        search(&app, question).says(shown);
    }
    assert_eq!(search(&app, "77").body.matches("/calendar/day/2025-10-31?store=").count(), 1, "one store");
}
