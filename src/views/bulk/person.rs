//! The employee of a row of a bulk form.

use maud::{Markup, html};

use crate::{
    domain::format,
    views::{
        bulk::{Kind, PlanView, RELEASE, Row, field_name},
        changes::{employee_picker, options},
        components::field,
    },
};

/// The employees to choose from, best first.
pub fn field(view: &PlanView, row: &Row, out_of_band: bool) -> Markup {
    let id = row.card.event.id;
    let name = field_name("employee", id);
    let error = view.error_of(&name);
    let (may, may_not): (Vec<_>, Vec<_>) = row.people.iter().partition(|person| person.may);
    html! {
        div id={ "who-" (id) } hx-swap-oob=[out_of_band.then_some("true")] { @if row.has_employee_field() {
            select id=(name) name={ "row." (id) ".employee" } disabled[row.stuck] autofocus[view.takes_focus(&name)]
                aria-label={ "Employee for " (row.card.event.label()) } aria-invalid=[error.map(|_| "true")]
                aria-describedby=[field::described_by(&name, error, false)] {
                @match row.card.who.as_deref().filter(|_| row.keeps_employee()) {
                    Some(name) => option value="" { (format::isolated(name)) " (no change)" },
                    None => option value="" { "Choose…" },
                }
                (options(&row.employee, "Available, best first", &may))
                (options(&row.employee, "Unavailable (needs an override reason)", &may_not))
                @if view.kind == Kind::Reassign {
                    option value=(RELEASE) selected[row.employee == RELEASE] { "No one: unschedule it" }
                }
                (employee_picker::option(&row.other, &row.employee))
            }
            (employee_picker::input(&row.other, &row.employee, &format!("row.{id}.other"), &format!("Name for {}", row.card.event.name)))
            (field::message(&name, error))
        } }
    }
}
