//! The message after a change: what was done, and what to look at.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::{
    domain::user::Role,
    views::{FormKeys, urls},
};

/// A sentence, further ones to note, and a place to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub text: String,
    pub notes: Vec<String>,
    /// Words and address of a link.
    pub link: Option<(String, String)>,
    pub undo: Option<Undo>,
}

/// One press that takes a change back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    pub sequence: u64,
    /// The page it stands on, as `from` carries it.
    pub from: String,
}

/// The form behind an Undo button; `style` is the button's classes, `of` what it is heard to undo.
pub fn undo_form(Undo { sequence, from }: &Undo, keys: &FormKeys, style: &str, of: &str) -> Markup {
    let action = urls::undo(*sequence);
    html! {
        form action=(action) method="post" hx-post=(action) hx-target="#dialog" {
            input type="hidden" name="from" value=(from);
            (keys.of_part(&format!("undo-{sequence}")).inputs())
            button class=(style) { "Undo" span.vh { (of) } }
        }
    }
}

/// Longest text that travels in a cookie to the next page, in characters: browsers drop cookies above 4 kB, and each
/// character takes up to 12 bytes there.
const CARRIED_CHARS_MAX: usize = 240;

impl Message {
    /// The message as far as it fits into a cookie: notes are given up first, then the end of a long name.
    #[must_use]
    pub fn shortened(&self) -> Self {
        let mut left = CARRIED_CHARS_MAX.saturating_sub(self.text.chars().count());
        let fits = |note: &&String| {
            let length = note.chars().count();
            let fits = length <= left;
            left = left.saturating_sub(length);
            fits
        };
        let notes = self.notes.iter().take_while(fits).cloned().collect();
        Self { text: self.text.chars().take(CARRIED_CHARS_MAX).collect(), notes, ..self.clone() }
    }
}

/// Most notes in a message; the rest is in the log and on the cards.
pub const NOTES_MAX: usize = 4;

/// A message as it stands in `#messages`.
pub fn toast(message: &Message, keys: &FormKeys) -> Markup {
    html! {
        div.toast {
            div {
                p { (message.text) }
                @if !message.notes.is_empty() {
                    ul { @for note in message.notes.iter().take(NOTES_MAX) { li { (note) } } }
                }
            }
            @if let Some((words, address)) = &message.link { a.btn href=(address) { (words) } }
            @if let Some(undo) = message.undo.as_ref().filter(|_| keys.lets(Role::Scheduler)) { (undo_form(undo, keys, "btn", " this change")) }
            a.btn.icon href="" data-dismiss aria-label="Dismiss" { "×" }
        }
    }
}

/// The message for a page that is already open.
pub fn out_of_band(message: &Message, keys: &FormKeys) -> Markup {
    html! { div #messages hx-swap-oob="innerHTML" { (toast(message, keys)) } }
}
