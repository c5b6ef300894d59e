//! A store on a disk that cannot be written, opened for reading: as a copy that is thrown away.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use tempfile::TempDir;

use crate::store::{
    Options, Store,
    engine::{
        data_dir::{CHANGES_FILE, MARK_FILE, STORE_DIR},
        side_files::there,
    },
    error::OpenError,
};

/// Opens a copy of the store in a data folder; it lies with the temporary files of this machine.
pub fn open(data_dir: &Path, options: &Options) -> Result<(TempDir, Store), OpenError> {
    let copy = copy(data_dir).map_err(OpenError::unusable(data_dir))?;
    let store = Store::open(&copy.path().join("data"), &options.for_scratch())?;
    Ok((copy, store))
}

fn copy(data_dir: &Path) -> io::Result<TempDir> {
    let copy = TempDir::new()?;
    let to = copy.path().join("data");
    fs::create_dir(&to)?;
    for name in [CHANGES_FILE, MARK_FILE] {
        there(copy_file(&data_dir.join(name), &to.join(name)))?;
    }
    copy_folder(&data_dir.join(STORE_DIR), &to.join(STORE_DIR))?;
    Ok(copy)
}

/// Not `fs::copy`, which would copy that the file cannot be written.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    io::copy(&mut File::open(from)?, &mut File::create(to)?).map(drop)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            copy_file(&entry.path(), &to)?;
        }
    }
    Ok(())
}
