//! TC-001 and on: the month.

use crate::support::{
    App, Page, october,
    page::{attribute, text_of},
};

fn october_page() -> Page {
    App::with_acceptance_data().get("/calendar/2025/10").status(200)
}

fn cell(page: &Page, date: &str) -> String {
    page.link(&format!("/calendar/day/{date}"))
}

/// The badges of a day, in their order, each with whether it is shown as a zero.
fn badges(cell: &str) -> Vec<(String, bool)> {
    let badges = cell.split("<span class=\"b ").skip(1);
    badges
        .map(|badge| {
            let (class, rest) = badge.split_once('"').unwrap();
            let text = text_of(&format!("<{}", rest.split("</span></span>").next().unwrap()));
            (text, class.contains("zero"))
        })
        .collect()
}

#[test]
fn tc_001_badges_count_scheduled_events_in_their_order() {
    let page = october_page();

    let shown = |date| {
        let badges: Vec<_> = badges(&cell(&page, date)).into_iter().map(|(text, _)| text).collect();
        badges.join(", ")
    };
    assert_eq!(shown("2025-10-15"), "C 5, J 2, S 2, F 1, D 3, O 0");
    assert_eq!(shown("2025-10-16"), "C 1, J 0, S 1, F 0, D 0, O 0");
    assert_eq!(shown("2025-10-17"), "C 0, J 1, S 0, F 0, D 0, O 0");
}

#[test]
fn tc_001_only_zero_badges_are_muted() {
    let page = october_page();

    for date in ["2025-10-15", "2025-10-16", "2025-10-17", "2025-10-31"] {
        for (text, muted) in badges(&cell(&page, date)) {
            assert_eq!(muted, text.ends_with(" 0"), "{text} on {date}");
        }
    }
}

/// What a day is called by those who hear it: its text up to the parts that are only for the eye.
fn heard(day: &str) -> String {
    let (said, seen) = day.split_once(r#"<span class="date" aria-hidden="true">"#).unwrap();
    assert!(seen.contains(r#"<span class="badges" aria-hidden="true">"#), "{seen}");
    text_of(said)
}

#[test]
fn tc_002_unscheduled_events_due_are_warned_of() {
    let page = october_page();

    assert!(text_of(&cell(&page, "2025-10-15")).contains("3 unscheduled events due this day"));
    assert!(text_of(&cell(&page, "2025-10-16")).contains("2 unscheduled events due this day"));
}

#[test]
fn tc_003_a_day_where_all_is_scheduled_warns_of_nothing() {
    let cell = cell(&october_page(), "2025-10-17");

    assert!(!text_of(&cell).contains("due"), "{cell}");
    assert!(!heard(&cell).contains("Warning"), "{cell}");
}

#[test]
fn tc_004_a_day_leads_to_its_page() {
    let app = App::with_acceptance_data();
    let link = cell(&app.get("/calendar/2025/10"), "2025-10-15");

    let day = app.get(&attribute(&link, "href").unwrap()).status(200);

    assert_eq!(day.text_of("title"), "Wednesday, October 15, 2025");
}

#[test]
fn tc_008_an_empty_month_says_so() {
    let page = App::with_acceptance_data().get("/calendar/2025/11").status(200);

    for day in 1..=30 {
        let badges = badges(&cell(&page, &format!("2025-11-{day:02}")));
        assert_eq!(badges.len(), 6);
        assert!(badges.iter().all(|(text, muted)| *muted && text.ends_with(" 0")), "{badges:?}");
    }
    page.says("No events scheduled this month");
}

#[test]
fn tc_013_a_day_is_heard_as_one_sentence() {
    let page = october_page();

    let heard = |date| heard(&cell(&page, date));
    assert_eq!(
        heard("2025-10-15"),
        "October 15, 2025. 5 CORE events, 2 Juicer events, 2 Supervisor events, 1 Freeosk event, 3 Digitals events. \
         Warning: 3 unscheduled events due."
    );
    assert_eq!(heard("2025-10-17"), "October 17, 2025. 1 Juicer event.");
    assert_eq!(heard("2025-10-18"), "October 18, 2025. No events.");
}

#[test]
fn tc_010_a_month_costs_one_counter_read_a_day_however_many_events_it_has() {
    for count in [1000, 3000] {
        let app = App::with(&[], Some(october(count)));
        let before = app.store.blocking().point_reads();

        app.get("/calendar/2025/10").status(200);

        assert_eq!(app.store.blocking().point_reads() - before, 31, "with {count} events");
    }
}
