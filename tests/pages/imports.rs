//! The Import page: upload, preview, confirmation, undo.

use serde_json::json;
use tandem::store::tables::imports;

use crate::support::{App, Page, sources::data};

const HEADINGS: &str =
    "Project Name,Project Reference Number,Store Number,Store Name,Start Date/Time,Due Date/Time,Estimated Time";

pub fn row(name: &str, id: u64) -> String {
    format!("{name},{id},4101,Harbor Club,10/15/2025 12:00:00 AM,10/16/2025 12:01:00 AM,390")
}

pub fn visits() -> [(String, Vec<u8>); 2] {
    [data("visits/calendar-schedule.csv"), data("visits/workbank.csv")]
}

pub fn upload(app: &App, files: &[(String, Vec<u8>)]) -> Page {
    let files: Vec<_> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    app.upload("/import", &files)
}

/// Uploads, and leads to the preview: its address and the page.
pub fn previewed(app: &App, files: &[(String, Vec<u8>)]) -> (String, Page) {
    let address = upload(app, files).status(303).location.unwrap();
    let page = app.get(&address).status(200);
    (address, page)
}

pub fn fingerprint(preview: &Page) -> String {
    let (_, after) = preview.body.split_once("name=\"fingerprint\" value=\"").unwrap();
    after.split('"').next().unwrap().to_owned()
}

/// Uploads, confirms what is shown, and leads to the import.
pub fn imported(app: &App, files: &[(String, Vec<u8>)]) -> (String, Page) {
    let (address, preview) = previewed(app, files);
    let next = app.post(&address, &[("fingerprint", &fingerprint(&preview))]).status(303).location.unwrap();
    let page = app.get(&next).status(200);
    (next, page)
}

pub fn csv(lines: &[String]) -> Vec<(String, Vec<u8>)> {
    vec![("more.csv".to_owned(), format!("{HEADINGS}\n{}\n", lines.join("\n")).into_bytes())]
}

#[test]
fn an_import_writes_its_preview_and_nothing_before_confirmation() {
    let app = App::empty();
    let before = app.bytes();
    let (address, preview) = previewed(&app, &visits());
    preview.says("156 new, 0 changed, 0 unchanged events; 0 rejected rows").says("Import 156 events");
    let preview = app.get(&address);
    assert_eq!(app.bytes(), before);

    let next = app.post(&address, &[("fingerprint", &fingerprint(&preview))]).status(303).location.unwrap();

    app.get(&next).status(200).says("Done: 156 events written.").says("calendar-schedule.csv and workbank.csv");
    assert_eq!(app.check().pairs.events, 156);
    app.assert_whole();
    app.get("/import").status(200).says("156 new, 0 changed, 0 unchanged, 0 rejected").says("local user (no sign-in)");
    app.get("/integrity").status(200).says("36 issues to fix").says("after an import, by local user (no sign-in)");
    app.get(&address).status(404).says("These files are not here any more");
    let (_, again) = previewed(&app, &visits());
    again.says("0 new, 0 changed, 156 unchanged").says("There is nothing to import");
}

#[test]
fn the_preview_shows_each_changed_field_and_each_rejected_row_with_line_column_and_reason() {
    let app = App::empty();
    imported(&app, &csv(&[row("606001-CORE-Pretzel", 1), row("606001-Supervisor-Pretzel", 2)]));
    let bad = row("606003-CORE-Oats", 3).replace("10/15/2025", "15/10/2025");
    let (_, preview) = previewed(&app, &csv(&[row("606001-CORE-Pretzel & Dip", 1), bad]));
    preview
        .says("0 new, 1 changed, 0 unchanged events; 1 rejected row;")
        .says("name: 606001-CORE-Pretzel → 606001-CORE-Pretzel & Dip")
        .says("more.csv line 3, column \"Start Date/Time\": \"15/10/2025 12:00:00 AM\" is not a date, and its day comes before its month");
}

#[test]
fn an_outdated_plan_is_refused_and_shown_again() {
    let app = App::empty();
    imported(&app, &csv(&[row("606001-CORE-Pretzel", 1)]));
    let (address, old) = previewed(&app, &csv(&[row("606001-CORE-Dip", 1)]));
    imported(&app, &csv(&[row("606001-CORE-Salt", 1)]));
    let before = app.bytes();

    let refused = app.post(&address, &[("fingerprint", &fingerprint(&old))]).status(409);

    assert_eq!(app.bytes(), before);
    let refused = refused.says("nothing was imported").says("606001-CORE-Salt → 606001-CORE-Dip");
    app.post(&address, &[("fingerprint", &fingerprint(&refused))]).status(303);
    assert_eq!(app.event(1).name, "606001-CORE-Dip");
}

