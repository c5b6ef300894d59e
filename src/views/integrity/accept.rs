//! The conflicts of an event with a rule: accepted with a reason, or opened again.

use maud::{Markup, html};

use crate::{
    domain::{
        change::Shown,
        event::{Event, readable::Titles},
        format,
        integrity::Check,
        rules::stored::StoredFinding,
    },
    views::{
        FormKeys, Page,
        components::{
            alert::{self, Problem},
            field, findings,
            layout::dialog_header,
        },
        integrity::Kind,
        urls,
    },
};

#[derive(Debug)]
pub struct AcceptView {
    pub check: Check,
    pub event: Event,
    /// The finding of the rule about its assignment.
    pub findings: Vec<StoredFinding>,
    pub override_reason: String,
    pub problem: Option<Problem>,
    pub keys: FormKeys,
}

pub fn page(view: &AcceptView) -> Page {
    let Titles { product, facts, .. } = view.event.titles();
    let subtitle = html! { (facts) @if let Some(start) = view.event.start() { " · " (format::moment(start)) } };
    let main = html! {
        div.form {
            (dialog_header(&product, &subtitle, urls::INTEGRITY))
            @if let Some(problem) = &view.problem { (alert::problem(problem)) }
            h2 { (Kind::Check(view.check).title()) }
            (findings::lines(&view.findings))
            @if view.findings.iter().any(|one| one.accepted.is_none()) { (accept_form(view)) }
            @if view.findings.iter().any(|one| one.accepted.is_some()) { (take_back_form(view)) }
        }
    };
    Page::narrow(format!("Conflict of {product}"), main).in_section(urls::INTEGRITY)
}

fn accept_form(view: &AcceptView) -> Markup {
    let hint = "Shown with the conflict and saved with the change. The event is no longer listed as an issue to fix.";
    html! {
        form.plain action=(urls::accept(view.check.slug(), view.event.id.0)) method="post" {
            (hidden(view, "accept"))
            @let open = view.findings.iter().filter(|one| one.accepted.is_none());
            input type="hidden" name="shown" value=(Shown::of(open.map(|one| (view.event.id, &one.finding))));
            div.field { (field::override_reason(&view.override_reason, view.problem.as_ref(), hint, false)) }
            footer { a.btn href=(urls::INTEGRITY) data-close { "Cancel" } button.btn.primary { "Accept conflict" } }
        }
    }
}

fn take_back_form(view: &AcceptView) -> Markup {
    html! {
        form.plain action=(urls::take_back(view.check.slug(), view.event.id.0)) method="post" {
            (hidden(view, "take-back"))
            footer { a.btn href=(urls::INTEGRITY) data-close { "Cancel" } button.btn { "Take back" span.vh { " the acceptance" } } }
        }
    }
}

fn hidden(view: &AcceptView, part: &str) -> Markup {
    html! {
        input type="hidden" name="revision" value=(view.event.revision);
        (view.keys.of_part(part).inputs())
    }
}
