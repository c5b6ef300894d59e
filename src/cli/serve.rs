//! `tandem serve`: runs the server.

use std::collections::HashMap;

use chrono::TimeDelta;
use clap::Args;

use crate::{
    app,
    cli::{Stop, Verdict, allocator, logging, open, terminal::say},
    clock::Clock,
    config::{Config, Configs, ServerSettings, SignIn, Team},
    context::{self, Context, Teams},
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
        self, Handle, Store, StoreError,
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

pub fn run(arguments: &Arguments, settings: ServerSettings, configs: Configs) -> Result<Verdict, Stop> {
    allocator::keep_small();
    let address = app::address(&settings)?;
    for config in configs.all() {
        config.check_address(address.ip())?;
    }
    let (log, clock) = (logging::start(&configs.process)?, Clock::System);
    // The store of one team that hangs leaves a quarter of the threads to the others.
    let threads = (app::store_threads(&settings)? * 3 / 4).max(1);
    check_left_behind(&configs)?;
    let stores = open_all(&configs)?;
    let data_dir = &configs.process.data_dir;
    store::private_folder(data_dir)?;
    log.begin(data_dir);
    let (mut contexts, mut greetings) = (Vec::new(), Vec::new());
    for (config, store) in configs.all().iter().zip(stores) {
        if arguments.demo {
            say(fill_demo(&store, config, clock)?);
        }
        let welcome = welcome(&store, config, clock, arguments.demo)?;
        greetings.push((config.team.clone(), config.access.public_url.as_ref().map(|url| url.origin.clone()), welcome));
        let handle =
            if configs.teams.len() > 1 { Handle::new(store).with_threads(threads) } else { Handle::new(store) };
        contexts.push(Context::new(config.clone(), clock, handle));
    }
    let served = if configs.teams.is_empty() {
        data_dir.display().to_string()
    } else {
        format!("{} teams", configs.teams.len())
    };
    app::serve(settings, Teams::new(configs.process, contexts), move |address| {
        say(format!("Tandem {} serves {served} at http://{address}/", env!("CARGO_PKG_VERSION")));
        for (team, public_url, welcome) in greetings {
            say(match team {
                Some(Team { name, host }) => {
                    let base = public_url.unwrap_or_else(|| format!("http://{host}:{}", address.port()));
                    format!("{name}: {}", welcome.at(&base))
                }
                None => welcome.at(&public_url.unwrap_or_else(|| format!("http://{address}"))),
            });
        }
        say("End with Ctrl+C.");
    })?;
    Ok(Verdict::Clean)
}

/// Refuses to leave the store behind that the process had before it had teams: its users would find an empty one.
fn check_left_behind(configs: &Configs) -> Result<(), Stop> {
    let folder = &configs.process.data_dir;
    if !configs.teams.is_empty() && store::holds_store(folder)? && !configs.is_folder_of_a_team() {
        let folder = folder.display();
        return Err(format!(
            "{folder} holds a store that no team has: give it to one with data_dir = \"{folder}\" in its table, or move it away"
        )
        .into());
    }
    Ok(())
}

/// Opens the store of each team. If one cannot be opened, the server does not start, and says so of all of them.
fn open_all(configs: &Configs) -> Result<Vec<Store>, Stop> {
    let (mut stores, mut failed) = (Vec::new(), Vec::new());
    for config in configs.all() {
        match (context::span(config).in_scope(|| open(config)), &config.team) {
            (Ok(store), _) => stores.push(store),
            (Err(error), None) => return Err(error.into()),
            (Err(error), Some(team)) => failed.push(format!("team {}: {error}", team.name)),
        }
    }
    if !failed.is_empty() {
        return Err(failed.join("; ").into());
    }
    // One database may have several addresses; the secret of a schema is made with it.
    let mut secrets: HashMap<String, &str> = HashMap::new();
    for (config, store) in configs.all().iter().zip(&stores).filter(|(config, _)| !config.store_url.reveal().is_empty())
    {
        if let Some(other) = secrets.insert(store.secret()?, config.team_name()) {
            return Err(
                format!("the teams {other} and {} have the same store: give each its own", config.team_name()).into()
            );
        }
    }
    Ok(stores)
}

/// The sign-in that the start message announces.
enum Welcome {
    Open,
    Users,
    Demo(SecretToken),
    FirstAdmin(SecretToken),
}

impl Welcome {
    /// The sentence, with links below the address `base`.
    fn at(&self, base: &str) -> String {
        match self {
            Self::Open => "There is no sign-in: every user of this machine can change events.".to_owned(),
            Self::Users => format!("Sign in at {base}{}", urls::SIGN_IN),
            Self::Demo(token) => format!("Sign in here, once: {base}{}", urls::welcome(token.as_str())),
            Self::FirstAdmin(token) => {
                let link = urls::welcome(token.as_str());
                format!("No one can sign in yet. Create the first admin here, once: {base}{link}")
            }
        }
    }
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
    if !store.read(|view| events::are_none(view))? {
        return Ok("The store already holds events, so no sample data was added.".to_owned());
    }
    let today = clock.today(config.zone);
    let done = import::apply(store, generate::demo(today), &origin(clock))?;
    Ok(format!("Added {} sample events around {today}.", done.new))
}
