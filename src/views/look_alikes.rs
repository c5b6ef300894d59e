//! Employees and stores that are recorded or written in several ways, and merging them.

use chrono::NaiveDateTime;
use maud::{Markup, html};

use crate::{
    domain::{
        audit::Fact,
        employee::Employee,
        event::Location,
        format,
        integrity::merge::{Keep, MERGED_EVENTS_MAX, Merge, Preview, Subject},
    },
    views::{FormKeys, Page, urls},
};

/// Past merges shown.
pub const PAST_MAX: usize = 20;

/// A merge that was made, in local time.
#[derive(Debug)]
pub struct MergeView {
    pub at: NaiveDateTime,
    pub merge: Merge,
}

#[derive(Debug)]
pub struct ListView {
    /// The records of each employee who has several.
    pub employees: Vec<Vec<Employee>>,
    /// One spelling of each store that has several.
    pub stores: Vec<Location>,
    pub past: Vec<MergeView>,
    pub keys: FormKeys,
}

pub fn list_page(view: &ListView) -> Page {
    let main = html! {
        div.page {
            div.bar { a.btn.quiet href=(urls::INTEGRITY) { "‹ Issues" } h1 #title tabindex="-1" { "Look-alikes" } }
            p.hint { "Numbers that differ only in leading zeros, case, blanks or signs mean one employee or one store. Merging makes one record of several. It can be undone." }
            h2 { "Employees" }
            @if view.employees.is_empty() { p.empty { "Every employee is recorded once." } }
            ul.entries {
                @for group in &view.employees {
                    @if let Some(first) = group.first() {
                        li.entry {
                            p.entry-head { @for (at, one) in group.iter().enumerate() { @if at > 0 { ", " } (person(one)) } }
                            p.meta { a href=(urls::merge_employee(&first.id)) { "Preview the merge" span.vh { " of " (first.name) } } }
                        }
                    }
                }
            }
            h2 { "Stores" }
            @if view.stores.is_empty() { p.empty { "The last check found no store that is written in several ways." } }
            ul.entries {
                @for store in &view.stores {
                    li.entry {
                        p.entry-head { b { (store.written()) } @if !store.number.is_empty() { " " (store.name) } }
                        p.meta { a href=(urls::merge_store(store.written())) { "Preview the merge" span.vh { " of " (store.written()) } } }
                    }
                }
            }
            (past(view))
        }
    };
    Page::new("Look-alikes", main).in_section(urls::INTEGRITY)
}

/// "E20001 NORA QUILL", with a link to the record.
fn person(one: &Employee) -> Markup {
    html! { a href=(urls::employee(&one.id)) { (one.id) } " " (one.name) @if !one.active { " (inactive)" } }
}

fn past(view: &ListView) -> Markup {
    html! {
        @if !view.past.is_empty() {
            h2 { "Past merges" }
            ul.entries {
                @for MergeView { at, merge } in &view.past {
                    li.entry.channel {
                        p.entry-head {
                            a href=(urls::entry(merge.entry)) { b { (subject(&merge.subject)) " " (merge.shown) } }
                            ": " (gone(merge))
                        }
                        p.meta { (format::moment(*at)) " by " (merge.who) @if merge.undone.is_some() { " · undone" } }
                        @if merge.undone.is_none() {
                            form action=(urls::undo_merge(merge.id)) method="post" {
                                (view.keys.of_part(&format!("undo-{}", merge.id)).inputs())
                                button.btn { "Undo" span.vh { " the merge of " (merge.shown) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn subject(subject: &Subject) -> &'static str {
    match subject {
        Subject::Employee(_) => "Employee",
        Subject::Store => "Store",
    }
}

/// "with e20001, 3 events"
fn gone(merge: &Merge) -> String {
    let events: usize = merge.written.iter().map(|(_, events)| events.len()).sum();
    let others: Vec<_> = match &merge.subject {
        Subject::Employee(records) => records.gone.iter().map(|one| one.id.to_string()).collect(),
        Subject::Store => merge.written.iter().map(|(text, _)| text.clone()).collect(),
    };
    format!("with {}, {} written differently", format::list(&others), format::count(events as u64, "event"))
}

#[derive(Debug)]
pub struct PreviewView {
    pub keep: Keep,
    pub preview: Preview,
    pub keys: FormKeys,
}

impl PreviewView {
    /// The field that says what stays.
    fn field(&self) -> &'static str {
        match self.keep {
            Keep::Employee(_) => "employee",
            Keep::Store(_) => "store",
        }
    }

    fn record(&self, written: &str) -> Option<&Employee> {
        let Subject::Employee(merge) = &self.preview.subject else { return None };
        merge.gone.iter().chain([&merge.before]).find(|one| one.id.as_str() == written)
    }
}

pub fn preview_page(view: &PreviewView) -> Page {
    let title = format!("Merge {} {}", subject(&view.preview.subject).to_lowercase(), view.preview.shown);
    let main = html! {
        div.bar { a.btn.quiet href=(urls::LOOK_ALIKES) { "‹ Look-alikes" } h1 #title tabindex="-1" { (title) } }
        (choice(view))
        (result(view))
    };
    Page::narrow(title, main).in_section(urls::INTEGRITY)
}

/// The choice of the number that is kept.
fn choice(view: &PreviewView) -> Markup {
    html! {
        form.form action=(urls::MERGE_PREVIEW) method="get" {
            fieldset.types {
                legend { "Which number stays?" }
                @for (text, events) in &view.preview.spellings {
                    @let record = view.record(text);
                    @let is_free = matches!(view.keep, Keep::Store(_)) || record.is_some();
                    label {
                        input type="radio" name=(view.field()) value=(text) checked[*text == view.preview.shown] disabled[!is_free];
                        b { (text) }
                        @if let Some(one) = record { " " (one.name) ", " (one.title.label()) @if !one.active { ", inactive" } }
                        " · " (format::count(*events as u64, "event"))
                    }
                }
            }
            footer { button.btn { "Show" } }
        }
    }
}

/// The effects of the merge, and the button.
fn result(view: &PreviewView) -> Markup {
    let Preview { subject, shown, spellings, .. } = &view.preview;
    let facts = match subject {
        Subject::Employee(merge) => merge.facts(),
        Subject::Store => Vec::new(),
    };
    let others: usize = spellings.iter().skip(1).map(|(_, events)| events).sum();
    html! {
        form.form action=(urls::MERGE) method="post" {
            (view.keys.inputs())
            input type="hidden" name=(view.field()) value=(shown);
            input type="hidden" name="seen" value=(view.preview.fingerprint());
            h2 { "What changes" }
            ul.rows {
                @for fact in &facts { li { span { (words(fact)) } } }
                li { span {
                    (format::count(view.preview.events() as u64, "event")) " will be written as " (shown) "."
                    @if others > MERGED_EVENTS_MAX { " At most " (MERGED_EVENTS_MAX) " at a time are; the others count as the same all the same." }
                } }
            }
            @if matches!(subject, Subject::Employee(_)) {
                p.hint { "Events, calendar feeds and links stay: they belong to the same person before and after." }
            }
            footer { button.btn.primary { "Merge" } }
        }
    }
}

/// "time off: nothing → Oct 15 to Oct 17, 2025"
fn words(fact: &Fact) -> String {
    let said = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    format!("{}: {} → {}", fact.name, said(&fact.before), said(&fact.after))
}
