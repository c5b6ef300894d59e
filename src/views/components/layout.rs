//! The layout of every page: header, footer, messages, dialog.

use chrono::NaiveDate;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{
    assets,
    domain::{event::search::QUESTION_CHARS_MAX, user::Role},
    views::{
        FormKeys,
        components::{
            field::AS_TYPED,
            message::{self, Message},
        },
        urls,
    },
};

/// The htmx configuration. Responses with 4xx contain forms and are swapped. No evaluation, no requests to other sites.
const HTMX_CONFIG: &str = concat!(
    r#"{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"#,
    r#""defaultSettleDelay":0,"historyRestoreAsHxRequest":false,"timeout":20000,"#,
    r#""responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},"#,
    r#"{"code":"^(400|403|404|409|413|422|429|500|503)$","swap":true,"error":false},"#,
    r#"{"code":"...","swap":false,"error":true}]}"#
);

/// The entries of the header.
const SECTIONS: [(&str, &str); 9] = [
    (urls::HOME, "Calendar"),
    (urls::ROSTER, "Roster"),
    (urls::UNSCHEDULED, "Unscheduled"),
    (urls::AUTO_SCHEDULE, "Auto-schedule"),
    (urls::EMPLOYEES, "Employees"),
    (urls::REPORTS, "Reports"),
    (urls::ACTIVITY, "Activity"),
    (urls::INTEGRITY, "Issues"),
    (urls::IMPORT, "Import"),
];

/// The width of a page.
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
    /// The id of what the link past the header leads to.
    content: &'static str,
    /// The page has no navigation: the user is not signed in.
    bare: bool,
}

impl Page {
    pub fn new(title: impl Into<String>, main: Markup) -> Self {
        Self {
            title: title.into(),
            main,
            width: Width::Full,
            section: urls::HOME,
            message: None,
            content: "main",
            bare: false,
        }
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

    /// The link past the header leads past the toolbar as well.
    #[must_use]
    pub fn with_content_at(self, content: &'static str) -> Self {
        Self { content, ..self }
    }

    #[must_use]
    pub fn with_message(self, message: Option<Message>) -> Self {
        Self { message, ..self }
    }
}

/// A signed-in user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Who {
    pub name: String,
    pub role: Role,
}

#[derive(Debug)]
pub struct LayoutContext {
    pub keys: FormKeys,
    /// The date that the page shows as today.
    pub today: NaiveDate,
    pub unscheduled: u64,
    /// The number of issues to fix.
    pub problems: u64,
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
                link rel="icon" href=(assets::address("icon.png")) type="image/png";
                link rel="stylesheet" href=(assets::address("tandem.css"));
                meta name="htmx-config" content=(HTMX_CONFIG);
                script src=(assets::address("htmx.min.js")) defer {}
                script src=(assets::address("tandem.js")) type="module" {}
                @if around.keys.lets(Role::Scheduler) && !page.bare { script src=(assets::address("drag.js")) type="module" {} }
            }
            // No copy of the page is kept when its address changes: Back asks the server.
            body hx-history="false" data-changes=[(!page.bare).then(|| assets::address("changes.js"))] data-today=(around.today) {
                a.skip href={ "#" (page.content) } { "Skip to content" }
                @if page.bare { header.top { (mark()) } } @else { (header(page.section, around)) }
                main #main tabindex="-1" {
                    @match page.width {
                        Width::Full => (page.main),
                        Width::Narrow => div.page.narrow { (page.main) },
                    }
                }
                footer.foot {
                    @if !page.bare { a href=(urls::API_REFERENCE) { "API" } }
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

/// The head of a page that a dialog can hold: the name of what is done, and the way out.
pub fn dialog_header(title: &str, subtitle: &Markup, back: &str) -> Markup {
    html! {
        header {
            div { h1 #dialog-title tabindex="-1" { (title) } p.sub { (subtitle) } }
            a.btn.quiet.icon href=(back) data-close aria-label="Close" { "×" }
        }
    }
}

/// The response to htmx: the fragment, and the title of the window.
pub fn fragment(page: &Page) -> Markup {
    html! {
        title { (page.title) " · Tandem" }
        (page.main)
    }
}

fn mark() -> Markup {
    html! {
        a.mark href=(urls::HOME) {
            (PreEscaped(assets::MARK))
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

/// The number beside "Issues"; after a change htmx replaces it.
pub fn issues_count(number: u64, out_of_band: bool) -> Markup {
    html! {
        span #issues-count hx-swap-oob=[out_of_band.then_some("true")] {
            @if number > 0 { " " span.pill { (number) span.vh { " to fix" } } }
        }
    }
}

/// Tells if the reader may use an entry of the header.
fn is_shown(href: &str, around: &LayoutContext) -> bool {
    match href {
        urls::IMPORT => around.keys.lets(Role::Admin),
        urls::AUTO_SCHEDULE => around.keys.lets(Role::Scheduler),
        _ => true,
    }
}

fn header(section: &str, around: &LayoutContext) -> Markup {
    html! {
        header.top {
            (mark())
            // A narrow screen shows it closed; on a wide one its style shows what is inside, open or not.
            details.menu {
                summary { "Menu" }
                nav aria-label="Main" {
                    ul {
                        @for (href, words) in SECTIONS.into_iter().filter(|(href, _)| is_shown(href, around)) {
                            li { a href=(href) aria-current=[(href == section).then_some("page")] {
                                (words)
                                @if href == urls::UNSCHEDULED { (unscheduled_count(around.unscheduled, false)) }
                                @if href == urls::INTEGRITY { (issues_count(around.problems, false)) }
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

/// The end of the header: search, help, account. A narrow screen shows a link instead of the search field.
fn end(section: &str, around: &LayoutContext) -> Markup {
    let searching = section == urls::SEARCH;
    html! {
        div.end {
            @if !searching {
                form.find action=(urls::SEARCH) method="get" role="search" {
                    input type="search" name="q" placeholder="Search or go to" aria-label="Search or go to" maxlength=(QUESTION_CHARS_MAX) autocomplete="off"
                        hx-get=(urls::SEARCH) hx-trigger={ (AS_TYPED) ", open" } hx-target="#quick" hx-select="#found" hx-swap="innerHTML ignoreTitle:true" hx-sync="this:replace" data-quiet;
                    div #quick data-quiet {}
                }
            }
            a.find-link href=(urls::SEARCH) aria-current=[searching.then_some("page")] { "Search" }
            a #help-link href=(urls::HELP) hx-get=(urls::HELP) hx-target="#dialog" { "Help" }
            @if let Some(who) = &around.who { (account(section, &around.keys, who)) }
        }
    }
}

/// The account link and the sign-out button. A narrow screen has the button on the account page.
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
