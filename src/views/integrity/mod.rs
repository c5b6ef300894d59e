//! The issues page: the last check, open issues, alert channels and past checks.

pub mod accept;
mod kind;

use chrono::NaiveDateTime;
use maud::{Markup, html};

use crate::{
    domain::{
        format,
        integrity::finding_state::{Checked, Run},
        user::Role,
    },
    views::{FormKeys, Page, components::pager::pager, urls},
};

pub use crate::views::integrity::kind::Kind;

/// Findings shown of each check on the overview.
pub const ROWS_MAX: usize = 10;

/// A finding in words.
#[derive(Clone, Debug)]
pub struct RowView {
    /// None where it is about storage.
    pub event: Option<u64>,
    /// The rule, if it can be accepted.
    pub rule: Option<&'static str>,
    pub message: String,
    /// The user who accepted it, and the reason.
    pub accepted: Option<(String, String)>,
    pub since: NaiveDateTime,
    /// The change after which it was first seen, and what that was.
    pub cause: Option<(u64, String)>,
    /// It is not true any more; the next check takes it away.
    pub is_fixed: bool,
}

#[derive(Clone, Debug)]
pub struct GroupView {
    pub kind: Kind,
    /// The number of findings, listed or not.
    pub count: usize,
    pub rows: Vec<RowView>,
}

/// One way to tell people.
#[derive(Clone, Debug)]
pub struct ChannelView {
    pub name: &'static str,
    pub slug: &'static str,
    /// Why it cannot be used.
    pub trouble: Option<String>,
}

/// A notification that was not delivered.
#[derive(Clone, Debug)]
pub struct DeliveryView {
    pub at: NaiveDateTime,
    pub title: String,
    pub to: String,
    pub why: String,
    /// The time of the next attempt. None if delivery was stopped.
    pub next: Option<NaiveDateTime>,
}

/// Data shown by the issues page.
#[derive(Debug)]
pub struct OverviewView {
    pub now: NaiveDateTime,
    /// Newest first.
    pub runs: Vec<(NaiveDateTime, Run)>,
    /// The time of the next daily check. None if it is off.
    pub next: Option<NaiveDateTime>,
    pub problems: Vec<GroupView>,
    pub infos: Vec<GroupView>,
    pub channels: Vec<ChannelView>,
    pub silence: Option<String>,
    pub waiting: usize,
    pub undelivered: Vec<DeliveryView>,
    pub keys: FormKeys,
}

pub fn overview_page(view: &OverviewView) -> Page {
    let edits = view.keys.lets(Role::Scheduler);
    let main = html! {
        div.page {
            div.bar {
                h1 #title tabindex="-1" { "Issues" }
                @if edits {
                    form action=(urls::INTEGRITY_RUN) method="post" {
                        (view.keys.of_part("run").inputs())
                        button.btn.primary { "Check now" }
                    }
                }
            }
            (last_run(view))
            @if edits && view.problems.iter().filter(|group| group.kind.repair(None).is_some()).count() > 1 {
                a.btn href=(urls::REPAIR) { "Repair all" }
            }
            @for group in &view.problems { (group_section(group, view.now, edits)) }
            @if !view.infos.is_empty() {
                h2 { "For information" }
                @for group in &view.infos {
                    details.rest { summary { (group.kind.title()) " (" (group.count) ")" } (rows(group, view.now, edits)) }
                }
            }
            (alerts(view))
            (history(view))
        }
    };
    Page::new("Issues", main).in_section(urls::INTEGRITY)
}

fn last_run(view: &OverviewView) -> Markup {
    let next = match view.next {
        Some(next) => format!("Next daily check: {}.", format::moment_near(next, view.now.date())),
        None => "The daily check is off (integrity_at).".to_owned(),
    };
    html! {
        @match view.runs.first() {
            None => p.note.info { "No checks yet. " (next) },
            Some((at, run)) => {
                @let open = view.problems.iter().map(|group| group.count).sum();
                div class={ "note " (tone(run, open)) } {
                    p { b { (verdict(run, open)) } }
                    p { "Checked " (checked(&run.checked)) "." }
                    p.sub {
                        time datetime=(at.format("%Y-%m-%dT%H:%M:%S")) { (format::moment_near(*at, view.now.date())) }
                        ", " (run.start.trigger.words()) ", by " (run.start.who) ", in " (run.elapsed_ms) " ms. " (next)
                    }
                }
            }
        }
    }
}

