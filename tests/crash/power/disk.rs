//! A disk that forgets: a folder as a power cut leaves it, from the calls that a process made.
//!
//! Rule of this file: what was synced is there. Of what was written to a file since, any sectors of 512 bytes may be
//! there, each as it was after any of the writes to it; of new, renamed and removed names, any. A name is synced with its
//! folder, never with its file. `sync_file_range` syncs nothing.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

use fastrand::Rng;

use crate::trace::{Call, texts};

const SECTOR: usize = 512;

/// The calls to watch, besides those that carry answers.
pub const CALLS: &str = "openat,creat,lseek,write,writev,pwrite64,pwritev,ftruncate,fallocate,copy_file_range,sendfile,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,fsync,fdatasync,syncfs,sync,msync";

/// Names below the root: files by their number, folders as none.
type Names = BTreeMap<PathBuf, Option<usize>>;

/// Everything below a folder, with what is synced and what is not.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    files: Vec<File>,
    /// As the process sees them.
    names: Names,
    /// As they are on the disk for sure.
    synced: Names,
    unsynced: Vec<(usize, Naming)>,
    /// Where each open file is written next.
    places: HashMap<i64, usize>,
}

#[derive(Debug, Default)]
struct File {
    synced: Vec<u8>,
    unsynced: Vec<Piece>,
    bytes: usize,
}

/// A write, and the line of the trace on which it had ended.
#[derive(Debug)]
struct Piece {
    began: usize,
    ended: Option<usize>,
    what: What,
}

#[derive(Debug)]
enum What {
    Bytes(usize, Vec<u8>),
    Length(usize),
}

#[derive(Clone, Debug)]
enum Naming {
    Made(PathBuf, Option<usize>),
    Moved(PathBuf, PathBuf),
    Exchanged(PathBuf, PathBuf),
    Removed(PathBuf),
}

impl Naming {
    fn is_in(&self, folder: &Path) -> bool {
        let parents = match self {
            Self::Made(path, _) | Self::Removed(path) => [path, path],
            Self::Moved(from, to) | Self::Exchanged(from, to) => [from, to],
        };
        parents.iter().any(|path| path.parent() == Some(folder))
    }

    fn apply(&self, names: &mut Names) {
        match self {
            Self::Made(path, file) => {
                names.insert(path.clone(), *file);
            }
            Self::Moved(from, to) => {
                let moved = take(names, from);
                if !moved.is_empty() {
                    take(names, to);
                }
                names.extend(moved.into_iter().map(|(rest, file)| (joined(to, &rest), file)));
            }
            Self::Exchanged(one, other) => {
                let (first, second) = (take(names, one), take(names, other));
                names.extend(first.into_iter().map(|(rest, file)| (joined(other, &rest), file)));
                names.extend(second.into_iter().map(|(rest, file)| (joined(one, &rest), file)));
            }
            Self::Removed(path) => {
                take(names, path);
            }
        }
    }
}

/// Takes a name and everything below it, relative to it.
fn take(names: &mut Names, path: &Path) -> Names {
    let below: Vec<PathBuf> = names.keys().filter(|name| name.starts_with(path)).cloned().collect();
    let relative = |name: &PathBuf| name.strip_prefix(path).unwrap().to_owned();
    below.iter().map(|name| (relative(name), names.remove(name).unwrap())).collect()
}

fn joined(path: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { path.to_owned() } else { path.join(rest) }
}

