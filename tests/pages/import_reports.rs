//! The results of an import in its preview, page, report and in Activity.

use std::{
    fs::File,
    time::{Duration, SystemTime},
};

use tandem::{domain::audit::Action, import::report::kept};

use super::imports::{csv, imported, previewed, row, visits};
use crate::support::{App, sources::data};

/// How many entries of a list of the page link to an event.
fn linked(body: &str) -> usize {
    body.matches(">Event ").count()
}

#[test]
fn split_pairs_of_an_import_are_listed_and_repaired_in_one_change() {
    let app = App::empty();
    let (_, preview) = previewed(&app, &visits());
    preview.says("Pairs that it splits (36)").says("supervisor-unstaffed: ");

    let (import, page) = imported(&app, &visits());

    let page = page.says("Pairs that it split (36)").says("36 pairs came split");
    assert!(linked(&page.body) >= 36, "each is linked to its event");
    page.link("/integrity/repair?import=1");
    assert_eq!(import, "/import/1");
    let form = app.get("/integrity/repair?import=1").status(200).says("Repair 36").form("/integrity/repair");
    app.follow(form.with("override_reason", "the source names no Leads").send(&app))
        .says("Repaired: 36 events changed.");
    let entry = app.audit().pop().unwrap();
    assert_eq!((entry.action, entry.steps.len()), (Action::Repair, 36));
    app.assert_whole();
}

#[test]
fn a_repair_of_an_import_does_not_change_other_pairs() {
    let app = App::empty();
    imported(&app, &visits());
    let (_, page) = imported(&app, &[data("spreadsheets/00-base.csv")]);
    page.does_not_say("came split");
    app.get("/integrity/repair?import=1").status(200).says("Repair 36");
    app.get("/integrity/repair?import=2").status(200).says("Nothing left to repair here.");
    app.get("/integrity/repair?import=none").status(200).says("Nothing left to repair here.");
}

#[test]
fn activity_links_every_imported_event_and_every_finding() {
    let app = App::empty();
    let (_, preview) = previewed(&app, &visits());
    let count = |title: &str| -> usize {
        let (_, after) = preview.body.split_once(&format!("{title} (")).unwrap();
        after.split(')').next().unwrap().parse().unwrap()
    };
    let expected = count("Pairs that it splits") + count("What the rules say about assignments that it brings");
    assert_eq!(expected, 36 + 12);

    imported(&app, &visits());

    let entries: Vec<_> = app.audit().into_iter().filter(|entry| entry.action == Action::Import).collect();
    let (new, people) = (156, 12);
    assert_eq!(entries.iter().map(|entry| entry.notes.len()).sum::<usize>(), expected + new + people);
    let pages = entries.iter().map(|entry| app.get(&format!("/activity/{}", entry.sequence)).status(200));
    assert_eq!(pages.map(|page| linked(&page.body)).sum::<usize>(), expected + new);
}

#[test]
fn more_split_pairs_than_fit_into_one_entry_are_all_listed() {
    let app = App::empty();
    let (name, bytes) = data("spreadsheets/00-base.csv");
    let text = String::from_utf8(bytes).unwrap();
    let (headings, rows) = text.split_once('\n').unwrap();
    let alone = rows.replace(",IVY BROOK,E20002,10/14/2025 12:00:00 PM", "");
    assert_ne!(alone, rows);
    let numbered = (100..300)
        .map(|number| alone.replace("613001", &format!("613{number}")).replace("131000", &format!("131{number}")));
    let file = format!("{headings}\n{}", numbered.collect::<String>());

    let (_, page) = imported(&app, &[(name, file.into_bytes())]);

    page.says("Pairs that it split (200)");
    let entries: Vec<_> = app.audit().into_iter().filter(|entry| entry.action == Action::Import).collect();
    let splits = entries.iter().flat_map(|entry| &entry.notes).filter(|note| note.rule == "supervisor-unstaffed");
    assert_eq!(splits.count(), 200);
    assert!(entries.len() > 4, "{}", entries.len());
}

#[test]
fn a_preview_links_stored_events_only() {
    let app = App::empty();
    let double = [data("spreadsheets/24-double-booked.csv")];
    let (_, preview) = previewed(&app, &double);
    let preview = preview.says("NORA QUILL on Tue, Oct 14, 2025");
    assert_eq!(linked(&preview.body), 0);
    imported(&app, &double);
    let (name, bytes) = double[0].clone();
    let later = String::from_utf8(bytes).unwrap().replace("11:00:00 AM", "11:30:00 AM");
    let (_, preview) = previewed(&app, &[(name, later.into_bytes())]);
    assert!(linked(&preview.body) > 0);
    assert_eq!(linked(&preview.body), preview.body.matches(">Event 131000003<").count(), "only the one that changes");
}

