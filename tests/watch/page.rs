//! The integrity page.

use super::{check, pairs_app, plant};
use crate::support::App;

#[test]
fn the_page_counts_checks_and_lists_findings_with_age_and_cause() {
    let app = App::with_visits();
    app.get("/integrity").status(200).says("No checks yet").says("Next daily check:");

    let page = app.follow(app.post("/integrity/run", &[]));

    let page =
        page.says("36 issues to fix").says("Checked 47 pairs (5 fully scheduled, 36 half scheduled, 6 unscheduled)");
    let page =
        page.says("on demand, by local user (no sign-in)").says("CORE scheduled, Supervisor not 36").says("All 36");
    page.says("new, since Wed, Oct 15, 9:00 AM").says("Supervisor events without their CORE (3)");
}

#[test]
fn the_findings_of_each_check_are_listed_by_name_in_pages() {
    let app = App::with_visits();
    check(&app);

    let page = app.get("/integrity/supervisor-unstaffed").status(200);
    assert_eq!(page.body.matches("class=\"entry\"").count(), 36);
    let page = app.get("/integrity/no-core").status(200);
    assert_eq!(page.body.matches("class=\"entry\"").count(), 3);
    app.get("/integrity/date-mismatch").status(200).says("No issues of this kind.");
    app.get("/integrity/nonsense").status(404);
}

#[test]
fn an_issue_is_listed_at_once_until_it_is_fixed() {
    let app = pairs_app();
    check(&app);
    plant(&app, 1002, Some(("2025-10-16 12:00", "105")));
    app.get("/integrity").says("is on Thu, Oct 16, 2025");

    plant(&app, 1002, Some(("2025-10-15 12:00", "105")));

    app.get("/integrity").does_not_say("is on Thu, Oct 16, 2025");
}

#[test]
fn without_a_channel_the_page_says_that_no_one_is_alerted() {
    let app = pairs_app();

    let page = app.get("/integrity").says("No one is alerted. Slack: slack_webhook_url is not set.");

    page.says("E-mail: mail_server is not set.");
    let page = app.follow(app.post("/integrity/test/slack", &[]));
    assert!(page.text_of("messages").contains("No test was sent"));
    app.post("/integrity/test/pigeon", &[]).status(404);
}

#[test]
fn the_header_counts_problems_also_after_a_restart() {
    let app = pairs_app();
    app.get("/calendar/2025/10").says("Issues 1 to fix");
    plant(&app, 1002, Some(("2025-10-16 12:00", "105")));
    app.get("/calendar/2025/10").says("Issues 2 to fix");
    plant(&app, 1002, Some(("2025-10-15 12:00", "105")));
    app.restarted().get("/help").says("Issues 1 to fix");
}
