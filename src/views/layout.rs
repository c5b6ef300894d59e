//! What stands around every page.

use maud::{DOCTYPE, Markup, html};

use crate::{
    assets,
    domain::{event::search::QUESTION_CHARS_MAX, user::Role},
    views::{
        FormKeys,
        components::message::{self, Message},
        urls,
    },
};

/// Which statuses htmx swaps: forms come back with 4xx and must be seen. Nothing is evaluated, nothing foreign is asked.
const HTMX_CONFIG: &str = concat!(
    r#"{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"#,
    r#""defaultSettleDelay":0,"historyCacheSize":0,"historyRestoreAsHxRequest":false,"timeout":20000,"#,
    r#""responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},"#,
    r#"{"code":"^(400|403|404|409|413|422|429|500|503)$","swap":true,"error":false},"#,
    r#"{"code":"...","swap":false,"error":true}]}"#
);

/// The entries of the header.
const SECTIONS: [(&str, &str); 6] = [
    (urls::HOME, "Calendar"),
    (urls::UNSCHEDULED, "Unscheduled"),
    (urls::EMPLOYEES, "Employees"),
    (urls::ACTIVITY, "Activity"),
    (urls::INTEGRITY, "Issues"),
    (urls::IMPORT, "Import"),
];

/// How much room a page takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    Full,
    /// A column, for what a dialog would hold too.
    Narrow,
}

/// A page before its layout: the fragment that htmx gets is `main` alone.
#[derive(Debug)]
pub struct Page {
    pub title: String,
    pub main: Markup,
    width: Width,
    /// The address of the entry in the header that this page belongs to.
    section: &'static str,
    message: Option<Message>,
    /// Whether it stands alone: whoever is not signed in has nowhere to go.
    bare: bool,
}

impl Page {
    pub fn new(title: impl Into<String>, main: Markup) -> Self {
        Self { title: title.into(), main, width: Width::Full, section: urls::HOME, message: None, bare: false }
    }

    /// A page whose content a dialog can hold as it is.
    pub fn narrow(title: impl Into<String>, main: Markup) -> Self {
        Self { width: Width::Narrow, ..Self::new(title, main) }
    }

    #[must_use]
    pub fn bare(self) -> Self {
        Self { bare: true, ..self }
    }

    #[must_use]
    pub fn in_section(self, section: &'static str) -> Self {
        Self { section, ..self }
    }

    #[must_use]
    pub fn with_message(self, message: Option<Message>) -> Self {
        Self { message, ..self }
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Who {
    pub name: String,
    pub role: Role,
}

/// What stands around a page, beside the page itself.
#[derive(Debug)]
pub struct LayoutContext {
    /// Those of the forms around the page.
    pub keys: FormKeys,
    /// Events that nobody is scheduled for.
    pub unscheduled: u64,
    /// Problems at the last integrity check.
    pub problems: u64,
    /// Who is signed in.
    pub who: Option<Who>,
}

/// The whole document.
pub fn document(page: &Page, around: &LayoutContext) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " · Tandem" }
                link rel="icon" href=(assets::address("mark.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(assets::address("tandem.css"));
                meta name="htmx-config" content=(HTMX_CONFIG);
                script src=(assets::address("htmx.min.js")) defer {}
                script src=(assets::address("tandem.js")) type="module" {}
            }
            body {
                a.skip href="#main" { "Skip to content" }
                @if page.bare { header.top { (mark()) } } @else { (header(page.section, around)) }
                main #main tabindex="-1" {
                    @match page.width {
                        Width::Full => (page.main),
                        Width::Narrow => div.page.narrow { (page.main) },
                    }
                }
                footer.foot {
                    @if !page.bare { a href=(urls::CALLS) { "API" } }
                    span { "Tandem " (env!("CARGO_PKG_VERSION")) }
                }
                div #messages role="status" {
                    @if let Some(message) = &page.message { (message::toast(message, &around.keys)) }
                }
                div #announcer .vh role="status" {}
                dialog #dialog aria-labelledby="dialog-title" {}
                template #lost {
                    div.lost role="alert" {
                        p { "Tandem is not responding. Your entries are still here." }
                        button.btn type="button" { "Retry" }
                    }
                }
            }
        }
    }
}

/// What htmx gets: the fragment, and the title for the window.
pub fn fragment(page: &Page) -> Markup {
    html! {
        title { (page.title) " · Tandem" }
        (page.main)
    }
}

fn mark() -> Markup {
    html! {
        a.mark href=(urls::HOME) {
            img src=(assets::address("mark.svg")) width="24" height="24" alt="";
            span { "Tandem" }
        }
    }
}

/// The number beside "Unscheduled"; after a change htmx replaces it.
pub fn unscheduled_count(number: u64, out_of_band: bool) -> Markup {
    html! {
        span #unscheduled-count hx-swap-oob=[out_of_band.then_some("true")] {
            @if number > 0 { span.pill { (number) } }
        }
    }
}

fn header(section: &str, around: &LayoutContext) -> Markup {
    let admin = around.keys.lets(Role::Admin);
    html! {
        header.top {
            (mark())
            // A narrow screen shows it closed; on a wide one its style shows what is inside, open or not.
            details.menu {
                summary { "Menu" }
                nav aria-label="Main" {
                    ul {
                        @for (href, words) in SECTIONS.into_iter().filter(|(href, _)| admin || *href != urls::IMPORT) {
                            li { a href=(href) aria-current=[(href == section).then_some("page")] {
                                (words)
                                @if href == urls::UNSCHEDULED { (unscheduled_count(around.unscheduled, false)) }
                                @if href == urls::INTEGRITY && around.problems > 0 {
                                    " " span.pill { (around.problems) span.vh { " to fix" } }
                                }
                            } }
                        }
                        @if around.who.as_ref().is_some_and(|who| who.role == Role::Admin) {
                            li { a href=(urls::USERS) aria-current=[(urls::USERS == section).then_some("page")] { "Users" } }
                        }
                    }
                }
            }
            (end(section, around))
        }
    }
}

/// The end of the header: search, help, who is signed in. A narrow screen has no room for a field and shows the link to it.
fn end(section: &str, around: &LayoutContext) -> Markup {
    let searching = section == urls::SEARCH;
    html! {
        div.end {
            @if !searching {
                form.find action=(urls::SEARCH) method="get" role="search" {
                    input type="search" name="q" placeholder="Search" aria-label="Search" maxlength=(QUESTION_CHARS_MAX) autocomplete="off";
                }
            }
            a.find-link href=(urls::SEARCH) aria-current=[searching.then_some("page")] { "Search" }
            a #help-link href=(urls::HELP) hx-get=(urls::HELP) hx-target="#dialog" { "Help" }
            @if let Some(who) = &around.who { (account(section, &around.keys, who)) }
        }
    }
}

/// Who is signed in, and the way out. A narrow screen has it on the page behind the name.
fn account(section: &str, keys: &FormKeys, who: &Who) -> Markup {
    let is_here = section == urls::ACCOUNT;
    html! {
        a.who href=(urls::ACCOUNT) aria-current=[is_here.then_some("page")] title=(who.role) {
            span.vh { "Signed in as " } (who.name)
        }
        form.sign-out action=(urls::SIGN_OUT) method="post" {
            (keys.of_part("sign-out").inputs())
            button.btn.quiet { "Sign out" }
        }
    }
}
