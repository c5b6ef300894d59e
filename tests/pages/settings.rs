//! The settings page: every setting in force, with where it comes from.

use crate::support::App;

#[test]
fn every_setting_is_listed_with_its_value_and_the_allowed_ones() {
    let page = App::empty().get("/settings").status(200);

    page.says("timezone The zone of all dates and times \"America/New_York\"")
        .says("backups_kept How many nightly backups are kept 14 default 1 to 366")
        .says("week_start The first day of a week \"sunday\" default sunday, monday or saturday");
}

#[test]
fn a_folder_given_on_the_command_line_is_marked() {
    App::empty().get("/settings").status(200).says("command line a path");
}

#[test]
fn secrets_are_not_shown() {
    let hook = "https://hooks.slack.example/services/T0/B0/topsecret";
    let app = App::with(&[("slack_webhook_url", &format!("\"{hook}\""))], None);

    app.get("/settings").status(200).says("slack_webhook_url").does_not_say("topsecret");
}

#[test]
fn help_links_to_the_settings() {
    App::empty().get("/help").status(200).link("/settings");
}
