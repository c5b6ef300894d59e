//! Pairs: which Supervisor events follow which CORE.
//!
//! A pair shares store and number. If there are several COREs, each Supervisor belongs to exactly one.

use crate::domain::{
    event::{Event, EventType},
    ids::EventId,
};

/// The events of one store and number, by type.
#[derive(Debug)]
pub struct Pair<'a> {
    pub cores: Vec<&'a Event>,
    pub supervisors: Vec<&'a Event>,
}

impl<'a> Pair<'a> {
    /// Groups events of one store and number. Types other than CORE and Supervisor are ignored.
    pub fn among(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut pair = Self { cores: Vec::new(), supervisors: Vec::new() };
        for event in events {
            match event.event_type {
                EventType::Core => pair.cores.push(event),
                EventType::Supervisor => pair.supervisors.push(event),
                EventType::Juicer | EventType::Freeosk | EventType::Digitals | EventType::Other => {}
            }
        }
        pair.cores.sort_by_key(|event| event.id);
        pair.supervisors.sort_by_key(|event| event.id);
        pair
    }

    /// The CORE that a Supervisor follows: the one with the same program, else the lowest event id.
    pub fn leader_of(&self, supervisor: &Event) -> Option<&'a Event> {
        let same_program = |core: &&&Event| core.program.is_some() && core.program == supervisor.program;
        self.cores.iter().find(same_program).or_else(|| self.cores.first()).copied()
    }

    /// The Supervisors that follow a CORE, by event id.
    pub fn followers_of(&self, core: EventId) -> Vec<&'a Event> {
        let follows = |supervisor: &&Event| self.leader_of(supervisor).is_some_and(|leader| leader.id == core);
        self.supervisors.iter().copied().filter(follows).collect()
    }

    /// The CORE of an event's pair and the Supervisors that follow it; empty for what is in no pair.
    #[must_use]
    pub fn of(&self, event: &Event) -> Vec<&'a Event> {
        let core = match event.event_type {
            EventType::Core => self.cores.iter().find(|core| core.id == event.id).copied(),
            EventType::Supervisor => self.leader_of(event),
            EventType::Juicer | EventType::Freeosk | EventType::Digitals | EventType::Other => None,
        };
        core.into_iter().flat_map(|core| std::iter::once(core).chain(self.followers_of(core.id))).collect()
    }

    /// The scheduled COREs with a Supervisor that is not scheduled.
    pub fn without_supervisor(&self) -> Vec<&'a Event> {
        let lacks = |core: &&Event| {
            core.schedule.is_some() && self.followers_of(core.id).iter().any(|one| one.schedule.is_none())
        };
        self.cores.iter().copied().filter(lacks).collect()
    }

    /// Several COREs under one number at one store: the assignment of Supervisors is a choice.
    pub fn is_ambiguous(&self) -> bool {
        self.cores.len() > 1
    }
}

/// Tells if both are scheduled, on different dates.
pub fn apart(core: &Event, supervisor: &Event) -> bool {
    core.date().zip(supervisor.date()).is_some_and(|(ours, theirs)| ours != theirs)
}
