//! What an event's own columns say about its schedule, compared with the table of schedules.

use chrono::NaiveDateTime;

use crate::{
    domain::format,
    import::{
        IncomingEvent, Note, Release, cells,
        legacy::{CONDITION, IS_SCHEDULED, START},
        table::Row,
        values::{self, When},
    },
};

/// What an event's own columns say about its schedule. None where a column is silent.
#[derive(Default)]
pub(super) struct Claim {
    pub condition: Option<bool>,
    pub flag: Option<bool>,
    pub start: Option<When>,
}

impl Claim {
    /// What a table says that has no start of its own.
    pub fn of(condition: Option<bool>, flag: Option<bool>) -> Self {
        Self { condition, flag, start: None }
    }

    /// The columns of an event that the schedule table overrules. They cannot make a row wrong, so an odd one is only noted.
    pub fn in_row(row: &Row<'_>) -> (Self, Vec<Note>) {
        let claim = Self {
            condition: condition(row),
            flag: cells::flag(row.get(IS_SCHEDULED)),
            start: values::when(&row.moment(START)),
        };
        let read = [
            (CONDITION, claim.condition.is_some(), "Scheduled or Unstaffed"),
            (IS_SCHEDULED, claim.flag.is_some(), "true or false"),
            (START, claim.start.is_some(), "YYYY-MM-DD HH:MM:SS"),
        ];
        let odd = read.into_iter().filter(|(heading, known, _)| !known && !row.get(heading).is_empty());
        let notes = odd.map(|(heading, _, allowed)| {
            let text = cells::quote(row.get(heading));
            Note {
                place: row.place(),
                message: format!("{heading} {text} is not {allowed}; only the schedule table counts"),
            }
        });
        let notes = notes.collect();
        (claim, notes)
    }

    /// True if the columns say that the event has no employee, and none says otherwise.
    pub fn releases(&self) -> bool {
        let words = [self.condition, self.flag];
        words.contains(&Some(false)) && !words.contains(&Some(true))
    }
}

/// Whether the column calls an event Scheduled or Unstaffed; None if it says neither.
pub(super) fn condition(row: &Row<'_>) -> Option<bool> {
    match row.get(CONDITION).to_ascii_lowercase().as_str() {
        "scheduled" => Some(true),
        "unstaffed" => Some(false),
        _ => None,
    }
}

/// What the columns of an event say against the schedule table, in one sentence.
pub(super) fn contradiction(IncomingEvent { event, release, .. }: &IncomingEvent, claim: &Claim) -> Option<String> {
    let scheduled = event.schedule.is_some();
    let mut against = Vec::new();
    if let Some(claimed) = claim.condition.filter(|claimed| *claimed != scheduled) {
        against.push(format!("{CONDITION} is {}", if claimed { "Scheduled" } else { "Unstaffed" }));
    }
    if let Some(claimed) = claim.flag.filter(|claimed| *claimed != scheduled) {
        against.push(format!("{IS_SCHEDULED} is {claimed}"));
    }
    let agrees = |when: When, start: NaiveDateTime| {
        when.date == start.date() && when.time.is_none_or(|time| time == start.time())
    };
    let elsewhere = claim.start.filter(|when| !event.start().is_some_and(|start| agrees(*when, start)));
    if let Some(When { date, time }) = elsewhere {
        let said = time.map_or_else(|| format::date_short(date), |time| format::moment(date.and_time(time)));
        against.push(format!("{START} is {said}"));
    }
    if against.is_empty() {
        return None;
    }
    let truth = event.schedule.as_ref().map_or_else(
        || {
            let stays = match release {
                Release::Said => "so it is Unstaffed",
                Release::Doubtful | Release::Unsaid => "so the files say nothing of its employee",
            };
            format!("has no row for it that can be read, {stays}")
        },
        |schedule| {
            let start = format::moment(schedule.start);
            format!("gives it to employee {} on {start}; the schedule table counts", schedule.employee)
        },
    );
    Some(format!("{}, but the schedule table {truth}", format::list(&against)))
}
