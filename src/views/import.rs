//! Import: choosing files, what they would do, what was imported and how it goes.

use chrono::NaiveDateTime;
use maud::{Markup, html};

use crate::{
    domain::{format, imports::Import},
    views::{FormKeys, Page, urls},
};

/// One import, in words.
#[derive(Clone, Debug)]
pub struct ImportView {
    pub import: Import,
    /// Local time.
    pub at: NaiveDateTime,
    pub state: State,
    pub check_undo: bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Running,
    /// Being taken back.
    Leaving,
    /// It was begun and nothing writes it any more.
    CutOff,
    Done,
    TakenBack,
}

/// The page that begins an import.
#[derive(Debug)]
pub struct StartView {
    pub keys: FormKeys,
    /// Why the files that were sent cannot be read.
    pub problem: Option<String>,
    pub history: Vec<ImportView>,
    pub files_max: usize,
    pub megabytes_max: u64,
}

/// A row that is new or changed: where it leads, its name, and each field before and after.
#[derive(Clone, Debug)]
pub struct ChangeView {
    pub event: u64,
    pub name: String,
    pub fields: Vec<(&'static str, String, String)>,
}

/// What an import would do.
#[derive(Debug)]
pub struct PreviewView {
    pub keys: FormKeys,
    pub token: String,
    pub fingerprint: String,
    pub files: Vec<String>,
    pub new_count: usize,
    pub changed_count: usize,
    /// Events that are taken away from the person who holds them, without a new one.
    pub released_count: usize,
    pub unchanged_count: usize,
    pub people_count: usize,
    pub new: Vec<ChangeView>,
    pub changed: Vec<ChangeView>,
    pub released: Vec<ChangeView>,
    pub people: Vec<String>,
    /// New ones, in words.
    pub holidays: Vec<String>,
    pub rejected: Vec<String>,
    pub rejected_count: usize,
    /// Visits that are not in the files any more, in words.
    pub missing: Vec<String>,
    pub missing_count: usize,
    pub findings: Vec<String>,
    pub findings_count: usize,
    pub notes: Vec<String>,
    pub notes_count: usize,
    pub problem: Option<String>,
}

pub fn start_page(view: &StartView) -> Page {
    let main = html! {
        div.page.plain {
            h1 { "Import" }
            form.form method="post" action=(urls::IMPORT) enctype="multipart/form-data" {
                (view.keys.inputs())
                @if let Some(problem) = &view.problem {
                    div.note.danger #files-error role="alert" tabindex="-1" autofocus { p { (problem) } }
                }
                div.field {
                    label for="files" { "Files" }
                    input #files type="file" name="files" multiple required accept=".csv,.tsv,.txt,.xlsx,.jsonl,text/csv"
                        aria-invalid=[view.problem.is_some().then_some("true")]
                        aria-describedby=(if view.problem.is_some() { "files-error files-help" } else { "files-help" });
                    p.help #files-help {
                        "The retailer’s exports, the old application’s tables, or what Tandem exported, as CSV or as workbooks (.xlsx). "
                        "Up to " (view.files_max) " files of at most " (view.megabytes_max) " MB, chosen together."
                    }
                }
                div.actions { button.btn.primary { "Look at what would change" } }
                p.help { "Nothing is written before you confirm." }
            }
            section.plain aria-labelledby="history" {
                h2 #history { "Imports so far" }
                @if view.history.is_empty() { p { "Nothing has been imported yet." } } @else { (history(&view.history)) }
            }
            section.plain aria-labelledby="export" {
                h2 #export { "Take data out" }
                p { a href=(urls::FEEDS) { "Calendar feeds" } " show schedules in calendars of phones and other programs." }
                p { "What leaves as events, schedule and employees can be imported again." }
                ul {
                    @for table in ["events", "schedule", "employees", "audit"] {
                        li {
                            (table) ": "
                            a href=(urls::export(table, "csv")) { "CSV" span.vh { " of " (table) } } " · "
                            a href=(urls::export(table, "jsonl")) { "JSON lines" span.vh { " of " (table) } }
                        }
                    }
                }
            }
        }
    };
    Page::new("Import", main).in_section(urls::IMPORT)
}

fn history(imports: &[ImportView]) -> Markup {
    html! {
        table.list {
            thead { tr { th scope="col" { "Import" } th scope="col" { "Events" } th scope="col" { "State" } } }
            tbody {
                @for ImportView { import, at, state, .. } in imports {
                    tr {
                        th scope="row" {
                            a href=(urls::import(import.id)) { (format::moment(*at)) }
                            span.meta { (import.who) ", " (format::list(&import.files)) }
                        }
                        td { (counts(import)) }
                        td { (state_words(*state)) }
                    }
                }
            }
        }
    }
}

fn counts(import: &Import) -> String {
    let released = if import.released > 0 { format!("{} released, ", import.released) } else { String::new() };
    format!(
        "{} new, {} changed, {released}{} unchanged, {} rejected",
        import.new, import.changed, import.unchanged, import.rejected
    )
}

fn state_words(state: State) -> &'static str {
    match state {
        State::Running => "Being written",
        State::Leaving => "Being taken back",
        State::CutOff => "Cut off",
        State::Done => "Done",
        State::TakenBack => "Taken back",
    }
}

