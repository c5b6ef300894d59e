//! Connections that send no whole request in time, or do not read their answer, are ended, and so are the longest quiet
//! ones where there are too many.
//!
//! Rocket 0.5 waits for the head of a request as long as its sender likes, has no setting for it, and shows a connection
//! to nobody before its request is whole. So this file asks the kernel: a duplicate of each of our own sockets tells
//! whose it is, and can end it. Rule of this file: a connection whose request is being answered is left alone for as long
//! as anybody may take to read the answer.

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

use crate::config::{self, Patience};

/// Sweeps at least in the time that a connection may be quiet, and the longest time between two.
const SWEEPS: u32 = 4;
const SWEEP_MAX: Duration = Duration::from_secs(1);
/// Descriptors kept back, so that there are some to sweep with when connections hold all others.
const SPARE: usize = 4;

/// Who is connected, by the address of the other end.
#[derive(Debug, Default)]
struct Connections(Mutex<HashMap<SocketAddr, Connection>>);

/// What connections may do.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How long one may send no whole request.
    pub quiet: Duration,
    /// How long an answer may take to be made and read.
    pub answering: Duration,
    /// How many there may be.
    pub most: usize,
}

impl Bounds {
    pub fn of(doors: &config::Doors) -> Self {
        let Patience { quiet, reading, .. } = doors.patience;
        Self { quiet, answering: reading, most: doors.connections_max }
    }

    fn between_sweeps(&self) -> Duration {
        (self.quiet.min(self.answering) / SWEEPS).min(SWEEP_MAX)
    }
}

/// How many of its requests are being answered, and since when it is so. Two are when the next one comes before the one
/// before is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Connection {
    answering: u32,
    since: Instant,
}

impl Connection {
    fn new(now: Instant) -> Self {
        Self { answering: 0, since: now }
    }

    fn is_quiet(self) -> bool {
        self.answering == 0
    }

    fn is_over(self, bounds: &Bounds, now: Instant) -> bool {
        let longest = if self.is_quiet() { bounds.quiet } else { bounds.answering };
        now.duration_since(self.since) >= longest
    }
}

impl Connections {
    fn all(&self) -> MutexGuard<'_, HashMap<SocketAddr, Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asks(&self, peer: SocketAddr, now: Instant) {
        let mut all = self.all();
        let connection = all.entry(peer).or_insert(Connection::new(now));
        *connection = Connection { answering: connection.answering + 1, since: now };
    }

    fn is_answered(&self, peer: SocketAddr, now: Instant) {
        if let Some(connection) = self.all().get_mut(&peer) {
            *connection = Connection { answering: connection.answering.saturating_sub(1), since: now };
        }
    }

    /// What a connection does. One that is seen for the first time begins to be quiet.
    fn get(&self, peer: SocketAddr, now: Instant) -> Connection {
        *self.all().entry(peer).or_insert(Connection::new(now))
    }

    /// Forgets those that are not open any more.
    fn keep(&self, open: &HashSet<SocketAddr>) {
        self.all().retain(|peer, connection| !connection.is_quiet() || open.contains(peer));
    }
}

/// A request of a connection, for as long as it is being answered: to the last byte of the answer.
struct Answering {
    connections: Arc<Connections>,
    peer: SocketAddr,
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.connections.is_answered(self.peer, Instant::now());
    }
}

/// Ends connections that are out of bounds.
pub fn stage(bounds: Bounds) -> impl Fairing {
    AdHoc::on_ignite("quiet connections", move |rocket| async move {
        let connections = Arc::new(Connections::default());
        let swept = Arc::clone(&connections);
        rocket
            .attach(AdHoc::on_request("note who is answered", move |request, _| {
                if let Some(peer) = request.remote() {
                    connections.asks(peer, Instant::now());
                    // The cache of a request goes with the request, once its answer is sent.
                    request.local_cache(|| Some(Answering { connections: Arc::clone(&connections), peer }));
                }
                Box::pin(async {})
            }))
            .attach(AdHoc::on_liftoff("end quiet connections", move |rocket| {
                begin(swept, rocket.config().port, bounds, rocket.shutdown());
                Box::pin(async {})
            }))
    })
}

/// Sweeps until the server ends. What that takes is got before anybody can connect.
fn begin(connections: Arc<Connections>, port: u16, bounds: Bounds, shutdown: ServerShutdown) {
    let sweeper = match Sweeper::new(port) {
        Ok(sweeper) => sweeper,
        Err(error) => {
            warn!(%error, "connections that send no whole request cannot be ended here: put a proxy before this server");
            return;
        }
    };
    tokio::spawn(async move {
        tokio::select! {
            () = sweep_on(sweeper, connections, bounds) => {}
            () = shutdown => {}
        }
    });
}

