//! Figures of a range of days: hours, work that is due, changes, coverage.
//!
//! Invariant: pages and files show the same [`Table`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, Months, NaiveDate, Weekday};
use chrono_tz::Tz;

use crate::domain::{
    audit::{Action, Entry},
    calendar::{Month, week_of},
    employee::{Employee, JobTitle, availability::WeeklyHours, name::Namesakes},
    event::{Event, EventType},
    ids::EmployeeId,
};

/// Longest range of a report, in days.
pub const RANGE_DAYS_MAX: i64 = 366;
/// Days before and after the range in which events that are due in it may be scheduled.
pub const DUE_MARGIN_DAYS: u64 = 92;

/// The first and the last day, both included.
pub type Range = (NaiveDate, NaiveDate);

/// The ranges that the page offers, with their names.
pub fn presets(today: NaiveDate) -> [(&'static str, Range); 3] {
    let this = Month::of(today);
    let before = this.previous().unwrap_or(this);
    let quarter = this.first().checked_sub_months(Months::new(2)).unwrap_or(this.first());
    [
        ("This month", (this.first(), this.last())),
        ("Last month", (before.first(), before.last())),
        ("Last 3 months", (quarter, this.last())),
    ]
}

/// The counted quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub range: Range,
    /// The key of a store.
    pub store: Option<String>,
    /// Work of people with this title, and open work that they may do.
    pub title: Option<JobTitle>,
    pub week_start: Weekday,
    pub zone: Tz,
}

impl Wanted {
    fn is_within(&self, date: NaiveDate) -> bool {
        self.range.0 <= date && date <= self.range.1
    }

    /// The days on which scheduled events are read.
    pub fn scheduled(&self) -> Range {
        let margin = Days::new(DUE_MARGIN_DAYS);
        let (first, last) = self.range;
        (first.checked_sub_days(margin).unwrap_or(first), last.checked_add_days(margin).unwrap_or(last))
    }

    pub fn is_at_store(&self, event: &Event) -> bool {
        self.store.as_deref().is_none_or(|store| event.location.key() == store)
    }

    fn week(&self, date: NaiveDate) -> NaiveDate {
        week_of(date, self.week_start)[0]
    }

    fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.range.1;
        self.range.0.iter_days().take_while(move |date| *date <= last)
    }

    fn weeks(&self) -> BTreeSet<NaiveDate> {
        self.days().map(|date| self.week(date)).collect()
    }
}

named! {
    /// The reports, in the order of the page. The slug is the name in addresses and files.
    pub enum Kind: slug, title {
        Hours => "hours", "Hours by employee";
        Due => "due", "Due by week";
        Changes => "changes", "Changes by week";
        Coverage => "coverage", "Coverage by day";
    }
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Person {
        id: EmployeeId,
        name: String,
    },
    Text(&'static str),
    Day(NaiveDate),
    /// The first day of a week.
    Week(NaiveDate),
    Minutes(u32),
    Count(u32),
    /// None if there is nothing to share.
    Percent(Option<u32>),
}

/// A column. One with a class is a part of the bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub label: &'static str,
    pub class: Option<&'static str>,
}

/// A row. The first cell names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub cells: Vec<Value>,
    /// The line of the bar: the most that a person should work.
    pub mark: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub kind: Kind,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

impl Table {
    /// The parts of a row's bar: class and length.
    pub fn bar<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = (&'static str, u32)> + 'a {
        let parts = self.columns.iter().zip(&row.cells).filter_map(|(column, cell)| match cell {
            Value::Minutes(number) | Value::Count(number) => Some((column.class?, *number)),
            _ => None,
        });
        parts.filter(|(_, length)| *length > 0)
    }

    /// The length of the longest bar or mark; at least 1.
    pub fn scale(&self) -> u32 {
        let length = |row: &Row| self.bar(row).map(|(_, length)| length).sum::<u32>().max(row.mark.unwrap_or(0));
        self.rows.iter().map(length).max().unwrap_or(0).max(1)
    }
}

/// Hours of one person.
#[derive(Debug, Default)]
struct Hours {
    minutes: [u32; 6],
    /// Of whole weeks, also where one begins before the range or ends after it.
    weeks: BTreeMap<NaiveDate, u32>,
}

/// Events that are due in one week.
#[derive(Debug, Default)]
struct Due {
    on_time: u32,
    late: u32,
    unscheduled: u32,
}

/// Changes of one week.
#[derive(Debug, Default)]
struct Changes {
    made: u32,
    events: u32,
    overrides: u32,
    undone: u32,
}

/// Counts events and audit entries, each given once.
#[derive(Debug)]
pub struct Counter<'a> {
    wanted: &'a Wanted,
    people: BTreeMap<EmployeeId, &'a Employee>,
    hours: BTreeMap<EmployeeId, Hours>,
    due: BTreeMap<NaiveDate, Due>,
    changes: BTreeMap<NaiveDate, Changes>,
    coverage: BTreeMap<NaiveDate, ([u32; 6], u32)>,
}

