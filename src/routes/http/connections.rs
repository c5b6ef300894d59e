//! Who is connected, what each connection waits for, and which are ended where there are too many.
//!
//! Rule of this file: a connection is work only while the server makes an answer. While it waits for its client, for a
//! head, a body or for its answer to be read, it may be ended so that others are served.

use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::routes::auth::limiter::network;

/// What connections may do.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How long one may send no whole head of a request.
    pub quiet: Duration,
    /// How long an answer may take to be made and read.
    pub answering: Duration,
    /// How long the server may work on an answer; afterwards its client is waited for.
    pub working: Duration,
    /// How many there may be.
    pub most: usize,
    /// How many one client may have; none while clients are not limited.
    pub most_of_one: Option<usize>,
    /// Whether a proxy tells the address of the client with each request: between requests it is not known.
    pub is_behind_proxy: bool,
}

/// One connection: its requests that are in progress, how many of these have not arrived whole, and since when it is so.
/// Two are in progress when the next one comes before the one before is forgotten.
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

    fn is_quiet(self) -> bool {
        self.asked == 0
    }

    /// Whether it has been in its state for too long. How long a body may take is for who reads it.
    pub fn is_over(self, bounds: &Bounds, now: Instant) -> bool {
        let longest = if self.is_quiet() { bounds.quiet } else { bounds.answering };
        now.duration_since(self.since) >= longest
    }

    /// Whether the client is waited for.
    fn waits(self, bounds: &Bounds, now: Instant) -> bool {
        self.asked == self.arriving || now.duration_since(self.since) >= bounds.working
    }
}

/// An open connection, as a sweep finds it.
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

/// All connections, by the address of the other end.
#[derive(Debug, Default)]
pub struct Connections(Mutex<HashMap<SocketAddr, Connection>>);

impl Connections {
    fn all(&self) -> MutexGuard<'_, HashMap<SocketAddr, Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head of a request is here.
    pub fn asks(&self, peer: SocketAddr, client: Option<IpAddr>, now: Instant) {
        let mut all = self.all();
        let connection = all.entry(peer).or_insert(Connection::new(now));
        let (client, asked) = (client.map(network), connection.asked + 1);
        *connection = Connection { client, asked, since: now, ..*connection };
    }

    /// The last byte of its answer is sent.
    pub fn is_answered(&self, peer: SocketAddr, is_behind_proxy: bool, now: Instant) {
        if let Some(connection) = self.all().get_mut(&peer) {
            let client = connection.client.filter(|_| !is_behind_proxy);
            *connection = Connection { client, asked: connection.asked.saturating_sub(1), since: now, ..*connection };
        }
    }

    /// A body is waited for.
    pub fn arrives(&self, peer: SocketAddr) {
        if let Some(connection) = self.all().get_mut(&peer) {
            connection.arriving += 1;
        }
    }

    /// It is here, or is not waited for any more.
    pub fn has_arrived(&self, peer: SocketAddr, now: Instant) {
        if let Some(connection) = self.all().get_mut(&peer) {
            let arriving = connection.arriving.saturating_sub(1);
            *connection = Connection { arriving, since: now, ..*connection };
        }
    }

    /// What a connection does. One that is seen for the first time begins to be quiet.
    pub fn get(&self, peer: SocketAddr, now: Instant) -> Connection {
        *self.all().entry(peer).or_insert(Connection::new(now))
    }

    /// Forgets those that are not open any more.
    pub fn keep(&self, open: &HashSet<SocketAddr>) {
        self.all().retain(|peer, connection| !connection.is_quiet() || open.contains(peer));
    }
}

/// Those that are ended because a client has too many, or all clients together: of those that wait for their client, the
/// ones without an answer first, and the longest waiting first.
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
        let Some(count) = count.filter(|count| bounds.most_of_one.is_some_and(|most| **count > most)) else {
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
        quiet: Duration::from_secs(75),
        answering: Duration::from_mins(30),
        working: Duration::from_secs(30),
        most: 800,
        most_of_one: Some(200),
        is_behind_proxy: false,
    };

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
        connections.asks(peer(1), None, asked);
        assert!(!is_over(asked + nearly(BOUNDS.answering)));
        assert!(is_over(asked + BOUNDS.answering));
        connections.is_answered(peer(1), false, asked);
        assert!(!is_over(asked + nearly(BOUNDS.quiet)));
        assert!(is_over(asked + BOUNDS.quiet));
    }

    #[test]
    fn a_connection_whose_next_request_comes_before_the_last_is_forgotten_is_not_quiet() {
        let (connections, now) = (Connections::default(), Instant::now());

        connections.asks(peer(1), None, now);
        connections.asks(peer(1), None, now);
        connections.is_answered(peer(1), false, now);

        assert!(!connections.get(peer(1), now).is_quiet());
        connections.is_answered(peer(1), false, now);
        assert!(connections.get(peer(1), now).is_quiet());
    }

    #[test]
    fn only_open_connections_and_those_being_answered_are_remembered() {
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
    fn a_client_is_waited_for_until_its_body_is_here_and_while_it_reads() {
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

    /// Connections of each client, in the order in which they came: how many, and what they do.
    fn open(clients: &[(u8, u16, fn(&Connections, SocketAddr, Instant))]) -> (Vec<Open>, Instant) {
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

    fn is_quiet(_: &Connections, _: SocketAddr, _: Instant) {}

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
    fn a_client_with_too_many_loses_its_longest_waiting_and_others_lose_none() {
        let (all, now) = open(&[(1, 2, is_quiet), (2, 3, sends), (2, 1, is_served), (3, 2, is_quiet)]);
        let bounds = Bounds { most_of_one: Some(2), ..BOUNDS };

        assert_eq!(ended(all, &bounds, now), [2, 3]);
    }

    #[test]
    fn where_all_have_too_many_the_longest_waiting_go_and_none_that_is_being_answered() {
        let (all, now) = open(&[(1, 1, is_served), (2, 2, sends), (3, 2, is_quiet), (4, 1, is_served)]);

        assert_eq!(ended(all.clone(), &Bounds { most: 3, ..BOUNDS }, now), [1, 2, 3]);
        assert_eq!(ended(all.clone(), &Bounds { most: 1, ..BOUNDS }, now), [1, 2, 3, 4]);
        // Who takes no answer is waited for, too.
        assert_eq!(ended(all, &Bounds { most: 1, ..BOUNDS }, now + BOUNDS.working), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_proxy_that_tells_its_clients_is_none() {
        let bounds = Bounds { most_of_one: Some(1), is_behind_proxy: true, ..BOUNDS };
        let (all, now) = open(&[(1, 4, is_quiet), (2, 2, sends)]);

        assert_eq!(ended(all, &bounds, now), [4]);
    }

    #[test]
    fn clients_that_are_not_limited_may_have_all() {
        let (all, now) = open(&[(1, 4, is_quiet), (2, 2, sends)]);

        assert_eq!(ended(all, &Bounds { most_of_one: None, ..BOUNDS }, now), [0; 0]);
    }
}
