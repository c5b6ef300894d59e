//! The tree: folders stay small, and the documents name only what exists.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{
    Complaint,
    source::{collect, words_of},
};

/// Files and folders that one folder of `src` may hold.
const FOLDER_ENTRIES_MAX: usize = 22;
/// Documents whose paths and function names are checked.
const DOCUMENTS: [&str; 2] = ["docs/ARCHITECTURE.md", "CONTRIBUTING.md"];

/// Folders with too many entries. Every file and folder counts in the folder that holds it.
pub fn crowded_folders<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<Complaint> {
    let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in paths {
        let parts: Vec<_> = path.split('/').collect();
        for end in 1..parts.len() {
            folders.entry(parts[..end].join("/")).or_default().insert(parts[end].to_owned());
        }
    }
    let complaint = |(folder, entries): (String, BTreeSet<String>)| {
        let rule = format!("{} entries: a folder has at most {FOLDER_ENTRIES_MAX}", entries.len());
        (entries.len() > FOLDER_ENTRIES_MAX).then_some(Complaint { path: folder, line: 0, rule })
    };
    folders.into_iter().filter_map(complaint).collect()
}

/// Paths and functions in backticks that do not exist. `exists` is asked for each path such as `src/store/mod.rs`, and
/// `functions` holds every function of `src`; a function is written with empty parentheses.
pub fn dead_names(path: &str, text: &str, exists: impl Fn(&str) -> bool, functions: &[String]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for name in line.split('`').skip(1).step_by(2) {
            let is_path = name.contains('/') && !name.starts_with('/') && !name.contains([' ', '*', '<', ':']);
            let rule = if let Some(function) = name.strip_suffix("()") {
                (!functions.iter().any(|known| known == function)).then(|| format!("no function `{function}` in src"))
            } else {
                (is_path && !exists(name)).then(|| format!("`{name}` does not exist"))
            };
            complaints.extend(rule.map(|rule| Complaint { path: path.to_owned(), line: index + 1, rule }));
        }
    }
    complaints
}

fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &["rs"], &mut files);
    files
}

fn report(complaints: &[Complaint]) -> String {
    complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_folder_of_the_source_is_crowded() {
    let found = crowded_folders(sources().iter().map(|(path, _)| path.as_str()));
    assert!(found.is_empty(), "\n{}", report(&found));
}

#[test]
fn documents_name_only_paths_and_functions_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let functions: Vec<_> = sources().iter().flat_map(|(_, text)| functions_of(text)).collect();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let found = dead_names(document, &text, |path| root.join(path).exists(), &functions);
        assert!(found.is_empty(), "\n{}", report(&found));
    }
}

fn functions_of(text: &str) -> Vec<String> {
    let words = words_of(text);
    words.windows(2).filter(|pair| pair[0].1 == "fn").map(|pair| pair[1].1.clone()).collect()
}

#[test]
fn a_crowded_folder_is_reported() {
    let paths = |count: usize| (0..count).map(|at| format!("src/a/f{at}.rs")).collect::<Vec<_>>();
    let found = |count| crowded_folders(paths(count).iter().map(String::as_str)).len();
    assert_eq!((found(FOLDER_ENTRIES_MAX), found(FOLDER_ENTRIES_MAX + 1)), (0, 1));
}

#[test]
fn a_path_or_function_that_does_not_exist_is_reported() {
    let text = "See `src/a.rs` and `run()`.\n`src/b.rs`, `stop()`, `GET /b` and `/c/d` are not here.\n";
    let found = dead_names("README.md", text, |path| path == "src/a.rs", &["run".to_owned()]);
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["README.md:2: `src/b.rs` does not exist", "README.md:2: no function `stop` in src"]);
}
