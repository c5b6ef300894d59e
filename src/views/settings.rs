//! The current settings, read-only.

use maud::html;

use crate::views::{Page, urls};

/// A setting as the page shows it.
#[derive(Debug)]
pub struct Row {
    pub name: String,
    pub value: String,
    /// `default`, `Rocket.toml`, `TANDEM_TIMEZONE in the environment`, `command line`.
    pub source: String,
    /// The setting differs from its default source.
    pub is_set: bool,
    pub allowed: String,
    pub what: &'static str,
}

pub fn page(rows: &[Row]) -> Page {
    let set = rows.iter().filter(|row| row.is_set).count();
    let main = html! {
        div.page {
            div.bar { h1 #title tabindex="-1" { "Settings " small { (set) " of " (rows.len()) " set" } } }
            p.hint {
                "Settings are read at startup. Change them in " code { "Rocket.toml" } " under " code { "[default.tandem]" }
                ", as " code { "TANDEM_…" } " in the environment, or on the command line, then restart. The last of these wins."
            }
            table.list.settings {
                caption.vh { "Current settings" }
                thead { tr { th scope="col" { "Setting" } th scope="col" { "Value" } th scope="col" { "Source" } th scope="col" { "Allowed" } } }
                tbody {
                    @for row in rows {
                        tr class=[row.is_set.then_some("set")] {
                            th scope="row" { code { (row.name) } span.meta { (row.what) } }
                            td { code { (row.value) } }
                            td { (row.source) }
                            td.allowed { (row.allowed) }
                        }
                    }
                }
            }
        }
    };
    Page::new("Settings", main).in_section(urls::SETTINGS)
}
