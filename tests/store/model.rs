//! TX-06: random changes, made by the store and by a simple model.

mod data;
mod findings;
mod plain;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDateTime};
use fastrand::Rng;
use tandem::{
    domain::{
        audit::{Action, Entry, Outcome, State},
        calendar::Moment,
        change::{
            Command, Request,
            bulk::{Given, Item, Plan},
            undo::How,
        },
        employee::{
            JobTitle,
            availability::{DayPart, TimeOff},
            holiday::Holiday,
        },
        event::{Event, counts::DayCounts},
        ids::{EmployeeId, EventId, Revision, ScheduleId},
        integrity::Check,
    },
    services::{
        bulk::{self, DryRun},
        change::{self, ChangeError, Made},
        decision_context::Target,
    },
    store::{
        Flow, Store, StoreError, Table,
        maintenance::check,
        tables::{audit, days, employees, holidays},
    },
};

use super::{Data, add, all, all_in, read};
use crate::{
    domain::{TWO_HOURS_LATER, at, date, employee},
    support,
};
use data::{PEOPLE, events, people};
use plain::{Model, Pieces, pieces};

const SEQUENCES: u64 = 30;
const STEPS: u32 = 120;
/// More single writes than any change makes, so that some failures occur late and some never.
const WRITES: u32 = 32;
/// The same for a plan of up to five items, each of which may move a pair.
const PLAN_WRITES: u32 = 160;
/// One random history of one store.
struct Sequence {
    rng: Rng,
    data: Data,
    store: Store,
    model: Model,
    /// Outcome of each change that left an audit entry.
    outcomes: Vec<Outcome>,
    struck: u32,
    /// Of these, changes of several events.
    plans_struck: u32,
}

impl Sequence {
    fn begin(seed: u64) -> Self {
        let data = Data::new();
        let store = data.open();
        add(&store, &events()).unwrap();
        store.write(|tx| people().iter().try_for_each(|one| employees::put(tx, one))).unwrap();
        let model = Model::new(events(), &people());
        Self { rng: Rng::with_seed(seed), data, store, model, outcomes: Vec::new(), struck: 0, plans_struck: 0 }
    }

    fn someone(&mut self) -> EmployeeId {
        let unknown = self.rng.u8(..20) == 0;
        if unknown { employee("unknown") } else { self.rng.choice(people()).unwrap().id }
    }

    fn some_schedule(&mut self) -> ScheduleId {
        let held = self.model.pieces.values().filter_map(|piece| piece.held.as_ref()).map(|held| held.schedule);
        let all: Vec<u64> = held.chain([7]).collect();
        ScheduleId(self.rng.choice(all).unwrap())
    }

    fn moment(&mut self) -> NaiveDateTime {
        let time = self.rng.choice(["08:00", "10:00", "12:00", "22:30", "23:59"]).unwrap();
        let day = match self.rng.u8(..40) {
            0 => date("1969-12-31"),
            1 => date("2201-01-01"),
            _ => date("2025-10-13") + Days::new(self.rng.u64(..5)),
        };
        at(&format!("{day} {time}"))
    }

    /// A random command, mostly valid for the event's state.
    fn command(&mut self, id: u64) -> Command {
        let held = self.model.pieces.get(&id).is_some_and(|piece| piece.held.is_some());
        let unlikely = self.rng.u8(..12) == 0;
        if held == unlikely {
            return Command::Schedule { employee: self.someone(), start: self.moment() };
        }
        let start = self.moment();
        match self.rng.u8(..9) {
            8 => Command::Trade { with: self.some_schedule(), seen: None },
            0 => Command::Unschedule,
            1 | 2 => Command::ChangeEmployee { employee: self.someone() },
            3 => Command::Reschedule { to: Moment::At(start), employee: Some(self.someone()) },
            4 | 5 => Command::Reschedule { to: Moment::At(start), employee: None },
            _ => Command::Reschedule { to: Moment::Day(start.date()), employee: None },
        }
    }

    fn request(&mut self, id: u64) -> Request {
        let now = self.model.pieces.get(&id).map_or(0, |piece| piece.revision);
        Request {
            command: self.command(id),
            seen: match self.rng.u8(..12) {
                0 => Some(Revision(now.saturating_sub(1))),
                1..6 => Some(Revision(now)),
                _ => None,
            },
            override_reason: (self.rng.u8(..4) > 0).then(|| "asked for it".to_owned()),
            shown: None,
            supervisor_employee: (self.rng.u8(..6) == 0).then(|| self.rng.choice(people()).unwrap().id),
            confirm_other_date: self.rng.u8(..4) == 0,
            key: None,
        }
    }

    /// Makes a change in the store and in the model, and compares.
    fn step(&mut self) {
        let kind = self.rng.u8(..24);
        let is_plan = (3..6).contains(&kind);
        if self.rng.u8(..4) == 0 {
            let error = StoreError::Corrupt { table: Table::Events, key: "armed".into() };
            let writes = if is_plan { PLAN_WRITES } else { WRITES };
            self.data.fail_points.arm(self.rng.u32(..writes), error);
        }
        let before = self.struck;
        match kind {
            23 => self.edit_staff(),
            0..3 => self.undo(),
            _ if is_plan => self.several(),
            _ => self.change(),
        }
        self.plans_struck += if is_plan { self.struck - before } else { 0 };
    }

