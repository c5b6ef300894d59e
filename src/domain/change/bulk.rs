//! Changes of several events that are decided one after another and saved together.
//!
//! A client saw the events before the plan, so revisions are compared with that state, and an event that several
//! items touch changes once.

use crate::domain::{
    audit::{About, Action, Entry},
    calendar::Moment,
    change::{Command, Edit, Request, Shown, rejection::Rejection},
    employee::availability::TimeOff,
    event::Event,
    format,
    ids::{EmployeeId, EventId, IdempotencyKey, Revision},
};

/// Most events in one change, including Supervisors that follow. Their audit entry is one record.
pub const EVENTS_MAX: usize = 100;

/// A command for one event of a plan.
#[derive(Clone, Debug)]
pub struct Item {
    pub event: EventId,
    pub command: Command,
    /// The revision shown to the user. None accepts any.
    pub seen: Option<Revision>,
    /// Allows a Supervisor to leave its CORE's date.
    pub confirm_other_date: bool,
}

/// Several commands, decided in order. All of them are saved, or none.
#[derive(Clone, Debug)]
pub struct Plan {
    pub action: Action,
    pub items: Vec<Item>,
    /// Override reason for all items.
    pub override_reason: Option<String>,
    /// The findings that the form showed for which the reason was given. None accepts any.
    pub shown: Option<Shown>,
    /// Idempotency key: a repeated request gets the first result.
    pub key: Option<IdempotencyKey>,
    /// Subject of the plan other than its events: the employee who is out.
    pub about: Option<About>,
    /// Time off of that employee, recorded with the plan.
    pub absence: Option<Absence>,
}

impl Plan {
    /// A plan without a reason, a key, or a subject of its own.
    pub fn plain(action: Action, items: Vec<Item>) -> Self {
        Self { action, items, override_reason: None, shown: None, key: None, about: None, absence: None }
    }
}

/// A reason for all items, and the findings that the form showed for which it was given. None accepts any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    pub reason: Option<&'a str>,
    pub shown: Option<&'a Shown>,
}

/// Most days of one absence whose events are reassigned together.
pub const ABSENCE_DAYS_MAX: i64 = 14;

/// Days on which an employee is out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    pub employee: EmployeeId,
    pub off: TimeOff,
}

/// Reason for which one item of a plan is rejected.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub event: EventId,
    pub name: String,
    pub why: Rejection,
}

impl Refusal {
    /// The reason, beginning with the event's name unless it already does.
    pub fn sentence(&self) -> String {
        format::about(&self.name, &self.why.reason())
    }

    /// Same, with the last change of the event.
    #[must_use]
    pub fn with_last(self, last: Option<Box<Entry>>) -> Self {
        match self.why {
            Rejection::Stale { event, seen, .. } => Self { why: Rejection::Stale { event, seen, last }, ..self },
            _ => self,
        }
    }
}

/// Edits of the items so far.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    edits: Vec<Edit>,
}

impl Draft {
    /// The request of an item for its event as the items before it have left it. None if they have done it already.
    ///
    /// # Errors
    /// [`Rejection::Stale`] if the event is not at the revision shown to the user.
    pub fn request(&self, item: &Item, now: &Event, given: &Given<'_>) -> Result<Option<Request>, Rejection> {
        let touched = self.edits.iter().find(|edit| edit.before.id == now.id);
        let before = touched.map_or(now, |edit| &edit.before);
        if let Some(seen) = item.seen.filter(|seen| *seen != before.revision) {
            return Err(Rejection::Stale { event: Box::new(before.clone()), seen, last: None });
        }
        let command = match (&item.command, &now.schedule) {
            (Command::Unschedule, None) if touched.is_some() => return Ok(None),
            // It followed its CORE before its own item.
            (Command::Schedule { employee, start }, Some(_)) if touched.is_some() => {
                Command::Reschedule { to: Moment::At(*start), employee: Some(employee.clone()) }
            }
            (command, _) => command.clone(),
        };
        Ok(Some(Request {
            override_reason: given.reason.map(ToOwned::to_owned),
            shown: given.shown.cloned(),
            confirm_other_date: item.confirm_other_date,
            ..Request::plain(command)
        }))
    }

    pub fn add(&mut self, edits: &[Edit]) {
        for edit in edits {
            match self.edits.iter_mut().find(|known| known.before.id == edit.before.id) {
                Some(known) => known.after = edit.after.clone(),
                None => self.edits.push(edit.clone()),
            }
        }
    }

    /// One edit for each event that changed overall.
    pub fn into_edits(self) -> Vec<Edit> {
        let changed = self.edits.into_iter().filter(|edit| edit.before.schedule != edit.after.schedule);
        changed.map(|Edit { before, after }| Edit { after: before.with_schedule(after.schedule), before }).collect()
    }
}
