//! Connections that send no whole request in time are ended.
//!
//! Rocket 0.5 waits for the head of a request as long as its sender likes, has no setting for it, and shows a connection
//! to nobody before its request is whole. So this file asks the kernel: a duplicate of each of our own sockets tells
//! whose it is, and can end it. Rule of this file: a connection whose request is being answered is never touched.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io,
    net::{Shutdown, SocketAddr, TcpStream},
    os::fd::OwnedFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rocket::{
    Shutdown as ServerShutdown,
    fairing::{AdHoc, Fairing},
    tokio::{self, task::spawn_blocking, time::sleep},
};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use tracing::{debug, error, info, warn};

/// Sweeps in the time that a connection may be quiet.
const SWEEPS: u32 = 4;
/// Descriptors kept back, so that there are some to sweep with when connections hold all others.
const SPARE: usize = 4;

/// Who is connected, by the address of the other end.
#[derive(Debug, Default)]
struct Connections(Mutex<HashMap<SocketAddr, Connection>>);

/// A request is being answered, or none has been since then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connection {
    Answering,
    Quiet(Instant),
}

impl Connections {
    fn all(&self) -> MutexGuard<'_, HashMap<SocketAddr, Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, peer: SocketAddr, connection: Connection) {
        self.all().insert(peer, connection);
    }

    /// Whether a connection has been quiet for so long. One that is seen for the first time begins to count.
    fn is_quiet(&self, peer: SocketAddr, longest: Duration, now: Instant) -> bool {
        match self.all().entry(peer).or_insert(Connection::Quiet(now)) {
            Connection::Answering => false,
            Connection::Quiet(since) => now.duration_since(*since) >= longest,
        }
    }

    /// Forgets those that are not open any more.
    fn keep(&self, open: &HashSet<SocketAddr>) {
        self.all().retain(|peer, connection| *connection == Connection::Answering || open.contains(peer));
    }
}

/// A request of a connection, for as long as it is being answered: to the last byte of the answer.
struct Answering {
    connections: Arc<Connections>,
    peer: SocketAddr,
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.connections.set(self.peer, Connection::Quiet(Instant::now()));
    }
}

/// Ends connections that are quiet for longer than `longest`.
pub fn stage(longest: Duration) -> impl Fairing {
    AdHoc::on_ignite("quiet connections", move |rocket| async move {
        let connections = Arc::new(Connections::default());
        let swept = Arc::clone(&connections);
        rocket
            .attach(AdHoc::on_request("note who is answered", move |request, _| {
                if let Some(peer) = request.remote() {
                    connections.set(peer, Connection::Answering);
                    // The cache of a request goes with the request, once its answer is sent.
                    request.local_cache(|| Some(Answering { connections: Arc::clone(&connections), peer }));
                }
                Box::pin(async {})
            }))
            .attach(AdHoc::on_liftoff("end quiet connections", move |rocket| {
                begin(swept, rocket.config().port, longest, rocket.shutdown());
                Box::pin(async {})
            }))
    })
}

/// Sweeps until the server ends. What that takes is got before anybody can connect.
fn begin(connections: Arc<Connections>, port: u16, longest: Duration, shutdown: ServerShutdown) {
    let sweeper = match Sweeper::new(port) {
        Ok(sweeper) => sweeper,
        Err(error) => {
            warn!(%error, "connections that send no whole request cannot be ended here: put a proxy before this server");
            return;
        }
    };
    tokio::spawn(async move {
        tokio::select! {
            () = sweep_on(sweeper, connections, longest) => {}
            () = shutdown => {}
        }
    });
}

async fn sweep_on(mut sweeper: Sweeper, connections: Arc<Connections>, longest: Duration) {
    loop {
        sleep(longest / SWEEPS).await;
        let known = Arc::clone(&connections);
        let swept = spawn_blocking(move || {
            let ended = sweeper.sweep(&known, longest);
            (sweeper, ended)
        });
        let Ok((back, ended)) = swept.await else { return };
        sweeper = back;
        match ended {
            Ok(0) => {}
            Ok(ended) => info!(ended, "connections that sent no whole request in time were ended"),
            Err(error) => error!(%error, "connections that send no whole request could not be looked for"),
        }
    }
}