fn tone(run: &Run, open: usize) -> &'static str {
    match (&run.failed, open) {
        (Some(_), _) => "bad",
        (None, 0) => "info",
        (None, _) => "warn",
    }
}

/// `open` issues are true now; an incomplete check may have missed some.
fn verdict(run: &Run, open: usize) -> String {
    match (&run.failed, open) {
        (Some(why), _) => format!("The last check is incomplete: {why}"),
        (None, 0) => "No issues".to_owned(),
        (None, count) => format!("{} to fix", format::count(count as u64, "issue")),
    }
}

/// "47 pairs (5 with both scheduled, 36 half, 6 with neither), 3 unclassified; …"
fn checked(checked: &Checked) -> String {
    format!(
        "{} ({} fully scheduled, {} half scheduled, {} unscheduled), {} unrecognized; {}, {} index entries, {} of counters, \
         {} audit entries",
        format::count(checked.pairs, "pair"),
        checked.pairs_scheduled,
        checked.pairs_half,
        checked.pairs_unstaffed,
        checked.unclassified,
        format::count(checked.events, "event"),
        checked.index_entries,
        format::count(checked.days, "day"),
        checked.audit_entries,
    )
}

fn group_section(group: &GroupView, now: NaiveDateTime, edits: bool) -> Markup {
    html! {
        section.findings aria-labelledby={ "check-" (group.kind.slug()) } {
            div.bar {
                h2 id={ "check-" (group.kind.slug()) } { (group.kind.title()) " " span.chip.warn { (group.count) } }
                @if let Some(address) = group.kind.repair(None).filter(|_| edits) { a.btn href=(address) { "Repair " (group.count) span.vh { ": " (group.kind.title()) } } }
            }
            (rows(group, now, edits))
        }
    }
}

fn rows(group: &GroupView, now: NaiveDateTime, edits: bool) -> Markup {
    html! {
        p.hint { (group.kind.help()) @if group.kind.is_of_look_alikes() { " " a href=(urls::LOOK_ALIKES) { "Merge them" } } }
        ul.entries { @for row in &group.rows { (finding(group.kind, row, now, edits)) } }
        @if group.count > group.rows.len() {
            a.btn.quiet href=(urls::findings(group.kind.slug())) { "All " (group.count) }
        }
    }
}

fn finding(kind: Kind, row: &RowView, now: NaiveDateTime, edits: bool) -> Markup {
    html! {
        li.entry {
            p.entry-head {
                @match row.event {
                    Some(event) => a href={ "/events/" (event) } { (row.message) },
                    None => (row.message),
                }
                @if let Some((by, reason)) = &row.accepted { " Accepted by " (by) ": " bdi { (reason) } }
                @if row.is_fixed { " " span.chip { "fixed since" } }
            }
            p.meta {
                (age(row.since, now)) ", since "
                time datetime=(row.since.format("%Y-%m-%dT%H:%M:%S")) { (format::moment_near(row.since, now.date())) }
                @if let Some((sequence, change_kind)) = &row.cause {
                    " · after " a href=(urls::entry(*sequence)) { (change_kind) }
                }
                @if let Some(address) = row.event.filter(|_| edits && !row.is_fixed).and_then(|event| kind.repair(Some(event))) {
                    " · " a href=(address) { "Repair" span.vh { " " (row.message) } }
                }
                @if let (Some(rule), Some(event), true) = (row.rule, row.event, edits && kind != Kind::Past) {
                    " · " a href=(urls::accept(rule, event)) { (if row.accepted.is_some() { "Take back" } else { "Accept" }) span.vh { ": " (row.message) } }
                }
            }
        }
    }
}

