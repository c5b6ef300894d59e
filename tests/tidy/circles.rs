//! Modules of different folders do not import each other in a circle.
//!
//! Within one folder, a file and a subfolder with everything below it are neighbors. No circle of neighbors may contain
//! a subfolder. Two things are allowed: plain files of one folder may import each other, and the modules of a folder may
//! import its `mod.rs`, which declares them. An item that `mod.rs` exports for a module counts as an import of that
//! module. Unit tests may import anything.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
};

use super::{
    Complaint,
    source::{bare, collect, words_of},
};

/// The names of a module from the crate root: `store`, `engine`, `data_dir`.
type Module = Vec<String>;
/// The imports between neighbors of a folder, each with a line that has it.
type Edges = BTreeMap<(String, String), String>;

/// The modules, and what they import.
struct Sources {
    /// Each module with its file.
    files: BTreeMap<Module, String>,
    /// Each path that a module names, with its line.
    uses: BTreeMap<Module, Vec<(usize, Module)>>,
    /// The names that a module exports for others.
    exports: BTreeMap<Module, BTreeMap<String, Module>>,
}

/// Words of a file without its unit tests.
fn words_without_tests(text: &str) -> Vec<(usize, String)> {
    let bare = bare(text);
    let end = bare.match_indices("#[cfg(test)]").find(|(at, mark)| {
        let rest: String = bare[at + mark.len()..].chars().take_while(|c| *c != ';' && *c != '{').collect();
        rest.trim_start().starts_with("mod ") && bare[at + mark.len() + rest.len()..].starts_with('{')
    });
    words_of(&bare[..end.map_or(bare.len(), |(at, _)| at)])
}

fn module_of(path: &str) -> Module {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inside.split('/').map(ToOwned::to_owned).collect()
}

/// The paths of a use tree that begins at `at`, and where it ends.
fn tree(words: &[(usize, String)], mut at: usize) -> (Vec<(usize, Module)>, usize) {
    let word = |at: usize| words.get(at).map_or("", |(_, word)| word.as_str());
    let mut prefix: Module = Vec::new();
    loop {
        if word(at) == "{" {
            let mut paths = Vec::new();
            at += 1;
            while !matches!(word(at), "}" | "") {
                let (inner, end) = tree(words, at);
                paths.extend(inner.into_iter().map(|(line, path)| (line, [prefix.clone(), path].concat())));
                at = end.max(at + 1);
                at += usize::from(word(at) == ",");
            }
            return (paths, at + 1);
        }
        let line = words.get(at).map_or(0, |(line, _)| *line);
        if word(at).is_empty() || !word(at).starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '*') {
            return (Vec::new(), at);
        }
        prefix.push(word(at).to_owned());
        at += 1;
        if word(at) != "::" {
            at += if word(at) == "as" { 2 } else { 0 };
            return (vec![(line, prefix)], at);
        }
        at += 1;
    }
}

impl Sources {
    fn read(files: &[(String, String)]) -> Self {
        let mut sources = Self { files: BTreeMap::new(), uses: BTreeMap::new(), exports: BTreeMap::new() };
        for (path, text) in
            files.iter().filter(|(path, _)| !path.ends_with("tests.rs") && !path.ends_with("fixtures.rs"))
        {
            sources.files.insert(module_of(path), path.clone());
            sources.add(path, &words_without_tests(text));
        }
        sources
    }

    fn add(&mut self, path: &str, words: &[(usize, String)]) {
        let module = module_of(path);
        let word = |at: usize| words.get(at).map_or("", |(_, word)| word.as_str());
        let mut at = 0;
        while at < words.len() {
            let starts = matches!(word(at), "crate" | "super" | "self") && word(at + 1) == "::";
            if !starts || at > 0 && word(at - 1) == "::" {
                at += 1;
                continue;
            }
            let exported = at > 1 && word(at - 1) == "use" && matches!(word(at - 2), "pub" | ")");
            let mut base = if word(at) == "crate" { Vec::new() } else { module.clone() };
            while matches!(word(at), "crate" | "super" | "self") && word(at + 1) == "::" {
                if word(at) == "super" {
                    base.pop();
                }
                at += 2;
            }
            let (paths, end) = tree(words, at);
            for (line, path) in paths {
                let whole = [base.clone(), path].concat();
                if let Some(name) = whole.last().filter(|_| exported) {
                    self.exports.entry(module.clone()).or_default().insert(name.clone(), whole.clone());
                }
                self.uses.entry(module.clone()).or_default().push((line, whole));
            }
            at = end.max(at + 1);
        }
    }

    /// The module that a path names, or that has the item that it names.
    fn resolve(&self, path: &[String]) -> Option<&Module> {
        let found =
            (1..=path.len()).rev().find_map(|end| self.files.get_key_value(&path[..end]).map(|(own, _)| own))?;
        let name = path.get(found.len());
        let exported = name.and_then(|name| self.exports.get(found)?.get(name));
        exported.filter(|exported| *exported != path).map_or(Some(found), |exported| self.resolve(exported))
    }

