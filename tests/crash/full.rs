//! The disk is full: writing stops with a clear answer, reading goes on, and nothing acknowledged is lost.

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    client::Client,
    load::{Ended, Load},
    server::{Place, Server},
    skip,
};

const SMALL: &str = "size=12m";
const LARGE: &str = "size=96m";
const CLIENTS: usize = 8;
/// How long it may take to fill the disk, in seconds.
const FILL_S: u64 = 180;

pub fn run() {
    let mut place = Place::new();
    let Some(disk) = Disk::mount(&place.folder.path().join("disk")) else {
        return skip("full", "a small file system cannot be mounted (needs root)");
    };
    place.data_dir = disk.path.join("data");
    place.generate();
    let server = place.serve();
    let events = Client::of(&server).events();
    let load = Load::on(&events);
    let ended = load.run(server, CLIENTS, 1, |server| watch_it_fill(&load, server));
    assert!(ended.contains(&Ended::Unavailable), "the disk did not fill: {ended:?}");
    let acknowledged = load.ledger.lock().unwrap().changes;
    println!("full: {acknowledged} acknowledged changes until 503; month and day were still read");

    disk.remount(LARGE);
    let checked = place.check().sound();
    let server = place.serve();
    let found = Client::of(&server).events();
    let losses = load.ledger.lock().unwrap().losses(&found, checked.audit_entries());
    println!("full: with room again: {} lost, {} split pairs", losses.len(), checked.split_pairs());
    assert_eq!((losses, checked.split_pairs(), found.len()), (Vec::new(), 0, events.len()));

    let log = server.log();
    let ended = load.run(server, CLIENTS, 2, |server| {
        thread::sleep(Duration::from_millis(500));
        assert!(!load.is_over(), "writing does not work again");
        assert!(server.stop().success());
    });
    assert!(!ended.contains(&Ended::Unavailable), "writing does not work again: {ended:?}");
    let ledger = load.ledger.into_inner().unwrap();
    let checked = place.check().sound();
    println!("full: {} more changes after the restart, check finds the storage sound", ledger.changes - acknowledged);
    assert!(ledger.changes > acknowledged && checked.audit_entries() >= ledger.entry_last);
    assert!(!log.contains("panicked"), "{log}");
}

/// Waits for the first 503, asks for pages, then stops the server.
fn watch_it_fill(load: &Load, server: Server) {
    let began = Instant::now();
    while !load.is_over() && began.elapsed().as_secs() < FILL_S {
        thread::sleep(Duration::from_millis(20));
    }
    let client = Client::of(&server);
    for page in
        ["/calendar/2025/10", "/calendar/day/2025-10-15", "/api/calendar/2025/10", "/api/calendar/day/2025-10-15"]
    {
        let (status, text) = client.get(page);
        assert_eq!(status, 200, "{page} cannot be read: {text}");
    }
    let status = server.stop();
    println!("full: the server stopped with {status}");
}

/// A file system in memory. Dropped, it goes.
struct Disk {
    path: PathBuf,
}

impl Disk {
    /// None if this may not be done here.
    fn mount(path: &Path) -> Option<Self> {
        std::fs::create_dir(path).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", SMALL, "tmpfs"]).arg(path).output();
        let mounted = mounted.is_ok_and(|mounted| mounted.status.success());
        mounted.then(|| Self { path: path.to_owned() })
    }

    fn remount(&self, size: &str) {
        let options = format!("remount,{size}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.path).status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Busy for a moment where a server was just killed; lazy lets it go then.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
