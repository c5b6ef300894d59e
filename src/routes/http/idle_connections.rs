//! Closes idle connections: those that send no complete request in time or do not read their answer, and the longest
//! waiting ones when there are too many.
//!
//! Rocket 0.5 has no timeout for the head of a request and does not expose a connection before its request is complete
//! (<https://github.com/rwf2/Rocket/issues/1405>). So this module duplicates the sockets of this process to find their
//! peers and to close them. `connections.rs` decides which ones are closed.

use std::{
    collections::HashSet,
    fs, io,
    net::{Shutdown, SocketAddr, TcpStream},
    os::fd::OwnedFd,
    sync::Arc,
    time::{Duration, Instant},
};

use rocket::{
    Request, Shutdown as ServerShutdown,
    fairing::{AdHoc, Fairing},
    tokio::{self, task::spawn_blocking, time::sleep},
};
use rustix::process::{
    PidfdFlags, PidfdGetfdFlags, Resource, Rlimit, getpid, getrlimit, pidfd_getfd, pidfd_open, setrlimit,
};
use tracing::{debug, error, warn};

use crate::{
    config::{AccessSettings, Timeouts},
    context::Teams,
    routes::http::connections::{Bounds, Connections, Open, excess},
};

/// Sweeps per idle timeout, and the longest time between two sweeps.
const SWEEPS: u32 = 4;
const SWEEP_MAX: Duration = Duration::from_secs(1);
/// The time between two sweeps while there are many connections.
const SWEEP_BUSY: Duration = Duration::from_millis(100);
/// Descriptors reserved for sweeps, for when connections hold all others.
const SPARE: u64 = 16;
/// Descriptors reserved for each store, which has 5 files open, and for other files and outgoing connections.
const DESCRIPTORS_OF_TEAM: usize = 8;
const DESCRIPTORS_RESERVED: usize = 56;
/// Shortest time between two log lines about closed connections.
const LOGGED_EVERY: Duration = Duration::from_mins(1);

/// Limits from the settings and from the descriptor limit of this process.
fn bounds(access: &AccessSettings, teams: usize, is_behind_proxy: bool) -> Bounds {
    let Timeouts { quiet: idle, reading, answer, .. } = access.timeouts;
    let descriptors = getrlimit(Resource::Nofile).current.and_then(|most| usize::try_from(most).ok());
    let left = descriptors
        .map_or(usize::MAX, |most| most.saturating_sub(DESCRIPTORS_RESERVED + teams * DESCRIPTORS_OF_TEAM).max(1));
    let most_per_client = access.rates.as_ref().map(|_| access.connections_per_address_max);
    let most = access.connections_max.min(left);
    Bounds { idle, answering: reading, working: answer, most, most_per_client, is_behind_proxy }
}

fn between_sweeps(bounds: &Bounds, open: usize) -> Duration {
    if open > bounds.most / 2 || bounds.most_per_client.is_some_and(|most| open > most) {
        return SWEEP_BUSY;
    }
    (bounds.idle.min(bounds.answering) / SWEEPS).min(SWEEP_MAX)
}

/// A request in progress, until the last byte of its answer is sent.
struct Answering {
    connections: Arc<Connections>,
    is_behind_proxy: bool,
    peer: SocketAddr,
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.connections.is_answered(self.peer, self.is_behind_proxy, Instant::now());
    }
}

/// A body that is being read. The connection counts as waiting for its client until this is dropped.
pub struct Arriving<'r>(Option<&'r Answering>);

impl<'r> Arriving<'r> {
    pub fn of(request: &'r Request<'_>) -> Self {
        let answering = request.local_cache(|| None::<Answering>).as_ref();
        if let Some(Answering { connections, peer, .. }) = answering {
            connections.arrives(*peer);
        }
        Self(answering)
    }
}

impl Drop for Arriving<'_> {
    fn drop(&mut self) {
        if let Some(Answering { connections, peer, .. }) = self.0 {
            connections.has_arrived(*peer, Instant::now());
        }
    }
}

pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("idle connections", |rocket| async move {
        let Some(teams) = rocket.state::<Teams>() else { return rocket };
        let connections = Arc::new(Connections::default());
        let swept = Arc::clone(&connections);
        let is_behind_proxy =
            rocket.figment().extract::<rocket::Config>().is_ok_and(|config| config.ip_header.is_some());
        let bounds = bounds(&teams.process.access, teams.all().len(), is_behind_proxy);
        let wanted = teams.process.access.connections_max;
        if bounds.most < wanted {
            warn!(wanted, most = bounds.most, "fewer connections than connections_max: raise the limit of open files");
        }
        rocket
            .attach(AdHoc::on_request("track requests", move |request, _| {
                if let Some(peer) = request.remote() {
                    connections.asks(peer, request.client_ip(), Instant::now());
                    let connections = Arc::clone(&connections);
                    // The cache of a request goes with the request, once its answer is sent.
                    request.local_cache(|| Some(Answering { connections, is_behind_proxy, peer }));
                }
                Box::pin(async {})
            }))
            .attach(AdHoc::on_liftoff("close idle connections", move |rocket| {
                begin(swept, rocket.config().port, bounds, rocket.shutdown());
                Box::pin(async {})
            }))
    })
}

