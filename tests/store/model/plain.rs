//! A second, simple implementation of scheduling: one map, no index, no counter, no transaction.
//!
//! Invariant: it shares no logic with the product, only types.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use tandem::domain::{
    calendar::Moment,
    change::{Command, Request, bulk::Item},
    employee::Employee,
    event::{Event, EventType},
};

/// An assignment: schedule id, employee, start.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub schedule: u64,
    pub who: String,
    pub start: NaiveDateTime,
}

/// The fields of an event that matter to scheduling.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub event_type: EventType,
    /// Store and number, shared by a pair.
    number: Option<(String, u32)>,
    program: Option<u64>,
    pub due: Option<NaiveDate>,
    pub minutes: i64,
    pub revision: u32,
    pub held: Option<Held>,
}

pub type Pieces = BTreeMap<u64, Piece>;

pub fn pieces(events: Vec<Event>) -> Pieces {
    events.into_iter().map(|event| (event.id.0, Piece::of(event))).collect()
}

impl Piece {
    fn of(event: Event) -> Self {
        Self {
            event_type: event.event_type,
            due: event.last_day(),
            number: event.number.map(|number| (event.location.number, number.0)),
            program: event.program.map(|program| program.0),
            minutes: event.minutes.into(),
            revision: event.revision.0,
            held: event.schedule.map(|now| Held {
                schedule: now.id.0,
                who: now.employee.to_string(),
                start: now.start,
            }),
        }
    }

    pub fn date(&self) -> Option<NaiveDate> {
        self.held.as_ref().map(|held| held.start.date())
    }
}

/// A change that was made.
#[derive(Clone, Debug)]
pub(super) struct Past {
    pub(super) before: Pieces,
    pub(super) after: Pieces,
    taken_back: bool,
}

/// How a Supervisor follows its CORE.
#[derive(Clone, Copy)]
struct Bring<'a> {
    /// The CORE moved.
    moved: bool,
    /// An unstaffed Supervisor is scheduled.
    staffs: bool,
    request: &'a Request,
}

/// The whole calendar.
#[derive(Clone, Debug)]
pub struct Model {
    pub pieces: Pieces,
    pub people: BTreeMap<String, Employee>,
    pub holidays: BTreeSet<NaiveDate>,
    /// Changes with the pieces before and after.
    pub(super) history: BTreeMap<u64, Past>,
    /// What a reason was given for: event, person, day and rule.
    pub(super) accepted: BTreeSet<(u64, String, NaiveDate, &'static str)>,
    /// Supervisors that were separated from their CORE with a confirmation.
    left: BTreeSet<u64>,
}

impl Model {
    pub fn new(events: Vec<Event>, people: &[Employee]) -> Self {
        let people = people.iter().map(|one| (one.id.to_string(), one.clone())).collect();
        Self {
            pieces: pieces(events),
            people,
            holidays: BTreeSet::new(),
            history: BTreeMap::new(),
            accepted: BTreeSet::new(),
            left: BTreeSet::new(),
        }
    }

    /// Executes a request, or returns the code of the rejection. True if anything changed.
    ///
    /// `stored` is the state of the store afterwards. It supplies new schedule ids, and the employee chosen if none
    /// was named; the rules must allow the choice.
    pub fn perform(&mut self, id: u64, request: &Request, stored: &Pieces) -> Result<bool, &'static str> {
        let before = self.clone();
        let performed = self.attempt(id, request, stored);
        if performed.is_err() {
            *self = before;
        }
        performed
    }

