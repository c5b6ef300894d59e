//! The log file `logs/tandem.log` in the data folder, with nine older files.
//!
//! Invariant: a log that cannot be written stops nothing, and leaves the disk space that changes need. The failure is
//! reported once on the console, and each line tries again.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tracing_subscriber::fmt::MakeWriter;

use crate::{cli::terminal::complain, store::disk_space};

/// Size at which a new file begins, in bytes.
const FILE_BYTES_MAX: u64 = 10_000_000;
/// Log files, including the current one.
const FILES_MAX: usize = 10;
/// Their folder inside the data folder.
const LOGS_DIR: &str = "logs";
const FILE_NAME: &str = "tandem.log";

/// A writer that discards lines until [`LogFile::begin`] names the data folder.
#[derive(Clone, Debug, Default)]
pub struct LogFile(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    folder: Option<PathBuf>,
    data_dir: PathBuf,
    file: Option<File>,
    bytes: u64,
    /// The failure to write was reported.
    reported: bool,
}

impl LogFile {
    /// Begins to write, appending to the existing file.
    pub fn begin(&self, data_dir: &Path) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (state.folder, state.data_dir) = (Some(data_dir.join(LOGS_DIR)), data_dir.to_owned());
    }
}

impl State {
    fn write(&mut self, line: &[u8], file_bytes_max: u64) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        disk_space::check_for_others(&self.data_dir, line.len() as u64)
            .map_err(|_| io::Error::from(io::ErrorKind::StorageFull))?;
        if self.file.is_some() && self.bytes >= file_bytes_max {
            self.file = None;
            rotate(folder)?;
        }
        if self.file.is_none() {
            fs::create_dir_all(folder)?;
            let file = File::options().create(true).append(true).open(folder.join(FILE_NAME))?;
            self.bytes = file.metadata()?.len();
            self.file = Some(file);
        }
        if let Some(file) = &mut self.file {
            file.write_all(line)?;
            self.bytes += line.len() as u64;
        }
        Ok(())
    }
}

/// `tandem.log` becomes `tandem.log.1`, and so on; the oldest is deleted.
fn rotate(folder: &Path) -> io::Result<()> {
    let name = |age: usize| match age {
        0 => folder.join(FILE_NAME),
        age => folder.join(format!("{FILE_NAME}.{age}")),
    };
    for age in (0..FILES_MAX - 1).rev() {
        match fs::rename(name(age), name(age + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// One line is one write, so that lines of several threads do not mix.
impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.write(line, FILE_BYTES_MAX) {
            Ok(()) => state.reported = false,
            Err(error) => {
                state.file = None;
                if !state.reported {
                    complain(format!("the log file cannot be written: {error}"));
                }
                state.reported = true;
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn state(folder: &Path) -> State {
        State { folder: Some(folder.to_owned()), data_dir: folder.to_owned(), ..State::default() }
    }

    fn names(folder: &Path) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        let mut names = entries.collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    #[test]
    fn ten_files_are_kept_and_no_line_is_split() -> io::Result<()> {
        let folder = TempDir::new()?;
        let mut state = state(folder.path());

        for line in 0..60 {
            state.write(format!("line {line:02}\n").as_bytes(), 20)?;
        }

        let names = names(folder.path())?;
        assert_eq!((names.len(), names[0].as_str(), names[9].as_str()), (10, "tandem.log", "tandem.log.9"));
        assert_eq!(fs::read_to_string(folder.path().join("tandem.log"))?, "line 57\nline 58\nline 59\n");
        assert_eq!(fs::read_to_string(folder.path().join("tandem.log.1"))?, "line 54\nline 55\nline 56\n");
        Ok(())
    }

    #[test]
    fn a_restart_appends_to_the_same_file() -> io::Result<()> {
        let folder = TempDir::new()?;
        for line in ["one\n", "two\n"] {
            state(folder.path()).write(line.as_bytes(), 20)?;
        }

        assert_eq!(fs::read_to_string(folder.path().join("tandem.log"))?, "one\ntwo\n");
        Ok(())
    }

    #[test]
    fn an_unwritable_folder_does_not_stop_logging() -> io::Result<()> {
        let folder = TempDir::new()?;
        fs::write(folder.path().join("logs"), "a file")?;
        let mut lines = LogFile::default();

        lines.begin(folder.path());

        assert_eq!(lines.write(b"lost\n")?, 5);
        fs::remove_file(folder.path().join("logs"))?;
        assert_eq!(lines.write(b"kept\n")?, 5);
        assert_eq!(fs::read_to_string(folder.path().join("logs/tandem.log"))?, "kept\n");
        Ok(())
    }
}
