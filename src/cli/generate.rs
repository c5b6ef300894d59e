//! `tandem generate`: fills the store with generated events.

use chrono::NaiveDate;
use clap::Args;

use crate::{
    cli::{Stop, Verdict, open, origin, terminal::say},
    config::Config,
    demo::{
        events::{EVENTS_MAX, Numbers},
        generate,
    },
    domain::calendar::{self, Month},
    import,
    store::tables::events,
};

/// Most employees generated at once.
const PEOPLE_MAX: u16 = 1_000;
/// Most months: fifty years.
const MONTHS_MAX: u16 = 600;

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// Number of events
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(EVENTS_MAX)))]
    count: u32,
    /// Their month, or the first of several, YYYY-MM
    #[arg(long, value_parser = month, required_unless_present = "day")]
    month: Option<Month>,
    /// Number of months, starting with that one
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=i64::from(MONTHS_MAX)))]
    months: u16,
    /// A single day for all of them, YYYY-MM-DD
    #[arg(long, value_parser = day, conflicts_with = "month")]
    day: Option<NaiveDate>,
    /// Number of employees [default: as many as needed]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=i64::from(PEOPLE_MAX)))]
    people: Option<u16>,
    /// The same seed makes the same events
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Arguments {
    /// The first and the last day.
    fn days(&self) -> Result<(NaiveDate, NaiveDate), Stop> {
        if let Some(day) = self.day {
            return Ok((day, day));
        }
        let first = self.month.ok_or("name a month or a day")?;
        let last = (1..self.months)
            .try_fold(first, |month, _| month.next())
            .ok_or("the calendar ends before the last of these months")?;
        Ok((first.first(), last.last()))
    }
}

fn month(text: &str) -> Result<Month, String> {
    let parts = text.split_once('-').and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
    parts
        .and_then(|(year, month)| Month::new(year, month))
        .ok_or_else(|| "write YYYY-MM, for example 2025-10, with a year from 1970 to 2200".to_owned())
}

fn day(text: &str) -> Result<NaiveDate, String> {
    calendar::parse_date(text).map_err(|error| error.to_string())
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    let Arguments { count, people, seed, .. } = *arguments;
    let (first, last) = arguments.days()?;
    let store = open(config)?;
    let plan = generate::Plan { count, first, last, seed };
    let stored = store.read(|tx| events::get(tx, Numbers::FIRST.first_event()))?;
    let made = generate::generate(&plan, people.map(usize::from), stored.as_ref());
    let done = import::apply(&store, made, &origin(&format!("generate-{seed}")))?;
    say(format!("{} events made up: {} new, {} changed, {} unchanged", count, done.new, done.changed, done.unchanged));
    for rejected in done.rejected.iter() {
        say(format!("rejected: {rejected}"));
    }
    Ok(if done.rejected.is_empty() { Verdict::Clean } else { Verdict::Findings })
}