pub fn preview_page(view: &PreviewView) -> Page {
    let writes = view.new_count + view.changed_count + view.released_count;
    let main = html! {
        div.page.plain {
            h1 { "What this import would do" }
            @if let Some(problem) = &view.problem {
                div.note.danger role="alert" tabindex="-1" autofocus { p { (problem) } }
            }
            p { (format::list(&view.files)) }
            p {
                strong { (view.new_count) } " new, " strong { (view.changed_count) } " changed, "
                @if view.released_count > 0 { strong { (view.released_count) } " released, " }
                strong { (view.unchanged_count) } " unchanged events; " strong { (view.rejected_count) } " rejected rows; "
                strong { (view.people_count) } " people new or changed."
            }
            form.actions method="post" action=(urls::import_preview(&view.token)) {
                (view.keys.inputs())
                input type="hidden" name="fingerprint" value=(view.fingerprint);
                @if view.missing_count > 0 {
                    label.tick {
                        input type="checkbox" name="release_missing" value="true";
                        " Release " (format::count(u64::try_from(view.missing_count).unwrap_or(u64::MAX), "visit"))
                        " of these weeks, not in the files any more (listed below)"
                    }
                }
                @if writes + view.people_count + view.holidays.len() + view.missing_count > 0 {
                    button.btn.primary { "Import " (format::count(u64::try_from(writes).unwrap_or(u64::MAX), "event")) }
                } @else if view.unchanged_count == 0 && view.rejected_count > 0 {
                    p { "Every row was rejected: nothing can be imported. The reasons are below." }
                } @else if view.unchanged_count == 0 {
                    p { "The files hold no events." }
                } @else {
                    p { "There is nothing to import: everything is already so." }
                }
                a.btn href=(urls::IMPORT) { "Choose other files" }
            }
            @if view.rejected_count + view.notes_count > 0 {
                p { a href=(urls::import_report(&view.token)) download { "Download all rejected rows and notes (CSV)" } }
            }
            (changes("Released: these events lose their employee", &view.released, view.released_count, true))
            (sentences("Rejected rows", &view.rejected, view.rejected_count, true))
            (sentences("Not in the files any more", &view.missing, view.missing_count, true))
            (sentences("What the rules say about assignments that it brings", &view.findings, view.findings_count, true))
            (sentences("To note", &view.notes, view.notes_count, false))
            (sentences("People new or changed", &view.people, view.people_count, false))
            (sentences("New holidays", &view.holidays, view.holidays.len(), false))
            (changes("Changed events", &view.changed, view.changed_count, true))
            (changes("New events", &view.new, view.new_count, false))
        }
    };
    Page::new("What this import would do", main).in_section(urls::IMPORT)
}

fn more(shown: usize, count: usize) -> Markup {
    html! { @if count > shown { p.meta { "and " (count - shown) " more" } } }
}

fn sentences(title: &str, sentences: &[String], count: usize, open: bool) -> Markup {
    html! {
        @if count > 0 {
            details open[open] {
                summary { (title) " (" (count) ")" }
                ul.note { @for sentence in sentences { li { (sentence) } } }
                (more(sentences.len(), count))
            }
        }
    }
}

fn changes(title: &str, changes: &[ChangeView], count: usize, open: bool) -> Markup {
    html! {
        @if count > 0 {
            details open[open] {
                summary { (title) " (" (count) ")" }
                div.scroll {
                    table.list {
                        thead { tr { th scope="col" { "Event" } th scope="col" { "What" } } }
                        tbody {
                            @for change in changes {
                                tr {
                                    th scope="row" { (change.name) span.meta { (change.event) } }
                                    td {
                                        @for (field, before, after) in &change.fields {
                                            span.meta { (field) ": " @if !before.is_empty() { del { (before) } " → " } (after) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                (more(changes.len(), count))
            }
        }
    }
}

/// One import: how it goes while it is written, and what it did.
pub fn import_page(view: &ImportView, keys: &FormKeys, problem: Option<&str>) -> Page {
    let id = view.import.id;
    let main = html! {
        div.page.plain {
            h1 { "Import " (id) }
            @if let Some(problem) = problem { div.note.danger role="alert" tabindex="-1" autofocus { p { (problem) } } }
            (standing(view, keys))
            p { a href=(urls::IMPORT) { "All imports" } }
        }
    };
    Page::new(format!("Import {id}"), main).in_section(urls::IMPORT)
}

/// What changes while an import is written; htmx asks for it every second.
pub fn standing(view: &ImportView, keys: &FormKeys) -> Markup {
    let ImportView { import, at, state, check_undo } = view;
    let running = matches!(state, State::Running | State::Leaving);
    let href = urls::import(import.id);
    html! {
        section #standing.plain hx-get=[running.then_some(&href)] hx-trigger=[running.then_some("every 1s")]
            hx-select=[running.then_some("#standing")] hx-swap=[running.then_some("outerHTML")] {
            p { (format::moment(*at)) ", " (import.who) ": " (format::list(&import.files)) }
            p { (counts(import)) "." }
            @match state {
                State::Running => {
                    label for="progress" { (import.written) " of " (import.total) " events are written." }
                    progress #progress value=(import.written) max=(import.total.max(1)) {}
                    noscript { p { a href=(href) { "See how far it is" } } }
                }
                State::Leaving => {
                    label for="progress" { (format::count(import.written, "event")) " are being taken back." }
                    progress #progress {}
                    noscript { p { a href=(href) { "See how far it is" } } }
                }
                State::CutOff => p {
                    "It was cut off after " (import.written) " of " (import.total)
                    " events. Import the files again for the rest, or take back what was written."
                }
                State::Done => p role="status" { "Done: " (format::count(import.written, "event")) " written." }
                State::TakenBack => p role="status" { "Taken back: what it brought is gone, what it changed is as before. People and holidays stay." }
            }
            @if import.left > 0 {
                p { (import.left) " of the events and people changed meanwhile and stayed as they were." }
            }
            @if *check_undo {
                form.actions method="post" action=(urls::import_undo(import.id)) {
                    (keys.inputs())
                    button.btn.danger { "Take this import back" }
                }
            }
        }
    }
}
