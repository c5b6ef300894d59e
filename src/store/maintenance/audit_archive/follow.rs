//! Follows the chain of hashes through archives into the store.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use crate::store::{
    Store, StoreError, Table,
    maintenance::audit_archive::{
        ArchiveError,
        file::{self, Content},
    },
    tables::{
        audit,
        keys::Key,
        meta::{self, AuditPosition},
    },
    transaction::ReadTx,
};

/// The result of following the chain.
#[derive(Debug, Default)]
pub struct Followed {
    /// Each archive that can be read, with its first record and its last, in order.
    pub archives: Vec<(PathBuf, u64, u64)>,
    /// A sentence each.
    pub problems: Vec<String>,
}

/// Follows the chain from the first entry ever through all archives, which may overlap, to the first entry in the
/// store.
///
/// # Errors
/// [`StoreError`] if the store cannot be read. What is wrong with an archive is a problem, not an error.
pub fn follow(store: &Store, files: &[PathBuf]) -> Result<Followed, StoreError> {
    let archived = store.read(|tx| meta::audit_archived(tx))?;
    let (mut followed, mut contents) = (Followed::default(), Vec::new());
    for path in files {
        match read(path, &[]) {
            Ok(content) => contents.push((path, content)),
            Err(error) => followed.problems.push(format!("archive {}: {error}", path.display())),
        }
    }
    contents.sort_by_key(|(_, content)| (content.after.sequence, content.last.sequence));
    let mut from = AuditPosition::default();
    for (number, (path, content)) in contents.iter().enumerate() {
        let name = path.display();
        let next = contents.get(number + 1).map_or(archived, |(_, next)| next.after);
        if content.after.sequence > from.sequence {
            let (first, last) = (from.sequence + 1, content.after.sequence);
            followed.problems.push(format!("entries {first} to {last} are in no archive that was given"));
        }
        if !continues(store, path, content, next)? {
            followed.problems.push(format!("archive {name}: its entries do not lead to those that follow"));
        }
        followed.archives.push(((*path).clone(), content.after.sequence + 1, content.last.sequence));
        from = content.last;
    }
    if from.sequence < archived.sequence {
        let (first, last) = (from.sequence + 1, archived.sequence);
        followed.problems.push(format!("entries {first} to {last} are in no archive that was given"));
    }
    Ok(followed)
}

/// Tells if what follows an archive continues its chain, as far as the two touch.
fn continues(store: &Store, path: &Path, content: &Content, next: AuditPosition) -> Result<bool, StoreError> {
    let key = Key::new().u64(content.last.sequence).done();
    // A store that was restored from an older backup still has what was archived since.
    let still_here = store.read(|tx| tx.get(Table::Audit, &key))?;
    if still_here.is_some_and(|bytes| audit::hash(&bytes) != content.last.hash) {
        return Ok(false);
    }
    if !(content.after.sequence..=content.last.sequence).contains(&next.sequence) {
        return Ok(true);
    }
    Ok(read(path, &[next]).is_ok_and(|content| content.passed == [next]))
}

fn read(path: &Path, wanted: &[AuditPosition]) -> Result<Content, ArchiveError> {
    file::read(BufReader::new(File::open(path)?), wanted)
}
