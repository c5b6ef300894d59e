//! A proxy between a server and its database that breaks chosen connections at a commit.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What happens to the next commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// It does not reach the database, and the connection is closed.
    CutBefore,
    /// It reaches the database; the connection is closed in place of the answer.
    CutAnswer,
    /// Nothing passes any more, and nothing is closed.
    Stall,
}

pub struct Proxy {
    pub port: u16,
    next: Arc<Mutex<Fault>>,
}

impl Proxy {
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), next: Arc::new(Mutex::new(Fault::None)) };
        let next = Arc::clone(&proxy.next);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { continue };
                pass(client, server, &next);
            }
        });
        proxy
    }

    pub fn arm(&self, fault: Fault) {
        *self.next.lock().unwrap() = fault;
    }

    pub fn is_armed(&self) -> bool {
        *self.next.lock().unwrap() != Fault::None
    }
}

fn pass(client: TcpStream, server: TcpStream, next: &Arc<Mutex<Fault>>) {
    let struck = Arc::new(Mutex::new(Fault::None));
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (next, fault) = (Arc::clone(next), Arc::clone(&struck));
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from_client.read(&mut buffer) {
            if buffer[..count].windows(7).any(|bytes| bytes == b"COMMIT\0") {
                *fault.lock().unwrap() = std::mem::replace(&mut *next.lock().unwrap(), Fault::None);
            }
            let stop = match *fault.lock().unwrap() {
                Fault::None | Fault::CutAnswer => to_server.write_all(&buffer[..count]).is_err(),
                Fault::CutBefore => true,
                Fault::Stall => continue,
            };
            if stop {
                break;
            }
        }
        let _ = (from_client.shutdown(Shutdown::Both), to_server.shutdown(Shutdown::Both));
    });
    let (mut from_server, mut to_client) = (server, client);
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from_server.read(&mut buffer) {
            let stop = match *struck.lock().unwrap() {
                Fault::None => to_client.write_all(&buffer[..count]).is_err(),
                Fault::CutBefore | Fault::CutAnswer => true,
                Fault::Stall => continue,
            };
            if stop {
                break;
            }
        }
        let _ = (from_server.shutdown(Shutdown::Both), to_client.shutdown(Shutdown::Both));
    });
}
