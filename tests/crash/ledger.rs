//! The acknowledged changes, compared with the store.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::client::{Events, State};

/// How many of the last changes may be taken back.
const UNDO_RECENT: usize = 32;

/// Everything that clients were told was done.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The last acknowledged state of each event.
    last: BTreeMap<u64, State>,
    /// Acknowledged changes.
    pub changes: u64,
    /// The last audit entry that an answer named.
    pub entry_last: u64,
    undo_ids: Vec<u64>,
}

impl Ledger {
    /// Takes down an answer that says that a change is done.
    pub fn note(&mut self, body: &Value) {
        assert_eq!(body["success"], true, "{body}");
        if let Some(entry) = body["undo_id"].as_u64() {
            self.changes += 1;
            self.entry_last = self.entry_last.max(entry);
            self.undo_ids.push(entry);
        }
        let (Some(event), Some(state)) = (body["event_id"].as_u64(), State::of(body)) else { return };
        let known = self.last.entry(event).or_insert_with(|| state.clone());
        if state.revision > known.revision {
            *known = state;
        }
    }

    pub fn revision(&self, event: u64) -> Option<u64> {
        self.last.get(&event).map(|state| state.revision)
    }

    /// A change that may be taken back: one of the last.
    pub fn undo_id(&self, rng: &mut fastrand::Rng) -> Option<u64> {
        let from = self.undo_ids.len().saturating_sub(UNDO_RECENT);
        rng.choice(self.undo_ids[from..].iter().copied())
    }

    /// What was acknowledged and is gone, a sentence each.
    pub fn losses(&self, events: &Events, audit_entries: u64) -> Vec<String> {
        let mut losses: Vec<String> =
            self.last.iter().filter_map(|(event, acked)| loss(*event, acked, events)).collect();
        if audit_entries < self.entry_last {
            losses.push(format!("audit entry {} was acknowledged, the audit ends at {audit_entries}", self.entry_last));
        }
        losses
    }
}

/// A later state may be there: changes whose response was lost.
fn loss(event: u64, acked: &State, events: &Events) -> Option<String> {
    let Some(found) = events.get(&event) else { return Some(format!("event {event} is gone")) };
    let kept = found.state.revision > acked.revision || found.state == *acked;
    (!kept).then(|| format!("event {event}: acknowledged {acked:?}, found {:?}", found.state))
}