impl<'a> Counter<'a> {
    pub fn new(wanted: &'a Wanted, people: &'a [Employee]) -> Self {
        Self {
            wanted,
            people: people.iter().map(|one| (one.id.clone(), one)).collect(),
            hours: BTreeMap::new(),
            due: wanted.weeks().into_iter().map(|week| (week, Due::default())).collect(),
            changes: wanted.weeks().into_iter().map(|week| (week, Changes::default())).collect(),
            coverage: wanted.days().map(|date| (date, ([0; 6], 0))).collect(),
        }
    }

    fn has_title(&self, id: &EmployeeId) -> bool {
        self.wanted.title.is_none_or(|title| self.people.get(id).is_some_and(|one| one.title == title))
    }

    pub fn event(&mut self, event: &Event) {
        let wanted = self.wanted;
        if !wanted.is_at_store(event) {
            return;
        }
        match &event.schedule {
            Some(now) if self.has_title(&now.employee) => {
                self.scheduled(event, now.start.date(), &now.employee);
                let is_late = event.due.is_some_and(|due| due.passed_by(event.end_from(now.start)));
                self.is_due(event, |due| if is_late { &mut due.late } else { &mut due.on_time });
            }
            None if wanted.title.is_none_or(|title| title.may_work(event.event_type)) => {
                self.is_due(event, |due| &mut due.unscheduled);
                if let Some((_, due)) = event.last_day().and_then(|date| self.coverage.get_mut(&date)) {
                    *due += 1;
                }
            }
            _ => {}
        }
    }

    fn scheduled(&mut self, event: &Event, date: NaiveDate, employee: &EmployeeId) {
        let (is_within, week) = (self.wanted.is_within(date), self.wanted.week(date));
        let kind = event.event_type as usize;
        if let Some((counts, _)) = self.coverage.get_mut(&date) {
            counts[kind] += 1;
        }
        if self.due.contains_key(&week) {
            let hours = self.hours.entry(employee.clone()).or_default();
            *hours.weeks.entry(week).or_default() += event.minutes;
            hours.minutes[kind] += if is_within { event.minutes } else { 0 };
        }
    }

    fn is_due(&mut self, event: &Event, which: impl FnOnce(&mut Due) -> &mut u32) {
        let last = event.last_day().filter(|date| self.wanted.is_within(*date));
        if let Some(due) = last.and_then(|date| self.due.get_mut(&self.wanted.week(date))) {
            *which(due) += 1;
        }
    }

    /// Counts a change of events. `at_store` tells if it is about the store that is asked for.
    pub fn entry(&mut self, entry: &Entry, at_store: bool) {
        let date = entry.at.with_timezone(&self.wanted.zone).date_naive();
        let states = || entry.steps.iter().flat_map(|step| [&step.before, &step.after]);
        let has_title = self.wanted.title.is_none()
            || states().filter_map(|state| state.schedule.as_ref()).any(|now| self.has_title(&now.employee));
        if !entry.changed_events() || !at_store || !has_title || !self.wanted.is_within(date) {
            return;
        }
        let Some(changes) = self.changes.get_mut(&self.wanted.week(date)) else { return };
        changes.made += 1;
        changes.events += u32::try_from(entry.steps.len()).unwrap_or(u32::MAX);
        changes.overrides += u32::from(entry.reason.is_some());
        changes.undone += u32::from(matches!(entry.action, Action::Undo | Action::Revert));
    }

    pub fn table(&self, kind: Kind) -> Table {
        let (columns, rows) = match kind {
            Kind::Hours => (hours_columns(), self.hours_rows()),
            Kind::Due => (due_columns(), self.due.iter().map(due_row).collect()),
            Kind::Changes => (changes_columns(), self.changes.iter().map(changes_row).collect()),
            Kind::Coverage => (coverage_columns(), self.coverage.iter().map(coverage_row).collect()),
        };
        Table { kind, columns, rows }
    }

