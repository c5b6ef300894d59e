//! Each checker of `tidy` reports a bad sample, and leaves a good one alone.

use super::{
    Checker, FILE_LINES_MAX, FUNCTION_LINES_MAX, code_in_the_library_root, crates_out_of_place, files_past_the_budget,
    too_long_file, too_long_functions, unchecked_forms, upward_imports, without_purpose,
};

/// The lines on which a checker complains about a text.
fn lines_reported(check: Checker, path: &str, text: &str) -> Vec<usize> {
    check(path, text).iter().map(|complaint| complaint.line).collect()
}

#[test]
fn an_upward_import_is_reported_with_file_line_and_rule() {
    let found = upward_imports("src/domain/day.rs", "//! Days.\nuse crate::store::Store;\n");
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["src/domain/day.rs:2: `domain` must not import `store`, which lies above it"]);
}

#[test]
fn every_form_of_import_is_recognised() {
    for (path, bad) in [
        ("src/domain/day.rs", "use crate::{domain::ids, store::{Store, Tx}};"),
        ("src/domain/day.rs", "fn at() -> crate::clock::Clock {}"),
        ("src/domain/day.rs", "use super::super::store::Store;"),
        ("src/domain/mod.rs", "use super::store::Store;"),
        ("src/store.rs", "use super::routes;"),
        ("src/views/parts/badge.rs", "use super::super::super::config::Config;"),
        ("src/views/month.rs", "use crate::config::Config;"),
        ("src/store/tx.rs", "use crate::views::month;"),
        ("src/jobs/integrity.rs", "use crate::routes::day;"),
        ("src/jobs/backup.rs", "use crate::app::App;"),
        ("src/notify/mail.rs", "pub(crate) use crate::routes::day;"),
        ("src/config.rs", "use crate::store::Store;"),
        ("src/main.rs", "fn main() { tandem::app::run() }"),
    ] {
        assert_eq!(lines_reported(upward_imports, path, bad), [1], "{path}: {bad}");
    }
}

#[test]
fn a_group_is_reported_on_the_line_of_the_name() {
    let text = "use crate::{\n    domain::{calendar, store},\n    routes::day,\n};\n";
    assert_eq!(lines_reported(upward_imports, "src/store/tx.rs", text), [3]);
}

#[test]
fn a_module_without_a_layer_is_reported() {
    assert_eq!(lines_reported(upward_imports, "src/unlisted/a.rs", "//! A.\n"), [1]);
}

#[test]
fn downward_imports_pass() {
    for (path, good) in [
        ("src/main.rs", "fn main() { tandem::cli::run() }"),
        ("src/cli/serve.rs", "use crate::{app, config::Config, store::Store};"),
        ("src/app.rs", "use crate::{jobs, routes, clock::Clock};"),
        ("src/routes/day.rs", "use super::guards; use crate::{domain::day, store::Store, views};"),
        ("src/import/visits.rs", "use crate::{domain::names, store::Store};"),
        ("src/store/events.rs", "use super::{keys, tx::Tx}; pub(in crate::store) struct Row;"),
        ("src/domain/day.rs", "use super::event::Event; mod tests { use super::super::pairing; }"),
        (
            "src/domain/day.rs",
            "//! Unlike `crate::store`.\n/* use crate::store; */ const S: &str = \"crate::store::\";",
        ),
    ] {
        assert!(upward_imports(path, good).is_empty(), "{path}: {good}");
    }
}

#[test]
fn code_in_the_library_root_is_reported() {
    let text = "//! Tandem.\n#![forbid(unsafe_code)]\npub mod domain;\n\npub use domain::names;\n";
    assert_eq!(lines_reported(code_in_the_library_root, "src/lib.rs", text), [5]);
}

#[test]
fn a_crate_outside_its_modules_is_reported() {
    for (path, bad) in [
        ("src/domain/day.rs", "use rocket::State;"),
        ("src/jobs/backup.rs", "fn start(at: &rocket::Rocket<rocket::Orbit>) {}"),
        ("src/routes/day.rs", "fn read(db: &sled::Db) {}"),
        ("src/store/tx.rs", "use {maud::html, std::fmt};"),
        ("src/cli/serve.rs", "#[macro_use] extern crate rocket;"),
        ("src/clock.rs", "use sled as engine;"),
    ] {
        assert!(!crates_out_of_place(path, bad).is_empty(), "{path}: {bad}");
    }
}