#[test]
fn an_import_is_undone_as_a_whole_within_its_window() {
    let app = App::empty();
    imported(&app, &csv(&[row("606001-CORE-Pretzel", 1)]));
    let before = app.event(1);
    let (import, page) = imported(&app, &csv(&[row("606001-CORE-Dip", 1), row("606002-CORE-Oats", 2)]));
    page.says("Undo this import");

    app.post(&format!("{import}/undo"), &[]).status(303);

    app.get(&import).says("Undone").does_not_say("Undo this import");
    assert_eq!((app.event(1).name, app.check().pairs.events), (before.name, 1));
    app.assert_whole();
    app.post(&format!("{import}/undo"), &[]).status(409).says("This import was undone already.");
}

#[test]
fn an_import_with_an_event_changed_since_is_not_undone_and_the_event_is_named() {
    let app = App::with_acceptance_data();
    let (import, _) = imported(&app, &visits());
    let moved = app.read_call("/api/events?condition=scheduled&limit=500").body["events"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["event_id"].as_u64().unwrap() > 100_000)
        .unwrap()
        .clone();
    app.call("/api/reschedule_event", json!({"schedule_id": moved["schedule_id"], "new_date": "2025-10-02"})).ok();
    let before = app.bytes();

    let refused = app.post(&format!("{import}/undo"), &[]).status(409);

    refused.says("These events changed since, so nothing was undone").says(&format!("({})", moved["event_id"]));
    assert_eq!(app.bytes(), before);
}

/// What is kept to take an import back grows with it, so it goes once it is of no use.
#[test]
fn the_record_of_an_import_is_kept_until_the_next_import_after_its_window() {
    let steps = |app: &App, import| app.read(|view| imports::steps(view, import, None, 10)).len();
    let app = App::empty();
    imported(&app, &csv(&[row("606001-CORE-Pretzel", 1), row("606003-CORE-Rice", 3)]));
    let app = app.later(4 * 60);
    imported(&app, &csv(&[row("606002-CORE-Oats", 2)]));
    assert_eq!((steps(&app, 1), steps(&app, 2)), (2, 1), "both can be taken back");

    let app = app.later(2 * 60);
    imported(&app, &csv(&[row("606004-CORE-Corn", 4)]));
    assert_eq!((steps(&app, 1), steps(&app, 2), steps(&app, 3)), (0, 1, 1), "it is too late for the first");
    app.assert_whole();
}

#[test]
fn an_import_cannot_be_undone_after_its_window() {
    let app = App::empty();
    let (import, _) = imported(&app, &csv(&[row("606001-CORE-Pretzel", 1)]));
    let app = app.later(5 * 60 + 1);
    app.get(&import).does_not_say("Undo this import");
    app.post(&format!("{import}/undo"), &[]).status(409).says("an import can be undone for 5 minutes");
    assert_eq!(app.check().pairs.events, 1);
}

#[test]
fn the_old_tables_and_our_own_exports_are_recognised_in_any_order() {
    let app = App::empty();
    let tables = ["schedule", "employees", "events"].map(|name| data(&format!("acceptance/{name}.csv")));
    let (_, page) = imported(&app, &tables);
    page.says("Done: 21 events written.");
    let export = ["schedule.jsonl", "events.csv", "employees.csv"]
        .map(|name| (name.to_owned(), app.get(&format!("/api/export/{name}")).status(200).body.into_bytes()));
    let empty = App::empty();
    imported(&empty, &export).1.says("Done: 21 events written.");
    assert_eq!(empty.event(1001), app.event(1001));
    upload(&empty, &tables[1..])
        .status(422)
        .says("The old application's employees, events and schedule belong together");
}

