//! `kill -9` between the transaction that leaves a letter in the outbox and its delivery, over and over: every letter
//! arrives.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    client::{Client, Pair, scheduled_pairs},
    server::{Place, wait_until},
};

/// When the server is killed, in milliseconds since it said that the check is done.
const KILL_AFTER_MS: u64 = 20;

/// Takes webhooks; while it holds, it takes them and never answers.
#[derive(Clone, Default)]
struct Receiver {
    holds: Arc<AtomicBool>,
    answered: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    fn start(&self) -> u16 {
        let subscriber = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (port, receiver) = (subscriber.local_addr().unwrap().port(), self.clone());
        thread::spawn(move || {
            for stream in subscriber.incoming().map_while(Result::ok) {
                let receiver = receiver.clone();
                // A killed server closes the connection.
                thread::spawn(move || receiver.take(&stream));
            }
        });
        port
    }

    fn take(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line)? > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        if self.holds.load(Ordering::SeqCst) {
            // Until the other side is gone.
            reader.read_exact(&mut [0])?;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")?;
        self.answered.lock().unwrap().push(String::from_utf8(body).unwrap());
        Ok(())
    }

    fn has(&self, link: &str) -> usize {
        self.answered.lock().unwrap().iter().filter(|body| body.contains(link)).count()
    }
}

pub fn run(rounds: u64) {
    let receiver = Receiver::default();
    let port = receiver.start();
    let mut place = Place::with_pairs();
    for (name, value) in [("TANDEM_INTEGRITY_AT", "off"), ("TANDEM_BACKUP_AT", "off")] {
        place.settings.push((name.to_owned(), value.to_owned()));
    }
    place.settings.push(("TANDEM_SLACK_WEBHOOK_URL".to_owned(), format!("http://127.0.0.1:{port}/hook")));
    let mut server = place.serve();
    let pairs = scheduled_pairs(&Client::of(&server).events());
    let (mut twice, began) = (0, Instant::now());
    for round in 0..rounds {
        let Pair { core, supervisor } = pairs[usize::try_from(round).unwrap() % pairs.len()];
        let link = format!("/integrity/date-mismatch/{supervisor}|");
        let before = receiver.has(&link);
        receiver.holds.store(true, Ordering::SeqCst);
        let client = Client::of(&server);
        part(&client, core, supervisor);
        assert!((200..400).contains(&client.press("/integrity/run")));
        thread::sleep(Duration::from_millis(fastrand::u64(..KILL_AFTER_MS)));
        server.kill();
        assert_eq!(receiver.has(&link), before, "round {round}: delivered before the kill");

        receiver.holds.store(false, Ordering::SeqCst);
        server = place.serve();
        wait_until("the letter arrives", || receiver.has(&link) > before);
        twice += usize::from(receiver.has(&link) > before + 1);
        let client = Client::of(&server);
        join(&client, core);
        client.press("/integrity/run");
    }
    println!(
        "alerts: {rounds} kills between commit and delivery in {} s, {rounds} letters delivered, {twice} more than once",
        began.elapsed().as_secs()
    );
    assert!(!server.log().contains("panicked"));
}

/// Moves a Supervisor off its CORE's date.
fn part(client: &Client, core: u64, supervisor: u64) {
    let events = client.events();
    let date = events[&core].state.date().unwrap().to_owned();
    let other = if date.ends_with("-15") { "2025-10-16" } else { "2025-10-15" };
    let id = client.schedule_of(supervisor);
    let body = json!({"schedule_id": id, "new_date": other, "confirm_other_date": true, "override_reason": "trial"});
    assert_eq!(client.post("/api/reschedule_event", &body).unwrap().status, 200);
}

/// Moves a CORE, and its Supervisor with it.
fn join(client: &Client, core: u64) {
    let id = client.schedule_of(core);
    let body = json!({"schedule_id": id, "new_date": client.events()[&core].state.date(), "override_reason": "trial"});
    assert_eq!(client.post("/api/reschedule_event", &body).unwrap().status, 200);
}