async fn sweep_on(mut sweeper: Sweeper, connections: Arc<Connections>, bounds: Bounds) {
    loop {
        sleep(bounds.between_sweeps()).await;
        let known = Arc::clone(&connections);
        let swept = spawn_blocking(move || {
            let ended = sweeper.sweep(&known, &bounds);
            (sweeper, ended)
        });
        let Ok((back, ended)) = swept.await else { return };
        sweeper = back;
        match ended {
            Ok(0) => {}
            Ok(ended) => info!(ended, "connections that were quiet for too long, or too many, were ended"),
            Err(error) => error!(%error, "connections that are quiet for too long could not be looked for"),
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

    /// Ends every connection that is out of bounds, and counts them.
    fn sweep(&mut self, connections: &Connections, bounds: &Bounds) -> io::Result<usize> {
        self.spare.clear();
        let ended = self.sweep_all(connections, bounds);
        self.keep_spare();
        ended
    }

    fn sweep_all(&self, connections: &Connections, bounds: &Bounds) -> io::Result<usize> {
        let (mut open, mut quiet, mut ended, now) = (HashSet::new(), Vec::new(), 0, Instant::now());
        for descriptor in sockets()? {
            let Some((stream, peer)) = self.connection(descriptor) else { continue };
            let connection = connections.get(peer, now);
            if connection.is_over(bounds, now) {
                ended += usize::from(end(&stream));
                continue;
            }
            open.insert(peer);
            if connection.is_quiet() {
                quiet.push((connection.since, descriptor, peer));
            }
        }
        quiet.sort_unstable();
        for (_, descriptor, peer) in quiet.into_iter().take(open.len().saturating_sub(bounds.most)) {
            if let Some((stream, _)) = self.connection(descriptor).filter(|(_, now)| *now == peer) {
                ended += usize::from(end(&stream));
            }
        }
        connections.keep(&open);
        Ok(ended)
    }

    /// The connection of a descriptor. It may be closed by now, or be the socket that listens, or one of ours to somebody
    /// else.
    fn connection(&self, descriptor: i32) -> Option<(TcpStream, SocketAddr)> {
        let stream = self.duplicate(descriptor).ok()?;
        let (own, peer) = (stream.local_addr().ok()?, stream.peer_addr().ok()?);
        (own.port() == self.port).then_some((stream, peer))
    }
}

/// Whether a connection was there to be ended.
fn end(stream: &TcpStream) -> bool {
    match stream.shutdown(Shutdown::Both) {
        Ok(()) => true,
        Err(error) => {
            debug!(%error, "a quiet connection had ended already");
            false
        }
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

    const BOUNDS: Bounds = Bounds { quiet: Duration::from_secs(75), answering: Duration::from_mins(30), most: 800 };

    fn peer(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    #[test]
    fn a_connection_is_quiet_from_when_it_is_first_seen_or_last_answered() {
        let (connections, start) = (Connections::default(), Instant::now());
        let is_over = |now| connections.get(peer(1), now).is_over(&BOUNDS, now);
        let nearly = |longest: Duration| longest.saturating_sub(Duration::from_secs(1));

        assert!(!is_over(start));
        assert!(!is_over(start + nearly(BOUNDS.quiet)));
        assert!(is_over(start + BOUNDS.quiet));
        let asked = start + BOUNDS.quiet;
        connections.asks(peer(1), asked);
        assert!(!is_over(asked + nearly(BOUNDS.answering)));
        assert!(is_over(asked + BOUNDS.answering));
        connections.is_answered(peer(1), asked);
        assert!(!is_over(asked + nearly(BOUNDS.quiet)));
        assert!(is_over(asked + BOUNDS.quiet));
    }

    #[test]
    fn a_connection_whose_next_request_comes_before_the_last_is_forgotten_is_not_quiet() {
        let (connections, now) = (Connections::default(), Instant::now());

        connections.asks(peer(1), now);
        connections.asks(peer(1), now);
        connections.is_answered(peer(1), now);

        assert!(!connections.get(peer(1), now).is_quiet());
        connections.is_answered(peer(1), now);
        assert!(connections.get(peer(1), now).is_quiet());
    }

    #[test]
    fn only_open_connections_and_those_being_answered_are_remembered() {
        let (connections, now) = (Connections::default(), Instant::now());
        for port in 1..=3 {
            connections.get(peer(port), now);
        }
        connections.asks(peer(3), now);

        connections.keep(&HashSet::from([peer(1)]));

        let mut known: Vec<_> = connections.all().keys().copied().collect();
        known.sort_unstable();
        assert_eq!(known, [peer(1), peer(3)]);
    }
}
