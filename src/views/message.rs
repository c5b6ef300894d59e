//! The message after a change: what was done, and what to look at.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

/// A sentence, further ones to note, and a place to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub text: String,
    pub notes: Vec<String>,
    /// Words and address of a link.
    pub link: Option<(String, String)>,
}

/// Most notes in a message; the rest is in the log and on the cards.
pub const NOTES_MAX: usize = 4;

/// A message as it stands in `#messages`.
pub fn toast(message: &Message) -> Markup {
    html! {
        div.toast {
            div {
                p { (message.text) }
                @if !message.notes.is_empty() {
                    ul { @for note in message.notes.iter().take(NOTES_MAX) { li { (note) } } }
                }
            }
            @if let Some((words, address)) = &message.link { a.btn href=(address) { (words) } }
            a.btn.icon href="" data-dismiss aria-label="Dismiss" { "×" }
        }
    }
}

/// The message for a page that is already open.
pub fn out_of_band(message: &Message) -> Markup {
    html! { div #messages hx-swap-oob="innerHTML" { (toast(message)) } }
}