    fn change(&mut self) {
        let ids: Vec<u64> = self.model.pieces.keys().copied().chain([999]).collect();
        let id = self.rng.choice(ids).unwrap();
        let request = self.request(id);
        let result =
            change::make(&self.store, Target::Event(EventId(id)), &request, &TWO_HOURS_LATER, &support::origin());
        let stored = pieces(all(&self.store));
        let is_made = result.as_ref().is_ok_and(|made| made.entry.is_some());
        let given = request.override_reason.is_some();
        let about = format!("{id}: {request:?}");
        self.compare(result, &stored, |model| model.perform(id, &request, &stored), given, &about);
        if is_made && given && self.model.is_put_elsewhere(id) {
            // A person who keeps an event is not asked about their title.
            let open = self.standing(|issues| issues.open).remove(&id).unwrap_or_default();
            assert!(open.iter().all(|rule| *rule == "title"), "{open:?} is not accepted after {about}");
        }
    }

    /// A plan: the dry run agrees with the model item by item, the change with the total.
    fn several(&mut self) {
        let ids: Vec<u64> = self.model.pieces.keys().copied().chain([999]).collect();
        let override_reason = self.rng.bool().then(|| "asked for it".to_owned());
        let items: Vec<Item> = (0..self.rng.usize(1..6))
            .map(|_| {
                let id = self.rng.choice(&ids).copied().unwrap();
                let Request { command, seen, confirm_other_date, .. } = self.request(id);
                Item { event: EventId(id), command, seen, confirm_other_date }
            })
            .collect();
        let expected = self.dry_run(&items, override_reason.as_deref());
        let plan = Plan { override_reason, ..Plan::plain(Action::ScheduleSeveral, items) };
        let result = bulk::make(&self.store, &plan, &TWO_HOURS_LATER, &support::origin());
        let stored = pieces(all(&self.store));
        let expected = |model: &mut Model| {
            let next = expected.clone()?;
            let changed = next.pieces != model.pieces;
            *model = next;
            Ok(changed)
        };
        self.compare(result, &stored, expected, plan.override_reason.is_some(), &format!("{plan:?}"));
    }

