//! `tandem serve`: the server.

use clap::Args;

use super::{Stop, Verdict, logging, open, terminal::say};
use crate::{
    app,
    clock::Clock,
    config::{Config, ServerSettings},
    context::Context,
    domain::audit::{Origin, Source},
    import::{self, generated},
    store::{Flow, Handle, Store, StoreError, events},
};

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// Fill an empty store with a plausible month around today
    #[arg(long)]
    demo: bool,
}

pub fn run(arguments: &Arguments, settings: ServerSettings, config: Config) -> Result<Verdict, Stop> {
    let address = app::address(&settings)?;
    config.check_address(address.ip())?;
    let log = logging::start(&config)?;
    let (store, clock) = (open(&config)?, Clock::System);
    log.begin(&config.data_dir);
    if arguments.demo {
        say(fill_demo(&store, &config, clock)?);
    }
    let folder = config.data_dir.display().to_string();
    let context = Context::new(config, clock, Handle::new(store));
    app::serve(settings, context, move |address| {
        say(format!("Tandem {} serves {folder} at http://{address}/", env!("CARGO_PKG_VERSION")));
        say("There is no sign-in: everybody on this machine may change events. End with Ctrl+C.");
    })?;
    Ok(Verdict::Clean)
}

/// Only an empty store is filled: a demonstration never mixes with somebody's data.
fn fill_demo(store: &Store, config: &Config, clock: Clock) -> Result<String, Stop> {
    if holds_events(store)? {
        return Ok("The store already holds events, so nothing was made up.".to_owned());
    }
    let today = clock.today(config.zone);
    let origin =
        Origin { who: "demo".to_owned(), source: Source::CommandLine, request_id: "demo".to_owned(), at: clock.now() };
    let done = import::apply(store, generated::demo(today), &origin)?;
    Ok(format!("Made up {} events around {today}.", done.new))
}

fn holds_events(store: &Store) -> Result<bool, StoreError> {
    let mut any = false;
    store.read(|view| {
        events::each(view, |_| {
            any = true;
            Ok(Flow::Stop)
        })
    })?;
    Ok(any)
}
