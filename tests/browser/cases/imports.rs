//! Imports: files are chosen, previewed, imported and undone.

use crate::{
    browser::Browser,
    runner::{Case, cases},
    server::Server,
};

pub const CASES: &[Case] = cases![
    ON_AND_OFF:
        files_are_looked_at_imported_and_taken_back;
];

/// The retailer's exports: 156 events.
const FILES: [&str; 2] = ["calendar-schedule.csv", "workbank.csv"];

fn files_are_looked_at_imported_and_taken_back(browser: &Browser) {
    let server = Server::with_acceptance_data();
    let before = server.events().len();
    browser.go(&server.at("/import"));
    for file in FILES {
        browser.choose_file("#files", &format!("{}/tests/data/visits/{file}", env!("CARGO_MANIFEST_DIR")));
    }
    browser.leave(|| browser.click("form.form button.primary"));

    assert_eq!(browser.text("h1"), "What this import would do");
    assert!(browser.text("main").contains("156 new, 0 changed"), "{}", browser.text("main"));
    assert_eq!(server.events().len(), before, "nothing is written yet");

    browser.leave(|| browser.click("form.actions button.primary"));
    browser.until("the import is done", || browser.text("#import-progress").contains("Done: 156 events written."));
    assert_eq!(server.events().len(), before + 156);

    browser.leave(|| browser.click("a.danger"));
    assert!(browser.text("main").contains("156 events that it added will be removed."), "{}", browser.text("main"));
    browser.leave(|| browser.click("button.danger"));
    browser.until("it is taken back", || browser.text("#import-progress").contains("Undone"));
    assert_eq!(server.events().len(), before);
}
