//! What the search looks at, worked out once: people, days, what they hold, and where the rules let someone start.
//!
//! Rule of this file: whether someone may work something is asked of [`rules::check`], once for each kind of work, person
//! and day, and remembered.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::domain::{
    employee::{Employee, JobTitle},
    event::{Event, EventType, Schedule, pairing::Pair},
    ids::{EmployeeId, EventId, ScheduleId},
    rules::{self, Assignment, Finding},
    schedule::{self, Input, Lock, board::Spot, units},
};

/// Which of the usual starts of a kind of work are meant, one bit each.
pub type Starts = u16;

/// Work that the rules treat alike: type, minutes, store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct KindKey(EventType, u32, String);

/// A kind of work and, for each person and day, the starts that no rule speaks against beside what is held.
#[derive(Debug)]
struct Kind {
    starts: Vec<NaiveTime>,
    /// Before what is held is looked at.
    base: Vec<Starts>,
    fits: Vec<Starts>,
}

#[derive(Debug)]
pub struct Table<'a> {
    pub input: &'a Input,
    /// By id.
    pub people: Vec<&'a Employee>,
    pub days: Vec<NaiveDate>,
    /// By id; locked rows are scheduled as they are locked, and what may move is open.
    pub events: Vec<Event>,
    /// Where each event is that may move: the person, day and start it has now.
    pub anchors: Vec<Option<Spot>>,
    pub by_id: HashMap<EventId, usize>,
    /// For each person what they hold around the days, by start.
    pub held: Vec<Vec<usize>>,
    /// For each person and day, the day before the first and after the last included.
    held_on: Vec<Vec<usize>>,
    /// What people hold in the weeks of these days, but on other days: person, day, week and minutes, in that order.
    pub held_outside: Vec<(usize, NaiveDate, usize, u32)>,
    /// The kind of each event.
    kind_of: Vec<usize>,
    kinds: Vec<Kind>,
    /// The store where each person holds most, by key.
    pub usual_store: Vec<Option<String>>,
}

impl<'a> Table<'a> {
    pub fn new(input: &'a Input) -> Self {
        let options = &input.options;
        let mut people: Vec<_> =
            input.employees.iter().filter(|one| !options.exclude_employees.contains(&one.id)).collect();
        people.sort_by(|a, b| a.id.cmp(&b.id));
        people.dedup_by(|a, b| a.id == b.id);
        let days: Vec<_> = options.from.iter_days().take_while(|day| *day <= options.to).collect();
        let mut events = input.events.clone();
        events.sort_by_key(|event| event.id);
        events.dedup_by_key(|event| event.id);
        let by_id: HashMap<_, _> = events.iter().enumerate().map(|(at, event)| (event.id, at)).collect();
        for event in events.iter_mut().filter(|event| input.given_start(event.id).is_some()) {
            event.schedule = None;
        }
        for Lock { event, employee, start } in &input.locks {
            if let Some(event) = by_id.get(event).and_then(|at| events.get_mut(*at)) {
                let id = event.schedule.as_ref().map_or(ScheduleId(event.id.0), |now| now.id);
                event.schedule = Some(Schedule { id, employee: employee.clone(), start: *start });
            }
        }
        let mut table = Self {
            input,
            held: vec![Vec::new(); people.len()],
            held_on: vec![Vec::new(); people.len() * (days.len() + 2)],
            held_outside: Vec::new(),
            usual_store: Vec::new(),
            anchors: vec![None; events.len()],
            people,
            days,
            events,
            by_id,
            kind_of: Vec::new(),
            kinds: Vec::new(),
        };
        if options.move_scheduled {
            table.lift();
        }
        table.hold();
        table.sort_kinds();
        table
    }

    pub fn person(&self, id: &EmployeeId) -> Option<usize> {
        self.people.binary_search_by(|one| one.id.cmp(id)).ok()
    }

    pub fn day(&self, date: NaiveDate) -> Option<usize> {
        let days = (date - self.input.options.from).num_days();
        usize::try_from(days).ok().filter(|day| *day < self.days.len())
    }

