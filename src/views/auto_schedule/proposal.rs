//! The page of a proposal: by day, by person, and what is not placed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        change::bulk::Refusal,
        employee::JobTitle,
        event::{Event, pairing::Pair},
        format,
        ids::{EmployeeId, EventId},
        schedule::{
            Alternative, Load, Row,
            saved::Saved,
            tally::{Share, Tally},
        },
    },
    views::{
        FormKeys, Page,
        auto_schedule::unplaced,
        components::alert::{self, Problem},
        unscheduled::badge,
        urls,
    },
};

/// Width of the longest bar, in units of the drawing.
const BAR_WIDTH: u32 = 200;

#[derive(Debug)]
pub struct ProposalView {
    pub saved: Saved,
    /// The events that the proposal names, as they are now.
    pub events: BTreeMap<EventId, Event>,
    pub names: BTreeMap<EmployeeId, String>,
    /// The job titles of active employees.
    pub titles: BTreeMap<EmployeeId, JobTitle>,
    pub tally: Tally,
    /// Whether Supervisors go with their COREs.
    pub pairing: bool,
    /// Rows that could not be accepted now.
    pub refusals: Vec<Refusal>,
    /// Problems of a sent request.
    pub problem: Option<Problem>,
    pub keys: FormKeys,
}

impl ProposalView {
    pub fn name(&self, id: &EmployeeId) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_string())
    }

    pub fn event_name(&self, id: EventId) -> String {
        self.events.get(&id).map_or_else(|| format!("Event {id}"), Event::label)
    }

    /// Rows that can be accepted: all but those that no longer hold, and the rest of their pairs.
    fn ticked(&self) -> BTreeSet<EventId> {
        let units = self.saved.units();
        let stale: BTreeSet<_> = self.refusals.iter().filter_map(|one| units.get(&one.event)).collect();
        units.iter().filter(|(_, unit)| !stale.contains(unit)).map(|(event, _)| *event).collect()
    }
}

