//! `tandem serve`: runs the server.

use chrono::TimeDelta;
use clap::Args;

use crate::{
    app,
    cli::{Stop, Verdict, allocator, logging, open, terminal::say},
    clock::Clock,
    config::{Config, ServerSettings, SignIn},
    context::Context,
    demo::generate,
    domain::{
        audit::{Origin, Source},
        user::{
            Role, UserName,
            access::{AdminCommand, Digest, LINK_HOURS, Link, LinkPurpose},
        },
    },
    import,
    secret::SecretToken,
    services::accounts,
    store::{
        Flow, Handle, Store, StoreError,
        tables::{self, events},
    },
    views::urls,
};

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// Fill an empty store with sample data around today
    #[arg(long)]
    demo: bool,
}

pub fn run(arguments: &Arguments, settings: ServerSettings, config: Config) -> Result<Verdict, Stop> {
    allocator::keep_small();
    let address = app::address(&settings)?;
    config.check_address(address.ip())?;
    let log = logging::start(&config)?;
    let (store, clock) = (open(&config)?, Clock::System);
    log.begin(&config.data_dir);
    if arguments.demo {
        say(fill_demo(&store, &config, clock)?);
    }
    let welcome = welcome(&store, &config, clock, arguments.demo)?;
    let base = config.access.public_url.as_ref().map(|url| url.origin.clone());
    let folder = config.data_dir.display().to_string();
    let context = Context::new(config, clock, Handle::new(store));
    app::serve(settings, context.into(), move |address| {
        say(format!("Tandem {} serves {folder} at http://{address}/", env!("CARGO_PKG_VERSION")));
        let base = base.unwrap_or_else(|| format!("http://{address}"));
        say(match welcome {
            Welcome::Open => "There is no sign-in: every user of this machine can change events.".to_owned(),
            Welcome::Users => format!("Sign in at {base}{}", urls::SIGN_IN),
            Welcome::Demo(token) => format!("Sign in here, once: {base}{}", urls::welcome(token.as_str())),
            Welcome::FirstAdmin(token) => {
                format!(
                    "No one can sign in yet. Create the first admin here, once: {base}{}",
                    urls::welcome(token.as_str())
                )
            }
        });
        say("End with Ctrl+C.");
    })?;
    Ok(Verdict::Clean)
}

/// The sign-in that the start message announces.
enum Welcome {
    Open,
    Users,
    Demo(SecretToken),
    FirstAdmin(SecretToken),
}

/// The user of the demo.
const DEMO: &str = "demo";

/// Creates the sign-in link that this start needs, if any. It replaces earlier links for the same purpose.
fn welcome(store: &Store, config: &Config, clock: Clock, demo: bool) -> Result<Welcome, Stop> {
    if config.access.sign_in == SignIn::None {
        return Ok(Welcome::Open);
    }
    let name: UserName = DEMO.parse()?;
    if demo && store.read(|view| tables::accounts::users::are_none(view))? {
        let command =
            AdminCommand::AddUser { name: name.clone(), role: Role::Admin, password: None, link: None, email: None };
        accounts::execute(store, &command, None, &origin(clock))?;
    }
    let (no_users, demo) = store.read(|view| {
        let demo = demo && tables::accounts::users::get(view, &name)?.is_some_and(|user| user.active);
        Ok::<_, StoreError>((tables::accounts::users::are_none(view)?, demo))
    })?;
    let purpose = match (no_users, demo) {
        (true, _) => LinkPurpose::FirstAdmin,
        (false, true) => LinkPurpose::SignIn(name),
        (false, false) => return Ok(Welcome::Users),
    };
    let (token, now) = (SecretToken::new()?, clock.now());
    let ends_at = now + TimeDelta::hours(LINK_HOURS);
    let link = Link { digest: Digest::of(token.as_str()), purpose, ends_at };
    store.write(|tx| tables::accounts::links::create(tx, &link, now))?;
    Ok(if no_users { Welcome::FirstAdmin(token) } else { Welcome::Demo(token) })
}

fn origin(clock: Clock) -> Origin {
    Origin::new(DEMO, Source::CommandLine, DEMO, clock.now())
}

/// Fills only an empty store, so that sample data never mixes with real data.
fn fill_demo(store: &Store, config: &Config, clock: Clock) -> Result<String, Stop> {
    if holds_events(store)? {
        return Ok("The store already holds events, so no sample data was added.".to_owned());
    }
    let today = clock.today(config.zone);
    let done = import::apply(store, generate::demo(today), &origin(clock))?;
    Ok(format!("Added {} sample events around {today}.", done.new))
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
