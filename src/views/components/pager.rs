//! Links between the pages of a list.

use maud::{Markup, html};

/// Links to the previous and next page of a list. `address` maps a page number to its address.
pub fn pager(page: usize, pages: usize, address: impl Fn(usize) -> String) -> Markup {
    html! {
        @if pages > 1 {
            nav.pager aria-label="Pages" {
                @if page > 1 { a.btn rel="prev" href=(address(page - 1)) { "‹ Previous" } }
                span { "Page " (page) " of " (pages) }
                @if page < pages { a.btn rel="next" href=(address(page + 1)) { "Next ›" } }
            }
        }
    }
}
