//! Files that a package installs beside the binary: shell completions and the manual page.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Command;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

/// `tandem completions <shell>`
pub fn completions(command: &mut Command, shell: Shell) -> ExitCode {
    let mut text = Vec::new();
    generate(shell, command, "tandem", &mut text);
    print(&text)
}

/// `tandem man`: every subcommand on one page.
pub fn manual(command: Command) -> ExitCode {
    let mut text = Vec::new();
    let subcommands: Vec<_> = command.get_subcommands().cloned().collect();
    let mut written = Man::new(command).render(&mut text);
    for subcommand in subcommands {
        let man = Man::new(subcommand);
        let section = man
            .render_name_section(&mut text)
            .and_then(|()| man.render_synopsis_section(&mut text))
            .and_then(|()| man.render_options_section(&mut text));
        written = written.and(section);
    }
    match written {
        Ok(()) => print(&text),
        Err(_) => ExitCode::from(2),
    }
}

fn print(text: &[u8]) -> ExitCode {
    if io::stdout().write_all(text).is_ok() { ExitCode::SUCCESS } else { ExitCode::from(2) }
}
