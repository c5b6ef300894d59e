//! Sheets: pages that hold all there is, made to be printed.
//!
//! Rule of this file: nothing on a sheet is folded, cut off or fetched later, so that it prints whole in any browser,
//! with scripts and without.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::domain::format;

/// The link that leads to a sheet.
pub fn link(address: &str) -> Markup {
    html! { a #print-link .btn.quiet href=(address) { "Print" } }
}

/// What stands above a sheet on the screen, and is not printed.
pub fn bar(back: &str) -> Markup {
    html! {
        p.sheet-bar {
            a.btn href=(back) { "‹ Back" }
            a.btn.primary href="" data-print { "Print" }
            span.hint { "This page is ready to print. You can also use your browser’s Print command." }
        }
    }
}

/// When the paper was true. Only on paper.
pub fn printed(today: NaiveDate) -> Markup {
    html! { p.printed { "Printed on " (format::date_in_full(today)) } }
}
