//! The addresses of pages.

use std::fmt;

use chrono::NaiveDate;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

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
pub const SIGN_IN_PROVIDER: &str = "/sign-in/provider";
/// The address to which the provider redirects.
pub const SIGN_IN_CALLBACK: &str = "/sign-in/callback";
pub const FORGOT_PASSWORD: &str = "/forgot-password";
/// The second step of a sign-in.
pub const SIGN_IN_CODE: &str = "/sign-in/code";
pub const SIGN_OUT: &str = "/sign-out";
/// A form that was sent after the session had ended.
pub const UNSENT: &str = "/unsent";
/// Links that are good once begin so.
pub const WELCOME: &str = "/welcome";
pub const ACCOUNT: &str = "/account";
pub const SECOND_FACTOR: &str = "/account/second-factor";
pub const USERS: &str = "/users";
pub const UNSCHEDULED: &str = "/unscheduled";
pub const SCHEDULE_SEVERAL: &str = "/unscheduled/schedule";
/// All open Supervisors in one step.
pub const SUPERVISORS: &str = "/unscheduled/supervisors";
/// The form that asks for a proposal of the auto-scheduler.
pub const AUTO_SCHEDULE: &str = "/auto-schedule";

/// The rotation: Juicers and primary leads by weekday.
pub const ROTATION: &str = "/auto-schedule/rotation";
pub const ROTATION_EXCEPTIONS: &str = "/auto-schedule/rotation/exceptions";

/// The rotation of a store, or of every store if `store` is empty.
pub fn rotation(store: &str) -> String {
    if store.is_empty() { ROTATION.to_owned() } else { format!("{ROTATION}?store={}", encoded(store)) }
}

/// Copies the exceptions of a week to the next one.
pub const COPY_ROTATION: &str = "/auto-schedule/rotation/copy";

pub fn remove_rotation_exception() -> String {
    format!("{ROTATION_EXCEPTIONS}/remove")
}
pub const SEARCH: &str = "/search";
pub const SETTINGS: &str = "/settings";
pub const ACTIVITY: &str = "/activity";
pub const ACTIVITY_CSV: &str = "/activity.csv";
/// Changes since the last visit.
pub const DIGEST: &str = "/activity/since";

pub const REPORTS: &str = "/reports";

/// `/reports/hours.csv`: a report as a file.
pub fn report_file(slug: &str) -> String {
    format!("{REPORTS}/{slug}.csv")
}

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

/// The page of an employee with a time off in its form.
pub fn change_time_off(id: &EmployeeId, was: &str) -> String {
    format!("{}?{}#time-off", employee(id), query(&[("was", was)]))
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

pub const LOOK_ALIKES: &str = "/integrity/look-alikes";
pub const MERGE_PREVIEW: &str = "/integrity/look-alikes/preview";
pub const MERGE: &str = "/integrity/look-alikes/merge";

/// The preview of a merge in which this id stays.
pub fn merge_employee(id: &EmployeeId) -> String {
    format!("{MERGE_PREVIEW}?{}", query(&[("employee", id.as_str())]))
}

/// The preview of a merge in which this number stays.
pub fn merge_store(number: &str) -> String {
    format!("{MERGE_PREVIEW}?{}", query(&[("store", number)]))
}

/// `/integrity/look-alikes/undo/1`
pub fn undo_merge(id: u64) -> String {
    format!("{LOOK_ALIKES}/undo/{id}")
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

/// `/integrity/accept/overlap/1002`: the conflicts of an event with a rule.
pub fn accept(rule: &str, event: u64) -> String {
    format!("{INTEGRITY}/accept/{rule}/{event}")
}

pub fn take_back(rule: &str, event: u64) -> String {
    format!("{}/take-back", accept(rule, event))
}

pub const REPAIR: &str = "/integrity/repair";

/// `/integrity/repair?check=date-mismatch&event=1002`: puts findings right; all of a check where no event is named.
pub fn repair(check: &str, event: Option<u64>) -> String {
    let event = event.map(|event| event.to_string()).unwrap_or_default();
    format!("{REPAIR}?{}", query(&[("check", check), ("event", &event)]))
}

/// `/integrity/repair?import=3`: puts the pairs right that an import split.
pub fn repair_import(import: u64) -> String {
    format!("{REPAIR}?import={import}")
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

/// `/import/3/report.csv`: what was said about it.
pub fn report_of_import(id: u64) -> String {
    format!("{IMPORT}/{id}/report.csv")
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

/// `/calendar/day/2025-10-15/timeline`: people by hours.
pub fn timeline(date: NaiveDate) -> String {
    format!("{}/timeline", day(date))
}

/// People by days of a week.
pub const ROSTER: &str = "/roster";

/// `/roster/2025-10-15`: the week that contains a date.
pub fn roster(date: NaiveDate) -> String {
    format!("{ROSTER}/{date}")
}

/// `/days/2025-10-15/reassign`: reassigns the events of an employee on a day.
pub fn reassign(date: NaiveDate) -> String {
    format!("/days/{date}/reassign")
}

/// The same, of one person.
pub fn reassign_from(date: NaiveDate, employee: &EmployeeId) -> String {
    format!("{}?{}", reassign(date), query(&[("employee", employee.as_str())]))
}

pub fn filter_form(page: &str, filter: &Filter) -> String {
    with_query(format!("{page}/filter"), filter)
}

pub fn sheet(page: &str, filter: &Filter) -> String {
    with_query(format!("{page}/print"), filter)
}

pub fn with_query(address: String, filter: &Filter) -> String {
    address + filter_query(filter).as_str()
}

/// `?type=core`: the end of an address with a filter.
pub fn filter_query(filter: &Filter) -> String {
    if filter.is_empty() { String::new() } else { format!("?{}", query(&filter.fields())) }
}

/// A card on its day's page.
pub fn card(date: NaiveDate, event: EventId) -> String {
    format!("{}#event-{event}", day(date))
}

/// The form that asks for a proposal with the options of another, until `to` if it is given.
pub fn auto_schedule_like(id: ProposalId, to: Option<NaiveDate>) -> String {
    let to = to.map(|to| to.to_string()).unwrap_or_default();
    format!("{AUTO_SCHEDULE}?{}", query(&[("like", &id.to_string()), ("to", &to)]))
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
    format!("/events/{event}/{change_kind}?from={}", encoded(&from.to_string()))
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
pub fn welcome(token: &str) -> String {
    format!("{WELCOME}/{token}")
}

/// `/users/ana`
pub fn user(name: &UserName) -> String {
    format!("{USERS}/{}", percent_encoding::utf8_percent_encode(&name.folded(), percent_encoding::NON_ALPHANUMERIC))
}

pub fn with_fields(address: String, fields: &[(&str, &str)]) -> String {
    let query = query(fields);
    if query.is_empty() { address } else { format!("{address}?{query}") }
}

/// The fields that are not empty, as a query.
pub fn query(fields: &[(&str, &str)]) -> String {
    let filled = fields.iter().filter(|(_, value)| !value.is_empty());
    let encoded = filled.map(|(name, value)| format!("{name}={}", encoded(value)));
    encoded.collect::<Vec<_>>().join("&")
}

/// All but letters, digits, dashes, dots and underscores.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

fn encoded(value: &str) -> PercentEncode<'_> {
    utf8_percent_encode(value, ENCODED)
}
