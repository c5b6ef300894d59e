//! Sheets: complete pages for printing.
//!
//! Invariant: nothing on a sheet is folded, cut off or loaded later, so that it prints completely in any browser,
//! with scripts and without.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::domain::format;

/// The link that leads to a sheet.
pub fn link(address: &str) -> Markup {
    html! { a #print-link .btn.quiet href=(address) { "Print" } }
}

/// The bar above a sheet on the screen. It is not printed.
pub fn bar(back: &str) -> Markup {
    html! {
        p.sheet-bar {
            a.btn href=(back) { "‹ Back" }
            a.btn.primary href="" data-print { "Print" }
            span.hint { "This page is ready to print. You can also use your browser’s Print command." }
        }
    }
}

/// The date of printing. Only on paper.
pub fn printed(today: NaiveDate) -> Markup {
    html! { p.printed { "Printed on " (format::date_in_full(today)) } }
}
