//! A proxy between a server and its database that breaks chosen connections at a commit.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
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
    /// It reaches the database; then every connection is closed, and none is accepted before [`Proxy::heal`].
    Gone,
    /// Nothing passes any more, and nothing is closed.
    Stall,
}

pub struct Proxy {
    pub port: u16,
    next: Arc<Mutex<Fault>>,
    links: Arc<Links>,
}

/// The connections.
#[derive(Default)]
struct Links {
    is_gone: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
}

impl Links {
    fn cut(&self) {
        self.is_gone.store(true, Ordering::SeqCst);
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Proxy {
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port_here = listener.local_addr().unwrap().port();
        let proxy = Self { port: port_here, next: Arc::new(Mutex::new(Fault::None)), links: Arc::default() };
        let (next, links) = (Arc::clone(&proxy.next), Arc::clone(&proxy.links));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if links.is_gone.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { continue };
                links.streams.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                pass(client, server, &next, &links);
            }
        });
        proxy
    }

    /// Accepts connections again.
    pub fn heal(&self) {
        self.links.is_gone.store(false, Ordering::SeqCst);
    }

    pub fn arm(&self, fault: Fault) {
        *self.next.lock().unwrap() = fault;
    }

    pub fn is_armed(&self) -> bool {
        *self.next.lock().unwrap() != Fault::None
    }
}

fn pass(client: TcpStream, server: TcpStream, next: &Arc<Mutex<Fault>>, links: &Arc<Links>) {
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
                Fault::None | Fault::CutAnswer | Fault::Gone => to_server.write_all(&buffer[..count]).is_err(),
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
    let links = Arc::clone(links);
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from_server.read(&mut buffer) {
            let fault = *struck.lock().unwrap();
            if fault == Fault::Gone {
                links.cut();
            }
            let stop = match fault {
                Fault::None => to_client.write_all(&buffer[..count]).is_err(),
                Fault::CutBefore | Fault::CutAnswer | Fault::Gone => true,
                Fault::Stall => continue,
            };
            if stop {
                break;
            }
        }
        let _ = (from_server.shutdown(Shutdown::Both), to_client.shutdown(Shutdown::Both));
    });
}
