//! The power is cut in the middle of every kind of write, over and over: what was acknowledged is there, nothing is
//! torn, and every store opens.
//!
//! Each kind runs once, under strace. From what it wrote and synced, [`disk`] makes folders as a power cut might have
//! left them, which the release binary then opens and checks.

mod disk;
mod kinds;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use fastrand::Rng;
use tandem::store::{
    Flow, Options, ReadTx, Store, StoreError, Table,
    tables::{audit, events},
};

use self::{disk::Disk, kinds::Recording};
use crate::{
    server::{Checked, Place},
    skip,
};

/// Tables that a check may write to, or a start.
const NOT_COMPARED: [Table; 4] = [Table::Meta, Table::IntegrityRuns, Table::Findings, Table::Outbox];

/// After how many names of a first start, at most, the power is cut.
const NAMES_CUT_MAX: usize = 30;

/// Every record that a person would miss, byte for byte.
type Content = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

/// What was acknowledged, and so must be there after a cut.
#[derive(Clone, Debug)]
pub enum Promise {
    /// Every audit entry up to this one, and every event as they left it.
    Entries(u64),
    /// All of it.
    Everything,
    /// A file next to the data folder, as it is now.
    File(PathBuf, Vec<u8>),
}

/// What is on the disk after a cut, besides what was synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    Nothing,
    /// The newest name, without those made before it.
    NewestName,
    Anything,
}

/// What came of the cuts of one kind.
#[derive(Debug, Default)]
struct Tally {
    lost: Vec<String>,
    torn: Vec<String>,
    refused: Vec<String>,
}

/// What a store holds.
pub struct Found {
    pub content: Content,
    /// Schedule and revision of each event, as text.
    events: BTreeMap<u64, String>,
    /// What each audit entry made of each event.
    entries: Vec<BTreeMap<u64, String>>,
}

pub fn run(cuts: u64) {
    if Command::new("strace").arg("-V").output().is_err() {
        return skip("power", "strace is not installed");
    }
    let (mut place, seed, began) = (Place::new(), fastrand::u64(..1_000_000), Instant::now());
    let world = place.folder.path().join("world");
    place.data_dir = world.join("data");
    fs::create_dir(&world).unwrap();
    let Some(recordings) = kinds::all(&mut place, &world) else { return skip("power", "strace may not trace here") };
    println!(
        "power: {cuts} cuts of {} kinds of write, seed {seed}, recorded in {} s",
        recordings.len(),
        began.elapsed().as_secs()
    );
    let mut rng = Rng::with_seed(seed);
    let mut all = Tally::default();
    for (number, recording) in recordings.iter().enumerate() {
        let share =
            (cuts * (number as u64 + 1)) / recordings.len() as u64 - (cuts * number as u64) / recordings.len() as u64;
        let tally = cut(&mut place, recording, share, &mut rng, &world);
        println!(
            "power: {}: {} calls, {share} cuts, {} lost, {} torn, {} refused",
            recording.kind,
            recording.calls.len(),
            tally.lost.len(),
            tally.torn.len(),
            tally.refused.len()
        );
        all.lost.extend(tally.lost);
        all.torn.extend(tally.torn);
        all.refused.extend(tally.refused);
    }
    for line in all.lost.iter().chain(&all.torn).chain(&all.refused) {
        println!("power: {line}");
    }
    println!(
        "power: {cuts} cuts in {} s: {} lost, {} torn, {} refused",
        began.elapsed().as_secs(),
        all.lost.len(),
        all.torn.len(),
        all.refused.len()
    );
    assert_eq!((all.lost.len(), all.torn.len(), all.refused.len()), (0, 0, 0));
}

/// Cuts the power at random moments of a recording, half of them right after something was acknowledged. Of each kind
/// the first cut is after all of it, and leaves no more than it must. Where there was no store before, the power is also
/// cut after each of the first names.
fn cut(place: &mut Place, recording: &Recording, cuts: u64, rng: &mut Rng, world: &Path) -> Tally {
    let mut disk = Disk::of(&recording.base, world);
    let mut lines: BTreeMap<usize, Vec<(usize, bool)>> = BTreeMap::new();
    for (number, call) in recording.calls.iter().enumerate() {
        lines.entry(call.began).or_default().push((number, false));
        if let Some(ended) = call.ended {
            lines.entry(ended).or_default().push((number, true));
        }
    }
    let busy: Vec<usize> = lines.keys().copied().collect();
    let moment = |number, rng: &mut Rng| {
        let promise = rng.choice(&recording.promises).filter(|_| number % 2 == 0);
        promise.map_or_else(|| *rng.choice(&busy).unwrap(), |(line, _)| line + 1)
    };
    let left = |rng: &mut Rng| if rng.bool() { Left::Nothing } else { Left::Anything };
    let mut moments: Vec<(usize, Left)> = (1..cuts).map(|number| (moment(number, rng), left(rng))).collect();
    let last = recording.promises.iter().map(|(line, _)| line + 1).max();
    moments.extend(last.map(|line| (line, Left::Nothing)));
    moments.sort_unstable();
    let (mut tally, mut moments, mut names_cut) = (Tally::default(), moments.into_iter().peekable(), 0);
    let folder = place.folder.path().join("cut");
    let mut judge = |disk: &Disk, (line, left): (usize, Left), tally: &mut Tally| {
        let promised = recording.promises.iter().rfind(|(made, _)| *made < line).map(|(_, promise)| promise);
        match left {
            Left::Nothing => disk.cut_to_the_least(&folder),
            Left::NewestName => disk.cut_to_the_newest_name(&folder),
            Left::Anything => disk.cut(rng, &folder),
        }
        place.data_dir = folder.join("data");
        tally.judge(place, recording, promised, line);
        place.data_dir = world.join("data");
        fs::remove_dir_all(&folder).unwrap();
    };
    for (line, calls) in lines {
        while let Some((_, left)) = moments.next_if(|(moment, _)| *moment <= line) {
            judge(&disk, (line, left), &mut tally);
        }
        for (number, ends) in calls {
            let call = &recording.calls[number];
            if ends {
                if call.began == line {
                    disk.begin(call);
                }
                let names = disk.unsynced_names();
                disk.end(call);
                if recording.before.is_none() && disk.unsynced_names() > names && names_cut < NAMES_CUT_MAX {
                    names_cut += 1;
                    judge(&disk, (line + 1, Left::NewestName), &mut tally);
                }
            } else if call.ended != Some(line) {
                disk.begin(call);
            }
        }
    }
    for moment in moments {
        judge(&disk, moment, &mut tally);
    }
    tally
}