impl Disk {
    /// A folder as it is, all of it synced. `root` is where the process knew it.
    pub fn of(folder: &Path, root: &Path) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            files: Vec::new(),
            names: Names::new(),
            synced: Names::new(),
            unsynced: Vec::new(),
            places: HashMap::new(),
        };
        disk.read(folder, Path::new(""));
        disk.synced = disk.names.clone();
        disk
    }

    fn read(&mut self, folder: &Path, name: &Path) {
        for entry in fs::read_dir(folder.join(name)).unwrap().map(Result::unwrap) {
            let name = name.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                self.names.insert(name.clone(), None);
                self.read(folder, &name);
            } else {
                let synced = fs::read(folder.join(&name)).unwrap();
                self.names.insert(name, Some(self.files.len()));
                self.files.push(File { bytes: synced.len(), synced, unsynced: Vec::new() });
            }
        }
    }

    /// A path below the root; none for any other.
    fn name(&self, path: &str) -> Option<PathBuf> {
        Path::new(path).strip_prefix(&self.root).ok().map(Path::to_owned)
    }

    fn name_in(&self, call: &Call, place: usize) -> Option<PathBuf> {
        let text = texts(&call.arguments).into_iter().nth(place).unwrap_or_default();
        let text = String::from_utf8(text).unwrap();
        let path = if text.starts_with('/') { text } else { format!("{}/{text}", call.on) };
        self.name(&path)
    }

    /// A call has begun: what it writes may be on the disk from now on.
    pub fn begin(&mut self, call: &Call) {
        if call.failed || !call.on.starts_with(&*self.root.to_string_lossy()) {
            return;
        }
        let Some(name) = self.name(&call.on) else { return };
        let what = match call.name.as_str() {
            "pwrite64" => {
                let place = call.arguments.rsplit_once("\", ").unwrap().1.split(", ").nth(1).unwrap();
                let place = place.trim_matches(|c: char| !c.is_ascii_digit()).split(')').next().unwrap();
                What::Bytes(place.parse().unwrap(), data(call))
            }
            "write" => {
                let bytes = data(call);
                let place = self.places.entry(descriptor(call)).or_default();
                let at = *place;
                *place += bytes.len();
                What::Bytes(at, bytes)
            }
            "ftruncate" => {
                let length = call.arguments.rsplit_once(", ").unwrap().1;
                What::Length(length.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap())
            }
            // Blocks beyond the end of a file change neither its bytes nor its length.
            "fallocate" if call.arguments.contains("FALLOC_FL_KEEP_SIZE") => return,
            "writev" | "pwritev" | "fallocate" | "copy_file_range" | "sendfile" | "msync" => {
                panic!("this disk does not know {call:?}")
            }
            _ => return,
        };
        // A file without a name goes with its process.
        let Some(Some(file)) = self.names.get(&name).copied() else { return };
        let file = &mut self.files[file];
        file.bytes = match &what {
            What::Bytes(at, bytes) => file.bytes.max(at + bytes.len()),
            What::Length(bytes) => *bytes,
        };
        file.unsynced.push(Piece { began: call.began, ended: None, what });
    }

    /// A call has ended.
    pub fn end(&mut self, call: &Call) {
        if call.failed {
            return;
        }
        let ended = call.ended.unwrap();
        match call.name.as_str() {
            "openat" | "creat" => self.opened(call, ended),
            "lseek" => {
                let place = usize::try_from(call.result.unwrap_or_default()).unwrap();
                self.places.insert(descriptor(call), place);
            }
            "write" | "pwrite64" | "ftruncate" => {
                let file = self.name(&call.on).and_then(|name| *self.names.get(&name)?);
                let pieces = file.map(|file| &mut self.files[file].unsynced);
                if let Some(piece) = pieces.and_then(|pieces| pieces.iter_mut().find(|one| one.began == call.began)) {
                    piece.ended = Some(ended);
                }
            }
            "fsync" | "fdatasync" => self.sync(call),
            "mkdir" | "mkdirat" => self.renamed(ended, self.name_in(call, 0).map(|name| Naming::Made(name, None))),
            "unlink" | "unlinkat" | "rmdir" => self.renamed(ended, self.name_in(call, 0).map(Naming::Removed)),
            "rename" | "renameat" | "renameat2" => {
                let exchange = call.arguments.contains("RENAME_EXCHANGE");
                let naming = match (self.name_in(call, 0), self.name_in(call, 1)) {
                    (Some(from), Some(to)) if exchange => Some(Naming::Exchanged(from, to)),
                    (Some(from), Some(to)) => Some(Naming::Moved(from, to)),
                    (None, None) => None,
                    _ => panic!("{call:?} crosses the border of this disk"),
                };
                self.renamed(ended, naming);
            }
            "link" | "linkat" | "symlink" => {
                assert!(self.name_in(call, 1).is_none(), "this disk does not know {call:?}");
            }
            _ => {}
        }
    }

    fn opened(&mut self, call: &Call, ended: usize) {
        let Some(name) = self.name_in(call, 0) else { return };
        let Some(fd) = call.result else { return };
        if call.arguments.contains("O_TMPFILE") || call.arguments.contains("O_DIRECTORY") {
            return;
        }
        if !self.names.contains_key(&name) {
            if !call.arguments.contains("O_CREAT") {
                return;
            }
            self.files.push(File::default());
            self.renamed(ended, Some(Naming::Made(name.clone(), Some(self.files.len() - 1))));
        }
        let Some(Some(file)) = self.names.get(&name).copied() else { return };
        let file = &mut self.files[file];
        if call.arguments.contains("O_TRUNC") && file.bytes > 0 {
            file.unsynced.push(Piece { began: call.began, ended: Some(ended), what: What::Length(0) });
            file.bytes = 0;
        }
        self.places.insert(fd, if call.arguments.contains("O_APPEND") { file.bytes } else { 0 });
    }

    fn renamed(&mut self, ended: usize, naming: Option<Naming>) {
        if let Some(naming) = naming {
            naming.apply(&mut self.names);
            self.unsynced.push((ended, naming));
        }
    }

    /// Everything that had ended before the sync began is on the disk now.
    fn sync(&mut self, call: &Call) {
        let Some(name) = self.name(&call.on) else { return };
        let file = self.names.get(&name).copied();
        if let Some(Some(file)) = file {
            let file = &mut self.files[file];
            let (done, open): (Vec<_>, Vec<_>) = std::mem::take(&mut file.unsynced)
                .into_iter()
                .partition(|piece| piece.ended.is_some_and(|end| end < call.began));
            for piece in done {
                piece.what.write(&mut file.synced, |_| true);
            }
            file.unsynced = open;
        } else if file.is_some() || name.as_os_str().is_empty() {
            let (done, open): (Vec<_>, Vec<_>) = std::mem::take(&mut self.unsynced)
                .into_iter()
                .partition(|(ended, naming)| *ended < call.began && naming.is_in(&name));
            for (_, naming) in done {
                naming.apply(&mut self.synced);
            }
            self.unsynced = open;
        }
    }

    pub fn unsynced_names(&self) -> usize {
        self.unsynced.len()
    }

    /// Writes what a power cut at this moment leaves at least: what was synced, and nothing else.
    pub fn cut_to_the_least(&self, to: &Path) {
        self.write(&self.synced, to, |file| file.synced.clone());
    }

    /// Writes what was synced, and the newest name: names do not reach the disk in the order in which they were made.
    pub fn cut_to_the_newest_name(&self, to: &Path) {
        let mut names = self.synced.clone();
        if let Some((_, naming)) = self.unsynced.last() {
            naming.apply(&mut names);
        }
        self.write(&names, to, |file| file.synced.clone());
    }

    /// Writes what a power cut at this moment might leave.
    pub fn cut(&self, rng: &mut Rng, to: &Path) {
        let mut names = self.synced.clone();
        let (first, any) = (rng.usize(0..=self.unsynced.len()), rng.bool());
        for (number, (_, naming)) in self.unsynced.iter().enumerate() {
            if if any { rng.bool() } else { number < first } {
                naming.apply(&mut names);
            }
        }
        let kept = [0.0, 0.5, 0.9, 1.0][rng.usize(..4)];
        self.write(&names, to, |file| file.left(kept, rng));
    }

    fn write(&self, names: &Names, to: &Path, mut content: impl FnMut(&File) -> Vec<u8>) {
        fs::create_dir_all(to).unwrap();
        // A folder that is not there itself has nothing in it, whatever was synced.
        for (name, file) in names.iter().filter(|(name, _)| to.join(name).parent().is_some_and(Path::is_dir)) {
            match file {
                None => fs::create_dir(to.join(name)).unwrap(),
                Some(file) => fs::write(to.join(name), content(&self.files[*file])).unwrap(),
            }
        }
    }
}

