//! Where log lines go.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, filter::Directive};

use super::Stop;
use crate::config::{Config, LogFormat};

/// Sends log lines to the console, as configured. `RUST_LOG` goes before the configured level.
pub fn start(config: &Config) -> Result<(), Stop> {
    let level: Directive = format!("tandem={}", config.log_level).parse()?;
    let filter = EnvFilter::builder().with_default_directive(level).from_env()?;
    let terminal = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    let lines = lines.with_writer(std::io::stderr).with_ansi(terminal);
    match config.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    }
}
