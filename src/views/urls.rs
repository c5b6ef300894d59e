//! The addresses of pages.

use std::fmt;

use chrono::NaiveDate;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::{
    calendar::Month,
    change::ChangeKind,
    event::filter::Filter,
    ids::{EmployeeId, EventId, ProposalId},
    user::UserName,
};

/// The target of `/`: the month that contains today.
pub const HOME: &str = "/calendar";
pub const HELP: &str = "/help";
pub const API_REFERENCE: &str = "/help/calls";
pub const DOCUMENT: &str = "/api/openapi.json";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_OUT: &str = "/sign-out";
/// Links that are good once begin so.
pub const WELCOME: &str = "/welcome";
pub const ACCOUNT: &str = "/account";
pub const USERS: &str = "/users";
pub const UNSCHEDULED: &str = "/unscheduled";
pub const SCHEDULE_SEVERAL: &str = "/unscheduled/schedule";
/// All open Supervisors in one step.
pub const SUPERVISORS: &str = "/unscheduled/supervisors";
/// The form that asks for a proposal of the auto-scheduler.
pub const AUTO_SCHEDULE: &str = "/auto-schedule";
pub const SEARCH: &str = "/search";
pub const SETTINGS: &str = "/settings";
pub const ACTIVITY: &str = "/activity";
pub const ACTIVITY_CSV: &str = "/activity.csv";

pub const FEEDS: &str = "/feeds";
pub const IMPORT: &str = "/import";
pub const EMPLOYEES: &str = "/employees";
pub const NEW_EMPLOYEE: &str = "/new-employee";
pub const HOLIDAYS: &str = "/holidays";

/// `/employees/E10001`
pub fn employee(id: &EmployeeId) -> String {
    format!("{EMPLOYEES}/{}", encoded(id.as_str()))
}

/// `/employees/E10001/deactivate`
pub fn employee_part(id: &EmployeeId, part: &str) -> String {
    format!("{}/{part}", employee(id))
}

/// `/employees/E10001/week/2025-10-12`: the week that holds a date.
pub fn week(id: &EmployeeId, date: NaiveDate) -> String {
    format!("{}/week/{date}", employee(id))
}

/// `/employees/101/week/2025-10-15/print`
pub fn week_sheet(id: &EmployeeId, date: NaiveDate) -> String {
    format!("{}/print", week(id, date))
}

/// `/holidays/2025-12-25/remove`
pub fn remove_holiday(date: NaiveDate) -> String {
    format!("{HOLIDAYS}/{date}/remove")
}

/// A page of an answer; the first needs no number.
pub fn search(question: &str, page: usize) -> String {
    let number = if page > 1 { page.to_string() } else { String::new() };
    format!("{SEARCH}?{}", query(&[("q", question), ("page", &number)]))
}

pub const INTEGRITY: &str = "/integrity";
pub const INTEGRITY_RUN: &str = "/integrity/run";

/// `/integrity/date-mismatch`: the findings of one check.
pub fn findings(check: &str) -> String {
    format!("{INTEGRITY}/{check}")
}

pub const REPAIR: &str = "/integrity/repair";

/// `/integrity/repair?check=date-mismatch&event=1002`: puts findings right; all of a check where no event is named.
pub fn repair(check: &str, event: Option<u64>) -> String {
    let event = event.map(|event| event.to_string()).unwrap_or_default();
    format!("{REPAIR}?{}", query(&[("check", check), ("event", &event)]))
}

/// `/integrity/test/slack`: sends a test.
pub fn alert_test(channel: &str) -> String {
    format!("{INTEGRITY}/test/{channel}")
}

/// The address of a feed.
pub fn feed(secret: &str) -> String {
    format!("/feed/{secret}.ics")
}

pub fn feed_revoke(id: u64) -> String {
    format!("{FEEDS}/{id}/revoke")
}

/// `/import/3`: one import.
pub fn import(id: u64) -> String {
    format!("{IMPORT}/{id}")
}

pub fn import_undo(id: u64) -> String {
    format!("{IMPORT}/{id}/undo")
}

/// The preview of an upload.
pub fn import_preview(token: &str) -> String {
    format!("/uploads/{token}")
}

/// `/uploads/<token>/report.csv`
pub fn import_report(token: &str) -> String {
    format!("/uploads/{token}/report.csv")
}

/// `/api/export/events.csv`
pub fn export(table: &str, ending: &str) -> String {
    format!("/api/export/{table}.{ending}")
}

