//! Style as an ordinary test: layers, places of crates, sizes, words.
//!
//! Every checker takes a path and a text, so that `samples.rs` can show each one a bad text that it must report.

mod circles;
mod samples;
mod source;
mod tree;
mod words;

use std::{fmt, path::Path};

use source::{bare, collect, words_of};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// Each top-level module and the others that it may import. `docs/ARCHITECTURE.md` shows the layers.
const LAYERS: [(&str, &[&str]); 21] = [
    ("main", &["cli"]),
    ("lib", &[]),
    (
        "cli",
        &[
            "app", "context", "routes", "jobs", "services", "demo", "views", "notify", "store", "import", "export",
            "config", "clock", "secret", "domain",
        ],
    ),
    (
        "app",
        &["context", "routes", "jobs", "views", "notify", "store", "import", "export", "config", "clock", "domain"],
    ),
    (
        "routes",
        &[
            "assets", "context", "jobs", "services", "views", "metrics", "notify", "oidc", "store", "import", "export",
            "config", "clock", "secret", "domain",
        ],
    ),
    (
        "jobs",
        &[
            "context", "services", "views", "metrics", "notify", "store", "import", "export", "config", "clock",
            "domain",
        ],
    ),
    ("services", &["metrics", "notify", "store", "import", "export", "config", "clock", "domain"]),
    ("demo", &["services", "import", "store", "config", "clock", "domain"]),
    ("views", &["assets", "domain"]),
    ("notify", &["config", "clock", "domain"]),
    ("oidc", &["config", "clock", "domain"]),
    ("store", &["metrics", "secret", "domain"]),
    ("metrics", &[]),
    ("import", &["store", "config", "clock", "secret", "domain"]),
    ("export", &["store", "domain"]),
    ("assets", &[]),
    ("context", &["store", "config", "clock"]),
    ("config", &["domain"]),
    ("clock", &["domain"]),
    ("secret", &["domain"]),
    ("domain", &[]),
];

/// Each crate that only some modules may name: folders, or single files.
const CRATES: [(&str, &[&str]); 14] = [
    (
        "rocket",
        &[
            "src/routes/",
            "src/routes.rs",
            "src/app/",
            "src/app.rs",
            "src/jobs/mod.rs",
            "src/config/mod.rs",
            "src/config/reader.rs",
            "src/config/teams.rs",
        ],
    ),
    ("sled", &["src/store/engine/"]),
    ("flate2", &["src/store/", "src/routes/http/compression.rs", "src/routes/http/assets.rs"]),
    ("lettre", &["src/notify/"]),
    ("multer", &["src/routes/pages/import/uploaded.rs"]),
    ("prometheus_client", &["src/metrics.rs"]),
    ("openidconnect", &["src/oidc/"]),
    ("reqwest", &["src/notify/", "src/oidc/"]),
    ("rustix", &["src/routes/http/idle_connections.rs", "src/store/engine/system.rs"]),
    ("rustls", &["src/notify/mod.rs", "src/store/postgres/tls.rs"]),
    ("tokio_postgres", &["src/store/postgres/"]),
    ("tokio_rustls", &["src/store/postgres/tls.rs"]),
    ("ureq", &["src/cli/"]),
    ("maud", &["src/views/", "src/views.rs", "src/routes/", "src/routes.rs", "src/notify/mail.rs"]),
];

