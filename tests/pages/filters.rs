//! Filters of month and day: counts, texts, and links that keep the filter.

use rocket::http::RawStr;
use tandem::{
    domain::event::{EventType, Location, filter::Filter},
    store::tables::days,
};

use crate::support::{App, Page, one_day, page::attribute};

fn badges(page: &Page, date: &str) -> String {
    let cell = page.day_cell(date);
    let (_, seen) = cell.split_once(r#"<div class="badges""#).unwrap();
    crate::support::page::text_of(&format!("<div{seen}"))
}

#[test]
fn the_counts_of_a_month_are_filtered_by_type() {
    let page = App::with_acceptance_data().get("/calendar/2025/10?type=core&type=freeosk").status(200);

    let day = "2025-10-15";
    assert!(badges(&page, day).starts_with("C 5 F 1"), "{}", badges(&page, day));
    page.says("Filtered: CORE, Freeosk · Clear the filter");
}

#[test]
fn counts_and_warnings_are_filtered_by_store() {
    let app = App::with_visits();
    let whole = app.get("/calendar/2025/10").status(200);

    let page = app.get("/calendar/2025/10?store=4101").status(200).says("Filtered: Harbor Club #4101 ·");
    let nowhere = app.get("/calendar/2025/10?store=9999").status(200);

    let of = |page: &Page| page.text().matches("unscheduled event").count();
    assert_eq!(of(&whole), of(&page), "the data knows one store");
    nowhere.says("Filtered: store #9999 (no events)").says("No events scheduled this month with this filter");
}

/// Exports, and people who know spreadsheets, write apostrophes before names.
#[test]
fn a_store_whose_name_begins_with_apostrophes_is_found_by_its_own_filter() {
    for name in ["'A", "''A", "'=A", "''=A", "#'A", "0'A"] {
        let mut incoming = one_day(10);
        for one in &mut incoming.events {
            one.event.location = Location { number: String::new(), name: name.to_owned() };
        }
        let filter = Filter::at_store(&incoming.events[0].event.location);
        let app = App::with(&[], Some(incoming));

        for store in [name, filter.store.as_deref().unwrap()] {
            let page = app.get(&format!("/calendar/2025/10?store={}", RawStr::new(store).percent_encode())).status(200);

            let page = page.says(&format!("Filtered: {name} ·"));
            assert_eq!(badges(&page, "2025-10-15"), badges(&app.get("/calendar/2025/10"), "2025-10-15"), "{store}");
        }
    }
}

#[test]
fn counts_are_filtered_by_employee() {
    let page = App::with_acceptance_data().get("/calendar/2025/10?employee=101").status(200);

    let day = "2025-10-15";
    assert!(badges(&page, day).starts_with("C 5 J 1 S 0 F 0 D 0 O 0"), "{}", badges(&page, day));
    page.says("Filtered: John Smith ·").does_not_say("unscheduled event");
}

#[test]
fn counts_or_warnings_are_hidden_by_condition() {
    let app = App::with_acceptance_data();
    let open = app.get("/calendar/2025/10?condition=unstaffed").status(200);
    let held = app.get("/calendar/2025/10?condition=scheduled").status(200);

    assert_eq!(badges(&open, "2025-10-15"), "", "nothing scheduled is counted");
    open.says("3 unscheduled events due this day");
    assert!(badges(&held, "2025-10-15").starts_with("C 5 J 2 S 2 F 1 D 3 O 0"));
    held.does_not_say("unscheduled event");
}

#[test]
fn warnings_are_filtered_by_type() {
    let app = App::with_acceptance_data();

    let count = |address: &str| app.get(address).status(200).text().matches("unscheduled events due this day").count();
    assert!(count("/calendar/2025/10?type=core") < count("/calendar/2025/10"));
}

#[test]
fn the_day_shows_the_filtered_groups_and_their_number() {
    let app = App::with_acceptance_data();
    let (whole, page) =
        (app.get("/calendar/day/2025-10-15"), app.get("/calendar/day/2025-10-15?type=core").status(200));

    assert_eq!(page.element("group-core").matches("<article").count(), 5);
    for group in ["group-juicer", "group-freeosk", "group-supervisor"] {
        assert!(page.element(group).split('>').next().unwrap().ends_with(" hidden"), "{group}");
    }
    assert_eq!(page.text_of("filtered"), "Filtered: CORE · 6 of 16 events · Clear the filter");
    assert_eq!(page.text_of("facts"), whole.text_of("facts"), "the facts are those of the whole day");
}

#[test]
fn a_filter_is_kept_by_navigation() {
    let app = App::with_acceptance_data();
    let query = "?type=core&amp;employee=101";

    let month = app.get("/calendar/2025/10?employee=101&type=core").status(200);
    for address in ["/calendar/2025/9", "/calendar/2025/11", "/calendar/2025/10", "/calendar/day/2025-10-31"] {
        month.link(&format!("{address}{query}"));
    }
    let day = app.get("/calendar/day/2025-10-15?employee=101&type=core").status(200);
    for address in ["/calendar/day/2025-10-14", "/calendar/day/2025-10-16", "/calendar/2025/10"] {
        day.link(&format!("{address}{query}"));
    }
    month.link("/calendar/2025/10");
    day.link("/calendar/day/2025-10-15");
}

#[test]
fn the_picker_and_the_form_keep_the_filter_without_empty_fields() {
    let app = App::with_acceptance_data();

    let leads = [
        ("/calendar?year=2025&month=11&type=core&store=&employee=&condition=", "/calendar/2025/11?type=core"),
        (
            "/calendar?date=2025-10-15&type=core&type=juicer&employee=101",
            "/calendar/day/2025-10-15?type=core&type=juicer&employee=101",
        ),
        ("/calendar?date=2025-10-15&store=&condition=", "/calendar/day/2025-10-15"),
    ];
    for (from, to) in leads {
        assert_eq!(app.get(from).location.as_deref(), Some(to), "{from}");
    }
    app.get("/calendar?date=2025-10-32").status(404);
    let month = app.get("/calendar/2025/10?type=core").status(200);
    assert!(month.body.contains(r#"<input type="hidden" name="type" value="core">"#), "the picker carries the filter");
}

#[test]
fn the_form_lists_existing_values_and_keeps_the_choice() {
    let app = App::with_visits();

    for form in [
        app.get("/calendar/2025/10/filter?type=core&store=4101&condition=unstaffed").status(200),
        app.open_dialog("/calendar/day/2025-10-15/filter?type=core&store=4101&condition=unstaffed").status(200),
    ] {
        assert!(form.body.contains(r#"value="core" checked"#), "{}", form.body);
        assert!(form.body.contains(r#"<option value="4101" selected>Harbor Club #4101</option>"#), "{}", form.body);
        assert!(form.body.contains(r#"<option value="unstaffed" selected>"#));
        form.says("Avery Stone");
    }
}

#[test]
fn an_invalid_filter_is_refused_with_the_allowed_values() {
    let app = App::with_acceptance_data();

    for address in ["/calendar/2025/10", "/calendar/day/2025-10-15", "/calendar/2025/10/filter", "/calendar"] {
        app.get(&format!("{address}?type=cores")).status(400).says(
            "The filter in this address cannot be used: \"cores\" is not a type of event: allowed are core, juicer",
        );
        app.get(&format!("{address}?condition=open")).status(400).says("allowed are scheduled and unstaffed");
        app.get(&format!("{address}?employee=a%20b")).status(400);
    }
}

#[test]
fn without_scripts_a_change_returns_to_the_filtered_day() {
    let app = App::with_acceptance_data();
    let day = app.get("/calendar/day/2025-10-15?type=core&employee=101").status(200);
    let link = day.element("unschedule-1001");
    let form = app.get(&attribute(&link, "href").unwrap()).status(200);
    let (_, from) = form.body.split_once(r#"name="from" value=""#).unwrap();
    let from = from.split_once('"').unwrap().0.replace("&amp;", "&");

    let revision = app.revision(1001);
    let done = app.post("/events/1001/unschedule", &[("revision", &revision), ("from", &from)]).status(303);

    assert_eq!(done.location.as_deref(), Some("/calendar/day/2025-10-15?type=core&employee=101"));
    let day = app.follow(done).says("is unscheduled");
    assert!(
        day.element("messages").contains(r#"name="from" value="2025-10-15?type=core&amp;employee=101""#),
        "Undo too"
    );
}

#[test]
fn a_change_from_the_dialog_updates_only_filtered_events() {
    let app = App::with_acceptance_data();
    let revision = app.revision(1001);

    let fields = [("revision", revision.as_str()), ("from", "2025-10-15?type=core&employee=101")];
    let done = app.post_from_dialog("/events/1001/unschedule", &fields).status(200);

    assert_eq!(done.element("group-core").matches("<article").count(), 4);
    assert_eq!(done.element("group-unscheduled").matches("<article").count(), 0);
    assert!(done.element("group-core").contains("%3Ftype%3Dcore%26employee%3D101"), "{}", done.element("group-core"));
}

#[test]
fn a_group_of_more_than_two_hundred_is_shown_whole_on_request() {
    let app = App::with(&[], Some(one_day(700)));
    let cards = |page: &Page| page.element("group-core").matches("<article").count();
    let count = app.read(|view| days::counts(view, "2025-10-15".parse().unwrap())).of(EventType::Core) as usize;
    assert!(count > 200, "{count}");

    let page = app.get("/calendar/day/2025-10-15").status(200).says(&format!("Show all {count}"));
    assert_eq!(cards(&page), 200);
    page.link("/calendar/day/2025-10-15?all=core#group-core");

    let whole = app.get("/calendar/day/2025-10-15?all=core").status(200);
    assert_eq!(cards(&whole), count);
    assert!(
        whole.element("group-core").contains("from=2025-10-15%3Fall%3Dcore"),
        "its forms come back to the whole group"
    );
    let piece = app.get_fragment("/calendar/day/2025-10-15?type=core&all=core").status(200);
    assert_eq!(cards(&piece), count);
}

/// The link to the conflicts of October 15 in the month, and their number.
fn conflicts(app: &App, query: &str) -> Option<(String, usize)> {
    let cell = app.get(&format!("/calendar/2025/10{query}")).status(200).day_cell("2025-10-15");
    let (_, flag) = cell.split_once("<a class=\"flag refused\"")?;
    let flag = format!("<a {flag}");
    let count = attribute(&flag, "title")?.split(' ').next()?.parse().ok()?;
    Some((attribute(&flag, "href")?, count))
}

#[test]
fn conflicts_of_a_month_are_those_of_the_filtered_day() {
    let app = App::with_acceptance_data();
    let mut counts = Vec::new();
    for query in ["", "?type=core", "?type=juicer", "?type=digitals", "?employee=101", "?condition=scheduled"] {
        let day = format!("/calendar/day/2025-10-15{query}");
        let page = app.get(&day);
        let cards = page.body.split("<article").skip(1).filter(|card| card.contains("class=\"finding bad\"")).count();
        assert_eq!(conflicts(&app, query), Some((day, cards)), "{query}");
        counts.push(cards);
    }
    assert!(counts[1..5].iter().all(|some| (1..counts[0]).contains(some)), "{counts:?}");
    for query in ["?employee=102", "?store=9999", "?condition=unstaffed", "?type=freeosk"] {
        assert_eq!(conflicts(&app, query), None, "{query}");
    }
}
