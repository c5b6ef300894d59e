//! Captures log lines, and finds those of one request by its id.

use std::{
    collections::HashMap,
    io,
    sync::{LazyLock, Mutex, Once},
};

use serde_json::Value;

/// The lines of each request, by its id.
static LINES: LazyLock<Mutex<HashMap<String, Vec<String>>>> = LazyLock::new(Mutex::default);

struct Sink;

impl io::Write for Sink {
    /// The subscriber writes a line at a time.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8(bytes.to_vec()).unwrap();
        let id = line.split("\"request_id\":\"").nth(1).and_then(|rest| rest.split('"').next());
        if let Some(id) = id.map(str::to_owned) {
            LINES.lock().unwrap().entry(id).or_default().push(line);
        }
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
    LINES.lock().unwrap().get(request_id).cloned().unwrap_or_default()
}

/// The lines of a request at a level (`"WARN"`), as their fields.
pub fn of_request(request_id: &str, level: &str) -> Vec<Value> {
    let lines = lines_of(request_id).into_iter().map(|line| serde_json::from_str::<Value>(&line).unwrap());
    lines.filter(|line| line["level"] == level).map(|line| line["fields"].clone()).collect()
}

/// Ids of the warnings that a request logged.
pub fn warnings(request_id: &str) -> Vec<String> {
    of_request(request_id, "WARN").iter().map(|line| line["warning"].as_str().unwrap().to_owned()).collect()
}
