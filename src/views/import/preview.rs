//! The preview of an import.

use maud::{Markup, html};

use crate::{
    domain::format,
    views::{
        FormKeys, Page,
        import::{Section, more, section},
        urls,
    },
};

/// A row that is new or changed: where it leads, its name, and each field before and after.
#[derive(Clone, Debug)]
pub struct ChangeView {
    pub event: u64,
    pub name: String,
    pub fields: Vec<(&'static str, String, String)>,
}

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
    /// Holidays and entries of the rotation.
    pub others_count: usize,
    pub rejected_count: usize,
    /// Visits that are not in the files any more.
    pub missing_count: usize,
    /// Visits that were missing and are in the files again.
    pub named_again_count: usize,
    /// True if there are notes about rows or events.
    pub has_report: bool,
    pub new: Vec<ChangeView>,
    pub changed: Vec<ChangeView>,
    pub released: Vec<ChangeView>,
    pub sections: Vec<Section>,
    pub problem: Option<String>,
}

pub fn preview_page(view: &PreviewView) -> Page {
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
                strong { (view.unchanged_count) } " unchanged events; "
                strong { (view.rejected_count) } (if view.rejected_count == 1 { " rejected row; " } else { " rejected rows; " })
                strong { (view.people_count) } (if view.people_count == 1 { " person" } else { " people" }) " new or changed."
            }
            (confirmation(view))
            @if view.has_report {
                p { a href=(urls::import_report(&view.token)) download { "Download all rejected rows, notes, findings and changes (CSV)" } }
            }
            (changes("Released: these events lose their employee", &view.released, view.released_count, true))
            @for one in &view.sections { (section(one)) }
            (changes("Changed events", &view.changed, view.changed_count, true))
            (changes("New events", &view.new, view.new_count, false))
        }
    };
    Page::new("What this import would do", main).in_section(urls::IMPORT)
}

fn confirmation(view: &PreviewView) -> Markup {
    let writes = view.new_count + view.changed_count + view.released_count;
    html! {
            form.actions method="post" action=(urls::import_preview(&view.token)) {
                (view.keys.inputs())
                input type="hidden" name="fingerprint" value=(view.fingerprint);
                @if view.missing_count > 0 {
                    label.tick {
                        input type="checkbox" name="release_missing" value="true";
                        " Release " (format::count(view.missing_count as u64, "visit"))
                        " of these weeks, not in the files any more (listed below). Otherwise they stay, and are listed as issues"
                    }
                }
                @if view.named_again_count > 0 {
                    p {
                        (format::count(view.named_again_count as u64, "visit"))
                        " that an earlier import did not list: in the files again"
                    }
                }
                @if writes + view.people_count + view.others_count + view.missing_count + view.named_again_count > 0 {
                    button.btn.primary {
                        "Import" @if writes > 0 { " " (format::count(writes as u64, "event")) }
                    }
                } @else if view.unchanged_count == 0 && view.rejected_count > 0 {
                    p { "Every row was rejected: nothing can be imported. The reasons are below." }
                } @else if view.unchanged_count == 0 {
                    p { "The files hold no events." }
                } @else {
                    p { "There is nothing to import: everything is already so." }
                }
                a.btn href=(urls::IMPORT) { "Choose other files" }
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