/// `/activity/17`: one change.
pub fn entry(sequence: u64) -> String {
    format!("{ACTIVITY}/{sequence}")
}

pub fn undo(sequence: u64) -> String {
    format!("{ACTIVITY}/{sequence}/undo")
}

pub fn revert(sequence: u64) -> String {
    format!("{ACTIVITY}/{sequence}/revert")
}

/// `/calendar/2025/10`
pub fn month(month: Month) -> String {
    format!("/calendar/{}/{}", month.year(), month.number())
}

/// `/calendar/day/2025-10-15`
pub fn day(date: NaiveDate) -> String {
    format!("/calendar/day/{date}")
}

/// `/days/2025-10-15/reassign`: reassigns the events of an employee on a day.
pub fn reassign(date: NaiveDate) -> String {
    format!("/days/{date}/reassign")
}

/// The same, of one person.
pub fn reassign_from(date: NaiveDate, employee: &EmployeeId) -> String {
    format!("{}?{}", reassign(date), query(&[("employee", employee.as_str())]))
}

/// The form that narrows a page.
pub fn filter_form(page: &str, filter: &Filter) -> String {
    with_query(format!("{page}/filter"), filter)
}

/// A page as a sheet to print.
pub fn sheet(page: &str, filter: &Filter) -> String {
    with_query(format!("{page}/print"), filter)
}

/// An address with the query of a filter.
pub fn with_query(address: String, filter: &Filter) -> String {
    if filter.is_empty() { address } else { format!("{address}?{}", query(&filter.fields())) }
}

/// A card on its day's page.
pub fn card(date: NaiveDate, event: EventId) -> String {
    format!("{}#event-{event}", day(date))
}

/// `/auto-schedule/0123456789abcdef`: a proposal.
pub fn proposal(id: ProposalId) -> String {
    format!("{AUTO_SCHEDULE}/{id}")
}

/// `/events/1001`: leads to the card of an event.
pub fn event(event: EventId) -> String {
    format!("/events/{event}")
}

/// `/events/1001/supervisor`: the Supervisor of a CORE, or one of several.
pub fn supervisor(core: EventId, from: &impl fmt::Display, supervisor: EventId) -> String {
    format!("/events/{core}/supervisor?from={}&supervisor={supervisor}", encoded(&from.to_string()))
}

/// The id of the button in a CORE's pair line that opens its Supervisor.
pub fn pair_line_id(core: EventId, supervisor: EventId) -> String {
    format!("pair-{core}-{supervisor}")
}

/// `/events/1001/reschedule`
pub fn action(event: EventId, change_kind: ChangeKind) -> String {
    format!("/events/{event}/{change_kind}")
}

/// A form that returns to the page it was opened from.
pub fn form(event: EventId, change_kind: ChangeKind, from: &impl fmt::Display) -> String {
    format!("{}?from={}", action(event, change_kind), encoded(&from.to_string()))
}

/// A form of a Supervisor, opened from the card of its CORE.
pub fn form_of_pair(event: EventId, change_kind: ChangeKind, from: &impl fmt::Display, core: EventId) -> String {
    format!("{}&core={core}", form(event, change_kind, from))
}

/// A form that opens with its fields filled in: names and values.
pub fn form_filled(event: EventId, change_kind: ChangeKind, fields: &[(&str, &str)]) -> String {
    format!("{}?{}", action(event, change_kind), query(fields))
}

/// `/sign-in?next=%2Factivity`
pub fn sign_in(next: &str) -> String {
    if next == HOME { SIGN_IN.to_owned() } else { format!("{SIGN_IN}?{}", query(&[("next", next)])) }
}

/// `/welcome/5f3c…`
pub fn welcome(word: &str) -> String {
    format!("{WELCOME}/{word}")
}

/// `/users/ana`
pub fn user(name: &UserName) -> String {
    format!("{USERS}/{}", percent_encoding::utf8_percent_encode(&name.folded(), percent_encoding::NON_ALPHANUMERIC))
}

/// The fields that are not empty, as a query.
pub fn query(fields: &[(&str, &str)]) -> String {
    let filled = fields.iter().filter(|(_, value)| !value.is_empty());
    let encoded = filled.map(|(name, value)| format!("{name}={}", encoded(value)));
    encoded.collect::<Vec<_>>().join("&")
}

/// All but letters, digits, dashes, dots and underscores.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, ENCODED).to_string()
}
