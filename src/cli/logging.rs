//! Sends log lines to the console and to a file in the data folder.

use std::io::IsTerminal;

use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::Directive,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    cli::{Stop, log_file::LogFile},
    config::{Config, LogFormat},
};

/// Starts logging; to the file once it has begun. `RUST_LOG` overrides the configured level.
pub fn start(config: &Config) -> Result<LogFile, Stop> {
    let level: Directive = format!("tandem={:?}", config.log_level).parse()?;
    let filter = EnvFilter::builder().with_default_directive(level).from_env()?;
    let terminal = std::io::stderr().is_terminal();
    let file = LogFile::default();
    let layers =
        vec![lines(config.log_format, std::io::stderr, terminal), lines(config.log_format, file.clone(), false)];
    tracing_subscriber::registry().with(layers).with(filter).try_init()?;
    Ok(file)
}

fn lines<W>(format: LogFormat, writer: W, colours: bool) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_target(false).with_ansi(colours).with_writer(writer);
    match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().with_span_list(false).boxed(),
    }
}
