//! Decides a change before anything is written.
//!
//! Invariant: [`decide`] is pure. A service loads the [`DecisionContext`] and writes the [`Change`] in one
//! transaction; a preview makes the same decision without writing it.

use chrono::NaiveDateTime;

use crate::domain::{
    calendar,
    change::{
        Change, Command, Edit, Policy, Request, Warning, alternatives,
        context::DecisionContext,
        rejection::Rejection,
        trade::{self, Trade},
    },
    employee::candidates,
    event::{Event, EventType, Schedule},
    ids::{EmployeeId, ScheduleId},
};

/// Decides a request.
///
/// # Errors
/// A [`Rejection`] if it breaks a rule, or needs a confirmation.
pub fn decide(context: &DecisionContext, request: &Request, policy: &Policy) -> Result<Change, Rejection> {
    let subject = &context.subject;
    check_state(subject, request)?;
    let action = request.command.action();
    if let Command::Trade { seen, .. } = request.command {
        let Trade { edits, warnings, overridden } = trade::decide(context, seen, request.override_reason.is_some())?;
        return Ok(Change { action, subject: subject.id, edits, warnings, overridden });
    }
    let start = request.command.start_for(subject);
    if let Some(start) = start {
        check_date(context, request, policy, start)?;
    }
    let stays = matches!(request.command, Command::ChangeEmployee { .. });
    let warnings = if stays { Vec::new() } else { pair_warnings(context, policy) };
    let mut draft = Draft { context, policy, edits: Vec::new(), warnings, overridden: false };
    match start {
        Some(start) => draft.place_subject(request, start)?,
        None => draft.push(subject.with_schedule(None)),
    }
    draft.bring_followers(&request.command, start);
    let Draft { edits, warnings, overridden, .. } = draft;
    Ok(Change { action, subject: subject.id, edits, warnings, overridden })
}

fn check_state(subject: &Event, request: &Request) -> Result<(), Rejection> {
    if let Some(seen) = request.seen.filter(|seen| *seen != subject.revision) {
        return Err(Rejection::Stale { event: Box::new(subject.clone()), seen, last: None });
    }
    match (&request.command, &subject.schedule) {
        (Command::Schedule { .. }, Some(_)) => Err(Rejection::AlreadyScheduled(Box::new(subject.clone()))),
        (Command::Schedule { .. }, None) | (_, Some(_)) => Ok(()),
        (_, None) => Err(Rejection::NotScheduled(Box::new(subject.clone()))),
    }
}

fn check_date(
    context: &DecisionContext,
    request: &Request,
    policy: &Policy,
    start: NaiveDateTime,
) -> Result<(), Rejection> {
    if !calendar::is_within(start.date()) {
        return Err(Rejection::OutOfCalendar(start.date()));
    }
    let subject = &context.subject;
    let moves = !matches!(request.command, Command::ChangeEmployee { .. });
    if !policy.pairing || !moves || subject.event_type != EventType::Supervisor || request.confirm_other_date {
        return Ok(());
    }
    let core = context.pair().leader_of(subject).filter(|core| core.date().is_some_and(|date| date != start.date()));
    core.map_or(Ok(()), |core| Err(Rejection::OtherDate { core: Box::new(core.clone()), date: start.date() }))
}

/// Warnings about the pair of a CORE before anything moves.
fn pair_warnings(context: &DecisionContext, policy: &Policy) -> Vec<Warning> {
    let subject = &context.subject;
    if !policy.pairing || subject.event_type != EventType::Core {
        return Vec::new();
    }
    if subject.number.is_none() {
        return vec![Warning::NoEventNumber];
    }
    let pair = context.pair();
    if pair.is_ambiguous() {
        let others = pair.cores.iter().map(|core| core.id).filter(|id| *id != subject.id).collect();
        return vec![Warning::AmbiguousNumber { others }];
    }
    if pair.followers_of(subject.id).is_empty() { vec![Warning::NoSupervisor] } else { Vec::new() }
}

/// A change under construction.
struct Draft<'a> {
    context: &'a DecisionContext,
    policy: &'a Policy,
    edits: Vec<Edit>,
    warnings: Vec<Warning>,
    overridden: bool,
}

