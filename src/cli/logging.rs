//! Sends log lines to the console and to a file in the data folder.

use std::io::{self, IsTerminal, Write};

use tracing::Metadata;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{self, Directive},
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    cli::{Stop, log_file::LogFile},
    config::{Config, LogFormat},
    domain::format::printable,
};

/// Starts logging; to the file once it has begun. `RUST_LOG` overrides the configured level.
pub fn start(config: &Config) -> Result<LogFile, Stop> {
    let level: Directive = format!("tandem={:?}", config.log_level).parse()?;
    let filter = EnvFilter::builder().with_default_directive(level).from_env()?;
    let terminal = std::io::stderr().is_terminal();
    let file = LogFile::default();
    let layers =
        vec![lines(config.log_format, std::io::stderr, terminal), lines(config.log_format, file.clone(), false)];
    let ours = filter::filter_fn(|line| !is_of_a_route_macro(line));
    tracing_subscriber::registry().with(layers).with(filter).with(ours).try_init()?;
    Ok(file)
}

/// Tells the lines that Rocket's macros write from within our modules: one for each request that a guard refuses. They
/// would let a flood of refused requests fill the log; our own line `request` has their status.
///
/// Our own lines come from `tracing`. Those of the macros come through the `log` crate, whose lines have these fields.
fn is_of_a_route_macro(line: &Metadata<'_>) -> bool {
    line.target().starts_with("tandem") && line.fields().field("log.target").is_some()
}

fn lines<W>(format: LogFormat, writer: W, colours: bool) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_target(false).with_ansi(colours);
    match format {
        LogFormat::Text => lines.with_writer(Printable { writer, colours }).boxed(),
        // JSON escapes control characters itself.
        LogFormat::Json => lines.with_writer(writer).json().with_span_list(false).boxed(),
    }
}

/// Shows the control characters in a line, so that text of others cannot begin a line of its own or steer a terminal.
struct Printable<W> {
    writer: W,
    /// The line has escapes that colour it. Those in its fields were replaced by the formatter.
    colours: bool,
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Printable<W> {
    type Writer = Printable<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Printable { writer: self.writer.make_writer(), colours: self.colours }
    }
}

/// One line is one write.
impl<W: Write> Write for Printable<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let shown: Vec<_> =
            if self.colours { text.split('\u{1b}').map(printable).collect() } else { vec![printable(text)] };
        self.writer.write_all(format!("{}\n", shown.join("\u{1b}")).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_of_logged_text_are_escaped() -> io::Result<()> {
        let mut line = Printable { writer: Vec::new(), colours: false };

        line.write_all(b"INFO who=\"ada\x1b[2J\nERROR forged\"\n")?;

        assert_eq!(String::from_utf8_lossy(&line.writer), "INFO who=\"ada\\u{1b}[2J\\nERROR forged\"\n");
        Ok(())
    }

    #[test]
    fn colors_of_a_line_stay() -> io::Result<()> {
        let mut line = Printable { writer: Vec::new(), colours: true };

        line.write_all(b"\x1b[32mINFO\x1b[0m a\nb\n")?;

        assert_eq!(String::from_utf8_lossy(&line.writer), "\u{1b}[32mINFO\u{1b}[0m a\\nb\n");
        Ok(())
    }
}
