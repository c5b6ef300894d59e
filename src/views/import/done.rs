//! One import: how it goes while it is written, what it did, and the question before it is undone.

use maud::{Markup, html};

use crate::{
    domain::format,
    views::{
        FormKeys, Page,
        import::{ImportView, Line, Section, State, counts, more, section},
        urls,
    },
};

/// One import, with what was found about it.
#[derive(Debug)]
pub struct DoneView {
    pub import: ImportView,
    /// Pairs that it split.
    pub splits: Section,
    pub sections: Vec<Section>,
    /// For how many days its report is kept; none if it is not kept.
    pub report_days: Option<i64>,
}

/// The question before an import is undone.
#[derive(Debug)]
pub struct TakeBackView {
    pub keys: FormKeys,
    pub import: ImportView,
    /// People that it brought and who hold nothing else: the first of them in words, and how many there are.
    pub people: Vec<Line>,
    pub people_count: usize,
    /// The numbers of added and of changed people.
    pub added_count: usize,
    pub changed_count: usize,
}

/// One import: how it goes while it is written, and what it did. While it is written, htmx asks for it every second.
pub fn import_page(view: &DoneView, problem: Option<&str>) -> Page {
    let DoneView { import, splits, sections, report_days } = view;
    let id = import.import.id;
    let running = matches!(import.state, State::Running | State::Leaving);
    let href = urls::import(id);
    let main = html! {
        div.page.plain {
            h1 { "Import " (id) }
            @if let Some(problem) = problem { div.note.danger role="alert" tabindex="-1" autofocus { p { (problem) } } }
            section #import-progress.plain hx-get=[running.then_some(&href)] hx-trigger=[running.then_some("every 1s")]
                hx-select=[running.then_some("#import-progress")] hx-swap=[running.then_some("outerHTML")] {
                (progress(import))
                @if matches!(import.state, State::Done | State::CutOff) && splits.count > 0 { (split_pairs(id, splits.count)) }
                @if let Some(days) = report_days {
                    p {
                        a href=(urls::report_of_import(id)) download { "Download all rejected rows, notes, findings and changes (CSV)" } " "
                        span.meta { "Kept for " (days) " days." }
                    }
                }
                (section(splits))
                @for one in sections { (section(one)) }
            }
            p { a href=(urls::IMPORT) { "All imports" } }
        }
    };
    Page::new(format!("Import {id}"), main).in_section(urls::IMPORT)
}

fn split_pairs(import: u64, count: usize) -> Markup {
    html! {
        div.note.warn {
            p { (format::count(count as u64, "pair")) " came split: one half is on another date than the other, or alone." }
            p { a.btn.primary href=(urls::repair_import(import)) { "Repair" span.vh { " the pairs of this import" } "…" } }
        }
    }
}

/// The effects of undoing an import, and the button.
pub fn take_back_page(view: &TakeBackView) -> Page {
    let import = &view.import.import;
    let title = format!("Undo import {}?", import.id);
    let changed = import.changed + import.released;
    let is_cut = import.written + import.left < import.total;
    let main = html! {
        div.page.plain {
            h1 { (title) }
            p { (format::moment(view.import.at)) ", " (import.who) ": " (format::list(&import.files)) }
            ul {
                @if is_cut { li { (format::count(import.written, "event")) " that it wrote before it was cut off will be removed, or be as before." } }
                @else if import.new > 0 { li { (format::count(import.new, "event")) " that it added will be removed." } }
                @if changed > 0 && !is_cut { li { (format::count(changed, "event")) " that it changed or released will be as before." } }
                li { "Holidays and the rotation stay." }
                @if view.changed_count > 0 { li { (format::people(view.changed_count as u64)) " that it changed will be as before, except those who were changed since." } }
                @if view.added_count + view.changed_count == 0 { li { "People stay." } }
                @else if view.added_count > 0 && view.people_count == 0 { li { "The people that it added stay: each has other work, time off, a calendar feed or a place in the rotation, or was changed since." } }
            }
            form method="post" action=(urls::import_undo(import.id)) {
                (view.keys.inputs())
                @if view.people_count > 0 {
                    label.tick {
                        input type="checkbox" name="remove_people" value="true";
                        " Also remove " (format::people(view.people_count as u64)) " that it added and who have no other work"
                    }
                    details open {
                        summary { "Show them (" (view.people_count) ")" }
                        ul.note { @for Line { text, .. } in &view.people { li { (text) } } }
                        (more(view.people.len(), view.people_count))
                    }
                }
                div.actions {
                    button.btn.danger { "Undo import" }
                    a.btn href=(urls::import(import.id)) { "Cancel" }
                }
            }
        }
    };
    Page::new(title, main).in_section(urls::IMPORT)
}

/// The progress and the figures of an import.
fn progress(view: &ImportView) -> Markup {
    let ImportView { import, at, state, check_undo } = view;
    let href = urls::import(import.id);
    html! {
            p { (format::moment(*at)) ", " (import.who) ": " (format::list(&import.files)) }
            p { (counts(import)) "." }
            @match state {
                State::Running => {
                    label for="progress" { (import.written) " of " (import.total) " events are written." }
                    progress #progress value=(import.written) max=(import.total.max(1)) {}
                    noscript { p { a href=(href) { "See how far it is" } } }
                }
                State::Leaving => {
                    label for="progress" { (format::count(import.written, "event")) " are being undone." }
                    progress #progress {}
                    noscript { p { a href=(href) { "See how far it is" } } }
                }
                State::CutOff => p {
                    "It was cut off after " (import.written) " of " (import.total)
                    " events. Import the files again for the rest, or undo what was written."
                }
                State::Done => p role="status" { "Done: " (format::count(import.written, "event")) " written." }
                State::TakenBack => p role="status" { "Undone: what it added was removed, what it changed is as before. Holidays and the rotation stay." }
            }
            @if import.left > 0 {
                p { (import.left) " of the events and people changed meanwhile and stayed as they were." }
            }
            @if *check_undo { p.actions { a.btn.danger href=(urls::import_undo(import.id)) { "Undo this import…" } } }
    }
}
