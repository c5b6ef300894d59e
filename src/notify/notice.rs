//! Text of staff notices.

use chrono::NaiveDateTime;

use crate::{
    config::Config,
    domain::{
        format,
        notification::{ITEMS_MAX, Item, Notification, Purpose},
    },
};

/// A change of an assignment, for the employee it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub event: String,
    pub store: String,
    /// None for a new assignment.
    pub before: Option<NaiveDateTime>,
    /// None for a removed assignment.
    pub after: Option<NaiveDateTime>,
}

/// A notice to one employee about their assignments.
pub fn notification(config: &Config, name: &str, changes: &[Change]) -> Notification {
    let left_out = changes.len().saturating_sub(ITEMS_MAX);
    Notification {
        purpose: Purpose::Notice,
        title: format!("Your schedule changed: {}", format::count(changes.len() as u64, "event")),
        intro: format!("{name}, this is different now:"),
        items: changes.iter().take(ITEMS_MAX).map(|change| item(config, change)).collect(),
        closing: (left_out > 0).then(|| Item::new(&format!("and {left_out} more"), None)),
    }
}

fn item(config: &Config, change: &Change) -> Item {
    let place = if change.store.is_empty() { String::new() } else { format!(" at {}", change.store) };
    let what = match (change.before, change.after) {
        (Some(before), Some(after)) => format!("moved: {} → {}", format::moment(before), format::moment(after)),
        (None, Some(after)) => format!("new: {}", format::moment(after)),
        (Some(before), None) => format!("no longer yours: {}", format::moment(before)),
        (None, None) => String::new(),
    };
    let day = change.after.or(change.before).map(|at| at.date());
    let link = day.map(|day| format!("{}/calendar/day/{day}", config.alerts.public_url));
    Item::new(&format!("{}{place}: {what}", change.event), link)
}