    /// An event as it is stored, if it is open for moving.
    pub fn was(&self, event: usize) -> Option<&Event> {
        self.anchors[event]?;
        self.input.events.iter().find(|was| was.id == self.events[event].id)
    }

    /// The number of a person's day.
    pub fn place(&self, person: usize, day: usize) -> usize {
        person * self.days.len() + day
    }

    pub fn places(&self) -> usize {
        self.people.len() * self.days.len()
    }

    /// Person and day of a number that [`place`](Self::place) gave.
    pub fn of_place(&self, place: usize) -> (usize, usize) {
        (place / self.days.len(), place % self.days.len())
    }

    /// Opens what may move, and remembers where it is: long work whose Supervisors are all scheduled on its day.
    fn lift(&mut self) {
        let locked: Vec<EventId> = self.input.locks.iter().map(|lock| lock.event).collect();
        let mut lifted = Vec::new();
        for at in 0..self.events.len() {
            let event = &self.events[at];
            if !units::is_long(event) || !units::is_asked_for(self, event) {
                continue;
            }
            let mut together = vec![at];
            together.extend(self.followers(event));
            let spots: Option<Vec<_>> = together.iter().map(|one| Some((*one, self.spot_now(*one)?))).collect();
            let one_day = |spots: &Vec<(usize, Spot)>| spots.iter().all(|(_, spot)| spot.day == spots[0].1.day);
            let free = !together.iter().any(|one| locked.contains(&self.events[*one].id));
            lifted.extend(spots.filter(|spots| free && one_day(spots)).into_iter().flatten());
        }
        for (at, spot) in lifted {
            self.anchors[at] = Some(spot);
            self.events[at].schedule = None;
        }
    }

    /// The Supervisors of a CORE, scheduled or not.
    fn followers(&self, core: &Event) -> Vec<usize> {
        if core.event_type != EventType::Core {
            return Vec::new();
        }
        let followers = self.pair(core).followers_of(core.id).into_iter();
        followers.filter_map(|event| self.by_id.get(&event.id).copied()).collect()
    }

    /// The CORE that a Supervisor follows, scheduled or not.
    pub fn core_of(&self, event: &Event) -> Option<EventId> {
        let is_supervisor = event.event_type == EventType::Supervisor;
        is_supervisor.then(|| self.pair(event).leader_of(event).map(|core| core.id)).flatten()
    }

