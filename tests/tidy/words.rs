//! Words that were removed from the source because only its authors knew what they meant.

use std::path::Path;

use super::{Complaint, source::collect};

/// Words, in lower case, that code, comments, style, scripts, tests and documents do not contain. A name in snake or camel case is
/// split into its words.
const REMOVED: [&str; 28] = [
    "whoever",
    "whomever",
    "whom",
    "somebody",
    "anybody",
    "nobody",
    "everybody",
    "shelf",
    "deed",
    "deeds",
    "crier",
    "wound",
    "doors",
    "courier",
    "parcel",
    "rehearsal",
    "rehearse",
    "rehearsed",
    "mend",
    "mended",
    "mends",
    "mending",
    "entrance",
    "patience",
    "crowded",
    "genuine",
    "narrowed",
    "narrowing",
];

/// Each removed word in a text, with its line.
pub fn removed_words(path: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for word in words_in(line).into_iter().filter(|word| REMOVED.contains(&word.as_str())) {
            let rule = format!("`{word}` was removed: use the standard term");
            complaints.push(Complaint { path: path.to_owned(), line: index + 1, rule });
        }
    }
    complaints
}

/// The words of a line in lower case: `RehearsalOf_nobody's` has rehearsal, of, nobody and s.
fn words_in(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for sign in line.chars() {
        let starts = !sign.is_alphabetic() || (sign.is_uppercase() && after_lower);
        after_lower = sign.is_lowercase();
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| sign.is_alphabetic()) {
            word.extend(sign.to_lowercase());
        }
    }
    words
}

#[test]
fn removed_words_stay_removed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    // Fixtures contain texts as earlier versions stored them.
    collect(&root.join("src"), &["rs"], &mut files);
    collect(&root.join("assets"), &["css", "js", "svg"], &mut files);
    collect(&root.join("tests"), &["rs"], &mut files);
    collect(&root.join("docs"), &["md"], &mut files);
    files.push(("CHANGELOG.md".to_owned(), std::fs::read_to_string(root.join("CHANGELOG.md")).unwrap()));
    let found: Vec<_> = files
        .iter()
        .filter(|(path, _)| !path.starts_with("assets/vendor/") && !path.starts_with("tests/tidy"))
        .filter(|(path, _)| !path.ends_with("fixtures.rs"))
        .flat_map(|(path, text)| removed_words(path, text))
        .map(|complaint| complaint.to_string())
        .collect();
    assert!(found.is_empty(), "{} found\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_removed_word_is_reported_in_text_and_in_names() {
    for word in REMOVED {
        let camel = format!("{}{}", word[..1].to_uppercase(), &word[1..]);
        let upper = word.to_uppercase();
        for bad in
            [format!("// Here {word} stands."), format!("fn is_{word}_here()"), format!("struct Of{camel}In;"), upper]
        {
            assert_eq!(removed_words("src/a.rs", &bad).len(), 1, "{bad}");
        }
        assert!(removed_words("src/a.rs", &format!("x{word}x")).is_empty(), "part of another word: {word}");
    }
}
