//! Files that were damaged at random: whatever they hold, they are read or refused.
//!
//! `TANDEM_MUTATION_MINUTES=10 cargo test --test tandem -- --nocapture mutated` goes on for so long, instead of some
//! hundred rounds, with other files each time.

use std::{
    fs,
    io::{Cursor, Read, Write},
    time::{Duration, Instant},
};

use fastrand::Rng;
use tandem::{
    domain::event::NAME_CHARS_MAX,
    import::{Incoming, detect, listed::LISTED_MAX},
};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::resaved;

type File = (String, Vec<u8>);

/// Files that are read without the variable, in files.
const ROUNDS: u64 = 120;
/// What a damaged file may get anywhere: separators, quotes, marks of encodings, numbers and dates at their limits.
const TOKENS: [&[u8]; 40] = [
    b",",
    b";",
    b"\t",
    b"\"",
    b"\"\"",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"sep=;\n",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\xFE\xFF",
    b"\xE9",
    b"\xC3",
    b"\xE2\x80\x93",
    b"\xC2\xA0",
    b"=\"",
    b"'",
    b"#",
    b"0",
    b"-1",
    b"99999999999999999999",
    b"1.31E+08",
    b"2958465",
    b"2958466",
    b"-0.5",
    b"1e308",
    b"NaN",
    b"00/00/0000",
    b"02/30/2025",
    b"12/31/9999 11:59:59 PM",
    b"2025-02-29T24:00:00",
    b"613001-CORE-",
    b"Project Name",
    b"event_id",
    b"{\"",
    b"[[",
    b"</c>",
    b"PK\x03\x04",
];

/// Every file of the test data, and some of them as workbooks.
fn seeds() -> Vec<File> {
    let root = format!("{}/tests/data", env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut seeds) = (vec![root.into()], Vec::<File>::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir::<std::path::PathBuf>(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                seeds.push((entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()));
            }
        }
    }
    seeds.sort();
    let books: Vec<_> = seeds
        .iter()
        .filter(|(name, bytes)| bytes.len() < 2_000 && std::str::from_utf8(bytes).is_ok() && name.ends_with("csv"))
        .take(6)
        .map(resaved::as_workbook)
        .collect();
    seeds.extend(books);
    seeds.push(("events.jsonl".to_owned(), b"{\"event_id\":1,\"project_name\":\"606001-CORE-Oats\"}\n".to_vec()));
    seeds
}

/// Damages a file in some places.
fn damage(bytes: &mut Vec<u8>, others: &[File], rng: &mut Rng) {
    for _ in 0..rng.usize(1..8) {
        let at = rng.usize(..=bytes.len());
        let end = (at + rng.usize(..40)).min(bytes.len());
        match rng.u8(..8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << rng.u8(..8),
            1 => drop(bytes.drain(at..end)),
            2 | 3 => drop(bytes.splice(at..at, TOKENS[rng.usize(..TOKENS.len())].iter().copied())),
            4 => drop(bytes.splice(at..end, TOKENS[rng.usize(..TOKENS.len())].iter().copied())),
            5 => {
                let piece = bytes[at..end].repeat(rng.usize(1..50));
                bytes.splice(at..at, piece);
            }
            6 => {
                let other = &others[rng.usize(..others.len())].1;
                let from = rng.usize(..=other.len());
                let to = (from + rng.usize(..400)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ if rng.u8(..8) == 0 => bytes.truncate(at),
            _ => {}
        }
    }
}

/// Damages a part of a workbook and packs it again: otherwise its checksum would be all that is ever looked at.
fn damage_part(book: &[u8], others: &[File], rng: &mut Rng) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(book)).ok()?;
    let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
    let damaged = rng.usize(..archive.len());
    for index in 0..archive.len() {
        let (mut part, mut bytes) = (archive.by_index(index).ok()?, Vec::new());
        part.read_to_end(&mut bytes).ok()?;
        if index == damaged {
            damage(&mut bytes, others, rng);
        }
        packed.start_file(part.name().ok()?, SimpleFileOptions::default()).ok()?;
        packed.write_all(&bytes).ok()?;
    }
    Some(packed.finish().ok()?.into_inner())
}

/// What is read is no more than the files can say.
fn assert_bounded(incoming: &Incoming, bytes: usize, case: &str) {
    for held in [incoming.rejected.iter().count(), incoming.notes.iter().count()] {
        assert!(held <= LISTED_MAX, "{case}: {held} are held in memory");
    }
    // A row has a byte at least, and may name a person and an event. A workbook may repeat what it holds once.
    let said = incoming.events.len() + incoming.employees.len() + incoming.rejected.len();
    assert!(said <= 20 * bytes, "{case}: {said} things in {bytes} bytes");
    let names = incoming.events.iter().map(|one| one.event.name.chars().count());
    assert!(names.max().unwrap_or(0) <= NAME_CHARS_MAX, "{case}");
}

/// The files of a round.
fn damaged_files(seeds: &[File], round: u64) -> Vec<File> {
    let mut rng = Rng::with_seed(round);
    let count = [1, 1, 1, 2, 3][rng.usize(..5)];
    let mut files: Vec<File> = (0..count).map(|_| seeds[rng.usize(..seeds.len())].clone()).collect();
    for (_, bytes) in &mut files {
        match damage_part(bytes, seeds, &mut rng) {
            Some(book) if rng.bool() => *bytes = book,
            _ => damage(bytes, seeds, &mut rng),
        }
    }
    files
}

#[test]
#[expect(clippy::print_stdout, reason = "what a long run has done")]
fn any_damaged_file_is_read_or_refused() {
    let minutes: Option<u64> = std::env::var("TANDEM_MUTATION_MINUTES").ok().map(|text| text.parse().unwrap());
    let (begun, first) = (Instant::now(), if minutes.is_some() { fastrand::u64(..) >> 1 } else { 0 });
    let goes_on = |round| match minutes {
        Some(minutes) => begun.elapsed() < Duration::from_secs(60 * minutes),
        None => round < ROUNDS,
    };
    let seeds = seeds();
    let (mut read, mut refused, mut slowest) = (0_u64, 0_u64, (Duration::ZERO, 0));
    for round in (first..).take_while(|round| goes_on(*round)) {
        let (files, at) = (damaged_files(&seeds, round), Instant::now());
        let bytes = files.iter().map(|(_, bytes)| bytes.len()).sum();
        let outcome = std::panic::catch_unwind(|| detect::read(Incoming::default(), &files));
        match outcome.unwrap_or_else(|_| panic!("round {round} panics")) {
            Ok(incoming) => {
                assert_bounded(&incoming, bytes, &format!("round {round}"));
                read += 1;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
        }
        slowest = slowest.max((at.elapsed(), round));
    }
    println!("{read} read, {refused} refused from round {first} on; the slowest is {} in {:?}", slowest.1, slowest.0);
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}
