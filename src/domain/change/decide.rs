//! Decides a change before anything is written.
//!
//! Invariant: [`decide`] is pure. A service loads the [`DecisionContext`] and writes the [`Change`] in one
//! transaction; a preview makes the same decision without writing it.

use chrono::NaiveDateTime;

use crate::domain::{
    calendar,
    change::{
        Change, Command, Edit, Request, Warning,
        alternatives::{self, ALTERNATIVES_MAX, Alternative},
        candidates::{self, Candidate},
        context::DecisionContext,
        rejection::Rejection,
        trade::{self, Trade},
    },
    employee::Employee,
    event::{Event, EventType, Schedule},
    ids::{EmployeeId, ScheduleId},
    policy::Policy,
    rules::Finding,
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
        let change = Change { action, subject: subject.id, edits, warnings, overridden };
        if overridden && !change.is_shown(request) {
            let findings = change.findings().map(|(_, finding)| finding.clone()).collect();
            return Err(Rejection::Refused { findings, alternatives: Vec::new() });
        }
        return Ok(change);
    }
    let start = request.command.start_for(subject);
    if let Some(start) = start {
        check_date(context, request, policy, start)?;
    }
    let stays = matches!(request.command, Command::ChangeEmployee { .. });
    let warnings = if stays { Vec::new() } else { pair_warnings(context, policy) };
    let mut draft = Draft::new(context, policy, warnings);
    match start {
        Some(start) => draft.place_subject(&request.command, start)?,
        None => draft.push(subject.with_schedule(None)),
    }
    draft.bring_followers(request, start)?;
    let overridden = !draft.asked.is_empty();
    let (edits, warnings) = (std::mem::take(&mut draft.edits), std::mem::take(&mut draft.warnings));
    let change = Change { action, subject: subject.id, edits, warnings, overridden };
    let is_accepted = request.override_reason.is_some() && change.is_shown(request);
    if overridden && (!is_accepted || draft.needs_everyone) {
        let alternatives = draft.alternatives();
        return Err(Rejection::Refused { findings: draft.asked, alternatives });
    }
    Ok(change)
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
    if let Some(between) = policy.skipped(start).filter(|_| moves && subject.start() != Some(start)) {
        return Err(Rejection::SkippedTime { start, between });
    }
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
    /// Findings that need an override reason or another choice.
    asked: Vec<Finding>,
    /// The employee and the start of the subject, if there is a finding among these about it.
    asked_subject: Option<(&'a Employee, NaiveDateTime)>,
    /// The Supervisors that such a finding is about.
    asked_supervisors: Vec<Follower<'a>>,
    /// Without all employees, it is not known if another one is available for a Supervisor.
    needs_everyone: bool,
}

/// A Supervisor that moves with its CORE, and what is planned before it.
struct Follower<'a> {
    event: &'a Event,
    start: NaiveDateTime,
    planned: Vec<Event>,
}

/// The findings of the rules about an employee at an event's new place.
struct Judged {
    findings: Vec<Finding>,
    /// An override reason or another choice is needed.
    asks: bool,
}

/// The id of a chosen employee as their record writes it, however the request does.
fn written<'a>(chosen: Option<&EmployeeId>, employee: &'a Employee) -> Option<&'a EmployeeId> {
    chosen.map(|_| &employee.id)
}

impl<'a> Draft<'a> {
    fn new(context: &'a DecisionContext, policy: &'a Policy, warnings: Vec<Warning>) -> Self {
        Self {
            context,
            policy,
            edits: Vec::new(),
            warnings,
            asked: Vec::new(),
            asked_subject: None,
            asked_supervisors: Vec::new(),
            needs_everyone: false,
        }
    }

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

    /// A move to another day asks the same as an assignment, except about the job title, which no day changes. Another
    /// time of the same day asks only about what is new, and an unchanged place nothing.
    fn judge(&self, event: &Event, employee: &Employee, start: NaiveDateTime) -> Judged {
        let planned = self.planned();
        let same = event.schedule.as_ref().filter(|now| now.employee == employee.id).map(|now| now.start);
        if same == Some(start) {
            return Judged { findings: Vec::new(), asks: false };
        }
        let findings = self.context.check(event, employee, start, &planned);
        let before = match same.filter(|now| now.date() == start.date()) {
            Some(now) => self.context.check(event, employee, now, &planned),
            None => Vec::new(),
        };
        let was = |one: &Finding| same.is_some() && one.rule == "title" || before.iter().any(|old| old.is_same(one));
        let asks = findings.iter().any(|one| one.refuses && !was(one));
        Judged { findings, asks }
    }

