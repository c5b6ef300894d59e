//! Fragments for htmx.

use serde_json::{Value, json};

use crate::support::App;

#[test]
fn the_dialog_gets_only_the_form() {
    let app = App::with_acceptance_data();

    for address in
        ["/events/1001/reschedule", "/events/1001/unschedule", "/events/1001/employee", "/events/1004/schedule"]
    {
        let piece = app.open_dialog(address).status(200);
        assert!(!piece.body.contains("<html") && !piece.body.contains("<title>"), "{}", piece.body);
        assert_eq!(piece.body.matches("<form").count(), 1);
    }
}

#[test]
fn the_fragment_of_a_month_has_its_title() {
    let piece = App::with_acceptance_data().get_fragment("/calendar/2025/10").status(200);

    assert!(!piece.is_document());
    assert!(piece.body.contains("<title>October 2025 · Tandem</title>"));
    piece.element("month");
}

#[test]
fn the_same_address_without_htmx_is_a_whole_page() {
    let app = App::with_acceptance_data();

    for address in ["/calendar/2025/10", "/calendar/day/2025-10-15", "/events/1001/reschedule", "/help"] {
        assert!(app.get(address).status(200).is_document(), "{address}");
    }
}

#[test]
fn every_page_varies_by_cookie_and_htmx_headers() {
    let app = App::with_acceptance_data();

    for address in ["/calendar/2025/10", "/calendar/day/2025-10-15", "/events/1001/reschedule", "/help", "/nothing"] {
        for page in [app.get(address), app.get_fragment(address)] {
            assert_eq!(page.vary.as_deref(), Some("HX-Request"), "{address}");
        }
    }
    let form = app.post_from_dialog("/events/1001/reschedule", &[]).status(422);
    assert_eq!(form.vary.as_deref(), Some("HX-Request"));
    let revision = app.revision(1001);
    let done = app.post_from_dialog("/events/1001/unschedule", &[("revision", &revision)]).status(200);
    assert_eq!(done.vary.as_deref(), Some("HX-Request"));
}

#[test]
fn a_change_from_the_dialog_swaps_the_changed_parts_and_moves_the_focus() {
    let app = App::with_acceptance_data();
    let revision = app.revision(1001);

    let fields = [("revision", revision.as_str()), ("from", "2025-10-15"), ("date", "2025-10-20"), ("time", "10:00")];
    let done = app.post_from_dialog("/events/1001/reschedule", &fields).status(200);

    let trigger: Value = serde_json::from_str(done.trigger.as_deref().unwrap()).unwrap();
    assert_eq!(trigger, json!({"tandem:done": {"focus": "event-1001", "fallback": "group-core"}}));
    for piece in ["facts", "group-core", "group-supervisor", "group-unscheduled", "messages"] {
        assert!(done.element(piece).contains("hx-swap-oob"), "{piece}");
    }
    assert!(done.body.contains("id=\"group-juicer\""), "the employee's other work may not conflict any more");
    assert!(!done.body.contains("id=\"group-freeosk\""), "what was not touched stays");
    assert!(!done.element("group-core").contains("event-1001"));
    assert!(!done.body.contains("<html"));
}

#[test]
fn a_refused_change_from_the_dialog_shows_the_form_again() {
    let app = App::with_acceptance_data();

    let form =
        app.post_from_dialog("/events/1001/reschedule", &[("revision", "99"), ("date", "2025-10-20")]).status(409);

    assert_eq!(form.trigger, None);
    assert!(!form.body.contains("<html") && form.body.contains("<form"));
}

#[test]
fn an_error_in_the_dialog_is_a_fragment() {
    let piece = App::with_acceptance_data().open_dialog("/events/4711/reschedule").status(404);

    assert!(!piece.body.contains("<html"));
    piece.says("There is no event 4711.");
}