pub fn page(view: &ProposalView) -> Page {
    let saved = &view.saved;
    let title = format!("Proposal, {}", format::range(saved.options.from, saved.options.to));
    let main = html! {
        div.page {
            form.plan.proposal action=(urls::proposal(saved.id)) method="post" novalidate data-wait=(super::WAIT) {
                (view.keys.inputs())
                div.bar.titled { h1 #title tabindex="-1" { (title) } (buttons(view)) }
                p.sub.waits {}
                @if let Some(problem) = &view.problem { (alert::problem(problem)) }
                (state(view))
                (summary(view))
                (unplaced::section(view))
                (left_out(view))
                (days(view))
            }
            (people(view))
        }
    };
    Page::new(title, main).in_section(urls::AUTO_SCHEDULE)
}

fn buttons(view: &ProposalView) -> Markup {
    let (open, rows) = (view.saved.accepted.is_none(), view.ticked().len());
    html! {
        span.end {
            // The first button of a form is the one that Enter presses.
            @if open && rows > 0 {
                button.btn.primary name="do" value="accept" {
                    "Accept "
                    span.as-proposed { @if rows < view.saved.proposal.rows.len() { "the rest: " } (format::count(rows as u64, "event")) }
                    span.as-ticked { "selected events" }
                }
                " "
            }
            @if open { button.btn name="do" value="again" { "Propose again" } " " }
            a.btn href=(urls::auto_schedule_like(view.saved.id, None)) { "Change options" }
            @if open { " " button.btn.quiet name="do" value="discard" { "Delete" } }
        }
    }
}

fn state(view: &ProposalView) -> Markup {
    html! {
        @if let Some(sequence) = view.saved.accepted {
            p.note { "This proposal was accepted. " a href=(urls::entry(sequence)) { "See the change" } }
        } @else if !view.refusals.is_empty() && view.problem.is_none() {
            section.note.warn aria-labelledby="changed" {
                h2 #changed { (format::count(view.refusals.len() as u64, "event")) " can no longer be scheduled as proposed" }
                ul { @for one in &view.refusals { li { a href={ "#row-" (one.event) } { (one.sentence()) } } } }
                p { "They are not ticked. Propose again to find other places, or accept the rest." }
            }
        }
    }
}

fn summary(view: &ProposalView) -> Markup {
    let proposal = &view.saved.proposal;
    html! {
        (figures(&view.tally))
        p.sub {
            "Proposed by " (view.saved.who)
            @if proposal.moved() > 0 { " · " (format::count(proposal.moved() as u64, "scheduled event")) " would move" }
            @if !view.saved.locks.is_empty() { " · " (view.saved.locks.len()) " locked" }
            ". Ticked events are scheduled when you accept, a CORE with its Supervisor."
        }
    }
}

fn figures(tally: &Tally) -> Markup {
    let share = |share: &Share| format!("{} of {}", share.kept, share.of);
    let rotation = |share: &Share| format!("{} of {}", share.kept, format::count(share.of as u64, "day"));
    let figure = |name: &str, figure: &str| html! { div.fact { dt { (name) } dd { (figure) } } };
    html! {
        dl.facts {
            (figure("Placed", &share(&tally.placed)))
            @if tally.pairs.of > 0 { (figure("Whole pairs", &share(&tally.pairs))) }
            @if tally.rotation.of > 0 { (figure("Rotation kept", &rotation(&tally.rotation))) }
            @if let Some((most, fewest)) = tally.minutes {
                (figure("Hours, most and fewest", &format!("{} · {}", format::duration(most), format::duration(fewest))))
            }
        }
    }
}

fn left_out(view: &ProposalView) -> Markup {
    let left = &view.saved.options.exclude_events;
    html! {
        @if !left.is_empty() {
            section.note aria-labelledby="left-out" {
                h2 #left-out { (left.len()) " left out" }
                ul {
                    @for (id, name) in left_units(view) {
                        li { (name) " " @if view.saved.accepted.is_none() { (press(&format!("in:{id}"), "Take in", &name)) } }
                    }
                }
            }
        }
    }
}

/// What was left out, a pair as one: the id that stands for it, and its names.
fn left_units(view: &ProposalView) -> Vec<(EventId, String)> {
    let left = &view.saved.options.exclude_events;
    let mut units = Vec::new();
    for id in left {
        let together = match view.events.get(id) {
            Some(event) if view.pairing && event.number.is_some() => {
                let shares = |other: &&Event| other.number == event.number && other.location.is_same(&event.location);
                let group = left.iter().filter_map(|other| view.events.get(other)).filter(shares);
                Pair::among(group).of(event).into_iter().map(|one| one.id).collect()
            }
            _ => Vec::new(),
        };
        if together.first().is_none_or(|core| core == id) {
            let others = together.iter().skip(1);
            let names: Vec<_> = std::iter::once(id).chain(others).map(|one| view.event_name(*one)).collect();
            units.push((*id, format::list(&names)));
        }
    }
    units
}

fn days(view: &ProposalView) -> Markup {
    let mut days: BTreeMap<NaiveDate, Vec<&Row>> = BTreeMap::new();
    for row in &view.saved.proposal.rows {
        days.entry(row.start.date()).or_default().push(row);
    }
    let (ticked, units) = (view.ticked(), view.saved.units());
    // A pair has one box, on the row of its CORE.
    let tick = |row: &Row| (units.get(&row.event) == Some(&row.event)).then(|| ticked.contains(&row.event));
    html! {
        @for (date, rows) in &days {
            section aria-labelledby={ "day-" (date) } {
                h2 id={ "day-" (date) } { (format::date_in_full(*date)) " " small { (format::count(rows.len() as u64, "event")) } }
                table.list.bank {
                    thead { tr {
                        td {} th scope="col" { "Type" } th scope="col" { "Event" } th scope="col" { "Start" }
                        th scope="col" { "Employee" } th scope="col" { "Why" } td {}
                    } }
                    tbody { @for row in rows { (row_of(view, row, tick(row))) } }
                }
            }
        }
    }
}

fn row_of(view: &ProposalView, row: &Row, ticked: Option<bool>) -> Markup {
    let (id, name) = (row.event, view.event_name(row.event));
    let event = view.events.get(&id);
    let refusal = view.refusals.iter().find(|one| one.event == id);
    let open = view.saved.accepted.is_none();
    html! {
        tr id={ "row-" (id) } {
            td { @if let Some(ticked) = ticked {
                label.tick { input type="checkbox" name="row" value=(id) checked[ticked] disabled[!open] aria-label={ "Accept " (name) }; }
            } }
            td { @if let Some(event) = event { (badge(event.event_type)) } }
            th scope="row" {
                (name)
                span.meta { @if let Some(event) = event { (about(event)) } }
                @if let Some(was) = &row.moved_from {
                    span.meta { "Now " (format::moment(was.start)) " with " (view.name(&was.employee)) }
                }
                @if let Some(refusal) = refusal { p.err { span aria-hidden="true" { "✕ " } (refusal.why.reason()) } }
            }
            td { (format::time(row.start.time())) }
            td { (view.name(&row.employee)) @if row.locked { " " strong { "Locked" } } (others(view, row, open)) }
            td.why { (row.why) }
            td.press {
                @if open {
                    @if row.locked { (press(&format!("unlock:{id}"), "Unlock", &name)) }
                    @else { (press(&format!("lock:{id}"), "Lock", &name)) }
                    " " (press(&format!("out:{id}"), "Leave out", &name))
                }
            }
        }
    }
}

fn about(event: &Event) -> Markup {
    html! {
        @if let Some(store) = event.location.label() { (store) " · " }
        (format::duration(event.minutes))
        @if let Some(due) = event.due { " · " (due.words(event.day().unwrap_or_default())) }
    }
}

/// A button that changes the proposal.
pub fn press(value: &str, words: &str, name: &str) -> Markup {
    html! { button.btn name="do" value=(value) { (words) span.vh { " " (name) } } }
}

fn others(view: &ProposalView, row: &Row, open: bool) -> Markup {
    let words = |one: &Alternative| {
        let who = view.name(&one.employee);
        if one.start == row.start { who } else { format!("{who}, {}", format::moment(one.start)) }
    };
    html! {
        @if open && !row.alternatives.is_empty() {
            details {
                summary { "Others" span.vh { " for " (view.event_name(row.event)) } }
                @for (place, one) in row.alternatives.iter().enumerate() {
                    (press(&format!("place:{}:{place}", row.event), &words(one), &view.event_name(row.event))) " "
                }
            }
        }
    }
}

fn people(view: &ProposalView) -> Markup {
    let loads = &view.saved.proposal.loads;
    let most = loads.iter().map(|load| load.minutes_after.max(load.minutes_before)).max().unwrap_or(0).max(1);
    html! {
        @if !loads.is_empty() {
            section aria-labelledby="people" {
                h2 #people { "Hours by person in these days" }
                table.list.bank {
                    thead { tr { th scope="col" { "Employee" } th scope="col" { "Now" } th scope="col" { "With this proposal" } } }
                    tbody { @for load in loads { (load_row(view, load, most)) } }
                }
            }
        }
    }
}

fn load_row(view: &ProposalView, load: &Load, most: u32) -> Markup {
    html! {
        tr {
            th scope="row" { (view.name(&load.employee)) }
            td { (format::duration(load.minutes_before)) " " (bar(load.minutes_before, most)) }
            td { (format::duration(load.minutes_after)) " " (bar(load.minutes_after, most)) }
        }
    }
}

fn bar(minutes: u32, most: u32) -> Markup {
    let width = u64::from(minutes) * u64::from(BAR_WIDTH) / u64::from(most);
    html! {
        svg aria-hidden="true" width=(BAR_WIDTH / 2) height="10" viewBox={ "0 0 " (BAR_WIDTH) " 20" } {
            rect width=(width) height="20" rx="4" fill="currentColor" {}
        }
    }
}