#[test]
fn a_crate_in_its_module_or_in_a_comment_passes() {
    for (path, good) in [
        ("src/routes/day.rs", "use rocket::get; use maud::Markup;"),
        ("src/jobs/mod.rs", "use rocket::fairing::Fairing;"),
        ("src/config/mod.rs", "use rocket::figment::Figment;"),
        ("src/store/engine/mod.rs", "use sled::Tree;"),
        (
            "src/domain/mod.rs",
            "//! Knows neither rocket:: nor sled::\n// use maud::html;\nconst A: &str = r#\"use sled::\"#;",
        ),
        ("src/cli/serve.rs", "let rocket = app::build(); rocket.launch();"),
    ] {
        assert!(crates_out_of_place(path, good).is_empty(), "{path}: {good}");
    }
}

#[test]
fn a_file_of_one_line_too_many_is_reported() {
    assert!(too_long_file("src/a.rs", &"x\n".repeat(FILE_LINES_MAX)).is_empty());
    assert_eq!(lines_reported(too_long_file, "src/a.rs", &"x\n".repeat(FILE_LINES_MAX + 1)), [FILE_LINES_MAX + 1]);
}

#[test]
fn a_function_of_one_line_too_many_is_reported() {
    for head in
        ["fn f() {", "pub fn f() {", "pub(crate) const fn f() {", "pub async fn f(a: [u8; 2]) {", "    fn f() {"]
    {
        let long =
            |lines: usize| format!("use a;\n{head}\n{}}}\nfn g() {{}}\n", "    a(\"{\", '{');\n".repeat(lines - 2));
        assert!(too_long_functions("src/a.rs", &long(FUNCTION_LINES_MAX)).is_empty(), "{head}");
        assert_eq!(lines_reported(too_long_functions, "src/a.rs", &long(FUNCTION_LINES_MAX + 1)), [2], "{head}");
    }
}

#[test]
fn a_signature_or_function_type_is_not_a_long_function() {
    let rest = "const A: u8 = 0;\n".repeat(FUNCTION_LINES_MAX + 1);
    for start in ["fn declared(&self) -> [u8; 2];\n", "type Check = fn(&str) -> bool;\n", "fn empty() {}\n"] {
        assert!(too_long_functions("src/a.rs", &format!("{start}{rest}")).is_empty(), "{start}");
    }
}

#[test]
fn a_file_without_a_purpose_is_reported() {
    assert_eq!(lines_reported(without_purpose, "src/a.rs", "use std::fmt;\n"), [1]);
    assert!(without_purpose("src/a.rs", "//! Ids.\n").is_empty());
}

#[test]
fn a_plain_form_is_reported_and_a_checked_one_passes() {
    assert_eq!(lines_reported(unchecked_forms, "src/routes/day.rs", "use rocket::form::Form;\n"), [1]);
    assert_eq!(lines_reported(unchecked_forms, "src/routes/day.rs", "fn save(fields: rocket::form::Form<F>) {}"), [1]);
    assert_eq!(lines_reported(unchecked_forms, "src/routes/day.rs", "fn save(fields: Posted<Fields>) {}"), [0; 0]);
    assert_eq!(lines_reported(unchecked_forms, "src/routes/day.rs", "use rocket::FromForm; // not a Form"), [0; 0]);
}

#[test]
fn a_file_that_is_made_past_the_budget_of_the_disk_is_reported() {
    for bad in
        ["fn f() { File::create(path) }", "fn f() { fs::write(path, b\"\") }", "fn f() { builder.tempfile_in(dir) }"]
    {
        assert_eq!(lines_reported(files_past_the_budget, "src/routes/day.rs", bad), [1], "{bad}");
    }
    for good in ["fn f() { File::open(path) }", "#[cfg(test)]\nfn f() { fs::write(path, b\"\") }"] {
        assert!(lines_reported(files_past_the_budget, "src/routes/day.rs", good).is_empty(), "{good}");
    }
    assert!(
        lines_reported(files_past_the_budget, "src/store/engine/swap.rs", "fn f() { File::create(path) }").is_empty()
    );
}
