//! Reads source files, and removes comments and strings from their text.

use std::{fs, path::Path};

/// The text with comments, strings and characters blanked out; lines and columns stay.
pub fn bare(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skipped_until(&chars, at).unwrap_or(at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// End of the comment, string or character that begins at `at`. None if none begins there.
fn skipped_until(chars: &[char], at: usize) -> Option<usize> {
    let next = |offset: usize| chars.get(at + offset).copied().unwrap_or('\n');
    let inside_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match (chars[at], next(1)) {
        ('/', '/') => Some(at + chars[at..].iter().take_while(|c| **c != '\n').count()),
        ('/', '*') => Some(block_comment_end(chars, at)),
        ('"', _) => Some(string_end(chars, at + 1)),
        ('b' | 'c', 'r') if !inside_word => raw_string_end(chars, at + 2),
        ('r', '"' | '#') if !inside_word => raw_string_end(chars, at + 1),
        ('\'', '\\') => Some(at + 4 + chars.iter().skip(at + 3).take_while(|c| **c != '\'').count()),
        ('\'', _) if next(2) == '\'' => Some(at + 3),
        _ => None,
    }
    .map(|end| end.min(chars.len()))
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_string_end(chars: &[char], start: usize) -> Option<usize> {
    let hashes = chars[start..].iter().take_while(|c| **c == '#').count();
    let open = start + hashes;
    (chars.get(open) == Some(&'"')).then(|| {
        let closes = |at: &usize| chars[*at] == '"' && chars[at + 1..].iter().take(hashes).all(|c| *c == '#');
        (open + 1..chars.len()).find(closes).map_or(chars.len(), |at| at + 1 + hashes)
    })
}

/// Names, `::` and single signs, each with the line it stands on.
pub fn words_of(text: &str) -> Vec<(usize, String)> {
    let mut words: Vec<(usize, String)> = Vec::new();
    for (index, line) in bare(text).lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let name = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
            let length = match name {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                name => name,
            };
            words.push((index + 1, rest[..length].to_owned()));
            rest = rest[length..].trim_start();
        }
    }
    words
}

/// Path from the repository root, with slashes, and text of every file below a folder that has one of the extensions.
pub fn collect(folder: &Path, extensions: &[&str], files: &mut Vec<(String, String)>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, extensions, files);
        } else if path.extension().is_some_and(|own| extensions.iter().any(|extension| own == *extension)) {
            let inside = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
            let name = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}
