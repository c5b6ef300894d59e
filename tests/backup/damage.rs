//! A damaged backup is rejected with a message, and nothing is written.

use std::fs;

use tandem::store::{FORMAT_VERSION, Table};

use super::{Place, pack, seal, stored, unpack};

/// Damages the backup, and expects a restore to reject it and to change nothing.
#[track_caller]
fn assert_refused(spoil: impl FnOnce(Vec<u8>) -> Vec<u8>, sentence: &str) {
    let place = Place::with_backup(50);
    let spoilt = spoil(fs::read(place.path("b.gz")).unwrap());
    refuses(&place, &spoilt, sentence);
}

#[track_caller]
fn refuses(place: &Place, spoilt: &[u8], sentence: &str) {
    fs::write(place.path("spoilt.gz"), spoilt).unwrap();
    let before = stored(&place.data_dir(), &Table::ALL);

    place.run(&["restore", "spoilt.gz", "--replace"], 2).complains(&format!("spoilt.gz: {sentence}"));
    place.run_on("other", &["restore", "spoilt.gz"], 2).complains(sentence);

    assert_eq!(place.names(), ["b.gz", "data", "spoilt.gz"]);
    assert!(stored(&place.data_dir(), &Table::ALL) == before);
}

/// Changes lines and corrects the checksum, so that only the content of the lines is wrong.
#[track_caller]
fn assert_lines_refused(change: impl FnOnce(&mut Vec<String>), sentence: &str) {
    assert_refused(
        |packed| {
            let mut lines = unpack(&packed);
            change(&mut lines);
            seal(&mut lines);
            pack(&lines)
        },
        sentence,
    );
}

#[test]
fn a_flipped_byte_anywhere_is_refused() {
    let place = Place::with_backup(50);
    let whole = fs::read(place.path("b.gz")).unwrap();
    let header = 10;
    for part in 0..=20 {
        let at = header + (whole.len() - header - 1) * part / 20;
        let mut spoilt = whole.clone();
        spoilt[at] ^= 0x10;

        refuses(&place, &spoilt, "the backup is ");
    }
}

#[test]
fn a_truncated_backup_is_refused() {
    let place = Place::with_backup(50);
    let whole = fs::read(place.path("b.gz")).unwrap();
    for length in [3, 11, whole.len() / 2, whole.len() - 8, whole.len() - 1] {
        refuses(&place, &whole[..length], "the backup is cut short");
    }
}

#[test]
fn a_backup_without_its_last_lines_is_refused() {
    let without = |missing: usize| {
        move |packed: Vec<u8>| {
            let lines = unpack(&packed);
            pack(&lines[..lines.len() - missing])
        }
    };
    assert_refused(without(1), "the backup is cut short");
    assert_refused(without(5), "the backup is cut short");
}

#[test]
fn a_backup_of_a_newer_tandem_is_refused() {
    let newer = |name: &str, version: u32| {
        let (old, new) = (format!("\"{name}\":{version}"), format!("\"{name}\":{}", version + 1));
        move |lines: &mut Vec<String>| lines[0] = lines[0].replace(&old, &new)
    };
    let sentence =
        format!("the backup has store format {}, this tandem reads up to {FORMAT_VERSION}", FORMAT_VERSION + 1);
    assert_lines_refused(newer("tandem_backup", 1), "the backup has format 2, this tandem reads up to 1: use a newer");
    assert_lines_refused(newer("store_format", FORMAT_VERSION), &sentence);
}

#[test]
fn a_file_that_is_not_a_backup_is_refused() {
    assert_refused(
        |_| b"event_id,event_name\n1,Demo\n".to_vec(),
        "this is not a backup of tandem: it is not a gzip file",
    );
    assert_refused(|_| Vec::new(), "this is not a backup of tandem");
    assert_refused(|_| pack(&["{\"something\":1}".to_owned()]), "this is not a backup of tandem");
}

#[test]
fn an_altered_removed_or_added_record_is_refused() {
    assert_refused(
        |packed| {
            let mut lines = unpack(&packed);
            lines[7] = lines[7].replacen("\"minutes\":", "\"minutes\":1", 1);
            pack(&lines)
        },
        "the backup is damaged at line",
    );
    assert_lines_refused(|lines| drop(lines.remove(7)), "the backup is damaged at line");
    assert_lines_refused(
        |lines| lines.insert(7, lines[6].clone()),
        "the backup is damaged at line 8: a record is there twice",
    );
    assert_lines_refused(
        |lines| lines.swap(6, 7),
        "the backup is damaged at line 8: a record is there twice, or not in",
    );
    assert_lines_refused(
        |lines| lines[7] = "{\"event_v9\":{}}".to_owned(),
        "the backup is damaged at line 8: unknown variant",
    );
}

#[test]
fn wrong_counts_are_refused() {
    let wrong = |lines: &mut Vec<String>| {
        let last = lines.last_mut().unwrap();
        *last = last.replace("\"events\":50", "\"events\":51");
    };
    assert_lines_refused(wrong, "the backup is damaged at line 68: it should hold 51 records of events, it holds 50");
}

#[test]
fn data_after_the_end_is_refused() {
    assert_refused(|packed| [packed, b"more".to_vec()].concat(), "the backup is damaged");
    assert_refused(|packed| [packed.clone(), packed].concat(), "the backup is damaged");
}

#[test]
fn a_rewritten_audit_is_refused_although_the_checksum_matches() {
    let rewritten = |lines: &mut Vec<String>| {
        let entry = lines.iter_mut().find(|line| line.contains("audit_v2")).unwrap();
        *entry = entry.replacen("\"who\":\"", "\"who\":\"x", 1);
    };
    assert_lines_refused(rewritten, "the store in the backup does not agree with itself: audit entry 1 was altered");
}
