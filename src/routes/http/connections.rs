//! State of each connection, and the choice of connections to close when there are too many.
//!
//! A connection counts as work only while the server makes an answer. While it waits for its client to send a head or a
//! body, or to read the answer, it may be closed so that others are served.

use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::routes::http::address::network;

#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Longest time without a complete request head.
    pub idle: Duration,
    /// Longest time to make and read an answer.
    pub answering: Duration,
    /// Longest time that the server works on an answer; after that the connection waits for its client.
    pub working: Duration,
    pub most: usize,
    /// Most connections of one client; none if clients are not limited.
    pub most_per_client: Option<usize>,
    /// True if a proxy sends the client address with each request. Between requests it is unknown.
    pub is_behind_proxy: bool,
}

/// One connection: its requests in progress, those of them whose body is still arriving, and the time of the last change.
/// Two requests are in progress when one arrives before the previous one is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    client: Option<IpAddr>,
    asked: u32,
    arriving: u32,
    since: Instant,
}

impl Connection {
    fn new(now: Instant) -> Self {
        Self { client: None, asked: 0, arriving: 0, since: now }
    }

    fn is_idle(self) -> bool {
        self.asked == 0
    }

    /// True if it has been in its state for too long. The body has its own timeout.
    pub fn is_over(self, bounds: &Bounds, now: Instant) -> bool {
        let longest = if self.is_idle() { bounds.idle } else { bounds.answering };
        now.duration_since(self.since) >= longest
    }

    /// True while the server waits for the client.
    fn waits(self, bounds: &Bounds, now: Instant) -> bool {
        self.asked == self.arriving || now.duration_since(self.since) >= bounds.working
    }
}

/// An open connection found by a sweep.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    pub descriptor: i32,
    pub peer: SocketAddr,
    pub connection: Connection,
}

impl Open {
    fn client(&self, bounds: &Bounds) -> Option<IpAddr> {
        self.connection.client.or((!bounds.is_behind_proxy).then(|| network(self.peer.ip())))
    }
}

/// All connections by peer address.
#[derive(Debug, Default)]
pub struct Connections(Mutex<HashMap<SocketAddr, Connection>>);

impl Connections {
    fn all(&self) -> MutexGuard<'_, HashMap<SocketAddr, Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head of a request has arrived.
    pub fn asks(&self, peer: SocketAddr, client: Option<IpAddr>, now: Instant) {
        let mut all = self.all();
        let connection = all.entry(peer).or_insert(Connection::new(now));
        let (client, asked) = (client.map(network), connection.asked + 1);
        *connection = Connection { client, asked, since: now, ..*connection };
    }

    /// The last byte of the answer was sent.
    pub fn is_answered(&self, peer: SocketAddr, is_behind_proxy: bool, now: Instant) {
        if let Some(connection) = self.all().get_mut(&peer) {
            let client = connection.client.filter(|_| !is_behind_proxy);
            *connection = Connection { client, asked: connection.asked.saturating_sub(1), since: now, ..*connection };
        }
    }

    /// The server starts to read a body.
    pub fn arrives(&self, peer: SocketAddr) {
        if let Some(connection) = self.all().get_mut(&peer) {
            connection.arriving += 1;
        }
    }

    /// The body has arrived, or the server stopped reading it.
    pub fn has_arrived(&self, peer: SocketAddr, now: Instant) {
        if let Some(connection) = self.all().get_mut(&peer) {
            let arriving = connection.arriving.saturating_sub(1);
            *connection = Connection { arriving, since: now, ..*connection };
        }
    }

    /// The state of a connection. A new one starts as idle.
    pub fn get(&self, peer: SocketAddr, now: Instant) -> Connection {
        *self.all().entry(peer).or_insert(Connection::new(now))
    }

    /// Drops the state of closed connections.
    pub fn keep(&self, open: &HashSet<SocketAddr>) {
        self.all().retain(|peer, connection| !connection.is_idle() || open.contains(peer));
    }
}