    fn dry_run(&self, items: &[Item], override_reason: Option<&str>) -> Result<Model, &'static str> {
        let (mut model, mut refused) = (self.model.clone(), false);
        read(&self.store, |tx| {
            let mut dry_run = DryRun::new(tx, &TWO_HOURS_LATER, Given { reason: override_reason, shown: None });
            for item in items {
                let (id, request) = (item.event.0, self.model.request(&model, item, override_reason));
                let played = ChangeError::split(dry_run.apply(item))?;
                let stored = pieces(all_in(dry_run.tx())?);
                let performed = match request {
                    Ok(Some(request)) => model.perform(id, &request, &stored).map(drop),
                    Ok(None) => Ok(()),
                    Err(code) => Err(code),
                };
                assert_eq!(played.map(drop).map_err(|why| why.code()), performed, "{item:?}");
                refused |= performed.is_err();
            }
            Ok(())
        });
        if refused { Err("several_refused") } else { Ok(model.settled(&self.model)) }
    }

    /// Undoes a recent change, or one that does not exist; half of the time as a revert without rules.
    fn undo(&mut self) {
        let last = self.outcomes.len() as u64;
        let sequence = last.saturating_sub(self.rng.u64(..12)).max(1);
        let how = if self.rng.bool() { How::Undo { window_minutes: 5 } } else { How::Revert { overridden: true } };
        let result = change::undo(&self.store, sequence, how, None, None, &TWO_HOURS_LATER, &support::origin());
        let stored = pieces(all(&self.store));
        let unknown = if sequence > last { Some("unknown_entry") } else { None };
        let expected = |model: &mut Model| unknown.map_or_else(|| model.undo(sequence).map(|()| true), Err);
        self.compare(result, &stored, expected, false, &format!("{how:?} of {sequence}"));
    }

    /// Changes an employee or a holiday, on which findings of what stands depend.
    fn edit_staff(&mut self) {
        let day = date("2025-10-13") + Days::new(self.rng.u64(..5));
        let mut next = self.model.clone();
        let (id, _) = self.rng.choice(PEOPLE).unwrap();
        let one = next.people.get_mut(id).unwrap();
        let written = match self.rng.u8(..6) {
            0 => {
                let day = next.holidays.pop_first().unwrap_or(day);
                let holiday = !self.model.holidays.contains(&day) && next.holidays.insert(day);
                self.store.write(|tx| {
                    if holiday {
                        holidays::put(tx, &Holiday { date: day, name: "Closed".to_owned() })
                    } else {
                        holidays::remove(tx, day);
                        Ok(())
                    }
                })
            }
            what => {
                match what {
                    1 => one.active = !one.active,
                    2 => one.title = self.rng.choice(JobTitle::ALL).unwrap(),
                    _ if one.time_off.is_empty() => {
                        one.time_off.push(TimeOff { first: day, last: day, part: DayPart::WholeDay, note: None });
                    }
                    _ => one.time_off.clear(),
                }
                self.store.write(|tx| employees::put(tx, one))
            }
        };
        match written {
            Ok(()) => self.model = next,
            Err(error) => {
                assert!(!self.data.fail_points.is_armed() && error.to_string().contains("armed"), "{error}");
                self.struck += 1;
            }
        }
    }

    /// Compares the store's result with the model's.
    fn compare(
        &mut self,
        result: Result<Made, ChangeError>,
        stored: &Pieces,
        expected: impl Fn(&mut Model) -> Result<bool, &'static str>,
        given_reason: bool,
        about: &str,
    ) {
        match result {
            Ok(made) => {
                let before = self.model.pieces.clone();
                let changed = expected(&mut self.model);
                assert_eq!(changed, Ok(made.entry.is_some()), "{about}");
                if let Some(entry) = made.entry {
                    self.model.remember(entry.sequence, &before);
                    if given_reason {
                        self.model.accept(&before);
                    }
                    self.outcomes.push(Outcome::Done);
                }
            }
            Err(ChangeError::Rejected(rejection)) => {
                let refused = expected(&mut self.model.clone());
                assert_eq!(refused, Err(rejection.code()), "{about}: {}", rejection.reason());
                self.outcomes.push(Outcome::Refused);
            }
            Err(ChangeError::Store(error)) => {
                assert!(!self.data.fail_points.is_armed() && error.to_string().contains("armed"), "{about}: {error}");
                self.outcomes.push(Outcome::Failed);
                self.struck += 1;
            }
        }
        assert_eq!(*stored, self.model.pieces, "after {about}");
        self.assert_issues();
    }

    fn reopen(self) -> Self {
        let Self { data, store, .. } = self;
        drop(store);
        Self { store: data.open(), data, ..self }
    }

    fn assert_agreement(&self) {
        assert_eq!(pieces(all(&self.store)), self.model.pieces);
        let schedules = self.model.pieces.values().filter_map(|piece| piece.held.as_ref());
        let (ids, count) = (schedules.clone().map(|held| held.schedule).collect::<BTreeSet<_>>(), schedules.count());
        assert_eq!(ids.len(), count, "every schedule has an id of its own");
        let counts = self.model.counts();
        for day in date("2025-10-01").iter_days().take(31) {
            let counted = counts.get(&day).copied().unwrap_or_default();
            assert_eq!(read(&self.store, |tx| days::counts(tx, day)), counted, "{day}");
        }
        assert!(counts.values().all(|day| *day != DayCounts::default()));
        let report = read(&self.store, |tx| check::run(tx));
        assert_eq!(report.storage_problems, Vec::<String>::new());
        let split = report.pairs.findings.iter().filter(|finding| finding.check == Check::DateMismatch);
        assert_eq!(split.map(|finding| finding.event.0).collect::<BTreeSet<_>>(), self.model.split());
    }

    /// The audit alone leads from the first state to the last.
    fn assert_replay(&self) {
        let mut entries: Vec<Entry> = Vec::new();
        read(&self.store, |tx| {
            audit::each(tx, |entry| {
                entries.push(entry);
                Ok(Flow::Continue)
            })
        });
        assert_eq!(entries.iter().map(|entry| entry.outcome).collect::<Vec<_>>(), self.outcomes);
        let state = |event: Event| (event.id, State { revision: event.revision, schedule: event.schedule });
        let mut replayed: BTreeMap<EventId, State> = events().into_iter().map(state).collect();
        for step in entries.into_iter().flat_map(|entry| entry.steps) {
            assert_eq!(replayed.insert(step.event, step.after), Some(step.before), "{}", step.event);
        }
        assert_eq!(replayed, all(&self.store).into_iter().map(state).collect());
    }
}

#[test]
fn tx_06_random_changes_agree_with_a_plain_model_and_the_audit_replays_them() {
    let (mut outcomes, mut struck, mut plans_struck) = (Vec::new(), 0, 0);
    for seed in 0..SEQUENCES {
        let mut sequence = Sequence::begin(seed);
        let reopened_at = sequence.rng.u32(..STEPS);
        for step in 0..STEPS {
            sequence.step();
            if step == reopened_at {
                sequence = sequence.reopen();
            }
        }
        sequence.assert_agreement();
        sequence.assert_replay();
        struck += sequence.struck;
        plans_struck += sequence.plans_struck;
        outcomes.extend(sequence.outcomes);
    }
    let ended = |wanted: Outcome| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    let (done, refused) = (ended(Outcome::Done), ended(Outcome::Refused));
    assert!(done > 1000 && refused > 500 && struck > 100, "{done} done, {refused} refused, {struck} struck");
    assert!(plans_struck > 10, "{plans_struck} changes of several events were struck");
}