    /// The imports between the neighbors of each folder.
    fn by_folder(&self) -> BTreeMap<Module, Edges> {
        let mut folders: BTreeMap<Module, Edges> = BTreeMap::new();
        for (from, paths) in &self.uses {
            for (line, path) in paths {
                let Some(to) = self.resolve(path) else { continue };
                let shared = from.iter().zip(to).take_while(|(from, to)| from == to).count();
                if shared < from.len().min(to.len()) {
                    let example = format!("{}:{line}", self.files[from]);
                    let edges = folders.entry(from[..shared].to_vec()).or_default();
                    edges.entry((from[shared].clone(), to[shared].clone())).or_insert(example);
                }
            }
        }
        folders
    }

    fn is_folder(&self, module: &[String]) -> bool {
        self.files.iter().any(|(own, file)| own.starts_with(module) && (own != module || file.ends_with("/mod.rs")))
    }
}

/// The shortest way from a name back to itself.
fn circle(start: &str, edges: &Edges) -> Option<Vec<String>> {
    let (mut ways, mut seen) = (VecDeque::from([vec![start.to_owned()]]), BTreeSet::new());
    while let Some(way) = ways.pop_front() {
        let last = &way[way.len() - 1];
        for (_, to) in edges.keys().filter(|(from, _)| from == last) {
            if to == start {
                return Some(way);
            }
            if seen.insert(to.clone()) {
                ways.push_back([way.clone(), vec![to.clone()]].concat());
            }
        }
    }
    None
}

/// Each folder whose neighbors import each other in a circle.
pub fn circles(files: &[(String, String)]) -> Vec<Complaint> {
    let sources = Sources::read(files);
    let mut complaints = Vec::new();
    for (folder, edges) in sources.by_folder() {
        let mut reported = BTreeSet::new();
        let names: BTreeSet<_> = edges.keys().map(|(from, _)| from.clone()).collect();
        for name in names.iter().filter(|name| sources.is_folder(&[folder.clone(), vec![(*name).clone()]].concat())) {
            let Some(way) = circle(name, &edges) else { continue };
            if reported.insert(way.iter().cloned().collect::<BTreeSet<_>>()) {
                let next = way.iter().cycle().skip(1);
                let steps = way
                    .iter()
                    .zip(next)
                    .map(|(from, to)| format!("{from} imports {to} ({})", edges[&(from.clone(), to.clone())]));
                let rule = format!("import circle: {}", steps.collect::<Vec<_>>().join(", "));
                complaints.push(Complaint { path: format!("src/{}", folder.join("/")), line: 0, rule });
            }
        }
    }
    complaints
}

#[test]
fn folders_do_not_import_each_other_in_a_circle() {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &["rs"], &mut files);
    let found: Vec<_> = circles(&files).iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{} circles\n{}", found.len(), found.join("\n"));
}

/// Complaints about files that are given as path and text.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    circles(&files).iter().map(ToString::to_string).collect()
}

#[test]
fn a_circle_between_folders_is_reported_with_its_lines() {
    let files = [
        ("src/a/x/mod.rs", "//! X.\nuse crate::a::y::one::One;"),
        ("src/a/y/one.rs", "//! One."),
        ("src/a/y/two.rs", "//! Two.\nfn two() -> crate::a::x::X {}"),
    ];
    let expected = "src/a:0: import circle: x imports y (src/a/x/mod.rs:2), y imports x (src/a/y/two.rs:2)";
    assert_eq!(found(&files), [expected]);
}

#[test]
fn every_form_of_import_counts() {
    for back in [
        "use super::x::X;",
        "use crate::a::{x::{X, self}, z};",
        "pub use crate::a::x::X as Y;",
        "fn f() { crate::a::x::f() }",
        "use crate::a::Exported;",
        "#[cfg(test)]\nmod tests;\nuse crate::a::x::X;",
    ] {
        let files = [
            ("src/a/mod.rs", "pub use crate::a::x::Exported;"),
            ("src/a/x/one.rs", "use crate::a::y::Y;"),
            ("src/a/x/mod.rs", "pub struct Exported;"),
            ("src/a/y.rs", back),
        ];
        assert_eq!(found(&files).len(), 1, "{back}");
    }
}

#[test]
fn files_of_one_folder_and_its_root_may_import_each_other() {
    let files = [
        ("src/a/mod.rs", "use crate::a::one::One; pub struct Root;"),
        ("src/a/one.rs", "use crate::a::{two::Two, Root};"),
        ("src/a/two.rs", "use super::one::One;\n#[cfg(test)]\nmod tests { use crate::a::b::B; }"),
        ("src/a/b/mod.rs", "use crate::a::{Root, two::Two};"),
    ];
    assert_eq!(found(&files), [""; 0]);
}
