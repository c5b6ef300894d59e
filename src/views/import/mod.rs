//! Import: choosing files, what they would do, what was imported and how it goes.

mod done;
mod preview;
mod start;

use chrono::NaiveDateTime;
use maud::{Markup, html};

use crate::domain::{imports::Import, named};

pub use crate::views::import::{
    done::{DoneView, TakeBackView, import_page, take_back_page},
    preview::{ChangeView, PreviewView, preview_page},
    start::{StartView, start_page},
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

named! {
    /// The progress of an import.
    pub enum State: words {
        Running => "Being written";
        /// Being undone.
        Leaving => "Being undone";
        /// It was begun and nothing writes it any more.
        CutOff => "Cut off";
        Done => "Done";
        TakenBack => "Undone";
    }
}

/// A sentence, and the event that it is about.
#[derive(Clone, Debug)]
pub struct Line {
    pub text: String,
    pub event: Option<u64>,
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self { text, event: None }
    }
}

/// The first sentences of a kind, and how many there are. Nothing is shown of a kind that has none.
#[derive(Clone, Debug)]
pub struct Section {
    pub title: &'static str,
    /// Shown at once.
    pub open: bool,
    pub lines: Vec<Line>,
    pub count: usize,
}

fn section(Section { title, open, lines, count }: &Section) -> Markup {
    html! {
        @if *count > 0 {
            details open[*open] {
                summary { (title) " (" (count) ")" }
                ul.note {
                    @for Line { text, event } in lines {
                        li { (text) @if let Some(event) = event { " " a href={ "/events/" (event) } { "Event " (event) } } }
                    }
                }
                (more(lines.len(), *count))
            }
        }
    }
}

fn more(shown: usize, count: usize) -> Markup {
    html! { @if count > shown { p.meta { "and " (count - shown) " more" } } }
}

fn counts(import: &Import) -> String {
    let released = if import.released > 0 { format!("{} released, ", import.released) } else { String::new() };
    format!(
        "{} new, {} changed, {released}{} unchanged, {} rejected",
        import.new, import.changed, import.unchanged, import.rejected
    )
}