    fn attempt(&mut self, id: u64, request: &Request, stored: &Pieces) -> Result<bool, &'static str> {
        let before = self.pieces.clone();
        let piece = before.get(&id).ok_or("unknown_event")?;
        if let Command::Trade { with, .. } = &request.command {
            return self.trade(id, with.0, request);
        }
        if request.seen.is_some_and(|seen| seen.0 != piece.revision) {
            return Err("stale_revision");
        }
        let (who, start) = wanted(piece, &request.command)?;
        let stays = matches!(request.command, Command::ChangeEmployee { .. });
        if let Some(start) = start {
            self.check(id, request, who.as_deref(), start)?;
            let who = who.or_else(|| piece.held.as_ref().map(|held| held.who.clone())).unwrap();
            self.place(id, who, start, stored);
        } else {
            self.release(id);
        }
        if !stays && piece.event_type == EventType::Core {
            let moved = start.is_none() || piece.held.as_ref().map(|held| held.start) != start;
            let staffs = matches!(request.command, Command::Schedule { .. });
            for follower in self.followers_of(id) {
                self.bring(follower, start, Bring { moved, staffs, request }, stored)?;
            }
        }
        self.note_who_left(id, request.confirm_other_date);
        Ok(self.pieces != before)
    }

    /// The request of an item of a plan; `now` is the calendar after the items before it.
    pub fn request(&self, now: &Self, item: &Item, reason: Option<&str>) -> Result<Option<Request>, &'static str> {
        let id = item.event.0;
        let (was, is) = self.pieces.get(&id).zip(now.pieces.get(&id)).ok_or("unknown_event")?;
        if item.seen.is_some_and(|seen| seen.0 != was.revision) {
            return Err("stale_revision");
        }
        let touched = is.revision != was.revision;
        let command = match item.command.clone() {
            Command::Unschedule if touched && is.held.is_none() => return Ok(None),
            Command::Schedule { employee, start } if touched && is.held.is_some() => {
                Command::Reschedule { to: Moment::At(start), employee: Some(employee) }
            }
            command => command,
        };
        let confirm_other_date = item.confirm_other_date;
        Ok(Some(Request { override_reason: reason.map(Into::into), confirm_other_date, ..Request::plain(command) }))
    }

    /// Counts a plan's changes of an event as one, or none if it ends as it was.
    pub fn settled(mut self, before: &Self) -> Self {
        for (id, piece) in &mut self.pieces {
            let was = &before.pieces[id];
            piece.revision = was.revision + u32::from(piece.held != was.held);
        }
        self
    }

    /// Two COREs swap their employees, if both may.
    fn trade(&mut self, id: u64, with: u64, request: &Request) -> Result<bool, &'static str> {
        let has = |piece: &Piece| piece.held.as_ref().is_some_and(|held| held.schedule == with);
        let other =
            self.pieces.iter().find(|(_, piece)| has(piece)).map(|(other, _)| *other).ok_or("unknown_schedule")?;
        let (ours, theirs) = (self.pieces[&id].clone(), self.pieces[&other].clone());
        if request.seen.is_some_and(|seen| seen.0 != ours.revision) {
            return Err("stale_revision");
        }
        let mine = ours.held.as_ref().ok_or("not_scheduled")?;
        let yours = theirs.held.as_ref().ok_or("not_tradable")?;
        if [&ours, &theirs].iter().any(|piece| piece.event_type != EventType::Core) {
            return Err("not_tradable");
        }
        if mine.who == yours.who {
            return Ok(false);
        }
        let mut swapped = self.clone();
        for (id, who) in [(id, &yours.who), (other, &mine.who)] {
            let piece = swapped.pieces.get_mut(&id).unwrap();
            piece.held.as_mut().unwrap().who.clone_from(who);
            piece.revision += 1;
        }
        let allowed = swapped.may(&yours.who, id, mine.start) && swapped.may(&mine.who, other, yours.start);
        if request.override_reason.is_none() && !allowed {
            return Err("refused");
        }
        *self = swapped;
        Ok(true)
    }

    /// Stores the changes of `sequence`, so that they can be undone.
    pub fn remember(&mut self, sequence: u64, before: &Pieces) {
        let changed = |id: &u64| before[id] != self.pieces[id];
        let ids: Vec<u64> = self.pieces.keys().copied().filter(changed).collect();
        let only = |all: &Pieces| ids.iter().map(|id| (*id, all[id].clone())).collect();
        let past = Past { before: only(before), after: only(&self.pieces), taken_back: false };
        self.history.insert(sequence, past);
    }

    /// Undoes a change, unless one of its events changed since, or a pair would be separated.
    pub fn undo(&mut self, sequence: u64) -> Result<(), &'static str> {
        let past = self.history.get_mut(&sequence).ok_or("nothing_to_undo")?;
        if past.taken_back {
            return Err("already_undone");
        }
        let mut pieces = self.pieces.clone();
        for (id, then) in &past.before {
            let piece = pieces.get_mut(id).unwrap();
            if piece.revision != past.after[id].revision {
                return Err("changed_since");
            }
            piece.held.clone_from(&then.held);
            piece.revision += 1;
        }
        let touched: BTreeSet<u64> = past.before.keys().copied().collect();
        let next = Self { pieces, ..self.clone() };
        let was = self.split();
        let halves = |id: &u64| touched.contains(id) && next.leader_of(*id).is_some_and(|core| touched.contains(&core));
        if next.split().iter().any(|id| !was.contains(id) && !halves(id)) {
            return Err("changed_since");
        }
        let changed_since =
            |id: u64| self.history.range(sequence + 1..).any(|(_, later)| later.before.contains_key(&id));
        let other_half = |id: u64| if touched.contains(&id) { next.leader_of(id) } else { Some(id) };
        let was_alone = self.alone();
        let left = next.alone().into_iter().filter(|id| !was_alone.contains(id) && !halves(id));
        if left.filter_map(other_half).any(changed_since) {
            return Err("changed_since");
        }
        *self = next;
        self.history.get_mut(&sequence).unwrap().taken_back = true;
        self.left = self.split();
        Ok(())
    }

    fn check(&self, id: u64, request: &Request, who: Option<&str>, start: NaiveDateTime) -> Result<(), &'static str> {
        let piece = &self.pieces[&id];
        if !(1970..=2200).contains(&start.year()) {
            return Err("out_of_calendar");
        }
        let moves = !matches!(request.command, Command::ChangeEmployee { .. });
        let core_date = self.leader_of(id).and_then(|core| self.pieces[&core].date());
        if moves && !request.confirm_other_date && core_date.is_some_and(|date| date != start.date()) {
            return Err("confirm_other_date");
        }
        let newly = who.filter(|who| piece.held.as_ref().is_none_or(|held| held.who != *who));
        let asks = match (newly, &piece.held) {
            (Some(who), _) if !self.people.contains_key(who) => return Err("unknown_employee"),
            (Some(who), _) => !self.may(who, id, start),
            (None, Some(held)) => self.move_asks(&held.who, id, start, &[]),
            (None, None) => false,
        };
        if asks && request.override_reason.is_none() { Err("refused") } else { Ok(()) }
    }

    /// A Supervisor follows its CORE; another employee takes it, if named.
    fn bring(
        &mut self,
        id: u64,
        core: Option<NaiveDateTime>,
        how: Bring<'_>,
        stored: &Pieces,
    ) -> Result<(), &'static str> {
        let Some(core) = core else {
            self.release(id);
            return Ok(());
        };
        let start = (core + TimeDelta::hours(2)).min(core.date().and_hms_opt(23, 59, 0).unwrap());
        match self.pieces[&id].held.clone() {
            Some(held) if !how.moved && held.start.date() == core.date() => {}
            Some(held) => {
                let chosen = how.request.supervisor_employee.as_ref().map(ToString::to_string);
                let who = chosen.clone().unwrap_or_else(|| held.who.clone());
                let leader = self.leader_of(id).unwrap();
                let asks = self.move_asks(&who, id, start, &[leader]);
                let is_asked = asks && (chosen.is_some() || !self.best_for(id, start).is_empty());
                if is_asked && how.request.override_reason.is_none() {
                    return Err("refused");
                }
                self.place(id, who, start, stored);
            }
            None if how.staffs => {
                let best = self.best_for(id, start);
                let chosen = stored[&id].held.as_ref().map(|held| held.who.clone());
                assert_eq!(best.is_empty(), chosen.is_none(), "who takes {id}? {chosen:?} of {best:?}");
                if let Some(who) = chosen {
                    assert!(best.contains(&who), "{who} takes {id} before {best:?}");
                    self.place(id, who, start, stored);
                }
            }
            None => {}
        }
        Ok(())
    }

    fn place(&mut self, id: u64, who: String, start: NaiveDateTime, stored: &Pieces) {
        // A change that is refused later on leaves no schedule in the store.
        let given = || stored[&id].held.as_ref().map_or(0, |held| held.schedule);
        let piece = self.pieces.get_mut(&id).unwrap();
        let schedule = piece.held.as_ref().map_or_else(given, |held| held.schedule);
        let held = Some(Held { schedule, who, start });
        if piece.held != held {
            piece.held = held;
            piece.revision += 1;
        }
    }

    fn release(&mut self, id: u64) {
        let piece = self.pieces.get_mut(&id).unwrap();
        piece.revision += u32::from(piece.held.take().is_some());
    }

    /// The CORE that a Supervisor follows: of those with its store and number the one with its program, otherwise the
    /// first.
    fn leader_of(&self, id: u64) -> Option<u64> {
        let piece = self.pieces.get(&id).filter(|piece| piece.event_type == EventType::Supervisor)?;
        let shares = |other: &&Piece| other.event_type == EventType::Core && other.number == piece.number;
        let cores = || self.pieces.iter().filter(|(_, other)| piece.number.is_some() && shares(other));
        let same_program = cores().find(|(_, core)| core.program.is_some() && core.program == piece.program);
        same_program.or_else(|| cores().next()).map(|(core, _)| *core)
    }

    pub fn followers_of(&self, core: u64) -> Vec<u64> {
        self.pieces.keys().copied().filter(|id| self.leader_of(*id) == Some(core)).collect()
    }

    /// The Supervisors that are not on the date of their CORE.
    pub fn split(&self) -> BTreeSet<u64> {
        let date = |id: u64| self.pieces[&id].date();
        let is_split = |id: &u64| {
            let dates = self.leader_of(*id).and_then(date).zip(date(*id));
            dates.is_some_and(|(ours, theirs)| ours != theirs)
        };
        self.pieces.keys().copied().filter(is_split).collect()
    }

    /// The Supervisors that are scheduled while their CORE is not.
    fn alone(&self) -> BTreeSet<u64> {
        let has_no_core = |id: &u64| {
            let core = self.leader_of(*id).map(|core| &self.pieces[&core]);
            core.is_some_and(|core| core.held.is_none()) && self.pieces[id].held.is_some()
        };
        self.pieces.keys().copied().filter(has_no_core).collect()
    }

    fn note_who_left(&mut self, subject: u64, confirmed: bool) {
        let split = self.split();
        if confirmed {
            self.left.insert(subject);
        }
        self.left.retain(|id| split.contains(id));
        assert_eq!(self.left, split, "a pair is split without a confirmation");
    }
}

/// The employee and the start of a command; no start means unscheduled.
fn wanted(piece: &Piece, command: &Command) -> Result<(Option<String>, Option<NaiveDateTime>), &'static str> {
    let now = piece.held.as_ref().map(|held| held.start).ok_or("not_scheduled");
    match command {
        Command::Schedule { .. } if now.is_ok() => Err("already_scheduled"),
        Command::Schedule { employee, start } => Ok((Some(employee.to_string()), Some(*start))),
        Command::Unschedule => now.map(|_| (None, None)),
        Command::Trade { .. } => unreachable!("a trade is made elsewhere"),
        Command::ChangeEmployee { employee } => Ok((Some(employee.to_string()), Some(now?))),
        Command::Reschedule { to, employee } => {
            let start = match to {
                Moment::Day(date) => date.and_time(now?.time()),
                Moment::At(start) => now.map(|_| *start)?,
            };
            Ok((employee.as_ref().map(ToString::to_string), Some(start)))
        }
    }
}