    /// Active people with their hours, and others who have some; the busiest first. With a store, only those who work there.
    fn hours_rows(&self) -> Vec<Row> {
        let everyone = self.people.values().filter(|one| one.active && self.wanted.store.is_none());
        let idle = everyone.map(|one| &one.id).filter(|id| self.has_title(id) && !self.hours.contains_key(id));
        let none = Hours::default();
        let busy = self.hours.iter().filter(|(_, hours)| hours.minutes.iter().any(|minutes| *minutes > 0));
        let mut all: Vec<_> = busy.chain(idle.map(|id| (id, &none))).collect();
        let namesakes = Namesakes::among(self.people.values().copied());
        let name = |id: &EmployeeId| self.people.get(id).map_or_else(|| id.to_string(), |one| namesakes.name_of(one));
        all.sort_by_cached_key(|(id, hours)| (u32::MAX - hours.minutes.iter().sum::<u32>(), name(id)));
        all.into_iter().map(|(id, hours)| self.hours_row(id, name(id), hours)).collect()
    }

    fn hours_row(&self, id: &EmployeeId, name: String, hours: &Hours) -> Row {
        let days = u32::try_from((self.wanted.range.1 - self.wanted.range.0).num_days() + 1).unwrap_or(u32::MAX);
        let person = self.people.get(id);
        let unknown = || u32::from(WeeklyHours::default().hours()) * 60;
        let week = person.map_or_else(unknown, |one| one.weekly_minutes_max());
        let most = week.saturating_mul(days) / 7;
        let over = hours.weeks.values().filter(|minutes| **minutes > week).count();
        let title = person.map_or("", |one| one.title.label());
        let mut cells = vec![Value::Person { id: id.clone(), name }, Value::Text(title)];
        cells.extend(hours.minutes.map(Value::Minutes));
        cells.extend([hours.minutes.iter().sum(), most].map(Value::Minutes));
        cells.push(Value::Count(u32::try_from(over).unwrap_or(u32::MAX)));
        Row { cells, mark: Some(most) }
    }
}

const fn plain(label: &'static str) -> Column {
    Column { label, class: None }
}

fn types() -> impl Iterator<Item = Column> {
    EventType::ALL.into_iter().map(|one| Column { label: one.label(), class: Some(one.slug()) })
}

fn hours_columns() -> Vec<Column> {
    let ends = [plain("Total"), plain("Maximum"), plain("Weeks over")];
    [plain("Employee"), plain("Job title")].into_iter().chain(types()).chain(ends).collect()
}

fn due_columns() -> Vec<Column> {
    let part = |label, class| Column { label, class: Some(class) };
    let parts = [part("On time", "on-time"), part("Late", "too-late"), part("Unscheduled", "open")];
    [plain("Week of")].into_iter().chain(parts).chain([plain("Total"), plain("Percent on time")]).collect()
}

fn due_row((week, due): (&NaiveDate, &Due)) -> Row {
    let Due { on_time, late, unscheduled } = *due;
    let total = on_time + late + unscheduled;
    let counts = [on_time, late, unscheduled, total].map(Value::Count);
    let percent = Value::Percent((100 * on_time).checked_div(total));
    Row { cells: [Value::Week(*week)].into_iter().chain(counts).chain([percent]).collect(), mark: None }
}

fn changes_columns() -> Vec<Column> {
    let changes = Column { label: "Changes", class: Some("digitals") };
    vec![plain("Week of"), changes, plain("Events"), plain("Overrides"), plain("Undone")]
}

fn changes_row((week, one): (&NaiveDate, &Changes)) -> Row {
    let counts = [one.made, one.events, one.overrides, one.undone];
    Row { cells: [Value::Week(*week)].into_iter().chain(counts.map(Value::Count)).collect(), mark: None }
}

fn coverage_columns() -> Vec<Column> {
    let open = Column { label: "Unscheduled due", class: Some("open") };
    [plain("Day")].into_iter().chain(types()).chain([open]).collect()
}

fn coverage_row((date, (counts, open)): (&NaiveDate, &([u32; 6], u32))) -> Row {
    let counts = counts.iter().chain([open]).map(|count| Value::Count(*count));
    Row { cells: [Value::Day(*date)].into_iter().chain(counts).collect(), mark: None }
}
