//! `tandem export`: writes a table as CSV or JSON lines.

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use crate::{
    cli::{Stop, Verdict, expect_store, open_existing, origin, terminal::say},
    config::Config,
    domain::{audit::Action, user::Role},
    export::{self, Format, Kind},
    services::files,
    store::{
        StoreError,
        maintenance::backup::{BackupError, Draft},
    },
};

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// What to export
    what: What,
    /// The file to write, which must not exist; without it, standard output
    file: Option<PathBuf>,
    /// CSV, or one JSON object on each line [default: by the file's extension, else csv]
    #[arg(long)]
    format: Option<How>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Every event, scheduled or not
    Events,
    /// Scheduled events with employee and start
    Schedule,
    /// Employees
    Employees,
    /// The rotation: its weekly template and its exceptions
    Rotation,
    /// Every change, saved or refused
    Audit,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum How {
    Csv,
    Jsonl,
}

impl Arguments {
    fn kind(&self) -> Kind {
        match self.what {
            What::Events => Kind::Events,
            What::Schedule => Kind::Schedule,
            What::Employees => Kind::Employees,
            What::Rotation => Kind::Rotation,
            What::Audit => Kind::Audit,
        }
    }

    fn format(&self) -> Format {
        let ends_as = |format: &Format| {
            let ending = self.file.as_ref().and_then(|file| file.extension());
            ending.is_some_and(|ending| ending.eq_ignore_ascii_case(format.ending()))
        };
        match self.format {
            Some(How::Csv) => Format::Csv,
            Some(How::Jsonl) => Format::JsonLines,
            None => Format::ALL.into_iter().find(ends_as).unwrap_or(Format::Csv),
        }
    }
}

/// Why there is no file.
fn unwritten(path: &Path, error: BackupError) -> Stop {
    match error {
        BackupError::Exists(_) => {
            format!("{} cannot be written: it exists, and an export overwrites no file", path.display()).into()
        }
        BackupError::Store(error) => error.into(),
        error => format!("{} cannot be written: {error}", path.display()).into(),
    }
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    expect_store(config)?;
    let store = open_existing(config)?;
    let (kind, format) = (arguments.kind(), arguments.format());
    let request = export::Request { kind, format, zone: config.zone, role: Role::Admin };
    let write = |out: &mut dyn Write| store.read(|view| export::write(view, request, out));
    let name = format!("{}.{}", kind.slug(), format.ending());
    let audit = || files::record(&store, Action::Export, &name, &origin("export"));
    let Some(path) = &arguments.file else {
        let written = write(&mut BufWriter::new(io::stdout().lock()));
        audit();
        return match written {
            Err(StoreError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Verdict::Clean),
            written => Ok(written.map(|()| Verdict::Clean)?),
        };
    };
    let placed = Draft::beside(path, &config.data_dir).and_then(|mut draft| {
        draft.fill(|out| {
            let mut out = BufWriter::new(out);
            write(&mut out)?;
            Ok::<_, StoreError>(out.flush()?)
        })?;
        draft.place_after(|_| Ok::<_, BackupError>(()))
    });
    let ((), bytes) = placed.map_err(|error| unwritten(path, error))?;
    audit();
    say(format!("{} holds the {} in {bytes} bytes", path.display(), kind.slug()));
    Ok(Verdict::Clean)
}
