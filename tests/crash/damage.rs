//! Flipped bytes and cut files in a stopped store: noticed, or harmless, and never a shorter store that says nothing.

use std::{
    fs::{self, File},
    path::Path,
    thread,
    time::Duration,
};

use crate::{
    client::{Client, Events},
    load::Load,
    server::{Checked, Place, copy_folder},
};

/// The file is also cut to so many parts of its length.
const CUTS: u64 = 10;
const CLIENTS: usize = 4;

/// What a run on a damaged store came to.
#[derive(Default)]
struct Tally {
    refused: usize,
    harmless: usize,
    wrong: Vec<String>,
}

pub fn run(places: u64) {
    let mut place = Place::with_pairs();
    change_for_a_while(&place);
    let server = place.serve();
    let events = Client::of(&server).events();
    assert!(server.stop().success());
    let whole = place.check().sound();
    let original = std::mem::replace(&mut place.data_dir, place.folder.path().join("copy"));
    let length = fs::metadata(original.join("store/db")).unwrap().len();
    let seed = fastrand::u64(..1_000_000);
    println!("damage: a database of {length} bytes, {} audit entries, seed {seed}", whole.audit_entries());
    let mut rng = fastrand::Rng::with_seed(seed);
    let case = |ruin: &dyn Fn(&Path)| {
        let _ = fs::remove_dir_all(&place.data_dir);
        copy_folder(&original, &place.data_dir);
        ruin(&place.data_dir.join("store/db"));
        place.check()
    };

    let mut flips = Tally::default();
    for _ in 0..places {
        let (at, bit) = (rng.u64(length / 20..length * 19 / 20), 1 << rng.u8(..8));
        let checked = case(&|file| flip(file, at, bit));
        flips.note(&format!("bit {bit:#x} at {at}"), &place, &checked, &whole, &events);
    }
    flips.print("flipped bits");
    let mut cuts = Tally::default();
    for part in 1..CUTS {
        let to = length * part / CUTS;
        let checked = case(&|file| File::options().write(true).open(file).unwrap().set_len(to).unwrap());
        cuts.note(&format!("cut to {to}"), &place, &checked, &whole, &events);
    }
    cuts.print("cut files");
    assert_eq!((flips.wrong, cuts.wrong), (Vec::new(), Vec::new()));
}

/// Gives the store a past: changes, a kill, and changes again.
fn change_for_a_while(place: &Place) {
    for round in 1..=2 {
        let server = place.serve();
        let load = Load::on(&Client::of(&server).events());
        load.run(Client::several(&server, CLIENTS), round, || {
            thread::sleep(Duration::from_millis(400));
            if round == 1 {
                server.kill();
            } else {
                assert!(server.stop().success());
            }
        });
    }
}

fn flip(file: &Path, at: u64, bit: u8) {
    let mut bytes = fs::read(file).unwrap();
    bytes[usize::try_from(at).unwrap()] ^= bit;
    fs::write(file, bytes).unwrap();
}

impl Tally {
    fn note(&mut self, what: &str, place: &Place, checked: &Checked, whole: &Checked, events: &Events) {
        let refused = checked.code == Some(2) && checked.complaint.starts_with("tandem: ");
        let panicked = checked.complaint.contains("panicked");
        if refused && !panicked {
            self.refused += 1;
        } else if !panicked && checked == whole && read_again(place) == *events {
            self.harmless += 1;
        } else {
            self.wrong.push(format!("{what}: {checked:?}"));
        }
    }

    fn print(&self, what: &str) {
        let cases = self.refused + self.harmless + self.wrong.len();
        println!(
            "damage: {cases} {what}: {} refused, {} harmless (everything was there), {} wrong",
            self.refused,
            self.harmless,
            self.wrong.len()
        );
    }
}

fn read_again(place: &Place) -> Events {
    Client::of(&place.serve()).events()
}
