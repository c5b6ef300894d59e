//! Alternatives to a rejected assignment: other employees at this time, or other times for this employee.
//!
//! Invariant: an alternative passes every rule, including those that only warn, and the search is bounded.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::domain::{
    calendar,
    change::context::DecisionContext,
    employee::Employee,
    event::{Event, EventType},
    ids::EmployeeId,
    policy::Policy,
    rules,
    schedule::{self, Input, Options, Rotation, Row},
};

/// Most alternatives offered with a rejection.
pub const ALTERNATIVES_MAX: usize = 3;
/// Days after the requested one that are searched for other times.
pub const SEARCH_DAYS_MAX: u64 = 14;
/// Interval between the starts tried beside the usual ones, in minutes.
const SLOT_MINUTES: i64 = 30;
/// Range of hours of the day for work at other than usual times.
const SLOTS_HOURS: (u32, u32) = (8, 20);

/// An assignment that passes all rules. None means unchanged; at least one is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternative {
    pub employee: Option<EmployeeId>,
    pub start: Option<NaiveDateTime>,
    /// Another employee for the Supervisor that follows.
    pub supervisor: Option<EmployeeId>,
}

/// Up to [`ALTERNATIVES_MAX`] alternatives to `requested` working the context's subject from `start`: employees
/// first, and a time if there is one.
pub fn find(
    context: &DecisionContext,
    policy: &Policy,
    requested: &Employee,
    start: NaiveDateTime,
) -> Vec<Alternative> {
    let people = other_people(context, policy, start);
    let times = other_times(context, policy, requested, start);
    let times_taken = times.len().min(ALTERNATIVES_MAX.saturating_sub(people.len()).max(1));
    let people = people.into_iter().take(ALTERNATIVES_MAX - times_taken);
    let people = people.map(|id| Alternative { employee: Some(id), ..Alternative::default() });
    let times = times.into_iter().map(|start| Alternative { start: Some(start), ..Alternative::default() });
    people.chain(times.take(times_taken)).collect()
}

/// Other employees available at this time, as the auto-scheduler finds them. If nothing moves, the currently assigned employee
/// is left out.
fn other_people(context: &DecisionContext, policy: &Policy, start: NaiveDateTime) -> Vec<EmployeeId> {
    let subject = &context.subject;
    if !rules::is_in_window(subject, start) {
        return Vec::new();
    }
    let now = subject.schedule.as_ref().filter(|now| now.start == start).map(|now| now.employee.clone());
    let held = context.held.values().flatten().filter(|event| event.id != subject.id);
    let date = start.date();
    let proposal = schedule::propose(&Input {
        events: held.chain([subject]).chain(&context.same_number).cloned().collect(),
        employees: context.employees.values().cloned().collect(),
        holidays: context.holidays.clone(),
        policy: *policy,
        rotation: Rotation::default(),
        options: Options { exclude_employees: now.into_iter().collect(), ..Options::between(date, date) },
        locks: Vec::new(),
        only: Some([(subject.id, Some(start))].into()),
    });
    let row = proposal.rows.into_iter().next();
    let others = |row: Row| row.alternatives.into_iter().map(|one| one.employee).chain([row.employee]);
    let mut people: Vec<_> = row.into_iter().flat_map(others).collect();
    // In the order in which a form lists them.
    people.sort_by_cached_key(|id| {
        let employee = context.employees.get(id);
        employee.map(|one| (context.load(one, date, subject.id, &[]), one.name.clone()))
    });
    people.truncate(ALTERNATIVES_MAX);
    people
}

/// Times at which `requested` is available: any of the same day, then the best of each following day within the
/// event's window.
fn other_times(
    context: &DecisionContext,
    policy: &Policy,
    requested: &Employee,
    start: NaiveDateTime,
) -> Vec<NaiveDateTime> {
    let event = &context.subject;
    let is_clear =
        |at: &NaiveDateTime| policy.skipped(*at).is_none() && context.check(event, requested, *at, &[]).is_empty();
    let on = |date: NaiveDate| starts(event, policy, start.time()).into_iter().map(move |time| date.and_time(time));
    let same_day = on(start.date()).filter(|at| *at != start && Some(*at) != event.start());
    let later = following_days(context, policy, start.date());
    same_day
        .filter(is_clear)
        .chain(later.into_iter().filter_map(|date| on(date).find(is_clear)))
        .take(ALTERNATIVES_MAX)
        .collect()
}

/// Days to search after the requested one. A Supervisor stays on the date of its CORE.
fn following_days(context: &DecisionContext, policy: &Policy, date: NaiveDate) -> Vec<NaiveDate> {
    let event = &context.subject;
    let follows = event.event_type == EventType::Supervisor
        && policy.pairing
        && context.pair().leader_of(event).is_some_and(|core| core.schedule.is_some());
    if follows {
        return Vec::new();
    }
    let last = date.checked_add_days(Days::new(SEARCH_DAYS_MAX)).unwrap_or(date);
    let last = event.last_day().map_or(last, |day| day.min(last));
    let days = date.iter_days().skip(1).take_while(|day| *day <= last && calendar::is_within(*day));
    days.filter(|day| event.first_day.is_none_or(|first| first <= *day)).collect()
}

/// Starts to try on a day: the requested one, the usual ones, then those between; each group nearest first.
fn starts(event: &Event, policy: &Policy, requested: NaiveTime) -> Vec<NaiveTime> {
    let distance = |time: &NaiveTime| (*time - requested).num_minutes().abs();
    let mut usual = policy.usual.of(event.event_type).to_vec();
    usual.sort_by_key(distance);
    let mut between = slots(event);
    between.sort_by_key(distance);
    let mut starts = vec![requested];
    for time in usual.into_iter().chain(between) {
        if !starts.contains(&time) {
            starts.push(time);
        }
    }
    starts
}

fn slots(event: &Event) -> Vec<NaiveTime> {
    let (first, last) = SLOTS_HOURS;
    let bounds = NaiveTime::from_hms_opt(first, 0, 0).zip(NaiveTime::from_hms_opt(last, 0, 0));
    let Some((first, last)) = bounds else { return Vec::new() };
    let room = (last - first).num_minutes() - i64::from(event.minutes);
    let steps = if room < 0 { 0 } else { room / SLOT_MINUTES + 1 };
    (0..steps).map(|step| first + TimeDelta::minutes(step * SLOT_MINUTES)).collect()
}
