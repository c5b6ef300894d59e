//! Changes of several events that are made together: decided one after another, kept as one.
//!
//! Rule of this file: a sender saw the events as they were before the plan, so revisions are compared with that, and an
//! event that several items touch changes once.

use crate::domain::{
    audit::{About, Entry},
    calendar::Moment,
    change::{Action, Command, Edit, Request, rejection::Rejection},
    event::Event,
    format,
    ids::{EventId, IdempotencyKey, Revision},
};

/// Most events that one change may touch, Supervisors that follow included. Their audit entry is one record.
pub const EVENTS_MAX: usize = 100;

/// What somebody wants done to one event of a plan.
#[derive(Clone, Debug)]
pub struct Item {
    pub event: EventId,
    pub command: Command,
    /// The revision the sender saw. None accepts any.
    pub seen: Option<Revision>,
    /// A Supervisor may leave its CORE's date.
    pub confirm_other_date: bool,
}

/// Several commands, in the order in which they are decided. All of them are done, or none.
#[derive(Clone, Debug)]
pub struct Plan {
    pub action: Action,
    pub items: Vec<Item>,
    /// Why rules that refuse are to be passed over, for all items.
    pub override_reason: Option<String>,
    /// Names the attempt: the same key again answers with the first result.
    pub key: Option<IdempotencyKey>,
    /// What the plan is about besides its events: who is out.
    pub about: Option<About>,
}

/// Why one item of a plan is not done.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub event: EventId,
    pub name: String,
    pub why: Rejection,
}

impl Refusal {
    /// The reason, beginning with the event's name unless it already does.
    #[must_use]
    pub fn sentence(&self) -> String {
        format::about(&self.name, &self.why.reason())
    }

    /// The same, with who changed the event last.
    #[must_use]
    pub fn with_last(self, last: Option<Box<Entry>>) -> Self {
        match self.why {
            Rejection::Stale { event, seen, .. } => Self { why: Rejection::Stale { event, seen, last }, ..self },
            _ => self,
        }
    }
}

/// What the items of a plan have led to so far.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    edits: Vec<Edit>,
}

impl Draft {
    /// What an item asks of its event as the items before it have left it. None if they have done it already.
    ///
    /// # Errors
    /// [`Rejection::Stale`] if the event is not what the sender saw.
    pub fn request(&self, item: &Item, now: &Event, reason: Option<&str>) -> Result<Option<Request>, Rejection> {
        let touched = self.edits.iter().find(|edit| edit.before.id == now.id);
        let before = touched.map_or(now, |edit| &edit.before);
        if let Some(seen) = item.seen.filter(|seen| *seen != before.revision) {
            return Err(Rejection::Stale { event: Box::new(before.clone()), seen, last: None });
        }
        let command = match (&item.command, &now.schedule) {
            (Command::Unschedule, None) if touched.is_some() => return Ok(None),
            // Its CORE took it along before its own turn came.
            (Command::Schedule { employee, start }, Some(_)) if touched.is_some() => {
                Command::Reschedule { to: Moment::At(*start), employee: Some(employee.clone()) }
            }
            (command, _) => command.clone(),
        };
        Ok(Some(Request {
            command,
            seen: None,
            override_reason: reason.map(ToOwned::to_owned),
            confirm_other_date: item.confirm_other_date,
            key: None,
        }))
    }

    /// Adds what an item led to.
    pub fn add(&mut self, edits: &[Edit]) {
        for edit in edits {
            match self.edits.iter_mut().find(|known| known.before.id == edit.before.id) {
                Some(known) => known.after = edit.after.clone(),
                None => self.edits.push(edit.clone()),
            }
        }
    }

    /// One edit for each event that ends otherwise than it began.
    #[must_use]
    pub fn into_edits(self) -> Vec<Edit> {
        let changed = self.edits.into_iter().filter(|edit| edit.before.schedule != edit.after.schedule);
        changed.map(|Edit { before, after }| Edit { after: before.with_schedule(after.schedule), before }).collect()
    }
}