/// Sweeps until shutdown. It opens what it needs before clients can connect.
fn begin(connections: Arc<Connections>, port: u16, bounds: Bounds, shutdown: ServerShutdown) {
    let sweeper = match Sweeper::new(port) {
        Ok(sweeper) => sweeper,
        Err(error) => {
            warn!(%error, "idle connections cannot be closed on this system: put a proxy in front of this server");
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
    let (mut open, mut unlogged) = (0, Unlogged::default());
    loop {
        sleep(between_sweeps(&bounds, open)).await;
        let known = Arc::clone(&connections);
        let swept = spawn_blocking(move || {
            let swept = sweeper.sweep(&known, &bounds);
            (sweeper, swept)
        });
        let Ok((back, swept)) = swept.await else { return };
        sweeper = back;
        match swept {
            Ok(swept) => {
                open = swept.open;
                unlogged.add(&swept, &bounds);
            }
            Err(error) => error!(%error, "idle connections could not be searched for"),
        }
    }
}

/// Result of a sweep.
#[derive(Debug, Default)]
struct Swept {
    open: usize,
    too_slow: usize,
    too_many: usize,
}

/// Closed connections that are not logged yet. Log lines are rare, so an attack cannot fill the log.
#[derive(Debug, Default)]
struct Unlogged {
    too_slow: usize,
    too_many: usize,
    logged_at: Option<Instant>,
}

impl Unlogged {
    fn add(&mut self, swept: &Swept, bounds: &Bounds) {
        self.too_slow += swept.too_slow;
        self.too_many += swept.too_many;
        let is_due = self.logged_at.is_none_or(|at| at.elapsed() >= LOGGED_EVERY);
        if self.too_slow + self.too_many == 0 || !is_due {
            return;
        }
        let (most, most_per_client) = (bounds.most, bounds.most_per_client.unwrap_or(bounds.most));
        warn!(
            too_slow = self.too_slow,
            too_many = self.too_many,
            open = swept.open,
            most,
            most_per_client,
            "connections were closed: too slow, or too many of one client or in total"
        );
        *self = Self { logged_at: Some(Instant::now()), ..Self::default() };
    }
}

/// Finds and closes connections of this process.
struct Sweeper {
    process: OwnedFd,
    port: u16,
    descriptors: Rlimit,
}

impl Sweeper {
    fn new(port: u16) -> io::Result<Self> {
        let process = pidfd_open(getpid(), PidfdFlags::empty())?;
        let sweeper = Self { process, port, descriptors: getrlimit(Resource::Nofile) };
        // A kernel that refuses this refuses the first one.
        for descriptor in sockets()? {
            sweeper.duplicate(descriptor)?;
        }
        sweeper.keep_spare()?;
        Ok(sweeper)
    }

    /// Lowers the descriptor limit outside sweeps.
    fn keep_spare(&self) -> io::Result<()> {
        let current = self.descriptors.current.map(|most| most.saturating_sub(SPARE));
        Ok(setrlimit(Resource::Nofile, Rlimit { current, ..self.descriptors })?)
    }

    fn duplicate(&self, descriptor: i32) -> io::Result<TcpStream> {
        let duplicate = pidfd_getfd(&self.process, descriptor, PidfdGetfdFlags::empty())?;
        Ok(TcpStream::from(duplicate))
    }

    /// Closes every connection beyond the limits.
    fn sweep(&self, connections: &Connections, bounds: &Bounds) -> io::Result<Swept> {
        setrlimit(Resource::Nofile, self.descriptors)?;
        let swept = self.sweep_all(connections, bounds);
        self.keep_spare()?;
        swept
    }

    fn sweep_all(&self, connections: &Connections, bounds: &Bounds) -> io::Result<Swept> {
        let (mut open, mut swept, now) = (Vec::new(), Swept::default(), Instant::now());
        for descriptor in sockets()? {
            let Some((stream, peer)) = self.connection(descriptor) else { continue };
            let connection = connections.get(peer, now);
            if connection.is_over(bounds, now) {
                swept.too_slow += usize::from(close(&stream));
            } else {
                open.push(Open { descriptor, peer, connection });
            }
        }
        let peers: HashSet<_> = open.iter().map(|one| one.peer).collect();
        swept.open = open.len();
        for one in excess(open, bounds, now) {
            if let Some((stream, _)) = self.connection(one.descriptor).filter(|(_, peer)| *peer == one.peer) {
                swept.too_many += usize::from(close(&stream));
            }
        }
        connections.keep(&peers);
        Ok(swept)
    }

    /// The connection of a descriptor; none for a closed descriptor, the listening socket or an outgoing connection.
    fn connection(&self, descriptor: i32) -> Option<(TcpStream, SocketAddr)> {
        let stream = self.duplicate(descriptor).ok()?;
        let (own, peer) = (stream.local_addr().ok()?, stream.peer_addr().ok()?);
        (own.port() == self.port).then_some((stream, peer))
    }
}

/// Closes a connection. False if it was closed already.
fn close(stream: &TcpStream) -> bool {
    match stream.shutdown(Shutdown::Both) {
        Ok(()) => true,
        Err(error) => {
            debug!(%error, "an idle connection was closed already");
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