    fn pair(&self, event: &Event) -> Pair<'_> {
        let shares = |other: &&Event| other.number == event.number && other.location.is_same(&event.location);
        let may_have = event.number.is_some() && self.input.policy.pairing;
        Pair::among(self.events.iter().filter(|_| may_have).filter(shares))
    }

    /// Where an event is now, if that is with someone and on a day that is asked for.
    fn spot_now(&self, at: usize) -> Option<Spot> {
        let now = self.events[at].schedule.as_ref()?;
        Some(Spot { person: self.person(&now.employee)?, day: self.day(now.start.date())?, start: now.start })
    }

    fn hold(&mut self) {
        let mut stores = vec![BTreeMap::<String, usize>::new(); self.people.len()];
        for at in 0..self.events.len() {
            let Some(now) = &self.events[at].schedule else { continue };
            let Some(person) = self.person(&now.employee) else { continue };
            *stores[person].entry(self.events[at].location.key().into_owned()).or_default() += 1;
            let (date, minutes) = (now.start.date(), self.events[at].minutes);
            if let (None, Some(week)) = (self.day(date), self.week_of(date)) {
                self.held_outside.push((person, date, week, minutes));
            }
            let day = (date - self.input.options.from).num_days() + 1;
            if let Some(day) = usize::try_from(day).ok().filter(|day| *day < self.days.len() + 2) {
                self.held[person].push(at);
                self.held_on[person * (self.days.len() + 2) + day].push(at);
            }
        }
        self.held_outside.sort_unstable();
        let most = |stores: BTreeMap<String, usize>| {
            let best = stores.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)));
            best.map(|(store, _)| store)
        };
        self.usual_store = stores.into_iter().map(most).collect();
    }

    /// What someone holds on the day before, the day and the day after.
    pub fn held_around(&self, person: usize, day: usize) -> impl Iterator<Item = &Event> {
        let first = person * (self.days.len() + 2) + day;
        self.held_on[first..first + 3].iter().flatten().map(|at| &self.events[*at])
    }

    /// What someone holds on a day.
    pub fn held_that_day(&self, person: usize, day: usize) -> &[usize] {
        &self.held_on[person * (self.days.len() + 2) + day + 1]
    }

    /// What the rules say of a person working an event, beside what they hold and `others`.
    pub fn check(&self, event: &Event, person: usize, start: NaiveDateTime, others: &[Event]) -> Vec<Finding> {
        let Some(employee) = self.people.get(person) else { return Vec::new() };
        let day = self.day(start.date());
        let held = day.into_iter().flat_map(|day| self.held_around(person, day));
        let held: Vec<_> = held.filter(|other| other.id != event.id).chain(others).collect();
        let (holidays, short_work_minutes) = (&self.input.holidays, self.input.policy.short_work_minutes);
        rules::check(&Assignment { event, employee, start, held: &held, holidays, short_work_minutes })
    }

    /// The same, but for the window of an event whose start is given.
    pub fn check_at(&self, event: &Event, person: usize, start: NaiveDateTime, others: &[Event]) -> Vec<Finding> {
        let is_given = self.input.given_start(event.id).is_some();
        let mut findings = self.check(event, person, start, others);
        findings.retain(|finding| !(is_given && finding.rule == "window"));
        findings
    }

    /// Whether a person may work an event, whatever they hold.
    pub fn may_alone(&self, event: &Event, person: usize, start: NaiveDateTime) -> bool {
        let (holidays, short_work_minutes) = (&self.input.holidays, self.input.policy.short_work_minutes);
        let employee = self.people[person];
        let alone = Assignment { event, employee, start, held: &[], holidays, short_work_minutes };
        let is_given = self.input.given_start(event.id).is_some();
        rules::check(&alone).iter().all(|finding| is_given && finding.rule == "window")
    }

    fn sort_kinds(&mut self) {
        let (mut keys, mut bases) = (HashMap::new(), HashMap::new());
        for at in 0..self.events.len() {
            let event = &self.events[at];
            let key = KindKey(event.event_type, event.minutes, event.location.key().into_owned());
            if event.schedule.is_some() {
                self.kind_of.push(usize::MAX);
                continue;
            }
            let kind = if let Some(kind) = keys.get(&key) {
                *kind
            } else {
                let base_key = (event.event_type, event.minutes);
                let event = Event { first_day: None, due: None, ..event.clone() };
                let starts = starts(self.input, &event);
                let base = bases.entry(base_key).or_insert_with(|| self.base(&event, &starts));
                let fits = self.beside_held(&event, &starts, base);
                let base = base.clone();
                self.kinds.push(Kind { starts, base, fits });
                keys.insert(key, self.kinds.len() - 1);
                self.kinds.len() - 1
            };
            self.kind_of.push(kind);
        }
    }

    fn base(&self, event: &Event, starts: &[NaiveTime]) -> Vec<Starts> {
        let mut base = vec![0; self.places()];
        let (holidays, short_work_minutes) = (&self.input.holidays, self.input.policy.short_work_minutes);
        for (person, employee) in self.people.iter().enumerate() {
            // Most people may not work most types: the rule would say so for each day and start.
            if !employee.title.may_work(event.event_type) {
                continue;
            }
            for (day, date) in self.days.iter().enumerate() {
                let free = |time: &NaiveTime| {
                    let start = date.and_time(*time);
                    rules::check(&Assignment { event, employee, start, held: &[], holidays, short_work_minutes })
                        .is_empty()
                };
                base[person * self.days.len() + day] = bits(starts, free);
            }
        }
        base
    }

    fn beside_held(&self, event: &Event, starts: &[NaiveTime], base: &[Starts]) -> Vec<Starts> {
        let mut fits = base.to_vec();
        for (place, fits) in fits.iter_mut().enumerate() {
            let (person, day) = self.of_place(place);
            if *fits != 0 && self.held_around(person, day).next().is_some() {
                let date = self.days[day];
                let free = |time: &NaiveTime| self.check(event, person, date.and_time(*time), &[]).is_empty();
                *fits &= bits(starts, free);
            }
        }
        fits
    }

    /// The starts of an open event that nothing but its window speaks against.
    pub fn fits(&self, event: usize, person: usize, day: usize) -> Starts {
        self.kinds.get(self.kind_of[event]).map_or(0, |kind| kind.fits[person * self.days.len() + day])
    }

    /// Whether no rule speaks against an event at a spot beside what is held.
    pub fn may(&self, event: usize, spot: Spot) -> bool {
        let bit = self.starts(event).iter().position(|time| *time == spot.start.time());
        match bit {
            Some(bit) => self.fits(event, spot.person, spot.day) & (1 << bit) != 0,
            None => self.check_at(&self.events[event], spot.person, spot.start, &[]).is_empty(),
        }
    }

    /// The same before what the person holds is looked at.
    pub fn is_there(&self, event: usize, person: usize, day: usize) -> Starts {
        self.kinds.get(self.kind_of[event]).map_or(0, |kind| kind.base[person * self.days.len() + day])
    }

    pub fn kind(&self, event: usize) -> usize {
        self.kind_of[event]
    }

    /// The usual starts of an open event, in the order of the bits.
    pub fn starts(&self, event: usize) -> &[NaiveTime] {
        self.kinds.get(self.kind_of[event]).map_or(&[], |kind| &kind.starts)
    }

    /// The starts of an open event that lie in its window on a day.
    pub fn in_window(&self, event: usize, day: usize) -> Starts {
        let date = self.days[day];
        bits(self.starts(event), |time| rules::is_in_window(&self.events[event], date.and_time(*time)))
    }

    /// The week that a day lies in, counted from the first.
    pub fn week(&self, day: usize) -> usize {
        (day + self.input.options.days_of_week_before()) / 7
    }

    /// The weeks that the days lie in.
    pub fn weeks(&self) -> usize {
        self.days.len().checked_sub(1).map_or(0, |last| self.week(last)) + 1
    }

    /// The week of any date, if some of its days are asked for.
    fn week_of(&self, date: NaiveDate) -> Option<usize> {
        let before = i64::try_from(self.input.options.days_of_week_before()).unwrap_or_default();
        let days = (date - self.input.options.from).num_days() + before;
        usize::try_from(days).ok().map(|days| days / 7).filter(|week| *week < self.weeks())
    }

    pub fn title(&self, person: usize) -> JobTitle {
        self.people[person].title
    }
}

/// One bit for each start that `is` holds for.
fn bits(starts: &[NaiveTime], is: impl Fn(&NaiveTime) -> bool) -> Starts {
    starts.iter().enumerate().filter(|(_, time)| is(time)).fold(0, |all, (bit, _)| all | (1 << bit))
}

/// When an event may start on any day: the usual times of its type. A Supervisor's follow those of its CORE, one for one.
fn starts(input: &Input, event: &Event) -> Vec<NaiveTime> {
    let usual = &input.policy.usual;
    let known = match event.event_type {
        EventType::Supervisor => usual.of(EventType::Core),
        _ => usual.for_work(event.event_type, event.minutes),
    };
    let known = if known.is_empty() { &[schedule::START_WITHOUT_SETTING] } else { known };
    let date = input.options.from;
    let after = |time: &NaiveTime| input.policy.supervisor_start(date.and_time(*time)).time();
    match event.event_type {
        EventType::Supervisor => known.iter().map(after).collect(),
        _ => known.to_vec(),
    }
}
