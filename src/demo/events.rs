//! Generates events, one piece of work at a time.
//!
//! Invariant: a Supervisor is generated only with its CORE: same store, number and program.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta};
use fastrand::Rng;

use crate::{
    demo::{
        names::{self, DIGITAL_TASKS, Program},
        people::{Staff, Work},
    },
    domain::{
        calendar,
        employee::JobTitle::{self, ClubSupervisor, EventSpecialist, JuicerBarista, LeadEventSpecialist},
        event::{self, Due, Event, EventType, Location, Schedule},
        ids::{EventId, Revision, ScheduleId},
    },
    import::{Incoming, IncomingEmployee, IncomingEvent, PersonFact, Place, Release},
};

/// The id of the first generated event and of its schedule.
const ID_FIRST: u64 = 1_000_001;
/// Most events generated at once.
pub const EVENTS_MAX: u32 = 2_000_000;
/// Programs of the largest run, at least; and of a day, if days are filled one by one.
const MONTH_PROGRAMS: u64 = 2003;
const DAY_PROGRAMS: u64 = 61;
/// Months after which the numbers of programs come again.
const MONTHS: u64 = 48;
/// The name of the source in reports.
const SOURCE: &str = "invented";
/// Minutes from the start of a CORE to the start of its Supervisor.
const SUPERVISOR_OFFSET_MINUTES: i64 = 120;
/// Length of an event that the vendor performs, in minutes.
const VENDOR_MINUTES: u32 = 5;

/// Tells if a piece of work is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staffing {
    Scheduled,
    Unstaffed,
}

/// A piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A CORE, with or without its Supervisor event.
    Core { staffing: Staffing, supervisor: Option<Staffing> },
    /// Any other type; Supervisor events come with their CORE only.
    Single { event_type: EventType, staffing: Staffing },
}

impl Piece {
    /// The order in which a day is staffed: types that few employees may work first, COREs last.
    pub fn rank(self) -> usize {
        let order = [EventType::Juicer, EventType::Freeosk, EventType::Digitals, EventType::Other];
        match self {
            Self::Single { event_type, .. } => {
                order.iter().position(|other| *other == event_type).unwrap_or(order.len())
            }
            Self::Core { .. } => order.len(),
        }
    }
}

/// The day of a piece of work, and the window in which it may be done.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub first: NaiveDate,
    pub day: NaiveDate,
    pub due: NaiveDate,
}

impl Window {
    /// `before` days to get ready and `after` days to spare, within the calendar.
    pub fn around(day: NaiveDate, before: u64, after: u64) -> Self {
        let within = |date: Option<NaiveDate>| date.filter(|date| calendar::is_within(*date)).unwrap_or(day);
        Self {
            first: within(day.checked_sub_days(Days::new(before))),
            day,
            due: within(day.checked_add_days(Days::new(after))),
        }
    }
}

/// Where the numbers of a run begin: the id of its first event, and its first program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    id: u64,
    program: u64,
}

impl Numbers {
    /// Those of a store without generated events.
    pub const FIRST: Self = Self { id: ID_FIRST, program: 0 };

    /// The event that has the first id, in any store with generated events.
    #[must_use]
    pub const fn first_event(self) -> EventId {
        EventId(self.id)
    }

    /// Those of a run that begins with a day, beside a run that begins with another day.
    #[must_use]
    pub fn beginning(first: NaiveDate) -> Self {
        let days = u64::try_from((first - NaiveDate::default()).num_days()).unwrap_or_default() + 1;
        let months = u64::from(first.year().unsigned_abs()) * 12 + u64::from(first.month0());
        Self {
            id: ID_FIRST + days * u64::from(EVENTS_MAX),
            program: (months % MONTHS + 1) * MONTH_PROGRAMS + u64::from(first.day0()) * DAY_PROGRAMS,
        }
    }
}

/// Tells if an event may have been generated for a day: it was assigned then, or no one could do it then.
#[must_use]
pub fn is_of(event: &Event, day: NaiveDate) -> bool {
    match &event.imported {
        Some(given) => given.start.date() == day,
        None => event.first_day.is_some_and(|first| first <= day) && event.due.is_some_and(|due| day <= due.date),
    }
}

/// Generates events in the requested order, and numbers them.
#[derive(Debug)]
pub struct Maker {
    pub rng: Rng,
    seed: u64,
    staff: Staff,
    stores: Vec<Location>,
    numbers: Numbers,
    /// Programs used so far; each occurs once per store.
    programs: usize,
    cores_today: usize,
    events: Vec<IncomingEvent>,
}

impl Maker {
    pub fn new(seed: u64, numbers: Numbers, stores: usize, people: usize) -> Self {
        let mut rng = Rng::with_seed(seed);
        let staff = Staff::hire(&mut rng, people);
        let stores = (0..stores.max(1)).map(names::store).collect();
        Self { rng, seed, staff, stores, numbers, programs: 0, cores_today: 0, events: Vec::new() }
    }

    pub fn start_day(&mut self) {
        self.staff.start_day();
        self.cores_today = 0;
    }

