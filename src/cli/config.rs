//! `tandem config`: the settings in force, as `Rocket.toml` would hold them, each with where it comes from.

use crate::{cli::terminal::say, config::Config};

pub fn run(config: &Config) {
    say("[default.tandem]");
    for setting in config.table() {
        say(format!("{} = {} # {}", setting.name, setting.value, setting.source));
    }
}
