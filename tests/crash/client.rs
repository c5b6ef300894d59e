//! An HTTP client that calls the server and reads its pages.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use ureq::Agent;

use crate::server::Server;

/// How long a call may take, in seconds.
const CALL_S: u64 = 30;
/// The months that hold everything: the made-up one, and what is due around it.
const MONTHS: [u32; 3] = [9, 10, 11];

/// One connection.
pub struct Client {
    agent: Agent,
    address: String,
}

/// What a call answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// An event as a call shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: u64,
    pub core: bool,
    /// Store and event number: what the two of a pair have in common.
    pub number: Option<(String, String)>,
    pub state: State,
}

/// What changes about an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub revision: u64,
    pub start: Option<String>,
    pub employee: Option<String>,
}

/// A CORE and its Supervisor event.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub core: u64,
    pub supervisor: u64,
}

pub type Events = BTreeMap<u64, Event>;

impl Client {
    pub fn of(server: &Server) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent = config.timeout_global(Some(Duration::from_secs(CALL_S))).build().new_agent();
        Self { agent, address: server.address.clone() }
    }

    pub fn several(server: &Server, count: usize) -> Vec<Self> {
        (0..count).map(|_| Self::of(server)).collect()
    }

    /// A change. None if no complete response arrived, so that the result is unknown.
    pub fn post(&self, path: &str, body: &Value) -> Option<Answer> {
        let request = self.agent.post(format!("{}{path}", self.address)).header("Content-Type", "application/json");
        let mut response = request.send(body.to_string()).ok()?;
        let text = response.body_mut().read_to_string().ok()?;
        Some(Answer { status: response.status().as_u16(), body: serde_json::from_str(&text).unwrap_or_default() })
    }

    /// The status after a button of the Integrity page was pressed.
    pub fn press(&self, path: &str) -> u16 {
        self.send(path, &[("csrf".to_owned(), self.token())])
    }

    /// What a form must carry.
    pub fn token(&self) -> String {
        let (_, page) = self.get("/integrity");
        let (_, token) = page.split_once("name=\"csrf\" value=\"").expect("the page has a form");
        token.split_once('"').unwrap().0.to_owned()
    }

    /// The status after a form was sent.
    pub fn send(&self, path: &str, fields: &[(String, String)]) -> u16 {
        let request = self.agent.post(format!("{}{path}", self.address)).config().max_redirects(0).build();
        let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        request.send_form(fields).unwrap().status().as_u16()
    }

    /// The id of an event's assignment.
    pub fn schedule_of(&self, event: u64) -> u64 {
        let (status, text) = self.get(&format!("/api/events/{event}"));
        assert_eq!(status, 200, "{text}");
        let body: Value = serde_json::from_str(&text).unwrap();
        body["schedule_id"].as_u64().or(body["event"]["schedule_id"].as_u64()).unwrap()
    }

    /// The status and the text at an address.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut response = self.agent.get(format!("{}{path}", self.address)).call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    }

    /// Every event as it is now.
    pub fn events(&self) -> Events {
        let mut events = Events::new();
        for month in MONTHS {
            let (status, text) = self.get(&format!("/api/calendar/2025/{month}"));
            assert_eq!(status, 200, "{text}");
            let body: Value = serde_json::from_str(&text).unwrap();
            for listed in ["events", "unscheduled"] {
                let days = body[listed].as_object().unwrap().values();
                events
                    .extend(days.flat_map(|day| day.as_array().unwrap()).map(Event::of).map(|event| (event.id, event)));
            }
        }
        events
    }
}

impl Event {
    fn of(body: &Value) -> Self {
        let number = text(&body["store_number"]).zip(text(&body["event_number"]));
        let id = body["event_id"].as_u64().unwrap();
        Self { id, core: body["event_type"] == "core", number, state: State::of(body).unwrap() }
    }
}

impl State {
    /// None if the body is not about one event.
    pub fn of(body: &Value) -> Option<Self> {
        let revision = body["revision"].as_u64()?;
        Some(Self { revision, start: text(&body["start_datetime"]), employee: text(&body["employee_id"]) })
    }

    pub fn date(&self) -> Option<&str> {
        self.start.as_deref()?.split('T').next()
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The pairs whose two events are both scheduled.
pub fn scheduled_pairs(events: &Events) -> Vec<Pair> {
    let scheduled = |event: &&Event| event.state.start.is_some() && event.number.is_some();
    let scheduled: Vec<&Event> = events.values().filter(scheduled).collect();
    let supervisors: BTreeMap<_, _> =
        scheduled.iter().filter(|event| !event.core).map(|event| (&event.number, event.id)).collect();
    let cores = scheduled.iter().filter(|event| event.core);
    cores.filter_map(|core| Some(Pair { core: core.id, supervisor: *supervisors.get(&core.number)? })).collect()
}
