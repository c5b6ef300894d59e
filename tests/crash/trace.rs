//! Traces a process with strace, and parses its system calls in order.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::server::{end, wait_for, wait_until};

/// strace on a process. Dropped, it is killed.
pub struct Strace {
    child: Child,
    lines: PathBuf,
}

impl Strace {
    /// Watches calls, and the first bytes of what they carry. None if it may not.
    pub fn attach(folder: &Path, process: u32, watched: &str, bytes: usize) -> Option<Self> {
        let (lines, said) = (folder.join("trace"), folder.join("strace"));
        let mut command = Self::command(&lines, watched, bytes);
        command.args(["-p", &process.to_string()]).stdin(Stdio::null());
        let child = command.stderr(fs::File::create(&said).unwrap()).spawn().unwrap();
        let mut strace = Self { child, lines };
        let mut ended = false;
        wait_until("strace is there", || {
            ended = strace.child.try_wait().unwrap().is_some();
            ended || fs::read_to_string(&said).unwrap().contains("attached")
        });
        if ended {
            println!("{}", fs::read_to_string(said).unwrap());
        }
        (!ended).then_some(strace)
    }

    /// What is to be completed by a process to watch, or by a program to run.
    pub fn command(lines: &Path, watched: &str, bytes: usize) -> Command {
        let mut command = Command::new("strace");
        command.args(["-f", "-ttt", "-y", "-s", &bytes.to_string(), "-e", watched, "-o"]).arg(lines);
        command
    }

    /// What it saw, once its process has ended.
    pub fn calls(mut self) -> Vec<Call> {
        wait_for(&mut self.child);
        read(&fs::read_to_string(&self.lines).unwrap())
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

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
    /// What it returned, where that is a number.
    pub result: Option<i64>,
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
                (call.ended, call.result) = (Some(line), result_of(what));
                call.failed = call.result.is_some_and(|result| result < 0);
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
            failed: result_of(what).is_some_and(|result| result < 0),
            result: result_of(what),
        });
    }
    calls
}

/// `... ) = 12</srv/data/store/db>` returned 12.
fn result_of(what: &str) -> Option<i64> {
    let (_, result) = what.rsplit_once(") = ").or_else(|| what.rsplit_once(")  = "))?;
    let end = result.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(result.len());
    result[..end].parse().ok()
}

/// The quoted texts of a call, as bytes.
pub fn texts(arguments: &str) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    let mut rest = arguments.bytes().peekable();
    while rest.by_ref().any(|byte| byte == b'"') {
        let mut text = Vec::new();
        while let Some(byte) = rest.next().filter(|byte| *byte != b'"') {
            if byte != b'\\' {
                text.push(byte);
                continue;
            }
            text.push(match rest.next().unwrap() {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'v' => 11,
                b'f' => 12,
                first @ b'0'..=b'7' => {
                    let mut octal = u32::from(first - b'0');
                    for _ in 0..2 {
                        let Some(digit) = rest.next_if(|byte| (b'0'..=b'7').contains(byte)) else { break };
                        octal = octal * 8 + u32::from(digit - b'0');
                    }
                    u8::try_from(octal).unwrap()
                }
                other => other,
            });
        }
        texts.push(text);
    }
    texts
}

/// `12</srv/data/store/db>, ...` is open on `/srv/data/store/db`, `9<socket:[4711]>, ...` on `socket:[4711]`.
fn open_on(arguments: &str) -> String {
    let inside = arguments.split_once('<').map_or("", |(_, rest)| rest);
    let end = inside.find(">,").or_else(|| inside.find(">)")).or_else(|| inside.find("> <")).unwrap_or(inside.len());
    inside[..end].to_owned()
}