fn some_bad_rows(count: u64) -> Vec<(String, Vec<u8>)> {
    let bad = (1..=count).map(|id| row("606001-CORE-Pretzel", id).replace("10/15/2025", "soon"));
    csv(&bad.chain([row("606002-CORE-Oats", count + 1)]).collect::<Vec<_>>())
}

#[test]
fn every_rejected_row_can_be_downloaded_after_the_import() {
    let app = App::empty();
    let (import, page) = imported(&app, &some_bad_rows(1_500));
    page.says("Rejected rows (1500)").says("more.csv line 2, column \"Start Date/Time\":").says("Kept for 30 days.");

    let report = app.get(&format!("{import}/report.csv")).status(200).body;

    assert!(report.starts_with("\u{FEFF}kind,file,line,column,message,event"), "{report}");
    assert_eq!(report.lines().filter(|line| line.starts_with("rejected,")).count(), 1_500);
    app.get("/import/99/report.csv").status(404).says("for 30 days");
}

#[test]
fn a_report_that_is_taken_is_audited() {
    let app = App::empty();
    let (address, _) = previewed(&app, &some_bad_rows(1));
    app.get(&format!("{address}/report.csv")).status(200);
    let (import, _) = imported(&app, &some_bad_rows(2));
    app.get(&format!("{import}/report.csv")).status(200);
    app.get("/import/99/report.csv").status(404);

    let taken = app.audit().into_iter().filter(|entry| entry.action == Action::Export);
    let files: Vec<_> = taken.map(|entry| entry.about.unwrap().id).collect();
    let number = import.rsplit('/').next().unwrap();
    assert_eq!(files, ["tandem-import-report.csv".to_owned(), format!("tandem-import-report-{number}.csv")]);
}

#[test]
fn the_report_lists_findings_with_their_events() {
    let app = App::empty();
    let (address, _) = previewed(&app, &visits());
    let before = app.get(&format!("{address}/report.csv")).status(200).body;
    let (import, _) = imported(&app, &visits());

    let report = app.get(&format!("{import}/report.csv")).status(200).body;

    assert_eq!(report, before, "the same as before it was confirmed");
    let splits: Vec<_> = report.lines().filter(|line| line.starts_with("split pair,")).collect();
    assert_eq!(splits.len(), 36);
    assert!(splits.iter().all(|line| line.rsplit(',').next().is_some_and(|event| event.parse::<u64>().is_ok())));
}

fn reports(app: &App) -> Vec<String> {
    let files = std::fs::read_dir(app.context.config.data_dir.join("reports")).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_report_is_removed_when_it_expires() {
    let app = App::empty();
    let (import, _) = imported(&app, &some_bad_rows(1));
    let path = app.context.config.data_dir.join("reports/1.csv");
    let days = u64::try_from(kept::KEPT_DAYS).unwrap();
    let old = SystemTime::from(app.context.clock.now()) - Duration::from_secs(days * 24 * 3600 + 1);
    File::options().append(true).open(path).unwrap().set_modified(old).unwrap();

    app.get(&format!("{import}/report.csv")).status(404);

    app.get(&import).status(200).does_not_say("Kept for");
    assert_eq!(reports(&app), [""; 0]);
}

#[test]
fn only_the_reports_of_the_last_imports_are_kept() {
    let app = App::empty();
    for id in 1..=kept::KEPT_MAX as u64 + 2 {
        imported(&app, &csv(&[row("606001-CORE-Pretzel", id)]));
    }
    app.get("/import/1").status(200).does_not_say("Kept for");
    assert_eq!(reports(&app).len(), kept::KEPT_MAX);
    app.get("/import/2/report.csv").status(404);
    app.get("/import/3/report.csv").status(200);
}

#[test]
fn a_refused_plan_leaves_no_report() {
    let app = App::empty();
    let (address, _) = previewed(&app, &some_bad_rows(1));
    app.post(&address, &[("fingerprint", "of another plan")]).status(409);
    assert_eq!(reports(&app), [""; 0]);
}

#[test]
fn the_total_size_of_an_upload_is_limited() {
    let app = App::empty();
    let half = vec![b'a'; 33 * 1024 * 1024];
    let refused = app.upload("/import", &[("one.csv", &half), ("two.csv", &half)]).status(422);
    refused.says("\"two.csv\" is too much: the files of an upload have at most 64 MB together.");
    let left = std::fs::read_dir(app.context.config.data_dir.join("uploads")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "what was refused is not kept");
}
