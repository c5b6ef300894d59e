//! What stays because a source says nothing about it.
//!
//! Rule of this file: an empty cell, a missing column, a missing file and a row that cannot be read mean "no news". What
//! is stored stays, and the report says so.

use std::collections::BTreeMap;

use crate::{
    domain::{
        alike::{is_alike, number_key},
        employee::{
            Employee, ImportedProfile,
            availability::{Availability, WEEKDAYS},
        },
        event::Event,
        format,
    },
    import::{EventFact, Note, PersonFact, Place, Release},
};

/// Most events that one note names, in events.
const NAMED_MAX: usize = 20;

/// What stayed, by fact: how many events, and the first of them by name.
#[derive(Debug, Default)]
pub struct Kept(BTreeMap<Kind, (u64, Vec<String>)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Assignment,
    /// One that the files deny without proof.
    DeniedAssignment,
    Fact(EventFact),
}

impl Kept {
    /// Gives `event` what the source leaves open and `stored` has.
    pub fn fill(&mut self, stored: &Event, event: &mut Event, open: &[EventFact]) {
        for fact in open {
            let before = event.clone();
            match fact {
                EventFact::Type => event.event_type = stored.event_type,
                EventFact::StoreNumber => event.location.number.clone_from(&stored.location.number),
                EventFact::StoreName => event.location.name.clone_from(&stored.location.name),
                EventFact::FirstDay => event.first_day = stored.first_day,
                EventFact::Due => event.due = stored.due,
                EventFact::Minutes => event.minutes = stored.minutes,
                EventFact::Revision => {}
            }
            if *event != before {
                self.add(Kind::Fact(*fact), event);
            }
        }
    }

    /// Keeps how `stored` is written where `event` says the same in other signs.
    pub fn respell(stored: &Event, event: &mut Event) {
        if is_alike(&stored.name, &event.name) {
            event.name.clone_from(&stored.name);
        }
        if number_key(&stored.location.number) == number_key(&event.location.number) {
            event.location.number.clone_from(&stored.location.number);
        }
        if is_alike(&stored.location.name, &event.location.name) {
            event.location.name.clone_from(&stored.location.name);
        }
    }

    /// An event keeps its assignment.
    pub fn assignment(&mut self, event: &Event, release: Release) {
        let kind = if release == Release::Doubtful { Kind::DeniedAssignment } else { Kind::Assignment };
        self.add(kind, event);
    }

    fn add(&mut self, kind: Kind, event: &Event) {
        let (count, names) = self.0.entry(kind).or_default();
        *count += 1;
        if names.len() < NAMED_MAX {
            names.push(format!("{} ({})", event.name, event.id));
        }
    }

    /// One note for each fact.
    pub fn notes(self) -> impl Iterator<Item = Note> {
        self.0.into_iter().map(|(kind, (count, mut names))| {
            let more = count - u64::try_from(names.len()).unwrap_or(count);
            if more > 0 {
                names.push(format!("{more} more"));
            }
            let (verb, whose) = if count == 1 { ("keeps", "its") } else { ("keep", "their") };
            let message =
                format!("{} {verb} {whose} {}: {}", format::count(count, "event"), word(kind), format::list(&names));
            Note { place: Place { file: "Kept".to_owned(), line: 0 }, message }
        })
    }
}

fn word(kind: Kind) -> String {
    let fact = match kind {
        Kind::DeniedAssignment => {
            return "assignment, although the files say Unstaffed: the table of schedules is missing, or has a row that \
                    cannot be read"
                .to_owned();
        }
        Kind::Assignment => "assignment",
        Kind::Fact(fact) => fact.words(),
    };
    format!("{fact}, about which the files say nothing")
}

/// A stored employee, with the values of one of our exports.
pub fn restored(stored: &Employee, incoming: Employee, open: &[PersonFact]) -> Employee {
    let name = if is_alike(&stored.name, &incoming.name) { stored.name.clone() } else { incoming.name };
    let mut after = Employee { id: stored.id.clone(), revision: stored.revision, name, ..incoming };
    for fact in open {
        match fact {
            PersonFact::Title => after.title = stored.title,
            PersonFact::Active => after.active = stored.active,
            PersonFact::Email => after.email.clone_from(&stored.email),
            PersonFact::Weekday(index) => {
                if let Some(weekday) = WEEKDAYS.get(*index) {
                    after.availability = after.availability.with(*weekday, stored.availability.on(*weekday));
                }
            }
            PersonFact::WeeklyHours => after.weekly_hours_max = stored.weekly_hours_max,
            PersonFact::TimeOff => after.time_off.clone_from(&stored.time_off),
            PersonFact::ImportedProfile => after.imported.clone_from(&stored.imported),
            PersonFact::Revision => {}
        }
    }
    after
}

/// A stored employee, with the values of another source. What was set here differs from what the last import gave, and
/// stays, as does everything about a person who was added here. Hours and time off are taken while there are none here;
/// whether a person is active is never a source's to say again.
pub fn merged(stored: &Employee, incoming: Employee, open: &[PersonFact]) -> Employee {
    let then = stored.imported.as_ref();
    let (availability, time_off) = (incoming.availability, incoming.time_off);
    let title =
        if open.contains(&PersonFact::Title) { then.map_or(stored.title, |then| then.title) } else { incoming.title };
    let email = incoming.email.or_else(|| then.and_then(|then| then.email.clone()));
    let name = match then.filter(|then| is_alike(&then.name, &incoming.name)) {
        Some(then) => then.name.clone(),
        None => incoming.name,
    };
    let given = ImportedProfile { name, title, email };
    let mut after = Employee { imported: Some(given.clone()), ..stored.clone() };
    if then.is_some_and(|then| then.name == stored.name) {
        after.name = given.name;
    }
    if then.is_some_and(|then| then.title == stored.title) {
        after.title = given.title;
    }
    if then.map_or(stored.email.is_none(), |then| then.email == stored.email) {
        after.email = given.email;
    }
    if stored.availability == Availability::ALWAYS {
        after.availability = availability;
    }
    if stored.time_off.is_empty() {
        after.time_off = time_off;
    }
    after
}
