//! The page for a form over the rate limit. It keeps all values of the form.

use maud::html;

use crate::views::{FormKeys, Page, urls};

/// Says how long to wait, and sends the same form again. The fields are those that were sent, with the attempt's own key.
pub fn page(sentence: &str, action: &str, fields: &[(String, String)], keys: &FormKeys, wait_s: u64) -> Page {
    let title = "Not saved yet";
    let main = html! {
        form.form action=(action) method="post" hx-post=(action) hx-target="#dialog" {
            header {
                h1 #dialog-title tabindex="-1" { (title) }
                a.btn.quiet.icon href=(urls::HOME) data-close aria-label="Close" { "×" }
            }
            section.note.warn.summary tabindex="-1" role="alert" {
                p { (sentence) }
                p { "Nothing was changed. Your entries are still on this page: wait, then send them again." }
            }
            (keys.token_input())
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            footer {
                a.btn href=(urls::HOME) data-close { "Cancel" }
                button.btn.primary { "Send again" span.vh { ", after " (wait_s) " seconds" } }
            }
        }
    };
    Page::narrow(title, main)
}
