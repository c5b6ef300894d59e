//! `tandem config`: the settings in force.

use super::terminal::say;
use crate::config::Config;

pub fn run(config: &Config) {
    say("[default.tandem]");
    for line in config.lines() {
        say(line);
    }
}