#[test]
fn each_unusable_file_gets_a_clear_answer() {
    let app = App::empty();
    let zip = b"PK\x03\x04\x14\x00\x00\x00\x08\x00bomb".to_vec();
    let swapped = format!("{HEADINGS}\n{}\n", "4101,606001-CORE-Pretzel,1,Harbor,10/15/2025 12:00:00 AM,x,390");
    let before = app.bytes();
    for (bytes, says) in [
        (zip, "Bomb.csv is a ZIP archive"),
        (Vec::new(), "Bomb.csv is empty: it needs at least a line of column headings"),
        (b"a,b,c\n1,2,3\n".to_vec(), "lacks the columns \"Project Name\""),
    ] {
        upload(&app, &[("bomb.csv".to_owned(), bytes)]).status(422).says(says);
    }
    let good = |bytes: Vec<u8>, says: &str| {
        let (_, page) = previewed(&app, &[("odd.csv".to_owned(), bytes)]);
        page.says(says);
    };
    good(format!("{HEADINGS}\r\n").into_bytes(), "0 new, 0 changed, 0 unchanged events; 0 rejected rows");
    good(swapped.into_bytes(), "column \"Project Reference Number\": \"606001-CORE-Pretzel\" is not an id");
    let mut bom = b"\xEF\xBB\xBF".to_vec();
    bom.extend(format!("{HEADINGS}\r\n{}\r\n", row("606001-CORE-Pretzel", 1)).bytes());
    good(bom, "1 new");
    let mut cp1252 = format!("{HEADINGS}\n").into_bytes();
    cp1252.extend(b"606001-CORE-Caf\xE9,1,4101,Harbor Club,10/15/2025 12:00:00 AM,10/16/2025 12:01:00 AM,390\n");
    good(cp1252, "606001-CORE-Café");
    good(format!("{HEADINGS}\n606001-CORE-Pretzel,1\n").into_bytes(), "the row ends after 2 of 7 cells");
    let quoted = row("\"606001-CORE-\"\"Big\"\", salted\"", 1);
    good(format!("{HEADINGS}\n{quoted}\n").into_bytes(), "606001-CORE-\"Big\", salted");
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_file_name_never_becomes_a_path() {
    let app = App::empty();
    let (address, _) = previewed(&app, &[("../../evil.csv".to_owned(), csv(&[row("x", 1)])[0].1.clone())]);
    app.get(&address).says("evil.csv").does_not_say("..");
    app.get("/uploads/..%2F..").status(404);
    app.get("/import/99").status(404);
}

#[test]
fn a_file_can_have_any_name() {
    let app = App::empty();
    let content = csv(&[row("606001-CORE-Pretzel", 1)]).remove(0).1;
    for name in ["表".repeat(100) + ".csv", "a".repeat(300), "\u{1f4c5}".repeat(60) + ".csv", "..".to_owned()] {
        let address = upload(&app, &[(name.clone(), content.clone())]).status(303).location.unwrap();
        app.get(&address).status(200).says("1 new");
    }
}

#[test]
fn files_follow_the_form_token_and_an_interrupted_upload_leaves_nothing() {
    let app = App::empty();
    let kept = || std::fs::read_dir(app.context.config.data_dir.join("uploads")).map_or(0, Iterator::count);
    let file = "--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.csv\"\r\n\r\na,b\r\n";
    let multipart = "multipart/form-data; boundary=edge";

    app.send(multipart, "/import", &format!("{file}--edge--\r\n")).status(403);
    app.send(multipart, "/import", file).status(403);
    app.send("multipart/form-data", "/import", file).status(415);
    app.upload("/import", &[]).status(422).says("Choose 1 to 12 files.");
    let too_many: Vec<_> = (0..13).map(|_| ("a.csv", b"a,b".as_slice())).collect();
    app.upload("/import", &too_many).status(422).says("Choose 1 to 12 files.");

    assert_eq!(kept(), 0);
}

#[test]
fn a_file_of_invalid_rows_offers_all_rejected_rows_as_a_file() {
    let app = App::empty();
    let rows: Vec<String> = (0..1_500).map(|id| row("606001-CORE-Pretzel", id).replace("10/15/2025", "soon")).collect();
    let (address, preview) = previewed(&app, &csv(&rows));
    preview
        .says("Every row was rejected: nothing can be imported. The reasons are below.")
        .says("1500 rejected rows")
        .says("and 1300 more");

    let report = app.get(&format!("{address}/report.csv")).status(200).body;

    assert_eq!(report.lines().count(), 1_501);
    assert!(report.starts_with("\u{FEFF}kind,file,line,column,message"));
    assert!(report.lines().last().unwrap().starts_with("rejected,more.csv,1501,Start Date/Time,"), "{report}");
}

#[test]
fn a_report_of_an_unknown_import_answers_404() {
    App::empty().get("/uploads/00000000000000000000000000000000/report.csv").status(404);
}

#[test]
fn a_visit_missing_from_the_file_is_released_only_if_selected() {
    let app = App::empty();
    let week = |name: &str| [data(&format!("spreadsheets/{name}.csv"))];
    imported(&app, &week("21a-week1"));
    let (address, preview) = previewed(&app, &week("21b-week2-without-plum"));
    let preview = preview.says("Release 1 visit of these weeks").says("(131000090), held by NORA QUILL (E20001)");
    assert!(app.assignment(131_000_090).is_some());

    app.post(&address, &[("fingerprint", &fingerprint(&preview)), ("release_missing", "true")]).status(303);

    assert_eq!(app.assignment(131_000_090), None);
    assert!(app.assignment(131_000_001).is_some());
}

#[test]
fn the_entry_of_an_import_in_activity_lists_its_events() {
    let app = App::empty();
    imported(&app, &csv(&[row("606001-CORE-Pretzel", 1), row("606001-Supervisor-Pretzel", 2)]));
    let page = app.get("/activity/1").status(200);
    page.link("/events/1");
    page.link("/events/2");
    page.says("606001-Supervisor-Pretzel from new");
}
