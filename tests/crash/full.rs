//! The disk is full: writing stops with a clear answer, every page can be read down to the last byte, nothing but changes
//! takes what changes need, nothing acknowledged is lost, and writing goes on once there is room.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    client::Client,
    load::{Ended, Load},
    server::{Place, Server},
    skip,
};

/// More than the store wants to keep free, by some thousand changes.
const SMALL_MB: u32 = 26;
const LARGE_MB: u32 = 96;
const CLIENTS: usize = 8;
/// How long it may take to fill the disk, in seconds.
const FILL_S: u64 = 180;
/// How long clients go on once there is room again, in milliseconds.
const AGAIN_MS: u64 = 500;
const PAGES: [&str; 7] = [
    "/calendar/2025/10",
    "/api/calendar/2025/10",
    "/unscheduled",
    "/activity",
    "/integrity",
    "/search?q=core",
    "/api/employees",
];
/// Pages of the days of the made-up month.
const DAYS: [&str; 2] = ["/calendar/day/2025-10", "/api/calendar/day/2025-10"];
/// How often everything is read on the full disk.
const READS: usize = 3;
/// Changes that are sent while there is no room; each leaves lines in a log that has room.
const REFUSED: usize = 500;
const EXPORT: &str = "/api/export/audit.csv";

pub fn run() {
    let mut place = Place::new();
    let Some(disk) = Disk::mount(&place.folder.path().join("disk")) else {
        return skip("full", "a small file system cannot be mounted (needs root)");
    };
    place.data_dir = disk.path.join("data");
    place.generate();
    let server = place.serve();
    let load = Load::on(&Client::of(&server).events());

    fill(&server, &load, &disk);
    disk.resize(LARGE_MB);
    go_on("without a restart", &server, &load);
    disk.fill_up();
    let status = server.stop();
    println!("full: stopped on the full disk with {status}");
    start_without_room(&place, &load);
    disk.resize(LARGE_MB + SMALL_MB);
    assert_nothing_lost(&place, &load);
    let server = place.serve();
    go_on("after a restart", &server, &load);
    let log = server.log();
    assert!(server.stop().success() && !log.contains("panicked"), "{log}");
    assert_nothing_lost(&place, &load);
}

/// Changes until there is no room, then takes the last byte, and reads all the while.
fn fill(server: &Server, load: &Load, disk: &Disk) {
    let ended = load.run(Client::several(server, CLIENTS), 1, || {
        let began = Instant::now();
        while !load.is_over() && began.elapsed().as_secs() < FILL_S {
            thread::sleep(Duration::from_millis(20));
        }
    });
    assert!(ended.contains(&Ended::Unavailable), "the disk did not fill: {ended:?}");
    let (left, changes) = (disk.free(), load.ledger.lock().unwrap().changes);
    (0..REFUSED).for_each(|_| assert_refused(server, load));
    let (status, text) = Client::of(server).get(EXPORT);
    assert!(status == 503 && text.contains("could not be shown"), "an export without room: {status} {text}");
    assert_eq!(disk.free(), left, "refused changes and exports took of what is left");
    println!("full: {changes} acknowledged changes until 503; {REFUSED} refused ones took none of {left} bytes left");
    disk.fill_up();
    let pages: usize = (0..READS).map(|_| assert_read(server, load)).sum();
    assert_refused(server, load);
    println!("full: {pages} pages and calls read without a byte left");
}

fn assert_refused(server: &Server, load: &Load) {
    let body = json!({ "schedule_id": load.core(), "new_date": "2025-10-31T07:07", "override_reason": "trial" });
    let answer = Client::of(server).post("/api/reschedule_event", &body).unwrap();
    assert_eq!((answer.status, &answer.body["code"]), (503, &json!("unavailable")), "{answer:?}");
}

/// Reads everything that there is to see; how many pages and calls that is.
fn assert_read(server: &Server, load: &Load) -> usize {
    let days = DAYS.iter().flat_map(|page| (1..=31).map(move |day| format!("{page}-{day:02}")));
    let events = load.cores().iter().map(|event| format!("/api/events/{event}"));
    let (client, mut read) = (Client::of(server), 0);
    for page in PAGES.map(str::to_owned).into_iter().chain(days).chain(events) {
        let (status, text) = client.get(&page);
        assert_eq!(status, 200, "{page} cannot be read: {text}");
        read += 1;
    }
    read
}

fn go_on(when: &str, server: &Server, load: &Load) {
    let before = load.ledger.lock().unwrap().changes;
    let clients = Client::several(server, CLIENTS);
    let ended = load.run(clients, before, || thread::sleep(Duration::from_millis(AGAIN_MS)));
    assert!(ended.iter().all(|ended| *ended == Ended::Told), "writing does not work again {when}: {ended:?}");
    let more = load.ledger.lock().unwrap().changes - before;
    println!("full: {more} more changes with room again, {when}");
    assert!(more > 0);
    assert_eq!(Client::of(server).get(EXPORT).0, 200, "no export {when}");
}

/// A start on the full disk: everything can be read, nothing changed.
fn start_without_room(place: &Place, load: &Load) {
    let checked = place.check();
    assert_eq!(checked.report["storage_problems"], json!([]), "{checked:?}");
    let server = place.serve();
    let pages = assert_read(&server, load);
    assert_refused(&server, load);
    println!("full: {pages} pages and calls read after a start without a byte left");
    assert!(server.stop().success());
}

fn assert_nothing_lost(place: &Place, load: &Load) {
    let checked = place.check().sound();
    let found = Client::of(&place.serve()).events();
    let losses = load.ledger.lock().unwrap().losses(&found, checked.audit_entries());
    println!("full: checked: {} lost, {} split pairs", losses.len(), checked.split_pairs());
    assert_eq!((losses, checked.split_pairs()), (Vec::new(), 0));
}

/// A file system in memory. Dropped, it goes.
struct Disk {
    path: PathBuf,
}

impl Disk {
    /// None if this may not be done here.
    fn mount(path: &Path) -> Option<Self> {
        fs::create_dir(path).unwrap();
        let size = format!("size={SMALL_MB}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(path).output();
        let mounted = mounted.is_ok_and(|mounted| mounted.status.success());
        mounted.then(|| Self { path: path.to_owned() })
    }

    /// Bytes left.
    fn free(&self) -> u64 {
        fs2::available_space(&self.path).unwrap()
    }

    /// Takes every byte that is left, as another program might.
    fn fill_up(&self) {
        let mut file = File::create(self.path.join("other")).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    }

    /// Gives room again.
    fn resize(&self, megabytes: u32) {
        let _ = fs::remove_file(self.path.join("other"));
        let options = format!("remount,size={megabytes}m");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.path).status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Busy for a moment where a server was just killed; lazy lets it go then.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