    fn place_subject(&mut self, command: &Command, start: NaiveDateTime) -> Result<(), Rejection> {
        let (context, subject) = (self.context, &self.context.subject);
        let holder = subject.schedule.as_ref().map(|now| &now.employee);
        let chosen = command.assigns().filter(|id| Some(*id) != holder);
        let mut id = chosen.or(holder).ok_or_else(|| Rejection::NotScheduled(Box::new(subject.clone())))?;
        match context.employees.get(id) {
            Some(employee) => {
                let Judged { findings, asks } = self.judge(subject, employee, start);
                if asks {
                    self.asked.extend(findings.iter().cloned());
                    self.asked_subject = Some((employee, start));
                }
                self.warnings.extend(findings.into_iter().map(Warning::Rule));
                id = written(chosen, employee).unwrap_or(id);
            }
            None if chosen.is_some() => return Err(Rejection::UnknownEmployee(id.clone())),
            None => {}
        }
        self.place(subject, id.clone(), start);
        Ok(())
    }

    fn place(&mut self, event: &Event, employee: EmployeeId, start: NaiveDateTime) {
        let new_id = || self.context.new_schedule_ids.get(&event.id).copied();
        let id = event.schedule.as_ref().map(|now| now.id).or_else(new_id).unwrap_or(ScheduleId(event.id.0));
        self.push(event.with_schedule(Some(Schedule { id, employee, start })));
    }

    /// Moves the Supervisors of a CORE with it.
    fn bring_followers(&mut self, request: &Request, core_start: Option<NaiveDateTime>) -> Result<(), Rejection> {
        let (subject, command) = (&self.context.subject, &request.command);
        let stay = matches!(command, Command::ChangeEmployee { .. });
        if !self.policy.pairing || stay || subject.event_type != EventType::Core {
            return Ok(());
        }
        for supervisor in self.context.pair().followers_of(subject.id) {
            match (core_start, &supervisor.schedule) {
                (None, _) => self.push(supervisor.with_schedule(None)),
                // It may have been placed by hand: it moves only if the CORE moves.
                (Some(core), Some(now)) if subject.start() == Some(core) && now.start.date() == core.date() => {}
                (Some(core), Some(now)) => {
                    let start = self.policy.supervisor_start(core);
                    self.bring(supervisor, &now.employee, request.supervisor_employee.as_ref(), start)?;
                }
                (Some(core), None) if matches!(command, Command::Schedule { .. }) => self.staff(supervisor, core),
                (Some(_), None) => {
                    self.warnings.push(Warning::SupervisorStaysUnstaffed { supervisor: supervisor.id });
                }
            }
        }
        Ok(())
    }

    /// Moves a Supervisor with its CORE. If a rule refuses its employee and no one else is available, it moves
    /// nevertheless: the pair stays together, and the finding stays visible.
    fn bring(
        &mut self,
        supervisor: &'a Event,
        holder: &EmployeeId,
        chosen: Option<&EmployeeId>,
        start: NaiveDateTime,
    ) -> Result<(), Rejection> {
        let (context, mut id) = (self.context, chosen.unwrap_or(holder));
        match context.employees.get(id) {
            Some(employee) => {
                let Judged { findings, asks } = self.judge(supervisor, employee, start);
                if asks {
                    let planned = self.planned();
                    self.needs_everyone |= !context.everyone;
                    let is_free = || candidates::for_supervisor(context, supervisor, start, &planned).is_some();
                    if chosen.is_some() || !context.everyone || is_free() {
                        self.asked.extend(findings.iter().map(|one| one.clone().about(&supervisor.label())));
                        self.asked_supervisors.push(Follower { event: supervisor, start, planned });
                    }
                }
                let about = |finding| Warning::Rule(finding).about(supervisor.id, &supervisor.label());
                self.warnings.extend(findings.into_iter().map(about));
                id = written(chosen, employee).unwrap_or(id);
            }
            None if chosen.is_some() => return Err(Rejection::UnknownEmployee(id.clone())),
            None => {}
        }
        self.place(supervisor, id.clone(), start);
        Ok(())
    }

    /// What passes all rules instead; none before all employees are known.
    fn alternatives(&self) -> Vec<Alternative> {
        if !self.context.everyone {
            return Vec::new();
        }
        let of_subject = |(employee, start)| alternatives::find(self.context, self.policy, employee, start);
        let mut alternatives = self.asked_subject.map(of_subject).unwrap_or_default();
        for Follower { event, start, planned } in &self.asked_supervisors {
            let others = candidates::candidates(self.context, event, *start, planned);
            offer_supervisors(&mut alternatives, &others);
        }
        alternatives
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

/// Adds another employee for the Supervisor to every alternative; by itself if the CORE is not asked about.
fn offer_supervisors(alternatives: &mut Vec<Alternative>, others: &[Candidate<'_>]) {
    let mut clear = others.iter().filter(|one| one.is_clear()).map(|one| one.employee.id.clone()).peekable();
    if alternatives.is_empty() {
        let only = |id| Alternative { supervisor: Some(id), ..Alternative::default() };
        *alternatives = clear.take(ALTERNATIVES_MAX).map(only).collect();
    } else if let Some(best) = clear.peek() {
        // Another day would ask about the Supervisor again.
        let same_time = alternatives.iter_mut().filter(|one| one.start.is_none());
        same_time.for_each(|one| one.supervisor = Some(best.clone()));
    }
}
