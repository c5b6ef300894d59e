//! Bulk changes and employees, with scripts and without.

use crate::{
    browser::Browser,
    runner::{Case, cases},
    server::{Server, on},
};

pub const CASES: &[Case] = cases![
    ON_AND_OFF:
        open_supervisors_are_scheduled_in_one_press,
        selected_events_are_scheduled_together,
        a_day_is_reassigned,
        a_finding_is_repaired,
        a_proposal_is_accepted_without_a_row_and_undone,
        an_employee_is_added_and_takes_time_off;
];

/// The button that does what a form says.
const CONFIRM: &str = "#confirm";

/// Presses what leads to the next page, which tells what was done.
fn confirm(browser: &Browser, button: &str) -> String {
    browser.until("every check has answered", || browser.count(".htmx-request") == 0);
    browser.leave(|| browser.click(button));
    browser.text("#messages .toast")
}

fn open_supervisors_are_scheduled_in_one_press(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/unscheduled"));
    browser.leave(|| browser.click("a[href='/unscheduled/supervisors']"));
    assert_eq!(browser.text(CONFIRM), "Schedule 1 event");
    let told = confirm(browser, CONFIRM);
    assert!(told.starts_with("Scheduled: Cheetos (Supervisor 606003)."), "{told}");
    assert_eq!(server.assignment(1007), on("2025-10-15 11:00", "102"), "two hours after its CORE");
}

fn selected_events_are_scheduled_together(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/unscheduled"));
    for event in [1004, 1017] {
        browser.click(&format!("#event-{event} input[type=checkbox]"));
    }
    browser.leave(|| browser.click("#bank .after button.primary"));
    for (event, date, time, employee) in [(1004, "2025-10-16", "10:30", "103"), (1017, "2025-10-15", "18:00", "104")] {
        browser.fill(&format!("#date-{event}"), date);
        browser.fill(&format!("#time-{event}"), time);
        browser.fill(&format!("#employee-{event}"), employee);
    }
    let told = confirm(browser, CONFIRM);
    assert!(told.contains("Scheduled: "), "{told}");
    assert_eq!(server.assignment(1004), on("2025-10-16 10:30", "103"));
    assert_eq!(server.assignment(1005), on("2025-10-16 12:30", "105"), "its Supervisor is scheduled along");
    assert_eq!(server.assignment(1017), on("2025-10-15 18:00", "104"));
}

fn a_day_is_reassigned(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/days/2025-10-16/reassign"));
    browser.fill("#employee", "101");
    browser.leave(|| browser.click("main form button.primary"));
    browser.fill("#employee-1019", "104");
    let told = confirm(browser, CONFIRM);
    assert!(told.starts_with("Reassigned: Doritos (CORE 606005)."), "{told}");
    assert_eq!(browser.path(), "/calendar/day/2025-10-16");
    assert_eq!(server.assignment(1019), on("2025-10-16 10:00", "104"));
    assert_eq!(server.assignment(1020), on("2025-10-16 12:00", "102"), "its Supervisor stays");
}

fn a_finding_is_repaired(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/integrity"));
    browser.leave(|| browser.click("form[action='/integrity/run'] button"));
    browser.leave(|| browser.click("a[href^='/integrity/repair']"));
    let told = confirm(browser, CONFIRM);
    assert!(told.contains("Repaired: 1 event changed."), "{told}");
    assert_eq!(server.assignment(1007), on("2025-10-15 11:00", "102"));
}

fn a_proposal_is_accepted_without_a_row_and_undone(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/auto-schedule"));
    browser.fill("#from", "2025-10-15");
    browser.fill("#to", "2025-10-21");
    browser.leave(|| browser.click("main form button.primary"));
    let accept = "button[value=accept]";
    let proposed = browser.text(accept);
    assert!(proposed.starts_with("Accept ") && proposed.ends_with(" events"), "{proposed}");
    let pair = "input[name=row][value='1004']";

    browser.click(pair);
    assert_eq!(browser.text(accept), "Accept selected events");
    browser.click(pair);
    assert_eq!(browser.text(accept), proposed, "ticked as proposed");
    browser.click(pair);
    let told = confirm(browser, accept);
    assert!(told.starts_with("Scheduled: "), "{told}");
    assert_eq!((server.assignment(1004), server.assignment(1005)), (None, None), "a pair that is not ticked");
    assert!(server.assignment(1017).is_some());

    browser.click("#messages .toast form button");
    browser.until("the undo is told", || browser.text("#messages .toast").starts_with("Undone"));
    assert_eq!(server.assignment(1017), None);
}

fn an_employee_is_added_and_takes_time_off(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/employees"));
    browser.leave(|| browser.click("a[href='/new-employee']"));
    browser.leave(|| browser.click("main form button.primary"));
    assert_eq!(browser.attribute("#name", "aria-invalid").as_deref(), Some("true"), "a name is asked for");
    for (field, value) in [("#number", "E7"), ("#name", "Ada Bell"), ("#job_title", "Lead Event Specialist")] {
        browser.fill(field, value);
    }
    let told = confirm(browser, "main form button.primary");
    assert!(told.contains("Ada Bell was added."), "{told}");

    browser.fill("#first", "2025-10-20");
    browser.fill("#last", "2025-10-22");
    browser.leave(|| browser.click("#time-off form.plain button"));
    let told = confirm(browser, "main form button.primary");
    assert!(told.contains("Time off from Mon, Oct 20, 2025 to Wed, Oct 22, 2025 was added."), "{told}");
    let ada = server.employee("E7").unwrap();
    assert_eq!((ada.name.as_str(), ada.time_off.len(), ada.active), ("Ada Bell", 1, true));
}