impl File {
    fn left(&self, kept: f64, rng: &mut Rng) -> Vec<u8> {
        let (mut bytes, seed) = (self.synced.clone(), rng.u64(..));
        for (number, piece) in self.unsynced.iter().enumerate() {
            // Each sector is as some number of the writes left it.
            let written = |sector: usize| {
                let mut rng = Rng::with_seed(seed ^ (sector as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                let all = rng.f64() < kept;
                all || number < rng.usize(0..=self.unsynced.len())
            };
            piece.what.write(&mut bytes, written);
        }
        bytes
    }
}

impl What {
    /// Writes the sectors that are `kept`.
    fn write(&self, file: &mut Vec<u8>, kept: impl Fn(usize) -> bool) {
        match self {
            Self::Length(length) => {
                if kept(usize::MAX) {
                    file.resize(*length, 0);
                }
            }
            Self::Bytes(at, bytes) => {
                let end = at + bytes.len();
                let mut from = *at;
                while from < end {
                    let to = ((from / SECTOR + 1) * SECTOR).min(end);
                    if kept(from / SECTOR) {
                        file.resize(file.len().max(to), 0);
                        file[from..to].copy_from_slice(&bytes[from - at..to - at]);
                    }
                    from = to;
                }
            }
        }
    }
}

/// `12</srv/data/tandem.lock>, ...` is descriptor 12.
fn descriptor(call: &Call) -> i64 {
    call.arguments.split('<').next().unwrap().parse().unwrap()
}

fn data(call: &Call) -> Vec<u8> {
    let data = texts(&call.arguments).swap_remove(0);
    let behind = call.arguments.rsplit_once('"').map_or("", |(_, behind)| behind);
    assert!(!behind.starts_with("..."), "strace cut a write short");
    data
}