/// A broken rule and its place. Line 0 is the whole file or folder.
struct Complaint {
    path: String,
    line: usize,
    rule: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

type Checker = fn(&str, &str) -> Vec<Complaint>;

fn module_of(path: &str) -> &str {
    let inside = path.trim_start_matches("src/");
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

/// Number of `super` that lead from a file to the crate root.
fn depth_of(path: &str) -> usize {
    let parts = path.trim_start_matches("src/").split('/').count();
    if path.ends_with("/mod.rs") { parts - 1 } else { parts }
}

/// Imports of a module that lies above.
fn upward_imports(path: &str, text: &str) -> Vec<Complaint> {
    let module = module_of(path);
    let complain = |line, rule| Complaint { path: path.to_owned(), line, rule };
    // Unit tests may use any module.
    if path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
        return vec![complain(1, format!("module `{module}` is missing in `LAYERS`"))];
    };
    let is_module = |name: &str| LAYERS.iter().any(|(module, _)| *module == name);
    modules_used(&words_of(text), depth_of(path))
        .into_iter()
        .filter(|(_, used)| is_module(used) && used != module && !allowed.contains(&used.as_str()))
        .map(|(line, used)| complain(line, format!("`{module}` must not import `{used}`, which lies above it")))
        .collect()
}

/// Names after `crate::`, `tandem::`, or as many `super::` as lead to the root; each name of a group.
fn modules_used(words: &[(usize, String)], depth: usize) -> Vec<(usize, String)> {
    let says = |at: usize, wanted: &str| words.get(at).is_some_and(|(_, word)| word == wanted);
    let mut used = Vec::new();
    for at in 0..words.len() {
        let supers =
            (0..words.len()).take_while(|step| says(at + 2 * step, "super") && says(at + 2 * step + 1, "::")).count();
        let continues = at >= 2 && says(at - 1, "::");
        if (says(at, "crate") || says(at, "tandem")) && says(at + 1, "::") && !continues {
            used.extend(heads(&words[at + 2..]));
        } else if supers >= depth && supers > 0 && !continues {
            used.extend(heads(&words[at + 2 * supers..]));
        }
    }
    used
}

/// The first name of a path, or the first names of a group in braces.
fn heads(words: &[(usize, String)]) -> Vec<(usize, String)> {
    if words.first().is_none_or(|(_, word)| word != "{") {
        return words.first().cloned().into_iter().collect();
    }
    let (mut depth, mut starts, mut found) = (0, false, Vec::new());
    for (line, word) in words {
        match word.as_str() {
            "{" => (depth, starts) = (depth + 1, depth == 0),
            "}" => depth -= 1,
            "," => starts = depth == 1,
            _ if starts => {
                found.push((*line, word.clone()));
                starts = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// Code in `lib.rs`, which only declares modules.
fn code_in_the_library_root(path: &str, text: &str) -> Vec<Complaint> {
    let declares =
        |line: &str| line.is_empty() || line.starts_with('#') || line.contains("mod ") && line.ends_with(';');
    bare(text)
        .lines()
        .enumerate()
        .filter(|(_, line)| path == "src/lib.rs" && !declares(line.trim()))
        .map(|(index, _)| Complaint {
            path: path.to_owned(),
            line: index + 1,
            rule: "lib.rs declares modules and nothing else".to_owned(),
        })
        .collect()
}

/// Crates named outside the modules that wrap them.
fn crates_out_of_place(path: &str, text: &str) -> Vec<Complaint> {
    let words = words_of(text);
    let mut complaints = Vec::new();
    for (at, (line, word)) in words.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| words[before].1.as_str());
        let after = words.get(at + 1).map_or("", |(_, after)| after.as_str());
        let names_crate = after == "::" && before != "::" || matches!(before, "use" | "crate");
        let listed = CRATES.iter().find(|(name, _)| name == word).filter(|_| names_crate);
        let home = |place: &&str| if place.ends_with('/') { path.starts_with(*place) } else { path == *place };
        if let Some((name, places)) = listed.filter(|(_, places)| !places.iter().any(home)) {
            let rule = format!("`{name}` may be named only in {}", places.join(", "));
            complaints.push(Complaint { path: path.to_owned(), line: *line, rule });
        }
    }
    complaints
}

/// Handlers that take a plain `Form` or `TempFile`. `Posted` and `Uploaded` check the CSRF token and the size first.
fn unchecked_forms(path: &str, text: &str) -> Vec<Complaint> {
    let rule = "take a form as `Posted` and files as `Uploaded`: a plain `Form` or `TempFile` is not checked for CSRF";
    let words = words_of(text);
    // `Form::parse` reads a query, which changes nothing.
    let is_type = |at: &usize| {
        matches!(words[*at].1.as_str(), "Form" | "TempFile") && words.get(at + 1).is_none_or(|(_, next)| next != "::")
    };
    let complain = |at: usize| Complaint { path: path.to_owned(), line: words[at].0, rule: rule.to_owned() };
    let at_home = path == "src/routes/auth/csrf_form.rs";
    (0..words.len()).filter(|at| !at_home && is_type(at)).map(complain).collect()
}

/// Where files are made in the data folder, each within the budget of `store/disk_space.rs`.
const MAKERS: [&str; 13] = [
    "src/store/maintenance/backup/file.rs",
    "src/store/copy.rs",
    "src/store/engine/data_dir.rs",
    "src/store/engine/side_files.rs",
    "src/store/mod.rs",
    "src/store/maintenance/backup/restore.rs",
    "src/store/disk_space.rs",
    "src/store/engine/swap.rs",
    "src/cli/export.rs",
    "src/cli/log_file.rs",
    "src/import/upload.rs",
    "src/routes/pages/import/uploaded.rs",
    "src/import/report/kept.rs",
];

/// Files are made by few, so that none takes what changes need.
fn files_past_the_budget(path: &str, text: &str) -> Vec<Complaint> {
    const MAKES: [&str; 9] = [
        "tempfile_in",
        "tempdir_in",
        "create_new",
        "move_copy_to",
        "copy_to",
        "persist_to",
        "set_len",
        "hard_link",
        "tempfile",
    ];
    let rule = "a file is made past the budget of the disk: ask `store::disk_space`, and name the file in MAKERS";
    let bare = bare(text);
    let code = bare.split("#[cfg(test)]").next().unwrap_or_default();
    let words = words_of(code);
    let follows = |at: usize, before: &str| at >= 2 && words[at - 1].1 == "::" && words[at - 2].1 == before;
    let makes = |at: usize| match words[at].1.as_str() {
        "create" | "options" => follows(at, "File"),
        "write" | "copy" => follows(at, "fs"),
        word => MAKES.contains(&word),
    };
    let complain = |at: usize| Complaint { path: path.to_owned(), line: words[at].0, rule: rule.to_owned() };
    let listed = MAKERS.contains(&path) || path.ends_with("tests.rs") || path.ends_with("fixtures.rs");
    (0..words.len()).filter(|at| !listed && makes(*at)).map(complain).collect()
}

fn too_long_file(path: &str, text: &str) -> Vec<Complaint> {
    let lines = text.lines().count();
    let rule = format!("{lines} lines: a file has at most {FILE_LINES_MAX}");
    let complaint = Complaint { path: path.to_owned(), line: lines, rule };
    (lines > FILE_LINES_MAX).then_some(complaint).into_iter().collect()
}

fn too_long_functions(path: &str, text: &str) -> Vec<Complaint> {
    let bare = bare(text);
    let lines: Vec<&str> = bare.lines().collect();
    let mut complaints = Vec::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
        let length = function_lines(&lines[index..]);
        if length > FUNCTION_LINES_MAX {
            let rule = format!("{length} lines: a function has at most {FUNCTION_LINES_MAX} ({})", line.trim());
            complaints.push(Complaint { path: path.to_owned(), line: index + 1, rule });
        }
    }
    complaints
}

fn begins_function(line: &str) -> bool {
    let mut rest = line.trim_start();
    if let Some((_, after)) = rest.strip_prefix("pub(").and_then(|rest| rest.split_once(')')) {
        rest = after.trim_start();
    }
    let mut words = rest.split_whitespace().skip_while(|word| matches!(*word, "pub" | "const" | "async" | "unsafe"));
    words.next() == Some("fn")
}

/// The lines from a function's first to the one that closes its body; 1 for one without a body.
fn function_lines(lines: &[&str]) -> usize {
    let (mut braces, mut brackets) = (0_u32, 0_u32);
    for (index, line) in lines.iter().enumerate() {
        for sign in line.chars() {
            match sign {
                '(' | '[' => brackets += 1,
                ')' | ']' => brackets = brackets.saturating_sub(1),
                ';' if braces == 0 && brackets == 0 => return 1,
                '{' => braces += 1,
                '}' if braces <= 1 => return index + 1,
                '}' => braces -= 1,
                _ => {}
            }
        }
    }
    lines.len()
}

fn without_purpose(path: &str, text: &str) -> Vec<Complaint> {
    let rule = "a file begins with `//!`: its purpose".to_owned();
    let complaint = Complaint { path: path.to_owned(), line: 1, rule };
    (!text.starts_with("//!")).then_some(complaint).into_iter().collect()
}

/// Runs a checker over every Rust file under the folders.
fn complaints(folders: &[&str], check: Checker) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in folders.iter().map(|folder| root.join(folder)).filter(|folder| folder.exists()) {
        collect(&folder, &["rs"], &mut files);
    }
    assert!(!files.is_empty(), "no source found below {}", root.display());
    let check_file = |(path, text): &(String, String)| check(path, text);
    let lines: Vec<_> = files.iter().flat_map(check_file).map(|complaint| complaint.to_string()).collect();
    lines.join("\n")
}

#[track_caller]
fn assert_tidy(folders: &[&str], check: Checker) {
    let found = complaints(folders, check);
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn modules_import_only_from_layers_below() {
    assert_tidy(&["src"], upward_imports);
}

#[test]
fn the_library_root_only_declares_modules() {
    assert_tidy(&["src"], code_in_the_library_root);
}

#[test]
fn crates_are_named_only_where_they_are_wrapped() {
    assert_tidy(&["src"], crates_out_of_place);
}

#[test]
fn files_are_made_within_the_budget_of_the_disk() {
    assert_tidy(&["src"], files_past_the_budget);
}

#[test]
fn files_are_short() {
    assert_tidy(&["src", "benches", "tests"], too_long_file);
}

#[test]
fn functions_are_short() {
    assert_tidy(&["src", "benches", "tests"], too_long_functions);
}

#[test]
fn every_file_states_its_purpose() {
    assert_tidy(&["src"], without_purpose);
}

#[test]
fn handlers_take_only_checked_forms() {
    assert_tidy(&["src/routes"], unchecked_forms);
}
