//! The help page: keyboard shortcuts, and how to use the auto-scheduler.

use maud::{Markup, html};

use crate::{
    domain::user::Role,
    views::{Page, components::layout::dialog_header, urls},
};

const KEYS: [(&[&str], &str); 7] = [
    (&["←", "→", "↑", "↓"], "Move between days"),
    (&["Home", "End"], "Start and end of the week"),
    (&["Enter"], "Open the day"),
    (&["PageUp", "PageDown"], "Previous and next month"),
    (&["t"], "Today"),
    (
        &["/", "Ctrl K"],
        "Search, or go to a day, a person or a page; the arrow keys lead through what is found, Enter to the first that is found",
    ),
    (&["?"], "This list"),
];

pub fn page(role: Role) -> Page {
    Page::narrow("Help", list(role))
}

fn list(role: Role) -> Markup {
    html! {
        div.form {
            (dialog_header("Keyboard shortcuts", &html! { "Tab works everywhere, too." }, urls::HOME))
            dl.keys {
                @for (keys, words) in KEYS {
                    dt { @for key in keys { kbd { (key) } " " } }
                    dd { (words) }
                }
            }
            div.field.check {
                input #keys type="checkbox" data-keys checked;
                label for="keys" { "Use the shortcuts t and ?" }
            }
            @if role >= Role::Scheduler { (auto_schedule()) }
            footer {
                @if role >= Role::Admin { a.btn.quiet href=(urls::SETTINGS) { "Settings" } }
                a.btn.quiet href=(urls::API_REFERENCE) { "API" }
                a.btn href=(urls::HOME) data-close { "Close" }
            }
        }
    }
}

fn auto_schedule() -> Markup {
    html! {
        h2 { "Auto-schedule" }
        p { "Open " a href=(urls::AUTO_SCHEDULE) { "Auto-schedule" } ", choose the days, and press Propose. Nothing is scheduled yet." }
        ul {
            li { "Each row says who, when and why. Events that are not placed say why not, with links to what would help." }
            li { "Lock keeps a row as it is. Others picks another person or time. Leave out takes an event out. Propose again works around what is locked." }
            li { "Accept schedules all ticked rows as one change, each CORE with its Supervisor. Undo takes all of it back." }
        }
        p { a href=(urls::ROTATION) { "Rotation" } " says who does Juicer events and who is primary lead on each weekday." }
    }
}
