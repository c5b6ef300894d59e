//! Local servers that receive messages, and fail as instructed.
//!
//! Each connection is answered in the order of the script; its last line repeats forever.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// Longer than any client of these tests waits.
const HANG: Duration = Duration::from_secs(4);

/// Messages received so far.
#[derive(Clone, Default)]
pub struct Received(Arc<Mutex<Vec<String>>>);

impl Received {
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn push(&self, one: String) {
        self.0.lock().unwrap().push(one);
    }
}

fn serve<Step: Copy + Send + 'static>(
    script: &[Step],
    answer: impl Fn(TcpStream, Step) + Send + Sync + 'static,
) -> SocketAddr {
    let subscriber = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (address, script, answer) = (subscriber.local_addr().unwrap(), script.to_vec(), Arc::new(answer));
    thread::spawn(move || {
        for (count, stream) in subscriber.incoming().enumerate() {
            let step = script[count.min(script.len() - 1)];
            let answer = Arc::clone(&answer);
            thread::spawn(move || answer(stream.unwrap(), step));
        }
    });
    address
}

/// Behavior of the Slack receiver.
#[derive(Clone, Copy)]
pub enum Http {
    Answer(u16, &'static str),
    RetryAfter(u32),
    /// Answers with this status and an endless text, for as long as it is read.
    Endless(u16),
    Hang,
    Drop,
}

/// Most bytes that an endless answer writes.
pub const ENDLESS_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A webhook receiver: its address, and the received bodies.
pub fn webhook(script: &[Http]) -> (String, Received) {
    let (address, received, _) = webhook_with_heads(script);
    (address, received)
}

/// Same, with the heads of the requests in lower case.
pub fn webhook_with_heads(script: &[Http]) -> (String, Received, Received) {
    let (received, heads) = (Received::default(), Received::default());
    let clones = (received.clone(), heads.clone());
    let address = serve(script, move |stream, step| take_request(stream, step, &clones));
    (format!("http://{address}/services/T0/B0/verysecret"), received, heads)
}

fn take_request(mut stream: TcpStream, step: Http, (received, heads): &(Received, Received)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length, mut head) = (String::new(), 0, String::new());
    while reader.read_line(&mut line).unwrap_or(0) > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line.to_ascii_lowercase());
        line.clear();
    }
    heads.push(head);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    received.push(String::from_utf8(body).unwrap());
    let head = match step {
        Http::Answer(status, body) => format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
        Http::RetryAfter(seconds) => {
            format!("HTTP/1.1 429 x\r\nRetry-After: {seconds}\r\nContent-Length: 0\r\n\r\n")
        }
        Http::Endless(status) => {
            let written = write_on(&mut stream, &format!("HTTP/1.1 {status} x\r\n\r\n"));
            return received.push(written.to_string());
        }
        Http::Hang => return thread::sleep(HANG),
        Http::Drop => return,
    };
    // The client may have disconnected.
    let _ = stream.write_all(head.as_bytes());
}

/// Writes until the client stops reading; returns the number of bytes.
fn write_on(stream: &mut TcpStream, head: &str) -> usize {
    let (piece, mut written) = (vec![b'a'; 64 * 1024], 0);
    let mut is_read = stream.write_all(head.as_bytes()).is_ok();
    while is_read && written < ENDLESS_BYTES_MAX {
        is_read = stream.write_all(&piece).is_ok();
        written += piece.len();
    }
    written
}

/// Behavior of the mail server.
#[derive(Clone, Copy)]
pub enum Smtp {
    Take,
    /// Answers the command with this prefix with this line.
    Say(&'static str, &'static str),
    /// Disconnects at the command with this prefix.
    DropAt(&'static str),
    HangAt(&'static str),
}

/// A mail server: its port, and the received messages, each after its recipients.
pub fn mail_server(script: &[Smtp]) -> (u16, Received) {
    let received = Received::default();
    let clone = received.clone();
    let address = serve(script, move |stream, step| {
        // The client may disconnect at any time.
        let _ = take_mail(stream, step, &clone);
    });
    (address.port(), received)
}

fn take_mail(mut stream: TcpStream, step: Smtp, received: &Received) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    stream.write_all(b"220 test\r\n")?;
    let mut message = String::new();
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        let command = line.trim_end().to_owned();
        line.clear();
        match step {
            Smtp::Say(at, answer) if command.starts_with(at) => {
                stream.write_all(format!("{answer}\r\n").as_bytes())?;
                continue;
            }
            Smtp::DropAt(at) if command.starts_with(at) => return Ok(()),
            Smtp::HangAt(at) if command.starts_with(at) => {
                thread::sleep(HANG);
                return Ok(());
            }
            _ => {}
        }
        let answer = match command.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            "RCPT" => {
                message.push_str(&command);
                message.push('\n');
                "250 ok"
            }
            "DATA" => {
                stream.write_all(b"354 go\r\n")?;
                while reader.read_line(&mut line)? > 0 && line != ".\r\n" {
                    message.push_str(&line);
                    line.clear();
                }
                line.clear();
                received.push(std::mem::take(&mut message));
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}
