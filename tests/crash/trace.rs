//! What strace wrote down: calls to the kernel in the order in which they began and ended.

use std::collections::HashMap;

/// A call. `began` and `ended` are lines of the trace, so that they say what came before what.
#[derive(Debug)]
pub struct Call {
    pub name: String,
    /// What its first argument is open on: a path, or a socket.
    pub on: String,
    pub arguments: String,
    pub began: usize,
    pub ended: Option<usize>,
    pub failed: bool,
}

impl Call {
    /// The beginning of an answer.
    pub fn is_answer(&self) -> bool {
        self.arguments.contains("\"HTTP/1.1 ")
    }

    pub fn is_on(&self, file: &str) -> bool {
        self.on.ends_with(file)
    }
}

/// Reads what `strace -f -ttt -y` wrote.
pub fn read(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut unfinished: HashMap<&str, usize> = HashMap::new();
    for (line, content) in text.lines().enumerate() {
        // Short thread numbers are padded.
        let Some((thread, rest)) = content.split_once(' ') else { continue };
        let Some((_time, what)) = rest.trim_start().split_once(' ') else { continue };
        let what = what.trim();
        if what.starts_with("<... ") {
            if let Some(call) = unfinished.remove(thread).map(|at| &mut calls[at]) {
                (call.ended, call.failed) = (Some(line), what.contains("= -1"));
            }
            continue;
        }
        let Some((name, arguments)) = what.split_once('(') else { continue };
        let is_open = what.ends_with("<unfinished ...>");
        if is_open {
            unfinished.insert(thread, calls.len());
        }
        calls.push(Call {
            name: name.to_owned(),
            on: open_on(arguments),
            arguments: arguments.to_owned(),
            began: line,
            ended: (!is_open).then_some(line),
            failed: what.contains(") = -1"),
        });
    }
    calls
}

/// `12</srv/data/store/db>, ...` is open on `/srv/data/store/db`, `9<socket:[4711]>, ...` on `socket:[4711]`.
fn open_on(arguments: &str) -> String {
    let inside = arguments.split_once('<').map_or("", |(_, rest)| rest);
    let end = inside.find(">,").or_else(|| inside.find(">)")).or_else(|| inside.find("> <")).unwrap_or(inside.len());
    inside[..end].to_owned()
}
