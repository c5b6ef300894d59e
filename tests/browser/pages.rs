//! Every page and every dialog: where it is, and what it must show to be that one.
//!
//! Rule of this file: each route that answers with a page has an address here; `tests/pages/looks.rs` holds it to that.

/// Every page, with what it must show to be that page.
pub const PAGES: &[(&str, &str)] = &[
    ("/calendar/2025/10", "table.month"),
    ("/calendar/2025/12", "#legend.none"),
    ("/calendar/day/2025-10-15", "#group-core"),
    ("/calendar/day/2025-10-18", "#group-core"),
    ("/calendar/day/2025-10-15/print", "h1"),
    ("/calendar/2025/10/print", "table"),
    ("/activity", "h1"),
    ("/activity/2", "h1"),
    ("/unscheduled", "h1"),
    ("/unscheduled?store=nowhere", "h1"),
    ("/unscheduled/schedule?event=1017&event=1004", "form"),
    ("/unscheduled/supervisors", "h1"),
    ("/days/2025-10-15/reassign", "form.form"),
    ("/days/2025-10-15/reassign?employee=101", "form"),
    ("/auto-schedule", "form.form"),
    ("/auto-schedule/0000000000000001", "#people"),
    ("/search", "[type=search]"),
    ("/search?q=cheetos", "h1"),
    ("/search?q=nothing+at+all", "h1"),
    ("/integrity", "h1"),
    ("/integrity/supervisor-unstaffed", "h1"),
    ("/integrity/repair", "form.plan"),
    ("/employees", "table"),
    ("/employees?q=nobody+at+all", "h1"),
    ("/new-employee", "#job_title"),
    ("/employees/103", "#time-off li"),
    ("/employees/101/time-off?first=2025-10-15&last=2025-10-17&note=Family", "form.form"),
    ("/employees/101/time-off?first=2025-10-17&last=2025-10-15", "[aria-invalid=true]"),
    ("/employees/101/deactivate", "form.form"),
    ("/employees/101/week", "#next-link"),
    ("/employees/103/week/2025-10-20", "#next-link"),
    ("/employees/101/week/2025-10-15/print", "h1"),
    ("/holidays", "form.form"),
    ("/users", "#tokens"),
    ("/users/sam", "form.form"),
    ("/account", "h1"),
    ("/settings", "h1"),
    ("/calendar/2025/10/filter", "form.form"),
    ("/calendar/day/2025-10-15/filter", "form.form"),
    ("/calendar/2025/10?type=core", "#filtered"),
    ("/help", "#dialog-title"),
    ("/help/calls", "#shapes"),
    ("/import", "#files"),
    ("/feeds", "#employee"),
    ("/events/1001/reschedule?from=2025-10-15", "form.form"),
    ("/events/1001/supervisor?from=2025-10-15", "#dialog-title"),
    ("/calendar/2025/13", "h1"),
];

/// Pages without sign-in.
pub const SIGNED_OUT: &[(&str, &str)] = &[("/sign-in", "#password"), ("/welcome/no-such-word", "h1")];

/// Every link that opens a dialog: the page it stands on, and the link.
pub const DIALOGS: &[(&str, &str)] = &[
    ("/calendar/day/2025-10-15", "#reschedule-1001"),
    ("/calendar/day/2025-10-15", "#unschedule-1001"),
    ("/calendar/day/2025-10-15", "#employee-1001"),
    ("/calendar/day/2025-10-15", "#schedule-1017"),
    ("/calendar/day/2025-10-15", "[id^='pair-1001-1002']"),
    ("/calendar/day/2025-10-15", "#trade-1001"),
    ("/calendar/day/2025-10-15", "#filter-link"),
    ("/calendar/2025/10", "#filter-link"),
    ("/calendar/2025/10", "#help-link"),
];
