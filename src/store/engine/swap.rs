//! Moves a new store into a data folder, in place of the existing one if there is one.
//!
//! Nothing outside the data folder is needed, and after any interruption the next start finds the old store or the
//! new one, complete. The number of acknowledged changes belongs to a store and cannot move in the same step, so it
//! is cleared before, which proves nothing, and written after.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use crate::store::engine::{
    data_dir::{CHANGES_FILE, STORE_DIR, sync_names, write_mark},
    side_files::there,
    system,
};

/// Prefix of the folders of replaced stores, before the time.
pub const KEPT_PREFIX: &str = "before-restore-";
/// A complete store that is being moved, if two names cannot be exchanged in one step.
const COMING_DIR: &str = "store.coming";

/// Puts the store in `made` into a folder that has none.
pub fn place(made: &Path, folder: &Path) -> io::Result<()> {
    let count = take_count(made)?;
    take_count(folder)?;
    fs::rename(made.join(STORE_DIR), folder.join(STORE_DIR))?;
    sync_names(folder)?;
    give_count(folder, &count)?;
    write_mark(folder)
}

/// Replaces the store of `folder` with the one in `made`, a data folder inside `folder`. Returns the folder of the
/// old one, a data folder too.
pub fn replace(made: &Path, folder: &Path, now: DateTime<Utc>) -> io::Result<PathBuf> {
    replace_by(made, folder, now, system::exchange)
}

/// Exchanges two names in one step; false if not supported.
type Exchange = fn(&Path, &Path) -> io::Result<bool>;

fn replace_by(made: &Path, folder: &Path, now: DateTime<Utc>, exchange: Exchange) -> io::Result<PathBuf> {
    let kept = free_name(folder, now)?;
    let place = folder.join(STORE_DIR);
    fs::create_dir_all(&place)?;
    let (new, old) = (take_count(made)?, take_count(folder)?);
    fs::rename(made, &kept)?;
    sync_names(folder)?;
    let swapped = exchange(&kept.join(STORE_DIR), &place)
        .and_then(|done| if done { Ok(()) } else { one_after_the_other(&kept.join(STORE_DIR), folder) });
    if let Err(error) = swapped {
        complete(folder)?;
        give_count(folder, &old)?;
        fs::remove_dir_all(&kept)?;
        return Err(error);
    }
    sync_names(&kept)?;
    sync_names(folder)?;
    give_count(folder, &new)?;
    give_count(&kept, &old)?;
    write_mark(folder)?;
    Ok(kept)
}

/// Without an exchange. Between the two last steps there is no store; [`complete`] continues from there.
fn one_after_the_other(store: &Path, folder: &Path) -> io::Result<()> {
    let (place, coming) = (folder.join(STORE_DIR), folder.join(COMING_DIR));
    fs::rename(store, &coming)?;
    sync_names(folder)?;
    fs::rename(&place, store)?;
    sync_names(folder)?;
    fs::rename(&coming, &place)
}

/// Completes an interrupted swap: a store that was about to replace another is put in place if that one is gone, and
/// deleted if not.
pub fn complete(folder: &Path) -> io::Result<()> {
    let (place, coming) = (folder.join(STORE_DIR), folder.join(COMING_DIR));
    if !coming.try_exists()? {
        return Ok(());
    }
    if place.try_exists()? {
        fs::remove_dir_all(coming)?;
    } else {
        fs::rename(coming, place)?;
    }
    sync_names(folder)
}

/// A unique name for the old store, however many restores are made in a second.
fn free_name(folder: &Path, now: DateTime<Utc>) -> io::Result<PathBuf> {
    let name = format!("{KEPT_PREFIX}{}", now.format("%Y%m%dT%H%M%SZ"));
    let (mut path, mut number) = (folder.join(&name), 1);
    while path.try_exists()? {
        number += 1;
        path = folder.join(format!("{name}-{number}"));
    }
    Ok(path)
}

/// Clears the number of acknowledged changes and returns its old content.
fn take_count(folder: &Path) -> io::Result<Vec<u8>> {
    let count = there(fs::read(folder.join(CHANGES_FILE)))?.unwrap_or_default();
    give_count(folder, &[])?;
    Ok(count)
}

fn give_count(folder: &Path, count: &[u8]) -> io::Result<()> {
    let path = folder.join(CHANGES_FILE);
    fs::write(&path, count)?;
    File::open(path)?.sync_all()?;
    sync_names(folder)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const NOW: &str = "2025-10-15T13:00:00Z";

    fn store(folder: &Path, word: &str) -> io::Result<()> {
        fs::create_dir_all(folder.join(STORE_DIR))?;
        fs::write(folder.join(STORE_DIR).join("db"), word)?;
        fs::write(folder.join(CHANGES_FILE), word)
    }

    fn words(folder: &Path) -> io::Result<[String; 2]> {
        Ok([fs::read_to_string(folder.join(STORE_DIR).join("db"))?, fs::read_to_string(folder.join(CHANGES_FILE))?])
    }

    fn old_and_new() -> io::Result<(TempDir, PathBuf)> {
        let folder = TempDir::new()?;
        let made = folder.path().join("made");
        store(folder.path(), "old")?;
        store(&made, "new")?;
        Ok((folder, made))
    }

    fn now() -> DateTime<Utc> {
        NOW.parse().unwrap_or_default()
    }

    #[test]
    fn stores_are_swapped_with_their_counts_in_one_step_or_two() -> io::Result<()> {
        for exchange in [crate::store::engine::system::exchange, |_: &Path, _: &Path| Ok(false)] {
            let (folder, made) = old_and_new()?;

            let kept = replace_by(&made, folder.path(), now(), exchange)?;

            assert_eq!(words(folder.path())?, ["new", "new"]);
            assert_eq!(words(&kept)?, ["old", "old"]);
            assert_eq!(kept, folder.path().join("before-restore-20251015T130000Z"));
        }
        Ok(())
    }

    #[test]
    fn a_second_restore_of_the_same_second_keeps_both_stores() -> io::Result<()> {
        let (folder, made) = old_and_new()?;
        let first = replace(&made, folder.path(), now())?;
        store(&made, "newest")?;

        let second = replace(&made, folder.path(), now())?;

        assert_eq!(
            [words(&first)?, words(&second)?, words(folder.path())?].map(|[store, _]| store),
            ["old", "new", "newest"]
        );
        Ok(())
    }

    #[test]
    fn a_swap_that_fails_leaves_the_old_store_with_its_count() -> io::Result<()> {
        let (folder, made) = old_and_new()?;

        let failed = replace_by(&made, folder.path(), now(), |_, _| Err(io::Error::other("no")));

        assert!(failed.is_err());
        assert_eq!(words(folder.path())?, ["old", "old"]);
        assert!(!made.exists());
        Ok(())
    }

    /// The folder after each step without an exchange, as a power cut would leave it.
    #[test]
    fn a_start_after_any_interruption_finds_the_old_store_or_the_new_one() -> io::Result<()> {
        for (steps, found) in ["old", "old", "new", "new"].into_iter().enumerate() {
            let (folder, made) = old_and_new()?;
            let [place, coming] = [STORE_DIR, COMING_DIR].map(|name| folder.path().join(name));
            let moves =
                [(made.join(STORE_DIR), coming.clone()), (place.clone(), made.join(STORE_DIR)), (coming, place)];
            for (from, to) in &moves[..steps] {
                fs::rename(from, to)?;
            }

            complete(folder.path())?;

            assert_eq!(words(folder.path())?[0], found, "after {steps} steps");
            assert!(!folder.path().join(COMING_DIR).exists());
        }
        Ok(())
    }
}
