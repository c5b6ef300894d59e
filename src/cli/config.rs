//! `tandem config`: prints the settings in force in the format of `Rocket.toml`, each with its source.

use crate::{cli::terminal::say, config::Config};

pub fn run(config: &Config) {
    say("[default.tandem]");
    for setting in config.table() {
        say(format!("{} = {} # {}", setting.name, setting.value, setting.source));
    }
}
