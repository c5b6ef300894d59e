//! Additional parts of a row of the repair form: a finding and its remedies.

use maud::{Markup, html};

use crate::{
    domain::{ids::EventId, integrity::repair::Remedy},
    views::bulk::field_name,
};

/// A finding, and how to put it right.
#[derive(Clone, Debug)]
pub struct Repair {
    pub message: String,
    pub remedies: Vec<Remedy>,
    pub chosen: Remedy,
}

impl Repair {
    pub fn needs_employee(&self) -> bool {
        matches!(self.chosen, Remedy::Schedule(_))
    }

    /// It can be done without an employee: then it keeps its own.
    pub fn keeps_employee(&self) -> bool {
        matches!(self.chosen, Remedy::Move(_))
    }
}

/// The repairs of a finding to choose from.
pub fn remedies(id: EventId, repair: &Repair) -> Markup {
    let name = format!("row.{id}.how");
    html! {
        @if repair.remedies.len() > 1 {
            select id=(field_name("how", id)) name=(name) aria-label="Repair" {
                @for remedy in &repair.remedies {
                    option value=(remedy.slug()) selected[*remedy == repair.chosen] { (remedy.label()) }
                }
            }
        } @else {
            (repair.chosen.label())
            input type="hidden" name=(name) value=(repair.chosen.slug());
        }
    }
}