impl Tally {
    fn judge(&mut self, place: &Place, recording: &Recording, promised: Option<&Promise>, line: usize) {
        let about = format!("{} at line {line}", recording.kind);
        if promised.is_none() && recording.before.is_none() && !place.data_dir.exists() {
            return;
        }
        let checked = place.check();
        if !matches!(checked.code, Some(0 | 1)) {
            return self.refused.push(format!("{about}: REFUSED {}", checked.complaint.trim()));
        }
        let Checked { report, .. } = &checked;
        let is_torn = report["storage_problems"].as_array().is_some_and(|problems| !problems.is_empty());
        if is_torn && (promised.is_some() || !recording.began_torn) {
            return self.torn.push(format!("{about}: TORN {}", report["storage_problems"]));
        }
        let found = Found::in_store(&place.data_dir);
        match promised {
            Some(Promise::File(name, bytes))
                if fs::read(place.data_dir.with_file_name(name)).ok().as_ref() != Some(bytes) =>
            {
                self.lost.push(format!("{about}: LOST {}", name.display()));
            }
            Some(Promise::Everything) => self.expect_same(&about, &found.content, [Some(&recording.after.content)]),
            Some(Promise::Entries(last)) if (found.entries.len() as u64) < *last => {
                self.lost.push(format!("{about}: LOST entries {} to {last}", found.entries.len() + 1));
            }
            _ if recording.is_whole => {
                let before = recording.before.as_ref().map(|before| &before.content);
                self.expect_same(&about, &found.content, [before, Some(&recording.after.content)]);
            }
            _ => {}
        }
        if let (Some(before), Some((name, bytes))) = (&recording.before, &recording.archive) {
            let mut entries = before.content.iter().filter(|((table, _), _)| *table == Table::Audit);
            let has_moved = entries.any(|(key, entry)| found.content.get(key) != Some(entry));
            if has_moved && fs::read(place.data_dir.with_file_name(name)).ok().as_ref() != Some(bytes) {
                self.lost.push(format!("{about}: LOST entries that are in no file"));
            }
        }
        if let (Some(before), true) = (&recording.before, recording.is_audited) {
            let mut expected = before.events.clone();
            for entry in found.entries.iter().skip(before.entries.len()) {
                expected.extend(entry.clone());
            }
            if expected != found.events {
                self.torn.push(format!("{about}: TORN events are not as the audit says"));
            }
            if !recording.after.entries.starts_with(&found.entries) {
                self.torn.push(format!("{about}: TORN the audit is another one"));
            }
        }
    }

    fn expect_same<const N: usize>(&mut self, about: &str, found: &Content, any: [Option<&Content>; N]) {
        let expected: Vec<&Content> = any.into_iter().flatten().collect();
        let is_nothing_yet = found.is_empty() && expected.len() < N;
        if !expected.contains(&found) && !is_nothing_yet {
            let most = expected.iter().map(|one| one.len()).max();
            self.lost.push(format!("{about}: LOST {} records of {most:?}", found.len()));
        }
    }
}

impl Found {
    pub fn in_store(data_dir: &Path) -> Self {
        let store = Store::open(data_dir, &Options::default()).unwrap();
        let read = store.read(|view| {
            let mut found = Self { content: Content::new(), events: BTreeMap::new(), entries: Vec::new() };
            for table in Table::ALL.into_iter().filter(|table| !NOT_COMPARED.contains(table)) {
                view.scan(table, &[]..&[255; 64], &mut |key, value| {
                    found.content.insert((table, key.to_vec()), value.to_vec());
                    Ok(Flow::Continue)
                })?;
            }
            events::each(view, |event| {
                found.events.insert(event.id.0, format!("{:?} {:?}", event.revision, event.schedule));
                Ok(Flow::Continue)
            })?;
            // By sequence: later records of a long change have a number of their own, and no steps.
            audit::each_between(view, (1, u64::from(u32::MAX)), |_, entry| {
                let state = |step: &tandem::domain::audit::Step| {
                    (step.event.0, format!("{:?} {:?}", step.after.revision, step.after.schedule))
                };
                found.entries.push(entry.iter().flat_map(|entry| &entry.steps).map(state).collect());
                Ok(Flow::Continue)
            })?;
            Ok::<_, StoreError>(found)
        });
        read.unwrap()
    }
}