/// "3 days", "5 hours", "new"
fn age(since: NaiveDateTime, now: NaiveDateTime) -> String {
    let age = now - since;
    let number = |number: i64| number.unsigned_abs();
    match (age.num_days(), age.num_hours()) {
        (days @ 1.., _) => format::count(number(days), "day"),
        (_, hours @ 1..) => format::count(number(hours), "hour"),
        _ => "new".to_owned(),
    }
}

fn alerts(view: &OverviewView) -> Markup {
    html! {
        h2 { "Alerts" }
        @if let Some(silence) = &view.silence { p.note.warn { (silence) } }
        ul.entries {
            @for channel in &view.channels {
                li.entry.channel {
                    p.entry-head { b { (channel.name) } }
                    @match &channel.trouble {
                        Some(trouble) => p.meta { "Not set up: " (trouble) "." },
                        None if !view.keys.lets(Role::Scheduler) => {}
                        None => form action=(urls::alert_test(channel.slug)) method="post" {
                            (view.keys.of_part(channel.slug).inputs())
                            button.btn { "Send a test" span.vh { " to " (channel.name) } }
                        },
                    }
                }
            }
        }
        @if view.waiting > 0 { p.hint { (format::count(view.waiting as u64, "message")) " waiting to be sent." } }
        @if !view.undelivered.is_empty() {
            h3 { "Not delivered" }
            ul.entries {
                @for one in &view.undelivered {
                    li.entry {
                        p.entry-head { b { (one.title) } " to " (one.to) ": " (one.why) }
                        p.meta {
                            (format::moment_near(one.at, view.now.date()))
                            @match one.next {
                                Some(next) => { ", retrying " (format::moment_near(next, view.now.date())) }
                                None => ", not retrying",
                            }
                        }
                    }
                }
            }
        }
    }
}

fn history(view: &OverviewView) -> Markup {
    html! {
        @if !view.runs.is_empty() {
            h2 { "Past checks" }
            div.scroll {
                table.list {
                    thead { tr { th scope="col" { "When" } th scope="col" { "Reason" } th scope="col" { "Checked" } th scope="col" { "Found" } th scope="col" { "Duration" } } }
                    tbody {
                        @for (at, run) in &view.runs {
                            tr {
                                td { (format::moment_near(*at, view.now.date())) }
                                td { (run.start.trigger.words()) span.meta { (run.start.who) } }
                                td { (format::count(run.checked.pairs, "pair")) span.meta { (format::count(run.checked.events, "event")) } }
                                td {
                                    @match &run.failed {
                                        Some(why) => span.late { (why) },
                                        None => { (format::count(run.problems(), "issue")) span.meta { (run.fresh) " new, " (run.gone) " fixed" } }
                                    }
                                }
                                td { (run.elapsed_ms) " ms" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The findings of one check, a page of them.
#[derive(Debug)]
pub struct CheckView {
    pub now: NaiveDateTime,
    pub group: GroupView,
    pub page: usize,
    pub pages: usize,
    /// The user may repair pairs.
    pub edits: bool,
}

pub fn check_page(view: &CheckView) -> Page {
    let group = &view.group;
    let slug = group.kind.slug();
    let to = |page: usize| format!("{}?page={page}", urls::findings(slug));
    let main = html! {
        div.page {
            div.bar {
                a.btn.quiet href=(urls::INTEGRITY) { "‹ Issues" }
                h1 #title tabindex="-1" { (group.kind.title()) " " small { (group.count) } }
            }
            p.hint { (group.kind.help()) }
            @if group.rows.is_empty() { p.empty { "No issues of this kind." } }
            ul.entries { @for row in &group.rows { (finding(group.kind, row, view.now, view.edits)) } }
            (pager(view.page, view.pages, to))
        }
    };
    Page::new(group.kind.title(), main).in_section(urls::INTEGRITY)
}