/// Connections to close because one client, or all clients together, have too many. Only connections that wait for their
/// client are closed: those without an answer first, and the longest waiting first.
pub fn excess(mut open: Vec<Open>, bounds: &Bounds, now: Instant) -> Vec<Open> {
    let mut of_client: HashMap<IpAddr, usize> = HashMap::new();
    for client in open.iter().filter_map(|one| one.client(bounds)) {
        *of_client.entry(client).or_default() += 1;
    }
    let mut over = open.len().saturating_sub(bounds.most);
    open.retain(|one| one.connection.waits(bounds, now));
    open.sort_unstable_by_key(|one| (one.connection.asked > one.connection.arriving, one.connection.since));
    let is_one_too_many = |one: &Open| {
        let count = one.client(bounds).and_then(|client| of_client.get_mut(&client));
        let Some(count) = count.filter(|count| bounds.most_per_client.is_some_and(|most| **count > most)) else {
            return false;
        };
        *count -= 1;
        true
    };
    let (mut ended, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(is_one_too_many);
    over = over.saturating_sub(ended.len());
    ended.extend(rest.into_iter().take(over));
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        idle: Duration::from_secs(75),
        answering: Duration::from_mins(30),
        working: Duration::from_secs(30),
        most: 800,
        most_per_client: Some(200),
        is_behind_proxy: false,
    };

    fn peer(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    #[test]
    fn a_connection_is_idle_after_it_opens_and_after_its_answer() {
        let (connections, start) = (Connections::default(), Instant::now());
        let is_over = |now| connections.get(peer(1), now).is_over(&BOUNDS, now);
        let nearly = |longest: Duration| longest.saturating_sub(Duration::from_secs(1));

        assert!(!is_over(start));
        assert!(!is_over(start + nearly(BOUNDS.idle)));
        assert!(is_over(start + BOUNDS.idle));
        let asked = start + BOUNDS.idle;
        connections.asks(peer(1), None, asked);
        assert!(!is_over(asked + nearly(BOUNDS.answering)));
        assert!(is_over(asked + BOUNDS.answering));
        connections.is_answered(peer(1), false, asked);
        assert!(!is_over(asked + nearly(BOUNDS.idle)));
        assert!(is_over(asked + BOUNDS.idle));
    }

    #[test]
    fn a_connection_with_a_second_request_in_progress_is_not_idle() {
        let (connections, now) = (Connections::default(), Instant::now());

        connections.asks(peer(1), None, now);
        connections.asks(peer(1), None, now);
        connections.is_answered(peer(1), false, now);

        assert!(!connections.get(peer(1), now).is_idle());
        connections.is_answered(peer(1), false, now);
        assert!(connections.get(peer(1), now).is_idle());
    }

    #[test]
    fn only_open_and_answering_connections_are_tracked() {
        let (connections, now) = (Connections::default(), Instant::now());
        for port in 1..=3 {
            connections.get(peer(port), now);
        }
        connections.asks(peer(3), None, now);

        connections.keep(&HashSet::from([peer(1)]));

        let mut known: Vec<_> = connections.all().keys().copied().collect();
        known.sort_unstable();
        assert_eq!(known, [peer(1), peer(3)]);
    }

    #[test]
    fn a_connection_waits_for_its_client_during_the_body_and_while_the_client_reads() {
        let (connections, now) = (Connections::default(), Instant::now());
        let waits = |now| connections.get(peer(1), now).waits(&BOUNDS, now);

        assert!(waits(now));
        connections.asks(peer(1), None, now);
        assert!(!waits(now));
        connections.arrives(peer(1));
        assert!(waits(now));
        connections.has_arrived(peer(1), now);
        assert!(!waits(now));
        assert!(waits(now + BOUNDS.working));
    }

    type Act = fn(&Connections, SocketAddr, Instant);

    /// Connections of each client in order of arrival: their number and their state.
    fn open(clients: &[(u8, u16, Act)]) -> (Vec<Open>, Instant) {
        let (connections, start) = (Connections::default(), Instant::now());
        let (mut all, mut now) = (Vec::new(), start);
        for (client, count, act) in clients {
            for port in 0..*count {
                now += Duration::from_millis(1);
                let peer = ([192, 0, 2, *client], port).into();
                connections.get(peer, now);
                act(&connections, peer, now);
                all.push(Open {
                    descriptor: all.len().try_into().unwrap_or(0),
                    peer,
                    connection: connections.get(peer, now),
                });
            }
        }
        (all, now)
    }

    fn is_idle(_: &Connections, _: SocketAddr, _: Instant) {}

    fn sends(connections: &Connections, peer: SocketAddr, now: Instant) {
        connections.asks(peer, Some(peer.ip()), now);
        connections.arrives(peer);
    }

    fn is_served(connections: &Connections, peer: SocketAddr, now: Instant) {
        connections.asks(peer, Some(peer.ip()), now);
    }

    fn ended(open: Vec<Open>, bounds: &Bounds, now: Instant) -> Vec<i32> {
        let mut ended: Vec<_> = excess(open, bounds, now).into_iter().map(|one| one.descriptor).collect();
        ended.sort_unstable();
        ended
    }

    #[test]
    fn a_client_with_too_many_connections_loses_its_longest_waiting_ones() {
        let (all, now) = open(&[(1, 2, is_idle), (2, 3, sends), (2, 1, is_served), (3, 2, is_idle)]);
        let bounds = Bounds { most_per_client: Some(2), ..BOUNDS };

        assert_eq!(ended(all, &bounds, now), [2, 3]);
    }

    #[test]
    fn with_too_many_connections_the_longest_waiting_are_closed_and_answering_ones_stay() {
        let (all, now) = open(&[(1, 1, is_served), (2, 2, sends), (3, 2, is_idle), (4, 1, is_served)]);

        assert_eq!(ended(all.clone(), &Bounds { most: 3, ..BOUNDS }, now), [1, 2, 3]);
        assert_eq!(ended(all.clone(), &Bounds { most: 1, ..BOUNDS }, now), [1, 2, 3, 4]);
        // A client that does not read its answer counts as waiting.
        assert_eq!(ended(all, &Bounds { most: 1, ..BOUNDS }, now + BOUNDS.working), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_proxy_that_sends_client_addresses_is_not_a_client() {
        let bounds = Bounds { most_per_client: Some(1), is_behind_proxy: true, ..BOUNDS };
        let (all, now) = open(&[(1, 4, is_idle), (2, 2, sends)]);

        assert_eq!(ended(all, &bounds, now), [4]);
    }

    #[test]
    fn unlimited_clients_may_use_all_connections() {
        let (all, now) = open(&[(1, 4, is_idle), (2, 2, sends)]);

        assert_eq!(ended(all, &Bounds { most_per_client: None, ..BOUNDS }, now), [0; 0]);
    }
}