/// Finds our own connections.
struct Sweeper {
    process: OwnedFd,
    port: u16,
    spare: Vec<File>,
}

impl Sweeper {
    fn new(port: u16) -> io::Result<Self> {
        let process = pidfd_open(getpid(), PidfdFlags::empty())?;
        let mut sweeper = Self { process, port, spare: Vec::new() };
        sweeper.keep_spare();
        // Where the kernel refuses this, it does so from the beginning.
        for descriptor in sockets()? {
            sweeper.duplicate(descriptor)?;
        }
        Ok(sweeper)
    }

    fn keep_spare(&mut self) {
        let wanted = SPARE.saturating_sub(self.spare.len());
        self.spare.extend((0..wanted).filter_map(|_| File::open("/dev/null").ok()));
    }

    fn duplicate(&self, descriptor: i32) -> io::Result<TcpStream> {
        let duplicate = pidfd_getfd(&self.process, descriptor, PidfdGetfdFlags::empty())?;
        Ok(TcpStream::from(duplicate))
    }

    /// Ends every connection that is quiet for so long, and counts them.
    fn sweep(&mut self, connections: &Connections, longest: Duration) -> io::Result<usize> {
        self.spare.clear();
        let ended = self.sweep_all(connections, longest);
        self.keep_spare();
        ended
    }

    fn sweep_all(&self, connections: &Connections, longest: Duration) -> io::Result<usize> {
        let (mut open, mut ended, now) = (HashSet::new(), 0, Instant::now());
        for descriptor in sockets()? {
            // It may be closed by now, or be the socket that listens, or one of ours to somebody else.
            let Ok(stream) = self.duplicate(descriptor) else { continue };
            let (Ok(own), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) else { continue };
            if own.port() != self.port {
                continue;
            }
            open.insert(peer);
            if connections.is_quiet(peer, longest, now) {
                match stream.shutdown(Shutdown::Both) {
                    Ok(()) => ended += 1,
                    Err(error) => debug!(%error, "a quiet connection had ended already"),
                }
            }
        }
        connections.keep(&open);
        Ok(ended)
    }
}

/// The descriptors of this process that are sockets.
fn sockets() -> io::Result<Vec<i32>> {
    let is_socket = |path| fs::read_link(path).is_ok_and(|target| target.to_string_lossy().starts_with("socket:"));
    let entries: Vec<_> = fs::read_dir("/proc/self/fd")?.collect::<Result<_, _>>()?;
    let sockets = entries.into_iter().filter(|entry| is_socket(entry.path()));
    Ok(sockets.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_secs(75);

    fn peer(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    #[test]
    fn a_connection_is_quiet_from_when_it_is_first_seen_or_last_answered() {
        let (connections, start) = (Connections::default(), Instant::now());
        let nearly = Duration::from_secs(74);

        assert!(!connections.is_quiet(peer(1), LONGEST, start));
        assert!(!connections.is_quiet(peer(1), LONGEST, start + nearly));
        assert!(connections.is_quiet(peer(1), LONGEST, start + LONGEST));
        connections.set(peer(1), Connection::Answering);
        assert!(!connections.is_quiet(peer(1), LONGEST, start + LONGEST * 9));
        connections.set(peer(1), Connection::Quiet(start + LONGEST * 9));
        assert!(!connections.is_quiet(peer(1), LONGEST, start + LONGEST * 9 + nearly));
        assert!(connections.is_quiet(peer(1), LONGEST, start + LONGEST * 10));
    }

    #[test]
    fn only_open_connections_and_those_being_answered_are_remembered() {
        let (connections, now) = (Connections::default(), Instant::now());
        for port in 1..=3 {
            connections.set(peer(port), Connection::Quiet(now));
        }
        connections.set(peer(3), Connection::Answering);

        connections.keep(&HashSet::from([peer(1)]));

        let mut known: Vec<_> = connections.all().keys().copied().collect();
        known.sort_unstable();
        assert_eq!(known, [peer(1), peer(3)]);
    }
}