impl Draft<'_> {
    /// Adds an event's new state, unless it is unchanged.
    fn push(&mut self, after: Event) {
        let context = self.context;
        let stored = std::iter::once(&context.subject).chain(&context.same_number).find(|event| event.id == after.id);
        if let Some(before) = stored.filter(|before| before.schedule != after.schedule) {
            self.edits.push(Edit { before: before.clone(), after });
        }
    }

    fn planned(&self) -> Vec<Event> {
        self.edits.iter().map(|edit| edit.after.clone()).collect()
    }

    fn place_subject(&mut self, request: &Request, start: NaiveDateTime) -> Result<(), Rejection> {
        let subject = &self.context.subject;
        let current = subject.schedule.as_ref();
        let assigned = request.command.assigns().filter(|id| current.is_none_or(|now| now.employee != **id));
        if let Some(id) = assigned {
            self.check_person(id, start, request.override_reason.is_some())?;
        }
        let employee = match (assigned, current) {
            (Some(id), _) => id.clone(),
            (None, Some(now)) => {
                self.warn_of_move(subject, start);
                now.employee.clone()
            }
            (None, None) => return Err(Rejection::NotScheduled(Box::new(subject.clone()))),
        };
        self.place(subject, employee, start);
        Ok(())
    }

    /// Checks the rules for a newly assigned employee: some reject, unless overridden; the others warn.
    fn check_person(&mut self, id: &EmployeeId, start: NaiveDateTime, overridden: bool) -> Result<(), Rejection> {
        let context = self.context;
        let employee = context.employees.get(id).ok_or_else(|| Rejection::UnknownEmployee(id.clone()))?;
        let findings = context.check(&context.subject, employee, start, &[]);
        let refuses = findings.iter().any(|finding| finding.refuses);
        if refuses && !overridden {
            let alternatives = alternatives::find(context, self.policy, employee, start);
            return Err(Rejection::Refused { findings, alternatives });
        }
        self.overridden |= refuses;
        self.warnings.extend(findings.into_iter().map(Warning::Rule));
        Ok(())
    }

    /// Checks the rules for an employee whose event moves: all of them warn.
    fn warn_of_move(&mut self, event: &Event, start: NaiveDateTime) {
        let holder = event.schedule.as_ref().and_then(|now| self.context.employees.get(&now.employee));
        if let Some(holder) = holder.filter(|_| event.start() != Some(start)) {
            let planned = self.planned();
            self.warnings.extend(self.context.check(event, holder, start, &planned).into_iter().map(Warning::Rule));
        }
    }

    fn place(&mut self, event: &Event, employee: EmployeeId, start: NaiveDateTime) {
        let new_id = || self.context.new_schedule_ids.get(&event.id).copied();
        let id = event.schedule.as_ref().map(|now| now.id).or_else(new_id).unwrap_or(ScheduleId(event.id.0));
        self.push(event.with_schedule(Some(Schedule { id, employee, start })));
    }

    /// Moves the Supervisors of a CORE with it.
    fn bring_followers(&mut self, command: &Command, core_start: Option<NaiveDateTime>) {
        let subject = &self.context.subject;
        let stay = matches!(command, Command::ChangeEmployee { .. });
        if !self.policy.pairing || stay || subject.event_type != EventType::Core {
            return;
        }
        for supervisor in self.context.pair().followers_of(subject.id) {
            match (core_start, &supervisor.schedule) {
                (None, _) => self.push(supervisor.with_schedule(None)),
                // It may have been placed by hand: it moves only if the CORE moves.
                (Some(core), Some(now)) if subject.start() == Some(core) && now.start.date() == core.date() => {}
                (Some(core), Some(now)) => {
                    let start = self.policy.supervisor_start(core);
                    self.warn_of_move(supervisor, start);
                    self.place(supervisor, now.employee.clone(), start);
                }
                (Some(core), None) if matches!(command, Command::Schedule { .. }) => self.staff(supervisor, core),
                (Some(_), None) => {
                    self.warnings.push(Warning::SupervisorStaysUnstaffed { supervisor: supervisor.id });
                }
            }
        }
    }

    /// Schedules an unstaffed Supervisor with the first available employee, if any.
    fn staff(&mut self, supervisor: &Event, core: NaiveDateTime) {
        let start = self.policy.supervisor_start(core);
        let planned = self.planned();
        match candidates::for_supervisor(self.context, supervisor, start, &planned) {
            Some(employee) => self.place(supervisor, employee.id.clone(), start),
            None => self.warnings.push(Warning::SupervisorStaysUnstaffed { supervisor: supervisor.id }),
        }
    }
}