    pub fn make(&mut self, piece: Piece, window: Window) {
        let (program, location) = self.next_program();
        match piece {
            Piece::Core { staffing, supervisor } => self.core(&program, &location, window, staffing, supervisor),
            Piece::Single { event_type, staffing } => self.single(&program, location, window, event_type, staffing),
        }
    }

    pub fn finish(self) -> Incoming {
        let employees = self.staff.into_people().into_iter();
        let employees = employees.map(|employee| IncomingEmployee {
            employee,
            other_names: Vec::new(),
            open: PersonFact::week().chain([PersonFact::Title, PersonFact::Active]).collect(),
        });
        Incoming { employees: employees.collect(), events: self.events, ..Incoming::default() }
    }

    /// Each program goes round all stores before the next one begins, so a number comes once per store.
    fn next_program(&mut self) -> (Program, Location) {
        let (program, store) = (self.programs / self.stores.len(), self.programs % self.stores.len());
        self.programs += 1;
        (Program::new(self.seed, self.numbers.program + program as u64), self.stores[store].clone())
    }

    fn core(
        &mut self,
        program: &Program,
        location: &Location,
        window: Window,
        staffing: Staffing,
        supervisor: Option<Staffing>,
    ) {
        let minutes = [390, 390, 390, 360][self.rng.usize(..4)];
        let core = (EventType::Core, minutes);
        let mut starts = [time(9, 45), time(10, 30), time(11, 0), time(11, 30)];
        starts.rotate_left(self.cores_today % 4);
        let mut titles = [EventSpecialist, LeadEventSpecialist, JuicerBarista];
        if self.cores_today == 0 {
            // The day's banner names the Leads who hold a CORE.
            titles.swap(0, 1);
        }
        self.cores_today += usize::from(staffing == Staffing::Scheduled);
        let start = self.add(program.core(), location.clone(), window, core, staffing, &starts, &titles);
        let Some(staffing) = supervisor else { return };
        let offset = TimeDelta::minutes(SUPERVISOR_OFFSET_MINUTES);
        let starts = [start.unwrap_or(starts[0]).overflowing_add_signed(offset).0];
        let core = (EventType::Supervisor, EventType::Supervisor.default_minutes());
        let titles = [ClubSupervisor, LeadEventSpecialist];
        self.add(program.supervisor(), location.clone(), window, core, staffing, &starts, &titles);
    }

    fn single(
        &mut self,
        program: &Program,
        location: Location,
        window: Window,
        event_type: EventType,
        staffing: Staffing,
    ) {
        let task = DIGITAL_TASKS[self.rng.usize(..DIGITAL_TASKS.len())];
        let (name, starts): (_, &[NaiveTime]) = match event_type {
            EventType::Juicer => (program.juicer(window.day, &location), &[time(9, 0)]),
            EventType::Freeosk => (program.freeosk(window.day, &location), &[time(10, 0)]),
            EventType::Digitals => {
                (program.digitals(window.day, task), &[time(10, 15), time(10, 30), time(10, 45), time(11, 0)])
            }
            EventType::Other | EventType::Core | EventType::Supervisor => (program.vendor(), &[time(12, 0)]),
        };
        let minutes = if event_type == EventType::Other { VENDOR_MINUTES } else { event_type.default_minutes() };
        let titles = [JuicerBarista, ClubSupervisor, LeadEventSpecialist];
        let titles = if event_type == EventType::Juicer { &titles[..2] } else { &titles[1..] };
        self.add(name, location, window, (event_type, minutes), staffing, starts, titles);
    }

    /// Adds an event and returns its start.
    #[expect(clippy::too_many_arguments, reason = "the two callers know all of them")]
    fn add(
        &mut self,
        name: String,
        location: Location,
        window: Window,
        (event_type, minutes): (EventType, u32),
        staffing: Staffing,
        starts: &[NaiveTime],
        titles: &[JobTitle],
    ) -> Option<NaiveTime> {
        let place = self.events.len() as u64;
        let id = self.numbers.id + place;
        let work = Work { event_type, minutes, starts, titles };
        let given = if staffing == Staffing::Scheduled { self.staff.assign(&work) } else { None };
        let start = given.as_ref().map(|(_, start)| *start);
        let schedule =
            given.map(|(employee, start)| Schedule { id: ScheduleId(id), employee, start: window.day.and_time(start) });
        let reading = event::names::read(&name, None);
        let event = Event {
            id: EventId(id),
            revision: Revision::default(),
            name,
            event_type: reading.event_type,
            number: reading.number,
            program: reading.program,
            location,
            first_day: Some(window.first),
            due: Some(Due { date: window.due, time: None }),
            minutes,
            schedule,
            imported: None,
        };
        let place = Place { file: SOURCE.to_owned(), line: place + 1 };
        // Generated again, an event is what this run makes of it.
        let release = if event.schedule.is_none() { Release::Said } else { Release::Unsaid };
        self.events.push(IncomingEvent { event, place, open: Vec::new(), release });
        start
    }
}

/// A time of day from a literal of this file.
fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
}
