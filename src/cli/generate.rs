//! `tandem generate`: made-up events, as many as asked for.

use clap::Args;

use super::{Stop, Verdict, open, terminal::say};
use crate::{
    clock::Clock,
    config::Config,
    domain::{
        audit::{Origin, Source},
        calendar::Month,
    },
    import::{self, generated},
};

/// Most events made up at once.
const COUNT_MAX: u32 = 2_000_000;
/// Most months that they fall into: fifty years of them.
const MONTHS_MAX: u16 = 600;

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// How many events
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(COUNT_MAX)))]
    count: u32,
    /// The month they fall into, or the first of them, YYYY-MM
    #[arg(long, value_parser = month)]
    month: Month,
    /// How many months, from that one on
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=i64::from(MONTHS_MAX)))]
    months: u16,
    /// The same seed makes the same events
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn month(text: &str) -> Result<Month, String> {
    let parts = text.split_once('-').and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
    parts
        .and_then(|(year, month)| Month::new(year, month))
        .ok_or_else(|| "write YYYY-MM, for example 2025-10, with a year from 1970 to 2200".to_owned())
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    let Arguments { count, month, months, seed } = *arguments;
    let last = (1..months)
        .try_fold(month, |month, _| month.next())
        .ok_or("the calendar ends before the last of these months")?;
    let store = open(config)?;
    let plan = generated::Plan { count, first: month.first(), last: last.last(), seed };
    let origin = Origin {
        who: "command line".to_owned(),
        source: Source::CommandLine,
        request_id: format!("generate-{seed}"),
        at: Clock::System.now(),
    };
    let done = import::apply(&store, generated::generate(&plan), &origin)?;
    say(format!("{} events made up: {} new, {} changed, {} unchanged", count, done.new, done.changed, done.unchanged));
    for rejected in &done.rejected {
        say(format!("rejected: {rejected}"));
    }
    Ok(if done.rejected.is_empty() { Verdict::Clean } else { Verdict::Findings })
}
