//! `tandem config`: prints the settings in force in the format of `Rocket.toml`, each with its source.

use crate::{cli::terminal::say, config::Config};

pub fn run(config: &Config) {
    say(match &config.team {
        Some(team) => format!("[default.tandem.teams.{}]", team.name),
        None => "[default.tandem]".to_owned(),
    });
    for setting in config.table() {
        say(format!("{} = {} # {}", setting.name, setting.value, setting.source));
    }
}
