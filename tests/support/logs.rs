//! Captures log lines, and finds those of one request by its id.

use std::{
    io,
    sync::{Mutex, Once},
};

use serde_json::Value;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Sink;

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts to capture every log line of the process.
pub fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        tracing_subscriber::fmt().json().with_env_filter("tandem=info").with_writer(|| Sink).init();
    });
}

/// The lines of a request, as they were written.
pub fn lines_of(request_id: &str) -> Vec<String> {
    let lines = String::from_utf8(LINES.lock().unwrap().clone()).unwrap();
    lines.lines().filter(|line| line.contains(request_id)).map(str::to_owned).collect()
}

/// The lines of a request at a level (`"WARN"`), as their fields.
pub fn of_request(request_id: &str, level: &str) -> Vec<Value> {
    let lines = String::from_utf8(LINES.lock().unwrap().clone()).unwrap();
    let parsed = lines
        .lines()
        .filter(|line| line.contains(request_id))
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    parsed
        .filter(|line| line["level"] == level && line["span"]["request_id"] == request_id)
        .map(|line| line["fields"].clone())
        .collect()
}

/// Ids of the warnings that a request logged.
pub fn warnings(request_id: &str) -> Vec<String> {
    of_request(request_id, "WARN").iter().map(|line| line["warning"].as_str().unwrap().to_owned()).collect()
}
