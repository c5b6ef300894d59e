//! `tandem serve`: the server.

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
    /// Fill an empty store with a plausible month around today
    #[arg(long)]
    demo: bool,
}

pub fn run(arguments: &Arguments, settings: ServerSettings, config: Config) -> Result<Verdict, Stop> {
    allocator::limit();
    let address = app::address(&settings)?;
    config.check_address(address.ip())?;
    let log = logging::start(&config)?;
    let (store, clock) = (open(&config)?, Clock::System);
    log.begin(&config.data_dir);
    if arguments.demo {
        say(fill_demo(&store, &config, clock)?);
    }
    let entrance = entrance(&store, &config, clock, arguments.demo)?;
    let base = config.access.public_url.as_ref().map(|url| url.origin.clone());
    let folder = config.data_dir.display().to_string();
    let context = Context::new(config, clock, Handle::new(store));
    app::serve(settings, context, move |address| {
        say(format!("Tandem {} serves {folder} at http://{address}/", env!("CARGO_PKG_VERSION")));
        let base = base.unwrap_or_else(|| format!("http://{address}"));
        say(match entrance {
            Welcome::Open => "There is no sign-in: everybody on this machine may change events.".to_owned(),
            Welcome::Users => format!("Sign in at {base}{}", urls::SIGN_IN),
            Welcome::Demo(word) => format!("Sign in here, once: {base}{}", urls::welcome(word.as_str())),
            Welcome::FirstAdmin(word) => {
                format!(
                    "Nobody can sign in yet. Make the first admin here, once: {base}{}",
                    urls::welcome(word.as_str())
                )
            }
        });
        say("End with Ctrl+C.");
    })?;
    Ok(Verdict::Clean)
}

/// How people come in.
enum Welcome {
    Open,
    Users,
    Demo(SecretToken),
    FirstAdmin(SecretToken),
}

/// The user whom the demonstration lets in.
const DEMO: &str = "demo";

/// Makes the link that this start needs, if it needs one. Earlier ones for the same are good no more.
fn entrance(store: &Store, config: &Config, clock: Clock, demo: bool) -> Result<Welcome, Stop> {
    if config.access.sign_in == SignIn::None {
        return Ok(Welcome::Open);
    }
    let name: UserName = DEMO.parse()?;
    if demo && store.read(|view| tables::accounts::users::are_none(view))? {
        let order = AdminCommand::AddUser { name: name.clone(), role: Role::Admin, password: None, link: None };
        accounts::execute(store, &order, None, &origin(clock))?;
    }
    let (nobody, demo) = store.read(|view| {
        let demo = demo && tables::accounts::users::get(view, &name)?.is_some_and(|user| user.active);
        Ok::<_, StoreError>((tables::accounts::users::are_none(view)?, demo))
    })?;
    let purpose = match (nobody, demo) {
        (true, _) => LinkPurpose::FirstAdmin,
        (false, true) => LinkPurpose::SignIn(name),
        (false, false) => return Ok(Welcome::Users),
    };
    let (word, now) = (SecretToken::new()?, clock.now());
    let ends_at = now + TimeDelta::hours(LINK_HOURS);
    let link = Link { digest: Digest::of(word.as_str()), purpose, ends_at };
    store.write(|tx| tables::accounts::links::create(tx, &link, now))?;
    Ok(if nobody { Welcome::FirstAdmin(word) } else { Welcome::Demo(word) })
}

fn origin(clock: Clock) -> Origin {
    Origin { who: DEMO.to_owned(), source: Source::CommandLine, request_id: DEMO.to_owned(), at: clock.now() }
}

/// Only an empty store is filled: a demonstration never mixes with somebody's data.
fn fill_demo(store: &Store, config: &Config, clock: Clock) -> Result<String, Stop> {
    if holds_events(store)? {
        return Ok("The store already holds events, so nothing was made up.".to_owned());
    }
    let today = clock.today(config.zone);
    let done = import::apply(store, generate::demo(today), &origin(clock))?;
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
