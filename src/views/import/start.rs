//! The page that begins an import, and lists those so far.

use maud::{Markup, html};

use crate::{
    domain::format,
    views::{
        FormKeys, Page,
        import::{ImportView, counts},
        urls,
    },
};

#[derive(Debug)]
pub struct StartView {
    pub keys: FormKeys,
    /// Why the files that were sent cannot be read.
    pub problem: Option<String>,
    pub history: Vec<ImportView>,
    pub files_max: usize,
    pub megabytes_max: u64,
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
                        "Up to " (view.files_max) " files of at most " (view.megabytes_max) " MB together, chosen at once."
                    }
                }
                div.actions { button.btn.primary { "Preview" } }
                p.help { "Nothing is saved until you confirm." }
            }
            section.plain aria-labelledby="history" {
                h2 #history { "Imports so far" }
                @if view.history.is_empty() { p { "Nothing has been imported yet." } } @else { (history(&view.history)) }
            }
            section.plain aria-labelledby="export" {
                h2 #export { "Export" }
                p { a href=(urls::FEEDS) { "Calendar feeds" } " show schedules in calendars of phones and other programs." }
                p { "What leaves as events, schedule, employees and rotation can be imported again." }
                ul {
                    @for table in ["events", "schedule", "employees", "rotation", "audit"] {
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
                        td { (state.words()) }
                    }
                }
            }
        }
    }
}
