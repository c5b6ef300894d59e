//! "Since your last visit": changes of other users, by person and store.

use serde_json::json;
use tandem::domain::user::Role;

use crate::{
    auth::{FORM, form_token},
    support::{App, legacy},
};

const HOUR: i64 = 60 * 60;

fn releases(app: &App, word: &str, event: u64) {
    let body = format!("csrf={}&revision={}&from=2025-10-15", form_token(word), app.revision(event));
    let answer = app.ask_as(word, "POST", &format!("/events/{event}/unschedule"), &[FORM], &body);
    assert_eq!(answer.status, 303, "{}", answer.body);
}

#[test]
fn changes_of_others_since_the_last_visit_are_counted_and_listed() {
    let app = App::with_users();
    let vera = app.session_of("vera");
    let app = app.later(HOUR);
    let sam = app.session_of("sam");
    app.ask_as(&vera, "GET", "/calendar/2025/10", &[], "");
    releases(&app, &sam, 1001);

    let app = app.later(20 * HOUR);
    let page = app.ask_as(&vera, "GET", "/activity/since", &[], "").status(200);

    let page = page.says("Since your last visit Wed, Oct 15, 2025 at 10:00 AM").says("sam 1 change 2 events");
    let page = page.says("Jane Doe , John Smith").says("Unschedule");
    page.link("/employees/101/week/2025-10-16");
    let again = app.later(HOUR).ask_as(&vera, "GET", "/activity/since", &[], "").status(200);
    again.says("Wed, Oct 15, 2025 at 10:00 AM").says("sam 1 change");
}

#[test]
fn a_new_visit_begins_at_the_end_of_the_last_one_without_own_changes() {
    let app = App::with_users().later(HOUR);
    let sam = app.session_of("sam");
    releases(&app, &sam, 1001);
    let app = app.later(3 * HOUR);
    app.ask_as(&sam, "GET", "/activity/since", &[], "").status(200).says("Nothing changed").says("at 10:00 AM");
    let app = app.later(3 * HOUR);

    let page = app.ask_as(&sam, "GET", "/activity/since", &[], "").status(200);

    page.says("No one else has changed events, employees or holidays since Wed, Oct 15, 2025 at 1:00 PM");
}

#[test]
fn the_digest_names_stores_and_can_begin_on_a_chosen_day() {
    let app =
        App::with(&[], Some(legacy(&["1,606001-CORE-Chips,CORE,6,2025-10-21,12"], &["11,1,101,2025-10-15 10:00"])));

    let page = app.get("/activity/since").status(200).says("since Tue, Oct 14, 2025").says("test 1 change");
    page.says("Import");
    app.get("/activity/since?date=2025-10-16").status(200).says("Nothing changed");
    app.get("/activity/since?date=soon").status(422).says("is not a date");
    let own = app.call("/api/unschedule_event", json!({"schedule_id": 11}));
    assert_eq!(own.status, 200);
    app.get("/activity/since").status(200).does_not_say("Unschedule ");
}

#[test]
fn activity_links_to_the_digest_for_every_role() {
    let app = App::with_users();
    for role in Role::ALL {
        let word = app.session_of(crate::auth::of(role));
        app.ask_as(&word, "GET", "/activity", &[], "").status(200).link("/activity/since");
    }
}
